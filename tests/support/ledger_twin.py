"""The Ledger's rules in plain Python, without a chain: the model that stateful tests compare the contract with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable


class LedgerTwin:
    """Accounts, locks and held tokens; every verb says whether the contract must accept it."""

    def __init__(self, arriving: Callable[[int], int]) -> None:
        self.arriving = arriving
        self.accounts: dict[Hashable, int] = defaultdict(int)
        self.locks: dict[Hashable, int] = defaultdict(int)
        self.held = 0

    def gifts(self) -> int:
        """Return what is held beyond everything owed."""
        return self.held - sum(self.accounts.values()) - sum(self.locks.values())

    def deposit(self, account: Hashable, amount: int) -> bool:
        """Credit what arrives."""
        received = self.arriving(amount)
        self.held += received
        self.accounts[account] += received
        return received > 0

    def collect(self, module: Hashable, amount: int) -> bool:
        """Lock what arrives."""
        received = self.arriving(amount)
        self.held += received
        self.locks[module] += received
        return received > 0

    def lock(self, module: Hashable, account: Hashable, amount: int) -> bool:
        """Make part of an account part of a lock."""
        return self._shift(self.accounts, account, self.locks, module, amount)

    def release(self, module: Hashable, account: Hashable, amount: int) -> bool:
        """Make part of a lock part of an account."""
        return self._shift(self.locks, module, self.accounts, account, amount)

    def move(self, giver: Hashable, taker: Hashable, amount: int) -> bool:
        """Make part of a lock part of another."""
        return self._shift(self.locks, giver, self.locks, taker, amount)

    def withdraw(self, account: Hashable, amount: int) -> bool:
        """Let part of an account go; a transfer fee is the recipient's."""
        if self.accounts[account] < amount:
            return False
        self.accounts[account] -= amount
        self.held -= amount
        return True

    @staticmethod
    def _shift(
        source: dict[Hashable, int], giver: Hashable, sink: dict[Hashable, int], taker: Hashable, amount: int
    ) -> bool:
        if source[giver] < amount:
            return False
        source[giver] -= amount
        sink[taker] += amount
        return True
