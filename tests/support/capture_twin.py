"""CaptureBounties and CoverageMap in Python: what is asked, answered, paid, lost and covered; times in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from thenar.domain.bounty.answers import AnswerStage, Shown
from thenar.domain.bounty.asks import Ask
from thenar.domain.bounty.coverage import Coverage, Spot, worth
from thenar.domain.work.disputes import Ruling

REVEAL, CHALLENGE = 86_400, 3 * 86_400


@dataclass
class AnswerTwin:
    """One answer."""

    who: str
    shown: Shown
    committed: int
    until: int
    bond: int
    challenger: str = ""
    stage: AnswerStage = AnswerStage.COMMITTED


@dataclass
class CaptureTwin:
    """One bounty of one sponsor. ``accounts`` holds what everybody has gained or lost since."""

    ask: Ask
    opened: int
    answer_bond: int
    challenge_bond: int
    left: int = 0
    closed: bool = False
    answers: list[AnswerTwin] = field(default_factory=list)
    covered: dict[Spot, Coverage] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    paid: int = 0

    def __post_init__(self) -> None:
        self.left = self.ask.budget

    def give(self, who: str, amount: int) -> None:
        """Add to an account, or take from it."""
        self.accounts[who] = self.accounts.get(who, 0) + amount

    def commit(self, who: str, shown: Shown, now: int) -> bool:
        """Whether the contract lets him."""
        if self.closed or now >= self.ask.deadline or self.left == 0:
            return False
        bond = self.ask.bond_at(self.answer_bond, self.opened, now)
        self.answers.append(AnswerTwin(who, shown, now, now + REVEAL, bond))
        self.give(who, -bond)
        return True

    def reveal(self, place: int, now: int) -> bool:
        """Whether the contract lets anybody."""
        found = self._in(place, AnswerStage.COMMITTED)
        if found is None or now >= found.until:
            return False
        found.stage, found.until = AnswerStage.REVEALED, now + CHALLENGE
        return True

    def lapse(self, place: int, by: str, now: int) -> bool:
        """Whether the contract lets him."""
        found = self._in(place, AnswerStage.COMMITTED)
        if found is None or now < found.until:
            return False
        found.stage = AnswerStage.LAPSED
        self.give(by, found.bond // 2)
        return True

    def settle(self, place: int, now: int) -> bool:
        """Whether the contract lets anybody."""
        found = self._in(place, AnswerStage.REVEALED)
        if found is None or now < found.until or any(not one.stage.is_over for one in self.answers[:place]):
            return False
        spot = self.ask.spot(found.shown.cell, found.shown.level)
        coverage = self.covered.setdefault(spot, Coverage.of(spot))
        before, after = coverage.fill(found.shown.gain, (found.who,), now)
        price = self.ask.price_at(self.opened, found.committed)
        paid = min(self.left, worth(price, self.ask.target, before, after))
        self.left -= paid
        self.paid += paid
        found.stage = AnswerStage.SETTLED
        self.give(found.who, found.bond + paid)
        return True

    def challenge(self, place: int, by: str, now: int) -> bool:
        """Whether the contract lets him."""
        found = self._in(place, AnswerStage.REVEALED)
        if found is None or now >= found.until:
            return False
        found.stage, found.until, found.challenger = AnswerStage.DISPUTED, found.until - now, by
        self.give(by, -self.challenge_bond)
        return True

    def judge(self, place: int, ruling: Ruling, now: int) -> bool:
        """Whether there is anything to rule about; no jury sat."""
        found = self._in(place, AnswerStage.DISPUTED)
        if found is None:
            return False
        if ruling is Ruling.CLAIM:
            found.stage, found.until = AnswerStage.REVEALED, now + found.until
            self.give(found.who, self.challenge_bond // 2)
            return True
        self.give(found.challenger, self.challenge_bond)
        if ruling is Ruling.OTHER:
            found.stage = AnswerStage.REFUTED
            self.give(found.challenger, found.bond // 2)
        else:
            found.stage = AnswerStage.VOIDED
            self.give(found.who, found.bond)
        return True

    def close(self, sponsor: str, now: int) -> bool:
        """Whether the contract lets anybody."""
        if self.closed or now < self.ask.deadline or any(not one.stage.is_over for one in self.answers):
            return False
        self.give(sponsor, self.left)
        self.closed, self.left = True, 0
        return True

    @property
    def locked(self) -> int:
        """What the bounties hold."""
        held = sum(one.bond for one in self.answers if not one.stage.is_over)
        return self.left + held

    def _in(self, place: int, stage: AnswerStage) -> AnswerTwin | None:
        if place >= len(self.answers) or self.answers[place].stage is not stage:
            return None
        return self.answers[place]
