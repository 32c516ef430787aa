"""Merkle trees over numbered members: who belongs to a batch. The twin of contracts/libraries/MemberTree.sol.

leaf = keccak256(abi.encode(LEAF, index, member)), inner = keccak256(abi.encode(INNER, left, right)). A tree over n
members has ceil(log2 n) levels above its leaves; places at and beyond n hold 32 zero bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from sha3 import keccak_256

from thenar.domain.keccak import keccak256, tag32
from thenar.errors import BadInput, NotFound

MAX_COUNT: Final = 2**32 - 1
LEAF_TAG, INNER_TAG = tag32("thenar.member/1"), tag32("thenar.members/1")
_EMPTY: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class MemberTree:
    """A built tree: levels of 32-byte hashes from the leaves up, without the empty places on the right."""

    count: int
    levels: tuple[bytes, ...]

    @classmethod
    def build(cls, members: Sequence[bytes]) -> Self:
        """The tree over members of 32 bytes each, in order. Raises BadInput for none or too many."""
        if not 1 <= len(members) <= MAX_COUNT:
            raise BadInput(f"a member tree has 1 to {MAX_COUNT:,} members, not {len(members):,}")
        level = b"".join(leaf_hash(index, member) for index, member in enumerate(members))
        levels, empty = [level], _EMPTY
        for _ in range(depth_of(len(members))):
            level, empty = _above(level, empty), inner_hash(empty, empty)
            levels.append(level)
        return cls(len(members), tuple(levels))

    @property
    def root(self) -> bytes:
        """The 32-byte root."""
        return self.levels[-1]

    def prove(self, index: int) -> tuple[bytes, ...]:
        """The siblings of a leaf, bottom to top. Raises NotFound."""
        if not 0 <= index < self.count:
            raise NotFound(f"there is no member {index}; the tree has {self.count}")
        return tuple(self._siblings(index))

    def _siblings(self, index: int) -> Iterator[bytes]:
        empty = _EMPTY
        for level in self.levels[:-1]:
            beside = index ^ 1
            yield level[beside * 32 : beside * 32 + 32] or empty
            index, empty = index >> 1, inner_hash(empty, empty)


def depth_of(count: int) -> int:
    """Levels above the leaves of a tree over ``count`` members."""
    return (count - 1).bit_length() if count > 1 else 0


def leaf_hash(index: int, member: bytes) -> bytes:
    """The hash of a member at its place."""
    return keccak256(LEAF_TAG + index.to_bytes(32, "big") + member)


def inner_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two nodes side by side."""
    return keccak256(INNER_TAG + left + right)


def contains(root: bytes, count: int, index: int, member: bytes, siblings: Sequence[bytes]) -> bool:
    """Whether ``member`` stands at ``index`` of the tree with this root over ``count`` members."""
    if not 0 <= index < count or len(siblings) != depth_of(count):
        return False
    node = leaf_hash(index, member)
    for level, sibling in enumerate(siblings):
        node = inner_hash(sibling, node) if index >> level & 1 else inner_hash(node, sibling)
    return node == root


def _above(level: bytes, empty: bytes) -> bytes:
    """The next level up; a missing right side is the empty node of this level."""
    if len(level) % 64:
        level += empty
    return b"".join([keccak_256(INNER_TAG + level[at : at + 64]).digest() for at in range(0, len(level), 64)])
