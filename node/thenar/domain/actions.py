"""What a node can ask the chain to do: one value per contract call, free of ABI and vendor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.assets import Commitment, Terms
from thenar.domain.ids import Address, AssetId, TermsId
from thenar.domain.licenses import Deal, Delivery
from thenar.domain.revenue import ClaimLeaf, Parent


@dataclass(frozen=True, slots=True)
class ApproveSpending:
    """Let the Ledger pull up to ``amount`` settlement tokens from this wallet."""

    amount: int


@dataclass(frozen=True, slots=True)
class WriteTerms:
    """Write terms into the TermsBook, or find them."""

    terms: Terms


@dataclass(frozen=True, slots=True)
class MintAsset:
    """Mint an asset to its author, this account."""

    commitment: Commitment
    terms: TermsId
    royalty_bps: int


@dataclass(frozen=True, slots=True)
class SetTerms:
    """Change the terms of future licenses."""

    asset: AssetId
    terms: TermsId


@dataclass(frozen=True, slots=True)
class RevokeAll:
    """End every license granted so far."""

    asset: AssetId


@dataclass(frozen=True, slots=True)
class MakeOffer:
    """Offer licenses: price in token units, duration in seconds, expiry in unix seconds."""

    asset: AssetId
    terms: TermsId
    price: int
    duration: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class CloseOffer:
    """Take an offer back."""

    asset: AssetId
    terms: TermsId


@dataclass(frozen=True, slots=True)
class GrantLicense:
    """Give a license away."""

    asset: AssetId
    licensee: Address
    terms: TermsId
    until: int


@dataclass(frozen=True, slots=True)
class BuyLicense:
    """Buy a license without key delivery."""

    asset: AssetId
    terms: TermsId
    max_price: int
    max_share: int
    min_duration: int  # seconds; 2**40 - 1 when only a license without end will do, 0 for any


@dataclass(frozen=True, slots=True)
class OpenSale:
    """Pay for a license and ask for the key, naming a one-time key."""

    asset: AssetId
    terms: TermsId
    max_price: int
    max_share: int
    min_duration: int  # seconds; 2**40 - 1 when only a license without end will do, 0 for any
    key_x: int
    key_y: int


@dataclass(frozen=True, slots=True)
class DeliverKey:
    """Deliver the wrapped root key."""

    deal: Deal
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class SettleSale:
    """Pay the seller and start the license."""

    deal: Deal
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class TimeoutRefund:
    """End a sale whose key never came."""

    deal: Deal


@dataclass(frozen=True, slots=True)
class ConsentRefund:
    """End a sale whose owner revoked consent."""

    deal: Deal
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class DisputeKey:
    """Prove that the delivered key is wrong. ``secret`` is the one-time secret, ``shared`` the ECDH point."""

    deal: Deal
    delivery: Delivery
    commitment: Commitment
    secret: int
    shared_x: int
    shared_y: int


@dataclass(frozen=True, slots=True)
class PayAsset:
    """Pay an asset; everybody upstream shares."""

    asset: AssetId
    amount: int
    ref: bytes


@dataclass(frozen=True, slots=True)
class LinkParents:
    """Give parents shares of the child's future income."""

    child: AssetId
    parents: tuple[Parent, ...]


@dataclass(frozen=True, slots=True)
class RollShare:
    """Move a parent's due from the child to the parent's node."""

    child: AssetId
    parent: AssetId


@dataclass(frozen=True, slots=True)
class PublishPayout:
    """Publish who shares the asset's own part from now on. Roots and digests are 32 bytes."""

    asset: AssetId
    root: bytes
    total_weight: int
    depth: int
    license_set_root: bytes
    manifest: bytes


@dataclass(frozen=True, slots=True)
class ClaimLeaves:
    """Pay leaves of one payout; indices strictly increasing."""

    asset: AssetId
    payout: int
    leaves: tuple[ClaimLeaf, ...]


@dataclass(frozen=True, slots=True)
class TakeOwn:
    """Pay the owner the part of an asset that no payout covers."""

    asset: AssetId


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Send settlement tokens from the Ledger account to a wallet."""

    to: Address
    amount: int


@dataclass(frozen=True, slots=True)
class RegisterNode:
    """Register this node: raw 32-byte Ed25519 key, role bits, stake in token units."""

    peer_key: bytes
    roles: int
    stake: int


Action: TypeAlias = (
    ApproveSpending
    | WriteTerms
    | MintAsset
    | SetTerms
    | RevokeAll
    | MakeOffer
    | CloseOffer
    | GrantLicense
    | BuyLicense
    | OpenSale
    | DeliverKey
    | SettleSale
    | TimeoutRefund
    | ConsentRefund
    | DisputeKey
    | PayAsset
    | LinkParents
    | RollShare
    | PublishPayout
    | ClaimLeaves
    | TakeOwn
    | Withdraw
    | RegisterNode
)
