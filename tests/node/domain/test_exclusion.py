"""Lists of what must be left out: one spelling each, found under the root that goes on chain."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain.exclusion import EVERYTHING, Chunks, Exclusion
from thenar.domain.ids import RAW, Cid
from thenar.errors import BadInput

ASSET = "0x" + "ab" * 32
RUNS = st.lists(st.integers(2, 50), min_size=2, max_size=12).map(
    lambda steps: [sum(steps[: at + 1]) for at in range(len(steps) // 2 * 2)]
)


@given(RUNS)
def test_a_list_reads_back_as_it_was_spelled_and_its_root_is_its_cid(ends):
    listed = Exclusion(ASSET, tuple(Chunks(a, b) for a, b in zip(ends[::2], ends[1::2], strict=True)))

    data = listed.encode()

    assert Exclusion.decode(data) == listed
    assert listed.root == hashlib.sha256(data).digest() == Cid.of(RAW, listed.root).digest
    assert listed.root != EVERYTHING


@pytest.mark.parametrize("runs", [[], [(3, 2)], [(0, 4), (5, 6)], [(0, 4), (3, 6)], [(7, 8), (0, 1)], [(-1, 0)]])
def test_an_empty_backward_touching_or_unordered_list_is_refused(runs):
    with pytest.raises(BadInput):
        Exclusion(ASSET, tuple(Chunks(*run) for run in runs))


def test_a_list_of_nothing_that_could_be_an_asset_is_refused():
    with pytest.raises(BadInput):
        Exclusion("0x12", (Chunks(0, 1),))
