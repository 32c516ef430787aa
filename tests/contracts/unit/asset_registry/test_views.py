"""AssetRegistry's views: the branches of views.tree."""

from dataclasses import fields, replace

import pytest
from assets import CAPTURE, MODEL, ZERO, Commitment, commitment, digest, mint
from batches import commit
from brownie import ZERO_ADDRESS, chain
from brownie.test import given
from hypothesis import strategies as st
from reverts import reverts_with

from thenar.domain.ids import RAW, Cid

word = st.binary(min_size=32, max_size=32)
anything = st.builds(
    Commitment,
    author=st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex()),
    kind=st.integers(0, 4),
    size=st.integers(0, 2**64 - 1),
    cipher_root=word,
    plain_root=word,
    key_commit=word,
    manifest_digest=word,
    manifest_hash=word,
    batch=word,
)


def withdraw(registry, asset, owner):
    return registry.revokeAll(asset, ZERO, {"from": owner}).timestamp


def test_an_epoch_that_goes_on_was_not_withdrawn(registry, alice):
    asset = mint(registry, alice)

    assert [registry.withdrawnAt(asset, ZERO, epoch) for epoch in (0, 1, 2**32 - 2)] == [0, 0, 0]


def test_each_epoch_ended_once(registry, alice):
    asset = mint(registry, alice)
    ends = []
    for _ in range(4):
        chain.sleep(10)
        ends.append(withdraw(registry, asset, alice))

        assert [registry.withdrawnAt(asset, ZERO, epoch) for epoch in range(5)] == [*ends, *[0] * (5 - len(ends))]


def test_a_member_ends_with_its_batch_until_it_has_a_record(registry, alice):
    batch = commit(registry, alice)
    member, ends = batch.members[0].id, []

    def told():
        return [registry.withdrawnAt(member, batch.id, epoch) for epoch in range(len(ends) + 1)]

    for _ in range(3):
        chain.sleep(10)
        ends.append(withdraw(registry, batch.id, alice))
        assert told() == [*ends, 0]
    registry.materialise(batch.leaf(0), {"from": alice})
    withdraw(registry, batch.id, alice)  # no longer the member's
    assert told() == [*ends, 0]
    for _ in range(2):
        chain.sleep(10)
        ends.append(withdraw(registry, member, alice))
        assert told() == [*ends, 0]


def test_nothing_is_withdrawn_of_what_is_not_there(registry):
    with reverts_with("AssetRegistry_Unknown", digest("batch")):
        registry.withdrawnAt(digest("member"), digest("batch"), 0)


@given(made=anything)
def test_the_id_is_the_hash_of_the_commitment(registry, made):
    assert registry.idOf(made.call) == "0x" + made.id.hex()


@given(made=anything, other=anything, field=st.sampled_from([field.name for field in fields(Commitment)]))
def test_the_id_binds_every_field(registry, made, other, field):
    changed = replace(made, **{field: getattr(other, field)})

    assert (registry.idOf(changed.call) == registry.idOf(made.call)) == (changed == made)


@pytest.mark.parametrize("view", ["assetOf", "saleInfo", "ownerOfAsset", "tokenURI", "royaltyInfo"])
def test_unknown_assets_are_not_answered_for(registry, view):
    nothing = digest("nothing")
    number = int.from_bytes(nothing, "big")
    arguments = {"tokenURI": [number], "royaltyInfo": [number, 1]}.get(view, [nothing])

    with reverts_with("AssetRegistry_Unknown", nothing):
        getattr(registry, view)(*arguments)


def test_sale_info_is_what_a_sale_needs(registry, alice):
    asset = mint(registry, alice, kind=MODEL)
    revoked = registry.revokeAll(asset, bytes(32), {"from": alice})

    assert registry.saleInfo(asset) == (alice, 1, MODEL, revoked.timestamp, False)
    assert registry.ownerOfAsset(asset) == alice


def test_lineage_names_the_parent_minted_last(registry, alice, bob):
    first, second, third = (mint(registry, bob, label) for label in ("one", "two", "three"))
    child = mint(registry, alice, "child", MODEL)
    count = registry.count()

    for parents in ([first, third, second], [third, first, third], [second, third]):
        owner, kind, serial, newest, newest_serial = registry.lineage(child, parents)

        assert (owner, kind, serial) == (alice, MODEL, count)
        assert (bytes(newest), newest_serial) == (third, count - 1)


def test_lineage_without_parents(registry, alice):
    child = mint(registry, alice)

    owner, kind, serial, newest, newest_serial = registry.lineage(child, [])

    assert (owner, kind, serial) == (alice, CAPTURE, registry.count())
    assert (bytes(newest), newest_serial) == (bytes(32), 0)


def test_lineage_of_an_unknown_asset_reverts(registry, alice):
    known, nothing = mint(registry, alice), digest("nothing")

    with reverts_with("AssetRegistry_Unknown", nothing):
        registry.lineage(nothing, [known])
    with reverts_with("AssetRegistry_Unknown", nothing):
        registry.lineage(known, [known, nothing])


@given(manifest=word.filter(any))
def test_the_token_uri_is_the_cid_of_the_manifest(registry, alice, manifest):
    made = replace(commitment(alice), manifest_digest=manifest)

    registry.mint(made.call, 0, 0, ZERO_ADDRESS, b"", {"from": alice})

    assert registry.tokenURI(int.from_bytes(made.id, "big")) == f"ipfs://{Cid.of(RAW, manifest)}"


@given(price=st.integers(0, 2**128), royalty=st.integers(0, 10_000))
def test_the_royalty_is_rounded_down(registry, alice, price, royalty):
    made = commitment(alice)

    registry.mint(made.call, 0, royalty, ZERO_ADDRESS, b"", {"from": alice})

    assert list(registry.royaltyInfo(int.from_bytes(made.id, "big"), price)) == [alice, price * royalty // 10_000]


def test_the_royalty_of_the_largest_price(registry, alice):
    made = commitment(alice)
    registry.mint(made.call, 0, 10_000, ZERO_ADDRESS, b"", {"from": alice})

    assert list(registry.royaltyInfo(int.from_bytes(made.id, "big"), 2**256 - 1)) == [alice, 2**256 - 1]


@pytest.mark.parametrize(
    ("interface", "known"),
    [
        ("0x01ffc9a7", True),  # ERC-165
        ("0x80ac58cd", True),  # ERC-721
        ("0x5b5e139f", True),  # ERC-721 metadata
        ("0x2a55205a", True),  # ERC-2981
        ("0x49064906", True),  # ERC-4906
        ("0x780e9d63", False),  # ERC-721 enumerable
        ("0xffffffff", False),
    ],
)
def test_the_standards_are_declared(registry, interface, known):
    assert registry.supportsInterface(interface) == known


def test_the_signing_domain_is_declared(registry, chain):
    declared = list(registry.eip712Domain())

    assert declared[1:5] == ["Thenar AssetRegistry", "1", chain.id, registry]
    assert str(declared[0]) == "0x0f"


def test_it_has_a_name(registry):
    assert (registry.name(), registry.symbol()) == ("Thenar Asset", "THENAR")
