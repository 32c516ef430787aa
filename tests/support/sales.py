"""Fair sales worked out in Python: one-time keys, deal ids, wrapped root keys, and the calls of a sale in order."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, replace
from typing import Any

from assets import CAPTURE, TRAIN, Commitment, commitment, write_terms
from brownie import chain
from coincurve import PrivateKey, PublicKey
from eth_abi import encode
from eth_utils import keccak
from sealed_bytes import SealedBytes, as_call
from system import System, fund

from thenar.domain.openings import LeafOpening

NONE, OPEN, DELIVERED, SETTLED, REFUNDED = range(5)
NO_DELIVERY, WRONG_KEY, CONSENT_REVOKED, BAD_LEAF = 1, 2, 3, 4
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
FIELD = 2**256 - 2**32 - 977
ENOUGH = 2**96
ANY_SHARE = 1_000_000
NOWHERE = (bytes(32), 0, 0)  # the delivery of a sale that has none

PLAIN = (0, False, 0, bytes(32))  # no bond, not exclusive, the whole file, out of no batch

_DEAL = "(bytes32,address,address,uint256,uint256,uint40,uint40,uint32,uint32,uint96,bool,uint96,bool,uint64,bytes32)"


def _tag(text: str) -> bytes:
    return text.encode().ljust(32, b"\x00")


def seeded(label: str) -> int:
    """Return a secret scalar that the same label gives again."""
    return 1 + int.from_bytes(hashlib.sha512(label.encode()).digest(), "big") % (ORDER - 1)


def point(secret: int) -> tuple[int, int]:
    """Return secret·G."""
    return PrivateKey(secret.to_bytes(32, "big")).public_key.point()


def product(secret: int, at: tuple[int, int]) -> tuple[int, int]:
    """Return secret·(x, y)."""
    return PublicKey.from_point(*at).multiply(secret.to_bytes(32, "big")).point()


def key_commit(root_key: bytes) -> bytes:
    """Return what an asset commits to of its root key."""
    return keccak(_tag("thenar.key/1") + root_key)


@dataclass(frozen=True, slots=True)
class Deal:
    """What two parties agree on when a sale opens."""

    asset: bytes
    seller: str
    buyer: str
    key_x: int
    key_y: int
    opened_at: int
    duration: int
    consent_epoch: int
    terms: int
    price: int
    derived: bool
    bond: int = 0
    exclusive: bool = False
    range: int = 0
    batch: bytes = bytes(32)

    @property
    def call(self) -> tuple[Any, ...]:
        """The struct as a contract takes it."""
        return astuple(self)

    def id(self, exchange: Any) -> bytes:
        """The deal id on the running chain."""
        types = ("bytes32", "uint256", "address", _DEAL)
        return keccak(encode(types, (_tag("thenar.deal/1"), chain.id, str(exchange), self.call)))


@dataclass(frozen=True, slots=True)
class Delivery:
    """A wrapped root key and the one-time point it was wrapped with."""

    wrapped: bytes
    ephemeral_x: int
    ephemeral_y: int

    @property
    def call(self) -> tuple[Any, ...]:
        """The struct as a contract takes it."""
        return astuple(self)


def licensed_id(asset: bytes, part: int) -> bytes:
    """Return what offers and sales of a part of an asset are kept under; part 0 is the whole."""
    return keccak(encode(("bytes32", "bytes32", "uint64"), (_tag("thenar.range/1"), asset, part))) if part else asset


def kept(agreement: bytes) -> bytes:
    """Return the 208 bits of an agreement that the exchange keeps."""
    return agreement[:26] + bytes(6)


def agreement(deal_id: bytes, delivery: Delivery) -> bytes:
    """Return what the exchange keeps of a delivered sale."""
    return kept(keccak(encode(("bytes32", "(bytes32,uint256,uint256)"), (deal_id, delivery.call))))


def mask(deal_id: bytes, shared_x: int) -> bytes:
    """Return what a root key is wrapped with."""
    return keccak(encode(("bytes32", "bytes32", "uint256"), (_tag("thenar.wrap/1"), deal_id, shared_x)))


def xor(left: bytes, right: bytes) -> bytes:
    """Return two equally long strings, bit by bit."""
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def wrap(root_key: bytes, deal: Deal, deal_id: bytes, ephemeral: int) -> Delivery:
    """Wrap a root key for a deal's buyer with a one-time secret of the seller."""
    shared_x, _ = product(ephemeral, (deal.key_x, deal.key_y))
    return Delivery(xor(root_key, mask(deal_id, shared_x)), *point(ephemeral))


def unwrap(delivery: Delivery, deal_id: bytes, secret: int) -> bytes:
    """Unwrap a root key with the buyer's one-time secret."""
    shared_x, _ = product(secret, (delivery.ephemeral_x, delivery.ephemeral_y))
    return xor(delivery.wrapped, mask(deal_id, shared_x))


def sealed(author: Any, root_key: bytes, label: str = "capture", kind: int = CAPTURE) -> Commitment:
    """Return an asset that commits to a root key."""
    return replace(commitment(author, label, kind), key_commit=key_commit(root_key))


@dataclass(frozen=True, slots=True)
class Ware:
    """An asset on offer: everything a test of a sale starts from."""

    made: Commitment
    root_key: bytes
    terms: int
    price: int
    bond: int = 0
    part: int = 0

    @property
    def id(self) -> bytes:
        """The asset's id."""
        return self.made.id


def put_on_sale(
    system: System,
    seller: Any,
    price: int,
    label: str = "capture",
    kind: int = CAPTURE,
    duration: int = 0,
    bond_bps: int = 0,
    part: int = 0,
    file: SealedBytes | None = None,
    purposes: int = TRAIN,
    exclusive: bool = False,
) -> Ware:
    """Mint an asset with a root key of its own and offer licenses of it; the seller has what his bond needs.

    With a ``file`` it commits to that, otherwise to roots nobody can open.
    """
    root_key = file.root_key if file else hashlib.sha256(f"root key of {label}".encode()).digest()
    made = file.commitment(seller) if file else sealed(seller, root_key, label, kind)
    terms = write_terms(system.terms_book, seller, purposes=purposes, exclusive=exclusive)
    system.asset_registry.mint(made.call, terms, 0, "0x" + "00" * 20, b"", {"from": seller})
    system.license_desk.offer(made.id, terms, part, (price, duration, 2**40 - 1, bond_bps), {"from": seller})
    bond = price * bond_bps // 10_000
    if bond:
        fund(system.token, seller, bond, system.ledger)
        system.ledger.deposit(seller, bond, {"from": seller})
    return Ware(made, root_key, terms, price, bond, part)


def open_sale(system: System, ware: Ware, buyer: Any, secret: int) -> Deal:
    """Fund the buyer and open a sale with a one-time key."""
    if ware.price:
        fund(system.token, buyer, ware.price + ware.bond, system.ledger)
    return deal_of(system.key_exchange.open(order(ware, point(secret)), {"from": buyer}))


def order(ware: Ware, key: tuple[int, int], *, max_price: int = ENOUGH, min_duration: int = 0) -> tuple[Any, ...]:
    """Return what a buyer with a one-time key asks for, as the contract takes it."""
    return (ware.id, ware.terms, max_price, ANY_SHARE, min_duration, *key, ware.part)


def deal_of(tx: Any) -> Deal:
    """Return the deal a transaction opened."""
    asset, seller, buyer, *numbers, derived, bond, exclusive, part, batch = tx.events["SaleOpened"]["deal"]
    terms = map(int, numbers)
    more = (bool(derived), int(bond), bool(exclusive), int(part), bytes(batch))
    return Deal(bytes(asset), str(seller), str(buyer), *terms, *more)


def deliver(system: System, deal: Deal, root_key: bytes, seller: Any, ephemeral: int = 7) -> Delivery:
    """Deliver a root key, right or wrong."""
    delivery = wrap(root_key, deal, deal.id(system.key_exchange), ephemeral)
    system.key_exchange.deliver(deal.call, delivery.call, {"from": seller})
    return delivery


def settle(system: System, deal: Deal, delivery: Delivery, anyone: Any) -> Any:
    """Wait for the dispute window to pass and settle; returns the transaction."""
    chain.sleep(system.key_exchange.disputeWindow() + 60)
    return system.key_exchange.settle(deal.call, delivery.call, {"from": anyone})


def dispute(system: System, ware: Ware, deal: Deal, delivery: Delivery, secret: int, buyer: Any) -> Any:
    """Complain that a delivered key is wrong; returns the transaction."""
    shared = product(secret, (delivery.ephemeral_x, delivery.ephemeral_y))
    return system.key_exchange.disputeKey(deal.call, delivery.call, ware.made.call, secret, *shared, {"from": buyer})


def dispute_leaf(
    system: System, ware: Ware, deal: Deal, delivery: Delivery, secret: int, opening: LeafOpening, buyer: Any
) -> Any:
    """Complain that a delivered key opens a leaf to garbage; returns the transaction."""
    shared = product(secret, (delivery.ephemeral_x, delivery.ephemeral_y))
    proof = (deal.call, delivery.call, ware.made.call, secret, *shared, as_call(opening))
    return system.key_exchange.disputeChunk(*proof, {"from": buyer})
