"""ReflexDesk in Python: services, channels, and where every unit of money went."""

from __future__ import annotations

from dataclasses import dataclass, field

WHOLE = 1_000_000


@dataclass
class Line:
    """An open channel."""

    client: object
    deposit: int
    until: int
    redeemed: int = 0


@dataclass
class ReflexTwin:
    """One node that serves one model; times in seconds, money in token units."""

    share: int
    stake: int
    longest: int
    exit_window: int
    evidence: int
    leaves_at: int = 0
    convicted: bool = False
    ended: bool = False
    lines: dict[int, Line] = field(default_factory=dict)
    opened: int = 0
    earned: int = 0
    to_model: int = 0
    returned: dict[object, int] = field(default_factory=dict)
    rewards: int = 0

    @property
    def serves(self) -> bool:
        """Whether newcomers are taken."""
        return not (self.leaves_at or self.convicted or self.ended)

    @property
    def locked(self) -> int:
        """What the desk holds."""
        return sum(line.deposit - line.redeemed for line in self.lines.values())

    @property
    def bound(self) -> int:
        """Stake that answers for the service."""
        return 0 if self.convicted or self.ended else self.stake

    def open(self, who: object, deposit: int, until: int, now: int) -> bool:
        """Whether the desk lets him."""
        if not self.serves or deposit == 0 or not now < until <= now + self.longest:
            return False
        self.opened += 1
        self.lines[self.opened] = Line(who, deposit, until)
        return True

    def top_up(self, number: int, amount: int, now: int) -> bool:
        """Whether the desk lets somebody."""
        line = self.lines.get(number)
        if line is None or line.until <= now or amount == 0:
            return False
        line.deposit += amount
        return True

    def redeem(self, number: int, amount: int, *, genuine: bool) -> bool:
        """Whether the desk pays."""
        line = self.lines.get(number)
        if line is None or not genuine or not line.redeemed < amount <= line.deposit:
            return False
        model = amount * self.share // WHOLE - line.redeemed * self.share // WHOLE
        self.to_model += model
        self.earned += amount - line.redeemed - model
        line.redeemed = amount
        return True

    def close(self, number: int, who: object, now: int) -> bool:
        """Whether the desk lets the caller."""
        line = self.lines.get(number)
        if line is None or line.client != who or now + self.exit_window >= line.until:
            return False
        line.until = now + self.exit_window
        return True

    def settle(self, number: int, now: int, *, by_node: bool) -> bool:
        """Whether the desk lets the caller."""
        line = self.lines.get(number)
        if line is None or not (by_node or now >= line.until):
            return False
        self.returned[line.client] = self.returned.get(line.client, 0) + line.deposit - line.redeemed
        del self.lines[number]
        return True

    def retire(self, now: int) -> bool:
        """Whether the desk lets the node."""
        if not self.serves:
            return False
        self.leaves_at = now + self.longest + self.evidence
        return True

    def end(self, now: int) -> bool:
        """Whether the stake is free."""
        if self.convicted or self.ended or not self.leaves_at or now < self.leaves_at:
            return False
        self.ended = True
        return True

    def convict(self) -> bool:
        """Whether there was stake to lose."""
        if not self.bound:
            return False
        self.convicted, self.rewards = True, self.stake // 2
        return True
