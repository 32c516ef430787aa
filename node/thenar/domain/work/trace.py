"""Trees of sixteen over a unit's checkpoints: what a dispute narrows. The twin of contracts/libraries/TraceTree.sol.

Leaf 0 is the state before the first step, leaf i the state after segment i. A node is the Keccak-256 of its sixteen
children, 512 bytes. The number of leaves fixes the depth; places at and beyond it hold 32 zero bytes on every level.
Leaves stand on level 0; a node of level h at place p spans the leaves from p * 16^h on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from sha3 import keccak_256

from thenar.domain.keccak import keccak256
from thenar.errors import BadInput, NotFound

ARITY: Final = 16
MIN_LEAVES, MAX_LEAVES = 2, 4_096
_WIDTH: Final = 32 * ARITY

Children = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class TraceTree:
    """A built tree: levels of 32-byte hashes from the leaves up, without the empty places on the right."""

    count: int
    levels: tuple[bytes, ...]

    @classmethod
    def build(cls, leaves: Sequence[bytes]) -> Self:
        """The tree over leaves of 32 bytes each, in order."""
        return cls.of(b"".join(leaves))

    @classmethod
    def of(cls, leaves: bytes) -> Self:
        """The tree over leaves that stand one after another. Raises BadInput for too few, too many or half of one."""
        count, rest = divmod(len(leaves), 32)
        if rest or not MIN_LEAVES <= count <= MAX_LEAVES:
            raise BadInput(f"a trace has {MIN_LEAVES} to {MAX_LEAVES:,} leaves of 32 bytes, not {len(leaves):,} bytes")
        levels = [leaves]
        for _ in range(depth_of(count)):
            levels.append(_above(levels[-1]))
        return cls(count, tuple(levels))

    @property
    def root(self) -> bytes:
        """The 32-byte root."""
        return self.levels[-1]

    @property
    def depth(self) -> int:
        """Levels above the leaves."""
        return len(self.levels) - 1

    def node(self, level: int, place: int) -> bytes:
        """The node at a place of a level. Raises NotFound beyond the end."""
        if not 0 <= level <= self.depth or not 0 <= place < len(self.levels[level]) // 32:
            raise NotFound(f"the trace has no node {place} on level {level}")
        return self.levels[level][32 * place : 32 * place + 32]

    def children(self, level: int, place: int) -> Children:
        """The sixteen children of a node above the leaves. Raises NotFound."""
        self.node(level, place)
        if level == 0:
            raise NotFound("a leaf has no children")
        run = self.levels[level - 1][_WIDTH * place : _WIDTH * (place + 1)].ljust(_WIDTH, b"\x00")
        return tuple(run[at : at + 32] for at in range(0, _WIDTH, 32))

    def right_edge(self, level: int, place: int) -> tuple[Children, ...]:
        """The fifteen siblings left of the way from a whole node to its last leaf, from the leaf's level up.

        Raises NotFound for a node whose last place lies beyond the end of the trace.
        """
        self.node(0, last_leaf(level, place))
        edges = []
        for below in range(level):
            parent = (place + 1 << 4 * (level - below - 1)) - 1
            edges.append(self.children(below + 1, parent)[:-1])
        return tuple(edges)


def depth_of(count: int) -> int:
    """Levels above ``count`` leaves: the smallest d with 16^d >= count."""
    return max(1, -(-(count - 1).bit_length() // 4))


def node_of(children: Sequence[bytes]) -> bytes:
    """The node above sixteen children."""
    return keccak256(b"".join(children))


def last_leaf(level: int, place: int) -> int:
    """The number of the last leaf below a whole node."""
    return (place + 1 << 4 * level) - 1


def above_last(leaf: bytes, path: Sequence[Sequence[bytes]]) -> bytes:
    """The node whose last leaf is ``leaf``, by its right edge."""
    for siblings in path:
        leaf = node_of((*siblings, leaf))
    return leaf


def ends_right(children: Sequence[bytes], level: int, first: int, count: int) -> bool:
    """Whether children whose first leaf is ``first`` hold zeros wherever a trace of ``count`` leaves has ended."""
    width = 1 << 4 * (level - 1)
    return not any(any(child) for child in children[-(-(count - first) // width) :])


def first_difference(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    """The first place at which two rows of children differ. Raises NotFound when they are the same."""
    for place, (mine, theirs) in enumerate(zip(one, other, strict=True)):
        if mine != theirs:
            return place
    raise NotFound("the two sides have the same children")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The rows of children on the way down to the first leaf that differs, that leaf, and the last agreed node."""

    claims: tuple[Children, ...]
    others: tuple[Children, ...]
    first: int
    agreed_level: int


def narrowed(claim: TraceTree, other: TraceTree, level: int, first: int, agreed_level: int) -> Narrowed:
    """Both sides' rows from a node on ``level`` whose first leaf is ``first`` down to the leaves.

    Raises NotFound when the two are the same below it.
    """
    claims, others = list[Children](), list[Children]()
    for above in range(level, 0, -1):
        place = first >> 4 * above
        claims.append(claim.children(above, place))
        others.append(other.children(above, place))
        step = first_difference(claims[-1], others[-1])
        first += step << 4 * (above - 1)
        agreed_level = above - 1 if step else agreed_level
    return Narrowed(tuple(claims), tuple(others), first, agreed_level)


def _above(level: bytes) -> bytes:
    """The next level up; missing children on the right are zeros."""
    level = level.ljust(-(-len(level) // _WIDTH) * _WIDTH, b"\x00")
    return b"".join([keccak_256(level[at : at + _WIDTH]).digest() for at in range(0, len(level), _WIDTH)])
