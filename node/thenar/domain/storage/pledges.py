"""What a node holds as one Merkle-sum tree, and what it is asked about it: the twin of PledgeTree.sol.

A leaf is a replica and weighs as many leaves of 1,024 bytes as it has, so every position below the total lies in one
leaf of one replica. Replicas stand in the order of their roots: whoever knows what a node took rebuilds its tree. An
answer is over the challenged leaf's bytes and a seed nobody knew before, so no hash kept instead of the bytes gives it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from thenar.domain import membertree, merkle
from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256, tag32
from thenar.domain.leaves import LEAF_BYTES
from thenar.domain.membertree import MemberTree
from thenar.domain.sumtree import INNER_TAG, MAX_DEPTH
from thenar.errors import BadInput, NotFound

CHALLENGES: Final = 8
"""Leaves a node is asked for in a round."""
MAX_LEAVES: Final = 2**48 - 1
GIB_LEAVES: Final = 2**20
REPLICA_TAG, CHALLENGE_TAG = tag32("thenar.replica/1"), tag32("thenar.challenge/1")
ANSWER_TAG = tag32("thenar.answer/1")
_NOTHING: Final = (bytes(32), 0)


@dataclass(frozen=True, slots=True, order=True)
class Held:
    """A replica: the RFC 9162 root over its ciphertext's leaves, and how many there are."""

    root: bytes
    leaves: int

    def __post_init__(self) -> None:
        if len(self.root) != 32 or not 0 < self.leaves <= MAX_LEAVES:
            raise BadInput(f"a replica has a root of 32 bytes and 1 to 2^48 - 1 leaves, not {self.leaves}")

    @property
    def hash(self) -> bytes:
        """The replica's leaf in the pledge's tree."""
        return keccak256(REPLICA_TAG + self.root + self.leaves.to_bytes(32, "big"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a position lies: the replica, its place in the tree, and the leaf in it."""

    replica: Held
    place: int
    index: int


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """One answer spelled out, as the contract takes it."""

    leaf: bytes
    index: int
    path: tuple[bytes, ...]
    replica: bytes
    leaves: int
    place: int
    siblings: tuple[bytes, ...]
    sums: tuple[int, ...]
    beside: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class PledgeTree:
    """A built tree: levels of (hash, sum) from the replicas up; the last is the root alone."""

    replicas: tuple[Held, ...]
    levels: tuple[tuple[tuple[bytes, int], ...], ...]

    @classmethod
    def build(cls, replicas: Iterable[Held]) -> Self:
        """The tree over replicas, whatever order they come in. Raises BadInput for none, too many or one twice."""
        held = tuple(sorted(replicas))
        if not 1 <= len(held) <= 2**MAX_DEPTH:
            raise BadInput(f"a pledge is over 1 to {2**MAX_DEPTH:,} replicas, not {len(held):,}")
        if len({replica.root for replica in held}) != len(held):
            raise BadInput("a replica is pledged once")
        if sum(replica.leaves for replica in held) > MAX_LEAVES:
            raise BadInput("a pledge is over at most 2^48 - 1 leaves", next_step="share them between two nodes")
        levels = [tuple((replica.hash, replica.leaves) for replica in held)]
        while len(levels[-1]) > 1:
            below = levels[-1] + (_NOTHING,) * (len(levels[-1]) % 2)
            levels[-1] = below
            levels.append(tuple(_above(below[at], below[at + 1]) for at in range(0, len(below), 2)))
        return cls(held, tuple(levels))

    @property
    def depth(self) -> int:
        """Levels above the replicas."""
        return len(self.levels) - 1

    @property
    def root(self) -> bytes:
        """The 32-byte root to pledge."""
        return self.levels[-1][0][0]

    @property
    def leaves(self) -> int:
        """Leaves in all replicas."""
        return self.levels[-1][0][1]

    def at(self, position: int) -> Place:
        """Where a position lies. Raises NotFound when it is at or beyond the total."""
        if not 0 <= position < self.leaves:
            raise NotFound(f"there is no leaf {position} among {self.leaves} pledged ones")
        place, rest = 0, position
        for level in reversed(self.levels[:-1]):
            place *= 2
            if rest >= level[place][1]:
                rest -= level[place][1]
                place += 1
        return Place(self.replicas[place], place, rest)

    def prove(self, place: int) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
        """The siblings of a replica from the bottom up, and their sums. Raises NotFound."""
        if not 0 <= place < len(self.replicas):
            raise NotFound(f"there is no replica {place} among {len(self.replicas)}")
        beside = [level[(place >> height) ^ 1] for height, level in enumerate(self.levels[:-1])]
        return tuple(digest for digest, _ in beside), tuple(total for _, total in beside)


def position_of(seed: bytes, node: Address, challenge: int, leaves: int) -> int:
    """Which of ``leaves`` leaves a challenge asks a node for."""
    words = int(node, 16).to_bytes(32, "big") + challenge.to_bytes(32, "big")
    return int.from_bytes(keccak256(CHALLENGE_TAG + seed + words), "big") % leaves


def positions(seed: bytes, node: Address, leaves: int) -> tuple[int, ...]:
    """All leaves a node is asked for in a round with this seed."""
    return tuple(position_of(seed, node, challenge, leaves) for challenge in range(CHALLENGES))


def answer_of(seed: bytes, node: Address, challenge: int, leaf: bytes) -> bytes:
    """The answer to a challenge: a hash over seed, node and the leaf's bytes."""
    return keccak256(ANSWER_TAG + seed + bytes.fromhex(node[2:]) + bytes([challenge]) + leaf)


def answers_tree(answers: Sequence[bytes]) -> MemberTree:
    """The tree whose root a node answers with. Raises BadInput unless there are eight."""
    if len(answers) != CHALLENGES:
        raise BadInput(f"a round has {CHALLENGES} answers, not {len(answers)}")
    return MemberTree.build(answers)


def bond_for(leaves: int, gib_stake: int) -> int:
    """Stake that a pledge of so many leaves binds: for every GiB begun."""
    return gib_stake * -(-leaves // GIB_LEAVES)


def verify(
    shown: ShownAnswer, *, seed: bytes, node: Address, challenge: int, pledged: PledgedRoot, answers: bytes
) -> bool:
    """Whether the contract would take this for the answer that was given."""
    is_last = shown.leaves == shown.index + 1
    if not 0 < len(shown.leaf) <= LEAF_BYTES or (len(shown.leaf) < LEAF_BYTES and not is_last):
        return False
    if not _stands(shown, pledged, position_of(seed, node, challenge, pledged.leaves)):
        return False
    if not merkle.verify(shown.replica, merkle.leaf_hash(shown.leaf), shown.index, shown.leaves, shown.path):
        return False
    given = answer_of(seed, node, challenge, shown.leaf)
    return membertree.contains(answers, CHALLENGES, challenge, given, shown.beside)


@dataclass(frozen=True, slots=True)
class PledgedRoot:
    """A pledge as it stands on chain."""

    root: bytes
    leaves: int
    depth: int


def _stands(shown: ShownAnswer, pledged: PledgedRoot, position: int) -> bool:
    """Whether the shown replica stands in the tree, and its leaf at the position."""
    if not len(shown.siblings) == len(shown.sums) == pledged.depth or shown.place >> pledged.depth:
        return False
    if not 0 <= shown.index < shown.leaves or not all(0 <= total < 2**96 for total in shown.sums):
        return False
    node, before = (Held(shown.replica, shown.leaves).hash, shown.leaves), 0
    for height, beside in enumerate(zip(shown.siblings, shown.sums, strict=True)):
        if shown.place >> height & 1:
            before += beside[1]
            node = _above(beside, node)
        else:
            node = _above(node, beside)
    return node == (pledged.root, pledged.leaves) and before + shown.index == position


def _above(left: tuple[bytes, int], right: tuple[bytes, int]) -> tuple[bytes, int]:
    """The node above two, as SumTree hashes it."""
    words = left[0] + left[1].to_bytes(32, "big") + right[0] + right[1].to_bytes(32, "big")
    return keccak256(INNER_TAG + words), left[1] + right[1]
