"""A pledge of any size without its bytes: every leaf and every replica is the same, so a tree needs one hash a level.

No node could pledge this for pay, because a replica is listed and taken once; the
contract's work does not depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from thenar.domain import merkle
from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256
from thenar.domain.storage.pledges import (
    CHALLENGES,
    Held,
    ShownAnswer,
    answer_of,
    answers_tree,
    positions,
)
from thenar.domain.sumtree import INNER_TAG

LEAF = bytes(range(256)) * 4


@dataclass(frozen=True, slots=True)
class Synthetic:
    """2^depth replicas of 2^height equal leaves of 1 KiB."""

    depth: int
    height: int

    @property
    def leaves(self) -> int:
        """Leaves in all replicas."""
        return 1 << (self.depth + self.height)

    @property
    def root(self) -> bytes:
        """The pledge's root."""
        return self._replicas()[-1][0]

    def answers(self, seed: bytes, node: Address) -> bytes:
        """The root over the node's eight answers."""
        return answers_tree([answer_of(seed, node, at, LEAF) for at in range(CHALLENGES)]).root

    def shown(self, seed: bytes, node: Address, challenge: int) -> ShownAnswer:
        """One answer spelled out."""
        position = positions(seed, node, self.leaves)[challenge]
        beside = self._replicas()[: self.depth]
        answers = answers_tree([answer_of(seed, node, at, LEAF) for at in range(CHALLENGES)])
        return ShownAnswer(
            leaf=LEAF,
            index=position % (1 << self.height),
            path=tuple(self._path()[: self.height]),
            replica=self._path()[-1],
            leaves=1 << self.height,
            place=position >> self.height,
            siblings=tuple(digest for digest, _ in beside),
            sums=tuple(total for _, total in beside),
            beside=answers.prove(challenge),
        )

    def _path(self) -> list[bytes]:
        """The hash of a subtree of leaves at every level, the replica's root last."""
        levels = [merkle.leaf_hash(LEAF)]
        for _ in range(self.height):
            levels.append(merkle.node_hash(levels[-1], levels[-1]))
        return levels

    def _replicas(self) -> list[tuple[bytes, int]]:
        """The same in the pledge's tree."""
        held = Held(self._path()[-1], 1 << self.height)
        levels = [(held.hash, held.leaves)]
        for _ in range(self.depth):
            digest, total = levels[-1]
            node = digest + total.to_bytes(32, "big")
            levels.append((keccak256(INNER_TAG + node + node), 2 * total))
        return levels
