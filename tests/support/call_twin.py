"""CallDisputes in Python, and the stake it takes: accusations by the number they are about, and where money went."""

from __future__ import annotations

from dataclasses import dataclass, field

from thenar.domain.work.disputes import Ruling


@dataclass
class Held:
    """An accusation that is not over."""

    accuser: object
    defend_by: int
    dispute: int = 0


@dataclass
class CallTwin:
    """One node that serves one model, accused by people who have channels to it."""

    stake: int
    bond: int
    defence: int
    longest: int
    evidence: int
    leaves_at: int = 0
    is_convicted: bool = False
    has_ended: bool = False
    held: dict[int, Held] = field(default_factory=dict)
    accounts: dict[object, int] = field(default_factory=dict)
    to_node: int = 0
    burnt: int = 0
    disputes: int = 0

    @property
    def bound(self) -> int:
        """Stake that answers for the service."""
        return 0 if self.is_convicted or self.has_ended else self.stake

    @property
    def locked(self) -> int:
        """What the contract holds: the bonds of accusations that are not over."""
        return self.bond * len(self.held)

    def accuse(self, who: object, place: int, now: int) -> bool:
        """Whether somebody may accuse the node of a number."""
        if place in self.held or not self.bound or self.accounts[who] < self.bond:
            return False
        self.held[place] = Held(who, now + self.defence)
        self.accounts[who] -= self.bond
        if self.leaves_at:
            self.leaves_at = max(self.leaves_at, now + self.evidence)
        return True

    def defend(self, place: int, now: int) -> bool:
        """Whether a jury is called."""
        found = self.held.get(place)
        if found is None or found.dispute or now >= found.defend_by:
            return False
        self.disputes += 1
        found.dispute = self.disputes
        return True

    def condemn(self, place: int, now: int) -> bool:
        """Whether the node is convicted without a jury."""
        found = self.held.get(place)
        if found is None or found.dispute or now < found.defend_by:
            return False
        self._convict(self.held.pop(place).accuser)
        return True

    def resolve(self, place: int, ruling: Ruling) -> bool:
        """Whether there is a case about it; without a jury, nobody is paid for one."""
        found = self.held.get(place)
        if found is None or not found.dispute:
            return False
        del self.held[place]
        if ruling is Ruling.OTHER:
            self._convict(found.accuser)
        elif ruling is Ruling.CLAIM:
            self.to_node += self.bond // 2
            self.burnt += self.bond - self.bond // 2
        else:
            self.accounts[found.accuser] += self.bond
        return True

    def retire(self, now: int) -> bool:
        """Whether the node may retire."""
        if self.leaves_at or not self.bound:
            return False
        self.leaves_at = now + self.longest + self.evidence
        return True

    def end(self, now: int) -> bool:
        """Whether the stake is free."""
        if not self.bound or not self.leaves_at or now < self.leaves_at:
            return False
        self.has_ended = True
        return True

    def _convict(self, accuser: object) -> None:
        taken = self.bound
        self.accounts[accuser] += self.bond + taken // 2
        self.burnt += taken - taken // 2
        self.is_convicted = self.is_convicted or taken > 0
