"""Bounties and claims in Python: whose units are whose, what was paid, and what answers for what."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field


@dataclass
class Claimed:
    """A claim that runs."""

    worker: Hashable
    units: range
    audits_paid: int = 0


@dataclass
class WorkTwin:
    """One bounty; money in token units."""

    units: int
    price: int
    audit_price: int
    stake: int
    running: dict[int, Claimed] = field(default_factory=dict)
    open_again: list[range] = field(default_factory=list)
    fresh: int = 0
    done: set[int] = field(default_factory=set)
    audited: int = 0
    earned: dict[Hashable, int] = field(default_factory=dict)
    refunded: int | None = None

    def take(self, claim: int, worker: Hashable, count: int) -> range:
        """The units that a claim of ``count`` gets: given back ones first, the last of them first."""
        if self.open_again:
            whole = self.open_again.pop()
            units = whole[:count]
            if len(units) < len(whole):
                self.open_again.append(whole[count:])
        else:
            units = range(self.fresh, min(self.units, self.fresh + count))
            self.fresh = units.stop
        if units:
            self.running[claim] = Claimed(worker, units)
        return units

    @property
    def left(self) -> int:
        """Units that can be claimed."""
        return self.units - self.fresh + sum(map(len, self.open_again))

    def give_back(self, claim: int) -> None:
        """A claim ended without pay."""
        self.open_again.append(self.running.pop(claim).units)

    def pay_audit(self, auditor: Hashable, units: int) -> None:
        """An auditor is paid, as long as the reserve lasts."""
        paid = min(units, self.units - self.audited)
        self.audited += paid
        self.earned[auditor] = self.earned.get(auditor, 0) + paid * self.audit_price

    def pay(self, claim: int) -> None:
        """A claim ended well. Raises when one of its units was paid before."""
        ended = self.running.pop(claim)
        if self.done & set(ended.units):
            raise AssertionError(f"units {ended.units} would be paid twice")
        self.done |= set(ended.units)
        self.earned[ended.worker] = self.earned.get(ended.worker, 0) + len(ended.units) * self.price

    @property
    def budget(self) -> int:
        """What was locked at first."""
        return self.units * (self.price + self.audit_price)

    @property
    def locked(self) -> int:
        """What is locked now."""
        return self.budget - sum(self.earned.values()) - (self.refunded or 0)

    def close(self) -> None:
        """The rest goes back."""
        self.refunded = self.locked

    def bound(self, worker: Hashable) -> int:
        """What of a worker's stake answers for his claims."""
        return sum(len(one.units) * self.stake for one in self.running.values() if one.worker == worker)
