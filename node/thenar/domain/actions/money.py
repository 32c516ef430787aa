"""Calls about wallets and accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.ids import Address


@dataclass(frozen=True, slots=True)
class ApproveSpending:
    """Let the Ledger pull up to ``amount`` settlement tokens from this wallet."""

    amount: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Send settlement tokens from the Ledger account to a wallet."""

    to: Address
    amount: int


@dataclass(frozen=True, slots=True)
class Deposit:
    """Bring settlement tokens from this wallet into a Ledger account."""

    account: Address
    amount: int


@dataclass(frozen=True, slots=True)
class DepositWithPermit:
    """The same with an ERC-2612 permit of this wallet for the Ledger."""

    account: Address
    amount: int
    deadline: int
    v: int
    r: bytes
    s: bytes


MoneyAction: TypeAlias = ApproveSpending | Withdraw | Deposit | DepositWithPermit
