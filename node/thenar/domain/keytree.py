"""One root key opens a file; a subtree key opens a range of it; a chunk key opens one chunk.

The key tree is binary: a child is SHA-256(tag ‖ parent ‖ bit), and the key of chunk ``i`` of ``n`` sits at depth
ceil(log2 n), reached by the bits of ``i`` from the highest down. Nothing below a node tells anything about its
parent or sibling. Source: Goldreich, Goldwasser, Micali, "How to construct random functions" (1986).

All keys are 32 bytes. Tags are 32 bytes, zero-padded, so a contract spells them ``bytes32("thenar.tree/1")``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from thenar.domain.keccak import keccak256, tag32
from thenar.errors import BadInput

KEY_BYTES = 32
MAX_CHUNKS = 1 << 32

_TREE, _SALT, _KEY = tag32("thenar.tree/1"), tag32("thenar.salt/1"), tag32("thenar.key/1")


@dataclass(frozen=True, slots=True)
class RangeKey:
    """The key of the subtree ``index`` at ``level`` below the root; it opens every chunk under it."""

    level: int
    index: int
    key: bytes

    def covers(self, chunk: int, depth: int) -> bool:
        """Whether ``chunk`` of a tree of ``depth`` lies under this key."""
        return self.level <= depth and chunk >> (depth - self.level) == self.index


def child(parent: bytes, bit: int) -> bytes:
    """The left (0) or right (1) child of a tree key."""
    return hashlib.sha256(_TREE + parent + (b"\x01" if bit else b"\x00")).digest()


def depth(count: int) -> int:
    """ceil(log2 count): how deep the chunk keys of a file of ``count`` chunks lie. Raises BadInput."""
    if not 1 <= count <= MAX_CHUNKS:
        raise BadInput(f"a sealed file has 1 to {MAX_CHUNKS} chunks, not {count}")
    return (count - 1).bit_length()


def chunk_key(root_key: bytes, index: int, count: int) -> bytes:
    """The key of chunk ``index`` of ``count``. Raises BadInput."""
    return _descend(_checked(root_key), index, _within(index, count))


def chunk_salt(key: bytes) -> bytes:
    """The salt of a chunk's plaintext leaves, from the chunk's key."""
    return hashlib.sha256(_SALT + _checked(key)).digest()


def key_commit(root_key: bytes) -> bytes:
    """keccak256(abi.encodePacked(bytes32("thenar.key/1"), rootKey)): what the chain knows of a root key."""
    return keccak256(_KEY + _checked(root_key))


def cover(root_key: bytes, start: int, stop: int, count: int) -> tuple[RangeKey, ...]:
    """The fewest keys that open chunks ``start`` to ``stop - 1`` and nothing else. Raises BadInput.

    The root itself is given away only for the whole file of 2**k chunks.
    """
    levels = depth(count)
    if not 0 <= start < stop <= count:
        raise BadInput(f"chunks {start} to {stop} are not a range of {count} chunks")
    found: list[RangeKey] = []
    while start < stop:
        height = (start & -start).bit_length() - 1 if start else levels
        height = min(height, (stop - start).bit_length() - 1)
        level = levels - height
        found.append(RangeKey(level, start >> height, _descend(_checked(root_key), start >> height, level)))
        start += 1 << height
    return tuple(found)


def key_from(keys: Sequence[RangeKey], index: int, count: int) -> bytes:
    """The key of chunk ``index`` from range keys. Raises BadInput when none of them opens it."""
    levels = _within(index, count)
    for one in keys:
        if one.covers(index, levels):
            below = levels - one.level
            return _descend(_checked(one.key), index, below)  # the bits above have led to this key
    raise BadInput(f"none of the {len(keys)} range keys opens chunk {index}")


def node_key(root_key: bytes, level: int, index: int) -> bytes:
    """The key of the node ``index`` at ``level`` below the root. Raises BadInput."""
    if not 0 <= index < 1 << level:
        raise BadInput(f"there is no node {index} at level {level}")
    return _descend(_checked(root_key), index, level)


def _descend(key: bytes, path: int, levels: int) -> bytes:
    for shift in range(levels - 1, -1, -1):
        key = child(key, path >> shift & 1)
    return key


def _within(index: int, count: int) -> int:
    levels = depth(count)
    if not 0 <= index < count:
        raise BadInput(f"there is no chunk {index} among {count}")
    return levels


def _checked(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise BadInput(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    return key
