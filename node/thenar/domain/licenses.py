"""Offers, deals and licenses: the twin of contracts/types/Licenses.sol."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from thenar.domain.assets import Terms
from thenar.domain.ids import Address, AssetId, TermsId
from thenar.domain.keccak import keccak256

NO_ASSET = AssetId("0x" + "0" * 64)
FOREVER = (1 << 40) - 1
"""A license that does not end: the largest uint40."""


class Stage(IntEnum):
    """Where a sale stands. None → Open → Delivered → Settled; Open|Delivered → Refunded."""

    NONE = 0
    OPEN = 1
    DELIVERED = 2
    SETTLED = 3
    REFUNDED = 4


@dataclass(frozen=True, slots=True)
class Offer:
    """A standing offer of an owner: price in token units, duration in seconds (0: without end)."""

    price: int
    duration: int
    expires_at: int
    bond_bps: int = 0  # what buyer and seller each lay down beside the price of a fair sale, basis points of it


@dataclass(frozen=True, slots=True)
class Order:
    """What a buyer asks for and the most he accepts; ``key`` is his one-time point, ``range`` 0 the whole file."""

    asset: AssetId
    terms: TermsId
    max_price: int
    max_share: int
    min_duration: int  # seconds; 2**40 - 1 when only a license without end will do, 0 for any
    key_x: int
    key_y: int
    range: int = 0


@dataclass(frozen=True, slots=True)
class Grant:
    """A license that came without a key; ``since`` is when it was given or bought (unix seconds)."""

    until: int
    consent_epoch: int
    terms: TermsId
    since: int
    price: int = 0  # what was paid for it; without end, for the time without end alone; 0 for a gift

    def end(self, terms: Terms) -> int:
        """When it ends by time: never later than its terms allow."""
        within = not terms.max_duration or self.until - self.since <= terms.max_duration
        return self.until if within else self.since + terms.max_duration


@dataclass(frozen=True, slots=True)
class Sale:
    """A fair sale as the chain stores it: stage and deadline while it runs; once it has ended, ``deadline`` is when
    it did, and ``term`` when a settled license ends."""

    stage: Stage
    deadline: int
    term: int
    consent_epoch: int
    terms: TermsId
    price: int
    derived: bool


@dataclass(frozen=True, slots=True)
class Deal:
    """Everything a deal id commits to beside chain and contract."""

    asset: AssetId
    seller: Address
    buyer: Address
    key_x: int
    key_y: int
    opened_at: int
    duration: int  # seconds the license lasts; 0 means without end
    consent_epoch: int
    terms: TermsId
    price: int
    derived: bool  # income goes through the RevenueGraph instead of to the seller
    bond: int = 0  # held from each of the two beside the price
    exclusive: bool = False  # nobody else is licensed while this license runs
    range: int = 0  # node of the key tree in heap order; 0 means the whole file
    batch: AssetId = NO_ASSET  # the batch a member was sold out of before it was materialised

    def id_on(self, chain_id: int, contract: Address) -> bytes:
        """The 32-byte deal id: keccak256(abi.encode("thenar.deal/1", chain id, KeyExchange, deal))."""
        words = (
            b"thenar.deal/1".ljust(32, b"\0"),
            chain_id.to_bytes(32, "big"),
            bytes.fromhex(contract[2:]).rjust(32, b"\0"),
            bytes.fromhex(self.asset[2:]),
            bytes.fromhex(self.seller[2:]).rjust(32, b"\0"),
            bytes.fromhex(self.buyer[2:]).rjust(32, b"\0"),
            self.key_x.to_bytes(32, "big"),
            self.key_y.to_bytes(32, "big"),
            self.opened_at.to_bytes(32, "big"),
            self.duration.to_bytes(32, "big"),
            self.consent_epoch.to_bytes(32, "big"),
            self.terms.to_bytes(32, "big"),
            self.price.to_bytes(32, "big"),
            self.derived.to_bytes(32, "big"),
            self.bond.to_bytes(32, "big"),
            self.exclusive.to_bytes(32, "big"),
            self.range.to_bytes(32, "big"),
            bytes.fromhex(self.batch[2:]),
        )
        return keccak256(b"".join(words))

    @property
    def buyer_point(self) -> bytes:
        """The buyer's one-time public key, 64 bytes x‖y."""
        return self.key_x.to_bytes(32, "big") + self.key_y.to_bytes(32, "big")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A wrapped root key and the ephemeral point it was wrapped with."""

    wrapped: bytes
    ephemeral_x: int
    ephemeral_y: int

    @property
    def ephemeral_point(self) -> bytes:
        """The ephemeral public key, 64 bytes x‖y."""
        return self.ephemeral_x.to_bytes(32, "big") + self.ephemeral_y.to_bytes(32, "big")
