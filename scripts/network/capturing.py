"""Sponsors and contributors: asks, answers, copies, charges and pay, by the rules of ``thenar.domain.bounty``.

A spot is scanned for the first time with everything new, or again with the novelty that honest scans of one room have
beside each other. Nodes of contributors compare whatever is answered after them, when they are up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from network.population import DAY, UNIT, Person, Town
from thenar.adapters.chain.blueprint import Parameters
from thenar.domain.bounty.answers import NOBODY, Charge, Shown
from thenar.domain.bounty.asks import NO_SUBJECT, Ask
from thenar.domain.bounty.coverage import BP, Coverage, Spot, worth
from thenar.domain.ids import AssetId, TermsId
from thenar.domain.work.disputes import Ruling

GIVEN: Final = Parameters()
SHOW, WINDOW = 600, 3 * DAY
"""Until an answer is shown, and how long it can be challenged then."""
SPOTS, DAYS, PRICE, TOP, BUDGET = 12, 30, 20 * UNIT, 60 * UNIT, 900 * UNIT
POSTS, ACTS, LOOKS = 20.0, 4.0, 6
"""Days between a sponsor's asks and between a contributor's scans; how many spots one looks at."""
QUALITY, NOVELTY = (5_500, 9_600), (400, 4_500)
"""Of honest scans, and what is new in a scan of what was scanned before; see docs/scoring.md."""
EFFORT: Final = {"contributor": 4 * UNIT, "copier": UNIT // 5, "inflater": 4 * UNIT, "griefer": UNIT // 10}
UP, FOUND = 0.97, 0.98
"""How often an owner's node is up in the window, and how often its search finds how a copy was turned."""
BEFORE: Final = AssetId("0x" + "11" * 32)


@dataclass(slots=True, eq=False)
class Answer:
    """A scan that was answered with; ``novelty`` is the true one."""

    who: Person
    asked: Asked
    spot: Coverage
    shown: Shown
    novelty: int
    bond: int
    committed: int
    copied: Person | None = None
    over: bool = False


@dataclass(slots=True, eq=False)
class Asked:
    """An ask with its spots, what was answered to each, and what is left of the budget."""

    ask: Ask
    opened: int
    left: int
    spots: list[Coverage]
    answers: list[list[Answer]]

    def is_open(self, now: int) -> bool:
        """Whether it can be answered."""
        return self.left > 0 and now < self.ask.deadline


@dataclass(slots=True)
class Field:
    """Everything asked for and answered."""

    town: Town
    asks: list[Asked] = field(default_factory=list)
    settled: list[Answer] = field(default_factory=list)
    locked: int = 0
    by_day: list[float] = field(default_factory=list)

    def begin(self, sponsors: Iterable[Person], contributors: Iterable[Person]) -> None:
        """Everybody begins at a time of his own."""
        for sponsor in sponsors:
            self._again(POSTS, self._post, sponsor)
        for one in contributors:
            self._again(ACTS, self._challenge_honest if one.kind == "griefer" else self._answer, one)

    def _again(self, days: float, act: object, who: Person) -> None:
        def event() -> None:
            act(who)  # type: ignore[operator]
            self._again(days, act, who)

        self.town.after(self.town.pause(days), event)

    def _post(self, sponsor: Person) -> None:
        now, area = self.town.now, len(self.asks)
        words = (TermsId(0), NO_SUBJECT, bytes(range(32)))
        ask = Ask(1, 2, 12, False, 0, 0, 3_000, area, 2 * BP, now + DAYS * DAY, 10 * DAY, PRICE, TOP, BUDGET, *words)
        spots = [Coverage.of(Spot(1, 2, area * SPOTS + at, 0)) for at in range(SPOTS)]
        self.asks.append(Asked(ask, now, BUDGET, spots, [[] for _ in spots]))
        self.locked += BUDGET
        self.town.tell("asked", sponsor.number, area)

    def _answer(self, who: Person) -> None:
        """Look at some spots and answer for the one that pays most, if any pays the effort."""
        chance, now = self.town.chance, self.town.now
        running = [one for one in self.asks if one.is_open(now)]
        looks = [(chance.choice(running), chance.randrange(SPOTS)) for _ in range(LOOKS if running else 0)]
        copies = who.kind == "copier"
        offers = []
        for asked, at in looks:
            earlier = [one for one in asked.answers[at] if one.who is not who]
            if copies and not earlier:
                continue
            quality, novelty, claimed = self._score(who, earlier)
            before = asked.spots[at].now(now)
            price = asked.ask.price_at(asked.opened, now)
            pay = min(asked.left, worth(price, asked.ask.target, before, before + quality * claimed // BP))
            offers.append((pay, len(offers), asked, at, quality, novelty, claimed, earlier))
        best = max(offers, default=None)
        if best is None or best[0] <= EFFORT[who.kind]:
            return
        _, _, asked, at, quality, novelty, claimed, earlier = best
        who.spent += EFFORT[who.kind]
        asset = AssetId(f"0x{len(self.settled) + self.town.events:064x}")
        shown = Shown(asset, asked.ask.area * SPOTS + at, 0, quality, claimed, NOBODY, bytes(32))
        bond = asked.ask.bond_at(GIVEN.capture_answer_bond, asked.opened, now)
        copied = earlier[0].who if copies else None
        made = Answer(who, asked, asked.spots[at], shown, novelty, bond, now, copied)
        self.town.tell(f"answered by {who.kind}", who.number, asset)
        self.town.after(SHOW, lambda: self._show(made, at))

    def _score(self, who: Person, earlier: list[Answer]) -> tuple[int, int, int]:
        """Quality, true novelty and what is said to be new."""
        chance = self.town.chance
        if who.kind == "copier":
            return earlier[0].shown.quality, 0, BP
        novelty = chance.randint(*NOVELTY) if earlier else BP
        return chance.randint(*QUALITY), novelty, BP if who.kind == "inflater" else novelty

    def _show(self, made: Answer, at: int) -> None:
        """Whoever has shown something of the spot before compares; the first who finds something charges."""
        earlier = list(made.asked.answers[at])
        made.asked.answers[at].append(made)
        charge = Charge(BEFORE, made.shown.quality, made.novelty, b"")
        if charge.weighs(made.shown):
            for older in earlier:
                if self.town.chance.random() < UP * FOUND:
                    self.town.after(DAY, lambda older=older: self._judge(made, older.who, Ruling.OTHER))  # type: ignore[misc]
                    return
            self.town.tell(f"not noticed of {made.who.kind}", made.who.number)
        self.town.after(WINDOW, lambda: self._settle(made))

    def _judge(self, made: Answer, challenger: Person, truth: Ruling) -> None:
        ruling = self.town.judged(truth)
        self.town.tell(f"{made.who.kind} judged {ruling.name.lower()}", made.who.number, challenger.number)
        if ruling is Ruling.OTHER:
            made.over = True
            self.town.forfeit(made.who, challenger, made.bond, judged=True)
            return
        if ruling is Ruling.CLAIM:
            self.town.forfeit(challenger, made.who, GIVEN.capture_challenge_bond, judged=True)
        if truth is Ruling.OTHER:
            self.town.after(WINDOW, lambda: self._settle(made))

    def _challenge_honest(self, griefer: Person) -> None:
        """Charge an honest answer that can still be charged, and hope that the jury errs."""
        recent = [one for asked in self.asks[-40:] for spot in asked.answers for one in spot]
        young = [one for one in recent if not one.over and one.who.kind == "contributor"]
        if not young:
            return
        griefer.spent += EFFORT["griefer"]
        self._judge(self.town.chance.choice(young), griefer, Ruling.CLAIM)

    def _settle(self, made: Answer) -> None:
        """Raise the coverage of the spot and pay the integral over what was added."""
        if made.over:
            return
        made.over = True
        asked, now = made.asked, self.town.now
        before, after = made.spot.fill(made.shown.gain, (made.who.address,), now)
        price = asked.ask.price_at(asked.opened, made.committed)
        pay = min(asked.left, worth(price, asked.ask.target, before, after))
        asked.left -= pay
        made.who.paid += pay
        self.settled.append(made)
        self.town.tell(f"paid to {made.who.kind}", made.who.number, pay)

    def look(self) -> None:
        """Write down how much of what is asked for is there."""
        now = self.town.now
        wanted = [asked for asked in self.asks if now - asked.opened >= DAY]
        parts = [min(1.0, spot.now(now) / asked.ask.target) for asked in wanted for spot in asked.spots]
        self.by_day.append(sum(parts) / len(parts) if parts else 0.0)
