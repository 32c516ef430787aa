"""Whether a chain is the one whose blocks were remembered: judged by the hashes of those blocks alone."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

DEPTH = 64
"""Blocks a reorganisation may undo."""


class Past(Enum):
    """What a chain is to a node that remembers some blocks."""

    SAME = "the chain that was followed, maybe reorganised"
    BELOW = "the same chain, whose head is below what was seen"
    OTHER = "another chain, or one that was begun anew"


def judge(held: Mapping[int, str], seen: Mapping[int, str]) -> Past:
    """Compare remembered hashes by height with the chain's; ``seen`` leaves out the heights that it does not reach.

    An endpoint that reaches none of them may lag by more than is remembered, so that it says nothing yet.
    """
    if not held:
        return Past.SAME
    if not seen:
        return Past.BELOW
    newest = max(held)
    agreed = [block for block, found in seen.items() if held.get(block) == found]
    differs = any(held.get(block) != found for block, found in seen.items())
    if not agreed or (differs and max(agreed) < newest - DEPTH):
        return Past.OTHER
    return Past.SAME if newest in seen else Past.BELOW
