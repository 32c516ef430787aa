"""Merkle-sum trees: proofs hold, forgeries do not, and published bytes read back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thenar.domain import sumtree
from thenar.domain.ids import Address, AssetId
from thenar.domain.keccak import keccak256
from thenar.domain.revenue import Beneficiary
from thenar.domain.sumtree import (
    MAX_BYTES,
    MAX_WEIGHT,
    NODE,
    Published,
    Scope,
    Share,
    SumTree,
    decode,
    encode,
    published_digest,
    verify,
)
from thenar.errors import BadInput, NotFound

SCOPE = Scope(31_337, Address("0x" + "a1" * 20), AssetId("0x" + "b2" * 32), 3)

# The same four shares stand in tests/contracts/unit/sum_tree: root, total and manifest digest must not change.
GOLDEN_SHARES = [
    Share(Beneficiary.OWNER, bytes(31) + b"\x01", 5),
    Share(Beneficiary.NODE, bytes(31) + b"\x02", 7),
    Share(Beneficiary.ACCOUNT, bytes(12) + b"\x33" * 20, 11),
]


def _shares() -> st.SearchStrategy[list[Share]]:
    weights = st.integers(1, MAX_WEIGHT // 70) | st.integers(1, 9)
    assets = st.builds(
        Share, st.sampled_from([Beneficiary.OWNER, Beneficiary.NODE]), st.binary(min_size=32, max_size=32), weights
    )
    accounts = st.builds(
        Share, st.just(Beneficiary.ACCOUNT), st.integers(1, 2**160 - 1).map(lambda n: n.to_bytes(32, "big")), weights
    )
    return st.lists(assets | accounts, min_size=1, max_size=70)


@settings(deadline=None)
@given(_shares())
def test_every_leaf_is_proved_under_the_root(shares):
    tree = SumTree.build(SCOPE, shares)

    assert tree.total_weight == sum(share.weight for share in shares)
    assert 2**tree.depth >= len(shares) > 2**tree.depth // 2
    for index in range(len(shares)):
        assert verify(SCOPE, tree.root, tree.total_weight, tree.depth, tree.prove(index))


@settings(deadline=None)
@given(_shares(), st.data())
def test_no_changed_leaf_is_accepted(shares, data):
    tree = SumTree.build(SCOPE, shares)
    leaf = tree.prove(data.draw(st.integers(0, len(shares) - 1)))
    forged = [
        replace(leaf, weight=leaf.weight + 1),
        replace(leaf, index=leaf.index ^ 1),
        replace(leaf, index=leaf.index + 2**tree.depth),
        replace(leaf, index=-1),
        replace(leaf, kind=Beneficiary((leaf.kind + 1) % 3)),
        replace(leaf, beneficiary=bytes(32)) if any(leaf.beneficiary) else replace(leaf, weight=0),
        replace(leaf, siblings=(*leaf.siblings, bytes(32)), sums=(*leaf.sums, 0)),
        replace(leaf, siblings=leaf.siblings[1:], sums=(*leaf.sums, 1)),
        replace(leaf, weight=MAX_WEIGHT + 1),
        replace(leaf, sums=tuple(value + 1 for value in leaf.sums), siblings=leaf.siblings, weight=leaf.weight + 1),
    ]

    accepted = [one for one in forged if verify(SCOPE, tree.root, tree.total_weight, tree.depth, one)]

    assert accepted == []


@pytest.mark.parametrize(
    "other",
    [
        replace(SCOPE, chain_id=1),
        replace(SCOPE, graph=Address("0x" + "a2" * 20)),
        replace(SCOPE, asset=AssetId("0x" + "b3" * 32)),
        replace(SCOPE, payout=4),
    ],
)
def test_a_proof_is_good_for_one_payout_only(other):
    tree = SumTree.build(SCOPE, GOLDEN_SHARES)

    assert not verify(other, tree.root, tree.total_weight, tree.depth, tree.prove(0))


def test_the_golden_tree_does_not_change():
    tree = SumTree.build(SCOPE, GOLDEN_SHARES)

    assert (tree.total_weight, tree.depth) == (23, 2)
    assert [len(level) // NODE for level in tree.levels] == [4, 2, 1]
    assert tree.root.hex() == "6864d809e0fe7790a41b5167b35453f3f6b6c7daa52616bcbc752d07ed7b21d4"
    assert (
        published_digest(encode(Published(SCOPE, GOLDEN_SHARES))).hex()
        == "860596ee2c11a3692be757c8b41a125355c27353046fef2a2931680631be4804"
    )


@pytest.mark.parametrize(
    ("index", "weight", "good"),
    [(0, MAX_WEIGHT, True), (0, MAX_WEIGHT + 1, False), (1, 5, False), (2**31, 5, False)],
)
def test_a_root_made_for_what_no_contract_can_read_proves_nothing(index, weight, good):
    leaf = replace(SumTree.build(SCOPE, GOLDEN_SHARES[:1]).prove(0), index=index, weight=weight)
    words = [index.to_bytes(32, "big"), leaf.kind.to_bytes(32, "big"), leaf.beneficiary, weight.to_bytes(32, "big")]
    root = keccak256(SCOPE.words() + b"".join(words))

    assert verify(SCOPE, root, weight, 0, leaf) == good


def test_a_single_share_is_its_own_root():
    tree = SumTree.build(SCOPE, GOLDEN_SHARES[:1])

    assert tree.depth == 0
    assert verify(SCOPE, tree.root, 5, 0, tree.prove(0))


@settings(deadline=None)
@given(_shares(), st.lists(st.binary(min_size=32, max_size=32), max_size=5))
def test_published_bytes_read_back(shares, licenses):
    published = Published(SCOPE, shares, tuple(AssetId("0x" + one.hex()) for one in licenses))

    assert decode(encode(published)) == published


@settings(deadline=None)
@given(_shares(), st.data())
def test_published_bytes_that_were_cut_or_stretched_are_refused(shares, data):
    whole = encode(Published(SCOPE, shares))
    cut = data.draw(st.integers(0, len(whole) - 1))

    for wrong in (whole[:cut], whole + b"\x00"):
        with pytest.raises(BadInput):
            decode(wrong)


@given(st.binary(max_size=200))
def test_noise_is_refused(noise):
    with pytest.raises(BadInput):
        decode(noise)


def test_too_many_published_bytes_are_refused_before_they_are_read():
    with pytest.raises(BadInput, match="has 133 to"):
        decode(bytes(MAX_BYTES + 1))


def test_a_payout_without_shares_is_refused():
    with pytest.raises(BadInput, match="has 133 to"):
        decode(encode(Published(SCOPE, [])))


def test_an_unknown_kind_is_refused():
    data = bytearray(encode(Published(SCOPE, GOLDEN_SHARES)))
    data[88] = 3

    with pytest.raises(BadInput, match="3 is not a kind"):
        decode(bytes(data))


@pytest.mark.parametrize(
    ("kind", "beneficiary", "weight"),
    [
        (Beneficiary.OWNER, bytes(31), 1),
        (Beneficiary.ACCOUNT, b"\x01" + bytes(31), 1),
        (Beneficiary.ACCOUNT, bytes(32), 1),
        (Beneficiary.OWNER, bytes(32), 0),
        (Beneficiary.OWNER, bytes(32), MAX_WEIGHT + 1),
    ],
)
def test_a_share_cannot_be_wrong(kind, beneficiary, weight):
    with pytest.raises(BadInput):
        Share(kind, beneficiary, weight)


@pytest.mark.parametrize(
    "changes", [{"chain_id": 0}, {"payout": 0}, {"payout": 2**32}, {"graph": "0x12"}, {"asset": "0x12"}]
)
def test_a_scope_cannot_be_wrong(changes):
    with pytest.raises(BadInput):
        replace(SCOPE, **changes)


@pytest.mark.parametrize("changes", [{"chain_id": 1}, {"chain_id": 2**64 - 1}, {"payout": 1}, {"payout": 2**32 - 1}])
def test_a_scope_reaches_to_its_bounds(changes):
    assert replace(SCOPE, **changes) != SCOPE


def test_a_chain_id_is_no_longer_than_eight_bytes():
    with pytest.raises(BadInput, match="out of range"):
        replace(SCOPE, chain_id=2**64)


def test_a_full_tree_is_built_and_one_share_more_refused(monkeypatch):
    monkeypatch.setattr(sumtree, "MAX_DEPTH", 2)
    share = GOLDEN_SHARES[0]

    assert SumTree.build(SCOPE, [share] * 4).depth == 2
    with pytest.raises(BadInput, match="1 to 4 shares, not 5"):
        SumTree.build(SCOPE, [share] * 5)


def test_a_tree_of_nothing_is_refused():
    with pytest.raises(BadInput, match="not 0"):
        SumTree.build(SCOPE, [])


def test_weights_beyond_the_largest_total_are_refused():
    share = Share(Beneficiary.OWNER, bytes(32), MAX_WEIGHT)

    with pytest.raises(BadInput, match="more than"):
        SumTree.build(SCOPE, [share, share])


def test_a_share_that_is_not_there_has_no_proof():
    tree = SumTree.build(SCOPE, GOLDEN_SHARES)

    with pytest.raises(NotFound):
        tree.prove(3)
