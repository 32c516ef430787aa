"""AssetRegistry's views of batch members: the branches of leaves.tree."""

from dataclasses import fields, replace

import pytest
from assets import CAPTURE, MODEL, ZERO, Commitment, commitment, digest, mint
from batches import batch_of, commit
from brownie import ZERO_ADDRESS
from reverts import reverts_with

from thenar.domain.membertree import MemberTree

NOBODY = "0x" + "00" * 32
FIELDS = [field.name for field in fields(Commitment)]
OTHER = {"author": "0x" + "0b" * 20, "kind": MODEL, "size": 999}


def other(made, field):
    return replace(made, **{field: OTHER.get(field, digest("other"))})


def with_members(author, bare, label="odd"):
    """Return a batch over members somebody chose freely."""
    batch = batch_of(author, len(bare), label)
    tree = MemberTree.build([one.id for one in bare])
    made = replace(batch.made, plain_root=tree.root)
    return replace(batch, made=made, tree=tree, members=tuple(replace(one, batch=made.id) for one in bare))


def refused(registry, batch, member, **changes):
    with reverts_with("AssetRegistry_NotMember", batch.id, changes.get("index", member)):
        registry.leafInfo(batch.leaf(member, **changes))


def test_members_of_no_batch_have_nobody(registry, alice):
    batch = batch_of(alice, 2)

    for view in (registry.leafInfo, registry.ownerOfLeaf):
        with reverts_with("AssetRegistry_Unknown", batch.id):
            view(batch.leaf(0))


def test_a_member_has_one_place(registry, alice):
    batch = commit(registry, alice, 4)

    for index in (0, 1, 3):
        refused(registry, batch, 2, index=index)


@pytest.mark.parametrize("index", [5, 7, 8, 2**32 - 1])
def test_the_count_bounds_the_place(registry, alice, index):
    batch = commit(registry, alice, 5)

    refused(registry, batch, 0, index=index)


def test_a_proof_has_the_length_of_the_tree(registry, alice):
    batch = commit(registry, alice, 5)
    proof = batch.tree.prove(1)

    for siblings in ((), proof[:-1], (*proof, ZERO)):
        refused(registry, batch, 1, siblings=siblings)


@pytest.mark.parametrize("field", FIELDS)
def test_a_proof_binds_every_field_of_the_member(registry, alice, field):
    batch = commit(registry, alice)

    refused(registry, batch, 1, leaf=other(batch.members[1], field))


@pytest.mark.parametrize("field", FIELDS)
def test_a_proof_binds_every_field_of_the_batch(registry, alice, field):
    batch = commit(registry, alice)
    changed = other(batch.made, field)

    with reverts_with("AssetRegistry_Unknown", changed.id):
        registry.leafInfo(batch.leaf(1, batch=changed))


def test_a_batch_holds_only_its_authors_captures(registry, alice, bob):
    batch = with_members(alice, [commitment(bob), commitment(alice)])
    registry.commitBatch(batch.made.call, {"from": alice})

    refused(registry, batch, 0)
    assert registry.leafInfo(batch.leaf(1))[2] == alice


def test_a_batch_holds_only_sealed_captures(registry, alice):
    sealed = commitment(alice)
    open_ = replace(sealed, size=0, cipher_root=ZERO, plain_root=ZERO, key_commit=ZERO)
    bare = [replace(sealed, kind=MODEL), replace(open_, kind=MODEL), open_, replace(sealed, key_commit=ZERO), sealed]
    batch = with_members(alice, bare)
    registry.commitBatch(batch.made.call, {"from": alice})

    for index in range(4):
        refused(registry, batch, index)
    assert registry.leafInfo(batch.leaf(4))[2] == alice


def test_a_member_does_not_choose_its_batch(registry, alice):
    batch = with_members(alice, [replace(commitment(alice), batch=digest("some batch"))])
    registry.commitBatch(batch.made.call, {"from": alice})

    refused(registry, batch, 0)
    refused(registry, batch, 0, leaf=replace(batch.members[0], batch=digest("some batch")))
    refused(registry, batch, 0, leaf=replace(batch.members[0], batch=ZERO))


@pytest.mark.parametrize("kind", [CAPTURE, MODEL])
def test_a_single_asset_has_no_members(registry, alice, kind):
    batch = batch_of(alice, 2)
    made = replace(batch.made, kind=kind, cipher_root=digest("cipher"), key_commit=digest("key"))
    registry.mint(made.call, 0, 0, ZERO_ADDRESS, b"", {"from": alice})
    posing = replace(batch, made=made, members=tuple(replace(one, batch=made.id) for one in batch.members))

    refused(registry, posing, 0)


def test_a_capture_in_two_batches_is_two_assets(registry, alice, bob):
    bare = [commitment(alice, "one"), commitment(alice, "two")]
    first, second = with_members(alice, bare, "first"), with_members(alice, bare, "second")
    for batch in (first, second):
        registry.commitBatch(batch.made.call, {"from": alice})
    registry.transferFrom(alice, bob, int.from_bytes(first.id, "big"), {"from": alice})

    assert first.members[0].id != second.members[0].id
    assert registry.leafInfo(first.leaf(0))[2] == bob
    assert registry.leafInfo(second.leaf(0))[2] == alice
    refused(registry, first, 0, leaf=second.members[0])


def test_the_batch_stands_for_its_members(registry, alice, bob):
    batch = commit(registry, alice, 5)
    registry.revokeAll(batch.id, ZERO, {"from": alice})
    registry.transferFrom(alice, bob, int.from_bytes(batch.id, "big"), {"from": alice})

    for index in range(5):
        member = "0x" + batch.members[index].id.hex()
        assert registry.leafInfo(batch.leaf(index)) == (member, "0x" + batch.id.hex(), bob, 1)
        assert registry.ownerOfLeaf(batch.leaf(index)) == (member, bob)
        assert registry.consentOf(member, batch.id) == registry.consentOf(batch.id, ZERO)


def test_a_batch_of_one(registry, alice):
    batch = commit(registry, alice, 1)

    assert batch.leaf(0)[3] == ()
    assert registry.leafInfo(batch.leaf(0))[2] == alice


def test_its_own_record_stands_for_a_materialised_member(registry, alice, bob):
    batch = commit(registry, alice)
    member = batch.members[4].id
    registry.materialise(batch.leaf(4), {"from": alice})
    registry.revokeAll(member, ZERO, {"from": alice})
    registry.transferFrom(alice, bob, int.from_bytes(member, "big"), {"from": alice})

    assert registry.leafInfo(batch.leaf(4)) == ("0x" + member.hex(), NOBODY, bob, 1)
    assert registry.leafInfo(batch.leaf(3))[1:] == ("0x" + batch.id.hex(), alice, 0)


def test_a_single_asset_has_its_own_consent(registry, alice):
    asset = mint(registry, alice)
    revoked = registry.revokeAll(asset, ZERO, {"from": alice})

    assert registry.consentOf(asset, ZERO) == (1, revoked.timestamp)
    assert registry.consentOf(asset, digest("some batch")) == (1, revoked.timestamp)


def test_consent_of_nothing_reverts(registry):
    for batch in (ZERO, digest("no batch")):
        with reverts_with("AssetRegistry_Unknown", batch):
            registry.consentOf(digest("nothing"), batch)
