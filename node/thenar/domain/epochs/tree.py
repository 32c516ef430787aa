"""The Merkle-sum tree of rewards: one leaf for each account, in the order of addresses, of all it was due so far.

The inner nodes are those of ``sumtree``. Every peer that folded the same facts builds the same bytes.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from thenar.domain import sumtree
from thenar.domain.epochs.pools import EpochRoot, Rewards
from thenar.domain.ids import Address
from thenar.errors import BadInput, NotFound

MAGIC: Final = b"thenar.reward/1\x00"
_HEAD: Final = struct.Struct(">16sQ20sII")  # magic, chain id, contract, epoch, number of accounts
_ROW: Final = struct.Struct(">20s12s")  # account, amount
NOBODY: Final = ((Address("0x" + "00" * 20), 0),)
MAX_BYTES: Final = _HEAD.size + _ROW.size * 2**sumtree.MAX_DEPTH


@dataclass(frozen=True, slots=True)
class RewardLeaf:
    """A leaf with its proof, as ``claim`` takes it."""

    account: Address
    index: int
    amount: int
    siblings: tuple[bytes, ...]
    sums: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RewardTree:
    """A built tree: levels of hash ‖ sum from the leaves up; the last level is the root alone."""

    place: Rewards
    epoch: int
    due: tuple[tuple[Address, int], ...]
    levels: tuple[bytes, ...]

    @classmethod
    def build(cls, place: Rewards, epoch: int, due: Mapping[Address, int]) -> Self:
        """The tree over what accounts are due; those that are due nothing have no leaf.

        Where nobody is due anything, one leaf says so, to be held against a root that is wrong. Raises BadInput.
        """
        rows = tuple(sorted((account, amount) for account, amount in due.items() if amount)) or NOBODY
        if not 1 <= len(rows) <= 2**sumtree.MAX_DEPTH:
            raise BadInput(f"a tree of rewards has 1 to {2**sumtree.MAX_DEPTH} accounts, not {len(rows)}")
        if sum(amount for _, amount in rows) > sumtree.MAX_WEIGHT:
            raise BadInput("rewards add up to more than 2^96 - 1")
        leaves = b"".join(
            place.leaf(index, account, amount) + amount.to_bytes(32, "big")
            for index, (account, amount) in enumerate(rows)
        )
        return cls(place, epoch, rows, sumtree.levels_over(leaves, [amount for _, amount in rows]))

    @property
    def encoded(self) -> bytes:
        """The bytes to publish: head 52, account 32 bytes."""
        head = _HEAD.pack(MAGIC, self.place.chain_id, bytes.fromhex(self.place.contract[2:]), self.epoch, len(self.due))
        return head + b"".join(_ROW.pack(bytes.fromhex(who[2:]), due.to_bytes(12, "big")) for who, due in self.due)

    @property
    def root(self) -> EpochRoot:
        """What is proposed."""
        top = self.levels[-1]
        total, digest = int.from_bytes(top[32:], "big"), hashlib.sha256(self.encoded).digest()
        return EpochRoot(self.epoch, len(self.levels) - 1, total, top[:32], digest)

    def prove(self, account: Address) -> RewardLeaf:
        """An account's leaf with its proof. Raises NotFound when it is due nothing."""
        for index, (who, amount) in enumerate(self.due):
            if who == account:
                return RewardLeaf(account, index, amount, *sumtree.beside(self.levels, index))
        raise NotFound(f"{account} was due nothing up to epoch {self.epoch}")


def decode(data: bytes) -> RewardTree:
    """Read a published tree. Raises BadInput for anything that none encodes to."""
    if not _HEAD.size < len(data) <= MAX_BYTES:
        raise BadInput(f"a published tree has {_HEAD.size} to {MAX_BYTES} bytes, not {len(data)}")
    magic, chain_id, contract, epoch, count = _HEAD.unpack_from(data)
    if magic != MAGIC or len(data) != _HEAD.size + count * _ROW.size:
        raise BadInput("this is no tree of rewards of version 1, or it was cut short")
    rows = _ROW.iter_unpack(memoryview(data)[_HEAD.size :])
    due = {Address("0x" + who.hex()): int.from_bytes(amount, "big") for who, amount in rows}
    tree = RewardTree.build(Rewards(chain_id, Address("0x" + contract.hex())), epoch, due)
    if tree.encoded != data:
        raise BadInput("accounts stand twice, out of order or with nothing in this tree")
    return tree
