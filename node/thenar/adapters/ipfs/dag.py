"""Walking a stored file: which blocks it has, and which of them a range of its bytes lies in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from thenar.domain.ids import RAW, Cid
from thenar.domain.unixfs import LEAF_BYTES, depth_of, parse_node, size_of
from thenar.errors import Corrupt

ReadBlock = Callable[[Cid], bytes]
"""Gives a block whose hash was checked."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A block's place in a file: ``size`` file bytes from ``offset``, ``depth`` levels above the leaves.

    ``total`` is the encoded bytes below its parent's link, the block included; 0 when there is no parent.
    """

    cid: Cid
    offset: int
    size: int
    depth: int
    total: int = 0


def root_spot(root: Cid, block: bytes) -> Spot:
    """Where the root stands, from its own block. Raises Corrupt."""
    if root.codec == RAW:
        return Spot(root, 0, len(block), 0)
    size = size_of(block)
    return Spot(root, 0, size, depth_of(size))


def children(spot: Spot, block: bytes) -> list[Spot]:
    """The places of a block's children; none for a leaf. Raises Corrupt when the block does not fit its place."""
    if spot.depth == 0:
        if len(block) != spot.size or spot.size > LEAF_BYTES or (spot.total and spot.total != spot.size):
            raise Corrupt(f"leaf {spot.cid} has {len(block)} bytes, not {spot.size}")
        return []
    node = parse_node(block, size=spot.size, depth=spot.depth)
    if spot.total and spot.total != len(block) + sum(link.total for link in node.links):
        raise Corrupt(f"node {spot.cid} is not as big as its parent says")
    found, offset = [], spot.offset
    for link in node.links:
        found.append(Spot(link.cid, offset, link.size, spot.depth - 1, link.total))
        offset += link.size
    return found


def blocks_of(root: Cid, read: ReadBlock) -> Iterator[Spot]:
    """Every block of a file, parents first, in file order. Reads only nodes (and the root)."""
    todo = [root_spot(root, read(root))]
    while todo:
        spot = todo.pop()
        yield spot
        if spot.depth:
            todo += reversed(children(spot, read(spot.cid)))


def pieces(root: Cid, read: ReadBlock, offset: int, length: int | None) -> Iterator[tuple[Spot, int, int]]:
    """The leaves that hold a range, in order, each with the first and last-plus-one byte wanted of it.

    A range past the end of the file is cut off at the end.
    """
    top = root_spot(root, read(root))
    stop = top.size if length is None else min(top.size, offset + length)
    todo = [top]
    while todo:
        spot = todo.pop()
        if spot.offset >= stop or spot.offset + spot.size <= offset:
            continue
        if spot.depth == 0:
            yield spot, max(0, offset - spot.offset), min(spot.size, stop - spot.offset)
        else:
            todo += reversed(children(spot, read(spot.cid)))
