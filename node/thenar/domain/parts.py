"""Parts of a sealed file that can be licensed alone: nodes of its key tree. Twin of contracts/libraries/KeyRange.sol.

Nodes are numbered as in a heap: the root is 1, the children of k are 2k and 2k + 1, so that chunk i of a tree of depth
d is node 2**d + i. As a license, 0 stands for the whole file; 1 is refused.
"""

from __future__ import annotations

from thenar.domain import keytree
from thenar.domain.ids import AssetId
from thenar.domain.keccak import keccak256, tag32
from thenar.errors import BadInput

WHOLE_FILE = 0
END = 1 << 33
_RANGE = tag32("thenar.range/1")


def licensed_id(asset: AssetId, part: int) -> AssetId:
    """What the contracts keep offers and sales of a part under; the asset itself for the whole. Raises BadInput."""
    if part == WHOLE_FILE:
        return asset
    _level(part)
    return AssetId("0x" + keccak256(_RANGE + bytes.fromhex(asset[2:]) + part.to_bytes(32, "big")).hex())


def chunks_of(part: int, count: int) -> range:
    """The chunks a part holds in a file of ``count`` chunks. Raises BadInput when it holds none."""
    if part == WHOLE_FILE:
        return range(count)
    level, depth = _level(part), keytree.depth(count)
    if level > depth:
        raise BadInput(f"part {part} lies below the chunks of a file of {count} chunks")
    width = 1 << (depth - level)
    start = (part - (1 << level)) * width
    if start >= count:
        raise BadInput(f"part {part} holds no chunk of a file of {count} chunks")
    return range(start, min(start + width, count))


def part_of(first: int, last: int, count: int) -> int:
    """The part that holds exactly chunks ``first`` to ``last``, both included. Raises BadInput naming those that do."""
    if not 0 <= first <= last < count:
        raise BadInput(f"chunks {first} to {last} are not among 0 to {count - 1}")
    if (first, last) == (0, count - 1):
        return WHOLE_FILE
    found = (1 << keytree.depth(count)) + first
    while len(chunks_of(found, count)) < last - first + 1 and found % 2 == 0 and found > 2:  # 1 would be the whole
        found //= 2
    held = chunks_of(found, count)
    if (held.start, held.stop - 1) != (first, last):
        pieces = ", ".join(f"{piece.start}..{piece.stop - 1}" for piece in _pieces(first, last, count))
        raise BadInput(
            f"no single key opens chunks {first} to {last} and nothing else", next_step=f"use these ranges: {pieces}"
        )
    return found


def key_of_part(root_key: bytes, part: int) -> bytes:
    """The key that opens a part: the root key itself for the whole. Raises BadInput."""
    if part == WHOLE_FILE:
        return root_key
    level = _level(part)
    return keytree.node_key(root_key, level, part - (1 << level))


def chunk_key_in(part_key: bytes, part: int, chunk: int, count: int) -> bytes:
    """The key of a chunk from the key of the part it lies in. Raises BadInput when it lies elsewhere."""
    if part == WHOLE_FILE:
        return keytree.chunk_key(part_key, chunk, count)
    level = _level(part)
    return keytree.key_from([keytree.RangeKey(level, part - (1 << level), part_key)], chunk, count)


def _pieces(first: int, last: int, count: int) -> list[range]:
    found = keytree.cover(bytes(keytree.KEY_BYTES), first, last + 1, count)
    return [chunks_of((1 << one.level) + one.index, count) for one in found]


def _level(part: int) -> int:
    if not 1 < part < END:
        raise BadInput(f"{part} names no part of a file")
    return part.bit_length() - 1
