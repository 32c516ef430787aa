"""RunDesk in Python: who may order what today, and where every unit of money went. Budgets by the node's own rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from thenar.domain.runs.programs import RunLimits, RunStage, fits


@dataclass
class Ordered:
    """A run that has not ended."""

    buyer: Any
    price: int
    epoch: int
    deadline: int
    stage: RunStage = RunStage.ORDERED


@dataclass
class RunTwin:
    """One asset and one program. Times in unix seconds, money in token units."""

    run_window: int
    reject_window: int
    limits: RunLimits | None = None
    approved_in: int = -1
    epoch: int = 0
    licensed: dict[Any, int] = field(default_factory=dict)
    """Who holds a license, of which epoch."""
    orders: list[tuple[Any, int]] = field(default_factory=list)
    runs: dict[int, Ordered] = field(default_factory=dict)
    returned: dict[Any, int] = field(default_factory=dict)
    to_asset: int = 0
    burnt: int = 0

    @property
    def locked(self) -> int:
        """What the desk holds."""
        return sum(run.price for run in self.runs.values())

    @property
    def count(self) -> int:
        """Runs ever ordered."""
        return len(self.orders)

    @property
    def stands(self) -> bool:
        """Whether runs can be ordered."""
        return self.limits is not None and self.approved_in == self.epoch

    def approve(self, limits: RunLimits) -> bool:
        """The owner approves."""
        self.limits, self.approved_in = limits, self.epoch
        return True

    def disapprove(self) -> bool:
        """Whether there was an approval, of whatever epoch."""
        known, self.limits = self.limits is not None, None
        return known

    def withdraw(self) -> bool:
        """Consent is withdrawn."""
        self.epoch += 1
        return True

    def order(self, who: Any, part: int, now: int) -> bool:
        """Whether the desk lets him."""
        if not self.stands or part >= self.limits.parts or not self._may(who):
            return False
        if fits(self.limits, self.orders, who, now) is not None:
            return False
        self.orders.append((who, now))
        self.runs[len(self.orders)] = Ordered(who, self.limits.price, self.epoch, now + self.run_window)
        return True

    def deliver(self, number: int, now: int, *, by_owner: bool) -> bool:
        """Whether the desk takes it."""
        run = self.runs.get(number)
        if run is None or run.stage is not RunStage.ORDERED or not by_owner:
            return False
        if now > run.deadline or not self._holds(run):
            return False
        run.stage, run.deadline = RunStage.DELIVERED, now + self.reject_window
        return True

    def settle(self, number: int, who: Any, now: int) -> bool:
        """Whether the asset is paid."""
        run = self.runs.get(number)
        if run is None or run.stage is not RunStage.DELIVERED or not (who == run.buyer or now > run.deadline):
            return False
        self.to_asset += run.price
        del self.runs[number]
        return True

    def reject(self, number: int, who: Any, now: int) -> bool:
        """Whether the price is burnt."""
        run = self.runs.get(number)
        if run is None or run.stage is not RunStage.DELIVERED or who != run.buyer or now > run.deadline:
            return False
        self.burnt += run.price
        del self.runs[number]
        return True

    def refund(self, number: int, now: int, *, by_owner: bool) -> bool:
        """Whether the price comes back."""
        run = self.runs.get(number)
        if run is None or run.stage is not RunStage.ORDERED:
            return False
        if not (now > run.deadline or not self._holds(run) or by_owner):
            return False
        self.returned[run.buyer] = self.returned.get(run.buyer, 0) + run.price
        del self.runs[number]
        return True

    def _may(self, who: Any) -> bool:
        return self.licensed.get(who) == self.epoch

    def _holds(self, run: Ordered) -> bool:
        return self.stands and run.epoch == self.epoch and self._may(run.buyer)
