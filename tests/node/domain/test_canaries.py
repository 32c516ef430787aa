"""Canaries hidden among units: every unit has a leaf, and which are real cannot be told from the tree."""

from __future__ import annotations

from eth_abi import encode
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain.keccak import keccak256
from thenar.domain.membertree import contains
from thenar.domain.work.canaries import Canaries, Known, hidden

SECRET = "5a" * 32


def test_a_leaf_is_what_the_contract_hashes():
    answer, salt = b"\x11" * 32, b"\x22" * 32
    words = (b"thenar.canary/1".ljust(32, b"\0"), 7, answer, salt)

    assert hidden(7, answer, salt) == keccak256(encode(["bytes32", "uint256", "bytes32", "bytes32"], words))


@given(units=st.integers(1, 40), data=st.data())
def test_every_unit_opens_under_the_root_and_canaries_to_their_answers(units, data):
    chosen = data.draw(st.sets(st.integers(0, units - 1)))
    made = Canaries(SECRET, units, tuple(Known(unit, bytes([unit + 1] * 32).hex()) for unit in chosen))
    tree = made.tree()

    for unit in range(units):
        leaf = hidden(unit, made.answer(unit), made.salt(unit))
        assert contains(tree.root, units, unit, leaf, tree.prove(unit))
        assert (made.answer(unit) == bytes([unit + 1] * 32)) == (unit in chosen)
    assert len({made.salt(unit) for unit in range(units)}) == units
