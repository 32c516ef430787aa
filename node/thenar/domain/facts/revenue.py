"""Facts about income and who shares it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId
from thenar.domain.revenue import Parent
from thenar.domain.statements import Filing, Statement


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
    statement: Statement
    manifest: bytes

    @property
    def filing(self) -> Filing:
        """The payout as the OmissionCourt takes it."""
        return Filing(self.asset, self.payout, self.root, self.statement)


@dataclass(frozen=True, slots=True)
class FreezeChanged:
    """A payout was frozen for an omission, or thawed again."""

    at: At
    asset: AssetId
    payout: int
    frozen: bool


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


RevenueFact: TypeAlias = Paid | Linked | Rolled | PayoutPublished | FreezeChanged | Claimed | OwnTaken
