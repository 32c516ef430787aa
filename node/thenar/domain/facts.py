"""What happened on chain: one value per contract event, same names, snake-cased fields.

Amounts are settlement-token units, times unix seconds, hashes and roots 32 bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.assets import Commitment, Terms
from thenar.domain.ids import Address, AssetId, TermsId, TxHash
from thenar.domain.licenses import Deal, Delivery, Grant, Offer
from thenar.domain.revenue import Parent


@dataclass(frozen=True, slots=True, order=True)
class At:
    """Where on the chain a fact stands; orders facts."""

    block: int
    log_index: int
    block_hash: str
    tx_hash: TxHash


# OWNERSHIP


@dataclass(frozen=True, slots=True)
class AssetMinted:
    """An asset now exists and belongs to its author."""

    at: At
    id: AssetId
    author: Address
    device: Address
    serial: int
    terms: TermsId
    royalty_bps: int
    commitment: Commitment


@dataclass(frozen=True, slots=True)
class Transfer:
    """An asset changed hands; ``from_`` is zero at minting (ERC-721)."""

    at: At
    from_: Address
    to: Address
    token_id: AssetId


@dataclass(frozen=True, slots=True)
class TermsChanged:
    """Future licenses of an asset get these terms."""

    at: At
    id: AssetId
    terms: TermsId


@dataclass(frozen=True, slots=True)
class ConsentRaised:
    """Every license granted before this epoch has ended."""

    at: At
    id: AssetId
    consent_epoch: int


@dataclass(frozen=True, slots=True)
class TermsWritten:
    """New terms were written."""

    at: At
    id: TermsId
    content_hash: bytes
    terms: Terms


# LICENSES


@dataclass(frozen=True, slots=True)
class Offered:
    """An owner offers licenses under these terms."""

    at: At
    asset: AssetId
    seller: Address
    terms: TermsId
    offer: Offer


@dataclass(frozen=True, slots=True)
class OfferClosed:
    """The owner took the offer back."""

    at: At
    asset: AssetId
    seller: Address
    terms: TermsId


@dataclass(frozen=True, slots=True)
class LicenseGranted:
    """Someone holds a license that came without a key."""

    at: At
    asset: AssetId
    licensee: Address
    grant: Grant
    price: int


@dataclass(frozen=True, slots=True)
class SaleOpened:
    """A buyer's money is held for this sale; the seller must deliver before ``deadline``."""

    at: At
    deal_id: bytes
    asset: AssetId
    buyer: Address
    deal: Deal
    deadline: int


@dataclass(frozen=True, slots=True)
class KeyDelivered:
    """The seller delivered a wrapped key; disputes are possible until ``deadline``."""

    at: At
    deal_id: bytes
    asset: AssetId
    buyer: Address
    delivery: Delivery
    deadline: int


@dataclass(frozen=True, slots=True)
class SaleSettled:
    """The seller is paid and the buyer holds a license until ``until``."""

    at: At
    deal_id: bytes
    asset: AssetId
    buyer: Address
    price: int
    until: int


@dataclass(frozen=True, slots=True)
class SaleRefunded:
    """The buyer has the money back. Reason: 1 no delivery, 2 wrong key, 3 consent revoked."""

    at: At
    deal_id: bytes
    asset: AssetId
    buyer: Address
    price: int
    reason: int


# REVENUE


@dataclass(frozen=True, slots=True)
class Paid:
    """Somebody paid an asset; its income is the sum of these, of what rolled up to it and of leaves paying its node."""

    at: At
    asset: AssetId
    payer: Address
    amount: int
    ref: bytes


@dataclass(frozen=True, slots=True)
class Linked:
    """Parents own shares of what the child receives from ``at_income`` on."""

    at: At
    child: AssetId
    parents: tuple[Parent, ...]
    at_income: int


@dataclass(frozen=True, slots=True)
class Rolled:
    """A parent's share moved up to its own node."""

    at: At
    child: AssetId
    parent: AssetId
    amount: int


@dataclass(frozen=True, slots=True)
class PayoutPublished:
    """The asset's own part is shared by these weights from ``start`` on."""

    at: At
    asset: AssetId
    payout: int
    root: bytes
    total_weight: int
    depth: int
    start: int
    license_set_root: bytes
    manifest: bytes


@dataclass(frozen=True, slots=True)
class Claimed:
    """A leaf was paid; ``to`` is zero when it went to another asset's node."""

    at: At
    asset: AssetId
    payout: int
    index: int
    to: Address
    beneficiary: bytes
    amount: int


@dataclass(frozen=True, slots=True)
class OwnTaken:
    """The owner took the part of an asset that no payout covers."""

    at: At
    asset: AssetId
    owner: Address
    amount: int


# MONEY


@dataclass(frozen=True, slots=True)
class Deposited:
    """Tokens came in from a wallet to an account."""

    at: At
    account: Address
    payer: Address
    amount: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Tokens left an account to a wallet."""

    at: At
    account: Address
    to: Address
    amount: int


@dataclass(frozen=True, slots=True)
class Collected:
    """Tokens came in from a wallet, which the token's own event names, straight into a module's lock."""

    at: At
    module: Address
    amount: int


@dataclass(frozen=True, slots=True)
class Locked:
    """An account's balance became part of a module's lock."""

    at: At
    module: Address
    account: Address
    amount: int


@dataclass(frozen=True, slots=True)
class Released:
    """Part of a module's lock became an account's balance."""

    at: At
    module: Address
    account: Address
    amount: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Part of a module's lock became another module's."""

    at: At
    from_: Address
    to: Address
    amount: int


# NODES


@dataclass(frozen=True, slots=True)
class NodeRegistered:
    """A node joined, or changed its key or roles."""

    at: At
    operator: Address
    peer_key: bytes
    roles: int
    stake: int


@dataclass(frozen=True, slots=True)
class StakeAdded:
    """Stake was added."""

    at: At
    operator: Address
    amount: int
    stake: int


@dataclass(frozen=True, slots=True)
class Unbonding:
    """Stake began to leave."""

    at: At
    operator: Address
    amount: int
    unbonded_at: int


@dataclass(frozen=True, slots=True)
class StakeWithdrawn:
    """Stake left to the operator's account."""

    at: At
    operator: Address
    amount: int


@dataclass(frozen=True, slots=True)
class NodeLeft:
    """A node left altogether."""

    at: At
    operator: Address


@dataclass(frozen=True, slots=True)
class MinimumStakeChanged:
    """Governance changed the smallest stake of newcomers."""

    at: At
    minimum_stake: int


Fact: TypeAlias = (
    AssetMinted
    | Transfer
    | TermsChanged
    | ConsentRaised
    | TermsWritten
    | Offered
    | OfferClosed
    | LicenseGranted
    | SaleOpened
    | KeyDelivered
    | SaleSettled
    | SaleRefunded
    | Paid
    | Linked
    | Rolled
    | PayoutPublished
    | Claimed
    | OwnTaken
    | Deposited
    | Withdrawn
    | Collected
    | Locked
    | Released
    | Moved
    | NodeRegistered
    | StakeAdded
    | Unbonding
    | StakeWithdrawn
    | NodeLeft
    | MinimumStakeChanged
)
