"""What an epoch shares out, and the root of who is due what. Twin of contracts/libraries/EpochPools.sol.

Amounts are ThenarToken units. Whole numbers only and the same roundings, so that node and chain agree to the unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256, tag32

BP: Final = 10_000
BURN_BP: Final = 500
"""Part of a usage fee that is burnt."""
RETURN_BP: Final = 8_000
"""Part of what was burnt that comes back in the next pool; below one, or wash usage would pay."""
LEAF_TAG, _ROOT_TAG = tag32("thenar.reward/1"), tag32("thenar.epoch/1")


@dataclass(frozen=True, slots=True)
class EpochParams:
    """What the contract was built with: seconds, bond in settlement-token units, pools in ThenarToken units."""

    length: int
    window: int
    bond: int
    emission: int
    halving: int
    base: int
    rules: bytes

    def pool(self, epoch: int, burnt: int) -> int:
        """The pool of an epoch, from 1, after one in which so much was burnt."""
        return min(self.emission >> (epoch - 1) // self.halving, burnt * RETURN_BP // BP + self.base)


@dataclass(frozen=True, slots=True)
class EpochRoot:
    """The root of a tree over what every account was due from the beginning to the end of an epoch.

    ``tree`` is the SHA-256 digest of the published tree, which is also its CID.
    """

    epoch: int
    depth: int
    total: int
    root: bytes
    tree: bytes

    def verdict(self, place: Rewards) -> bytes:
        """What a juror votes for who computes this root: everything of it but where its tree lies."""
        return keccak256(_ROOT_TAG + place.words + _words(self.epoch) + self.root + _words(self.total, self.depth))


@dataclass(frozen=True, slots=True)
class RootProposal:
    """A root somebody answers for, and until when (unix seconds) it can be challenged."""

    root: EpochRoot
    proposer: Address
    until: int


@dataclass(frozen=True, slots=True)
class Rewards:
    """Where rewards are claimed: a chain and the contract on it."""

    chain_id: int
    contract: Address

    @property
    def words(self) -> bytes:
        """Both as words of a preimage."""
        return _words(self.chain_id, int(self.contract, 16))

    def leaf(self, index: int, account: Address, amount: int) -> bytes:
        """The hash of what an account is due since the beginning, at its place in the tree."""
        return keccak256(LEAF_TAG + self.words + _words(index, int(account, 16), amount))


def burn_of(amount: int) -> int:
    """What a usage fee burns, rounded up."""
    return -(-amount * BURN_BP // BP)


def _words(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(32, "big") for number in numbers)
