"""Facts about accounts and locks in the Ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address


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


MoneyFact: TypeAlias = Deposited | Withdrawn | Collected | Locked | Released | Moved
