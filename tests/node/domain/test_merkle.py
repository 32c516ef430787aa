"""Merkle trees agree with RFC 9162 and with the vectors of Certificate Transparency, and proofs bind what they say."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import merkle
from thenar.errors import BadInput

# The eight entries and roots used by the Certificate Transparency projects' own tests.
CT_ENTRIES = tuple(
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)
CT_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)  # fmt: skip


def leaves_of(count: int) -> list[bytes]:
    return [merkle.leaf_hash(index.to_bytes(4, "big")) for index in range(count)]


def plain_root(leaves: list[bytes]) -> bytes:
    """The recursive definition of RFC 9162 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + plain_root(leaves[:split]) + plain_root(leaves[split:])).digest()


@pytest.mark.parametrize("count", range(1, 9))
def test_roots_equal_the_certificate_transparency_vectors(count: int) -> None:
    found = merkle.root(merkle.leaf_hash(entry) for entry in CT_ENTRIES[:count])

    assert found.hex() == CT_ROOTS[count - 1]


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.integers(0, 600))
def test_the_streamed_root_equals_the_recursive_definition(count: int) -> None:
    assert merkle.root(leaves_of(count)) == plain_root(leaves_of(count))


@given(st.lists(st.integers(0, 70), max_size=12))
def test_the_root_does_not_depend_on_how_leaves_arrive(cuts: list[int]) -> None:
    leaves = leaves_of(sum(cuts))
    by_runs, one_by_one = merkle.RootBuilder(), merkle.RootBuilder()

    start = 0
    for cut in cuts:
        by_runs.extend(leaves[start : start + cut])
        start += cut
    for leaf in leaves:
        one_by_one.append(leaf)

    assert by_runs.root() == one_by_one.root() == plain_root(leaves)
    assert by_runs.count == one_by_one.count == len(leaves)


@given(st.integers(1, 300), st.data())
def test_a_proof_verifies_only_at_its_own_place(count: int, data: st.DataObject) -> None:
    leaves = leaves_of(count)
    index = data.draw(st.integers(0, count - 1))
    other = data.draw(st.integers(0, count - 1))
    root = merkle.root(leaves)

    path = merkle.proof(leaves, index)

    assert merkle.verify(root, leaves[index], index, count, path)
    assert merkle.verify(root, leaves[index], other, count, path) is (other == index)
    assert merkle.verify(root, leaves[other], index, count, path) is (other == index)


@given(st.integers(1, 200), st.data())
def test_a_damaged_proof_is_refused(count: int, data: st.DataObject) -> None:
    leaves = leaves_of(count)
    index = data.draw(st.integers(0, count - 1))
    root, path = merkle.root(leaves), list(merkle.proof(leaves, index))

    longer = [*path, merkle.EMPTY_ROOT]
    assert not merkle.verify(root, leaves[index], index, count, longer)
    if path:
        spot = data.draw(st.integers(0, len(path) - 1))
        bent = [*path]
        bent[spot] = bytes([bent[spot][0] ^ 1]) + bent[spot][1:]
        assert not merkle.verify(root, leaves[index], index, count, bent)
        assert not merkle.verify(root, leaves[index], index, count, path[1:])
        assert not merkle.verify(root, leaves[index], index, count, [path[0][:31], *path[1:]])


def test_an_inner_node_cannot_pass_for_a_leaf() -> None:
    leaves = leaves_of(4)
    inner = merkle.node_hash(leaves[0], leaves[1])

    assert not merkle.verify(merkle.root(leaves), inner, 0, 4, merkle.proof(leaves, 0)[1:])
    assert not merkle.verify(merkle.root(leaves), inner, 0, 2, merkle.proof(leaves, 0)[1:]) or (
        merkle.leaf_hash(leaves[0] + leaves[1]) != inner
    )


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_does_not_exist_has_no_proof(index: int) -> None:
    with pytest.raises(BadInput, match="no leaf"):
        merkle.proof(leaves_of(3), index)
    assert not merkle.verify(merkle.root(leaves_of(3)), leaves_of(3)[0], index, 3, [])


def test_a_proof_for_a_place_or_of_a_length_the_tree_has_not_is_refused() -> None:
    leaf, beside = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    forged = merkle.node_hash(beside, leaf)

    assert merkle.verify(forged, leaf, 1, 2, (beside,))
    assert not merkle.verify(forged, leaf, 1, 1, (beside,))
    assert not merkle.verify(forged, leaf, 0, 1, (beside,))
