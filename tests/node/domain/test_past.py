"""A chain is told from another by the blocks that were remembered of it, and a reorganisation from both."""

from __future__ import annotations

import pytest

from thenar.domain.past import DEPTH, Past, judge


def blocks(first: int, last: int, salt: str = "a", above: int = 0) -> dict[int, str]:
    """Hashes of blocks, by height; those from ``above`` on are another fork's."""
    return {at: f"{salt if not above or at < above else 'fork'}{at}" for at in range(first, last + 1)}


HELD = blocks(100, 300)


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (blocks(100, 300), Past.SAME),
        (blocks(100, 300, above=300 - DEPTH + 1), Past.SAME),
        (blocks(100, 300, above=300 - DEPTH), Past.OTHER),
        (blocks(100, 290), Past.BELOW),
        (blocks(100, 290, above=280), Past.BELOW),
        (blocks(100, 290, above=200), Past.OTHER),
        (blocks(100, 120), Past.BELOW),
        (blocks(100, 300, "b"), Past.OTHER),
        (blocks(100, 262, "b"), Past.OTHER),
        ({}, Past.BELOW),
    ],
    ids=[
        "the same",
        "reorganised as deep as may be",
        "reorganised deeper",
        "behind",
        "behind on a fork",
        "behind on a deep fork",
        "far behind",
        "another",
        "another, shorter",
        "too far behind to be told",
    ],
)
def test_a_chain_is_judged_by_the_blocks_it_has(seen, verdict):
    assert judge(HELD, seen) is verdict


def test_ranges_that_were_read_far_below_the_head_do_not_make_a_chain_another():
    held = {2_000: "a2000", 4_000: "a4000"}

    assert judge(held, held) is Past.SAME
    assert judge(held, {2_000: "a2000"}) is Past.BELOW
    assert judge(held, {2_000: "a2000", 4_000: "b4000"}) is Past.OTHER


def test_who_remembers_nothing_believes_any_chain():
    assert judge({}, {}) is Past.SAME
