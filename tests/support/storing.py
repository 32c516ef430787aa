"""Nodes that hold replicas, pledge them, and answer rounds on the test chain."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from brownie import chain, web3
from nodes import KEY, STORE
from system import DOLLAR, System, deploy_system, fund

from thenar.domain import merkle
from thenar.domain.storage.pledges import (
    Held,
    PledgeTree,
    ShownAnswer,
    answer_of,
    answers_tree,
    positions,
)

STAKED = 500 * DOLLAR
CID = "b" + "a" * 58  # the contract looks at no more than its length
REPLICA, OTHER_REPLICA = b"\x0a" * 32, b"\x0b" * 32  # roots of what nobody opens


@dataclass(frozen=True, slots=True)
class Bytes:
    """A replica with its bytes: leaves of 1,024, the last shorter."""

    leaves: tuple[bytes, ...]

    @classmethod
    def random(cls, seed: int, count: int, last: int = 1024) -> Bytes:
        """Ciphertext of ``count`` leaves, the last of ``last`` bytes."""
        dice = random.Random(seed)
        return cls(tuple(dice.randbytes(1024 if at < count - 1 else last) for at in range(count)))

    @property
    def hashes(self) -> list[bytes]:
        """The leaves' hashes."""
        return [merkle.leaf_hash(leaf) for leaf in self.leaves]

    @property
    def held(self) -> Held:
        """The replica as it is pledged."""
        return Held(merkle.root(self.hashes), len(self.leaves))


@dataclass
class Store:
    """A node with its disk; what ``lost`` names by replica and leaf it cannot read any more."""

    account: Any
    disk: Sequence[Bytes]
    lost: set[tuple[bytes, int]] = field(default_factory=set)

    @property
    def tree(self) -> PledgeTree:
        """What it pledges."""
        return PledgeTree.build(one.held for one in self.disk)

    @property
    def address(self) -> str:
        """Lower-cased, as the domain spells it."""
        return str(self.account).lower()

    def pledge(self, proofs: Any) -> Any:
        """Pledge all of the disk."""
        tree = self.tree
        return proofs.pledge(tree.root, tree.leaves, tree.depth, {"from": self.account})

    def leaf(self, position: int) -> bytes:
        """The bytes at a position; what was lost reads as zeros."""
        place = self.tree.at(position)
        if (place.replica.root, place.index) in self.lost:
            return bytes(1024)
        return self._bytes(place.replica).leaves[place.index]

    def answers(self, seed: bytes) -> list[bytes]:
        """Its answers to all challenges of a seed."""
        asked = positions(seed, self.address, self.tree.leaves)
        return [answer_of(seed, self.address, at, self.leaf(position)) for at, position in enumerate(asked)]

    def answer(self, proofs: Any) -> Any:
        """Answer the running round."""
        root = answers_tree(self.answers(seed_of(proofs))).root
        return proofs.answer(root, {"from": self.account})

    def shown(self, seed: bytes, challenge: int) -> ShownAnswer:
        """One answer spelled out."""
        position = positions(seed, self.address, self.tree.leaves)[challenge]
        place = self.tree.at(position)
        siblings, sums = self.tree.prove(place.place)
        return ShownAnswer(
            leaf=self.leaf(position),
            index=place.index,
            path=merkle.proof(self._bytes(place.replica).hashes, place.index),
            replica=place.replica.root,
            leaves=place.replica.leaves,
            place=place.place,
            siblings=siblings,
            sums=sums,
            beside=answers_tree(self.answers(seed)).prove(challenge),
        )

    def lose(self, part: int = 1) -> None:
        """Lose one in ``part`` of all leaves."""
        every = [(one.held.root, at) for one in self.disk for at in range(len(one.leaves))]
        self.lost = set(every[::part])

    def _bytes(self, replica: Held) -> Bytes:
        return next(one for one in self.disk if one.held == replica)


def as_call(shown: ShownAnswer) -> tuple[Any, ...]:
    """A shown answer as Brownie takes the struct."""
    proof = (list(shown.path), shown.replica, shown.leaves, shown.place, list(shown.siblings), list(shown.sums))
    return (shown.leaf, shown.index, *proof, list(shown.beside))


def storage_world(deployer: Any, people: Sequence[Any], params: Any = None, token: Any = None) -> System:
    """A system in which ``people`` have storing nodes with stake, and money in their accounts for demands."""
    system = deploy_system(deployer, token, params)
    for person in people:
        fund(system.token, person, 2 * STAKED, system.ledger)
        system.node_registry.register(KEY, STORE, STAKED, {"from": person})
        system.ledger.deposit(person, 100 * DOLLAR, {"from": person})
    return system


def next_round(proofs: Any) -> int:
    """Go to the beginning of the next round; returns its number."""
    start, length = proofs.terms()[:2]
    number = int(proofs.currentRound())
    web3.provider.make_request("evm_setNextBlockTimestamp", [int(start) + int(length) * number])
    chain.mine()
    return number + 1


def seed_round(proofs: Any, sender: Any, delay: int = 2) -> bytes:
    """Open and seed the running round; returns the seed."""
    proofs.openRound({"from": sender})
    chain.mine(delay)
    proofs.seedRound({"from": sender})
    return seed_of(proofs)


def seed_of(proofs: Any) -> bytes:
    """The running round's seed."""
    return bytes(proofs.roundOf(proofs.currentRound())["seed"])


def pass_answer_time(proofs: Any) -> None:
    """Let the time to answer go by."""
    after = int(proofs.roundOf(proofs.currentRound())["answerBy"])
    web3.provider.make_request("evm_setNextBlockTimestamp", [after])
    chain.mine()


def demanded(proofs: Any, store: Store, by: Any, challenge: int = 0) -> int:
    """Demand an answer of the running round; returns the round."""
    proofs.demand(store.account, challenge, {"from": by})
    return int(proofs.currentRound())
