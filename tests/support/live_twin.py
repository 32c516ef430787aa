"""LiveDesk in Python: who subscribed since when, and what everybody is owed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Running:
    """A running subscription."""

    since: int
    deposit: int
    paid: int = 0


@dataclass
class LiveTwin:
    """One stream of one seller; times in seconds."""

    rate: int
    epoch: int
    opened: int
    ended: int | None = None
    running: dict[object, Running] = field(default_factory=dict)
    earned: int = 0
    returned: dict[object, int] = field(default_factory=dict)

    def subscribe(self, who: object, deposit: int, now: int) -> bool:
        """Whether the desk lets him."""
        if self.ended is not None or who in self.running or deposit < self.rate * self.epoch:
            return False
        epochs, rest = divmod(now - self.opened, self.epoch)
        self.running[who] = Running(self.opened + (epochs + bool(rest)) * self.epoch, deposit)
        return True

    def top_up(self, who: object, amount: int, now: int) -> bool:
        """Whether the desk lets him."""
        if who not in self.running or self._through(self.running[who]) <= now:
            return False
        self.running[who].deposit += amount
        return True

    def collect(self, who: object, now: int) -> bool:
        """Whether anything was due."""
        held = self.running.get(who)
        if held is None or self.debt(who, now) == held.paid:
            return False
        self.earned += self.debt(who, now) - held.paid
        held.paid = self.debt(who, now)
        return True

    def stop(self, who: object, now: int, *, is_party: bool) -> bool:
        """Whether the desk lets the caller."""
        held = self.running.get(who)
        if held is None or not (is_party or self._through(held) <= now):
            return False
        debt = self.debt(who, now)
        self.earned += debt - held.paid
        self.returned[who] = self.returned.get(who, 0) + held.deposit - debt
        del self.running[who]
        return True

    def end(self, now: int) -> bool:
        """Close the stream, or take consent back: debt stops."""
        first = self.ended is None
        self.ended = now if first else self.ended
        return first

    def debt(self, who: object, now: int) -> int:
        """What a running subscription owes."""
        held = self.running[who]
        end = now if self.ended is None else min(now, self.ended)
        return min(held.deposit, max(0, end - held.since) * self.rate)

    @property
    def locked(self) -> int:
        """What the desk holds."""
        return sum(held.deposit - held.paid for held in self.running.values())

    def _through(self, held: Running) -> int:
        lasts = held.since + held.deposit // self.rate
        return lasts if self.ended is None else min(lasts, self.ended)
