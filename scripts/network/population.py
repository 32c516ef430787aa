"""Virtual time, chance from a seed, and everybody's money: what all parts of the simulation share."""

from __future__ import annotations

import hashlib
import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from thenar.domain.ids import Address
from thenar.domain.work.disputes import Ruling, majority

DAY: Final = 86_400
UNIT: Final = 1_000_000
"""Token units of a dollar."""
PANELS: Final = (7, 15, 31)
PRESENT, UPRIGHT = 0.95, 0.97
"""Which part of a panel votes, and which part of those for what it computed."""


@dataclass(slots=True, eq=False)
class Person:
    """Somebody with a strategy; token units that came in, that were lost as bonds, and that effort cost him."""

    number: int
    kind: str
    paid: int = 0
    lost: int = 0
    spent: int = 0

    @property
    def address(self) -> Address:
        """An account of his own."""
        return Address(f"0x{self.number + 1:040x}")

    @property
    def income(self) -> int:
        """What is left."""
        return self.paid - self.lost - self.spent


@dataclass(slots=True)
class Town:
    """The clock, the dice and the people. The digest is over everything that happened, in order."""

    seed: int
    chance: random.Random = field(init=False)
    now: int = 0
    events: int = 0
    people: list[Person] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    burnt: int = 0
    jurors: int = 0
    _last: int = 0
    _queue: list[tuple[int, int, Callable[[], None]]] = field(default_factory=list)
    _told: hashlib._Hash = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    @property
    def digest(self) -> str:
        """Equal for equal runs."""
        return self._told.hexdigest()

    def join(self, kind: str, count: int) -> list[Person]:
        """So many new people of a kind."""
        first = len(self.people)
        made = [Person(first + at, kind) for at in range(count)]
        self.people += made
        return made

    def of(self, kind: str) -> Iterator[Person]:
        """Everybody of a kind."""
        return (one for one in self.people if one.kind == kind)

    def after(self, seconds: int, event: Callable[[], None]) -> None:
        """Let something happen later."""
        self._last += 1
        heapq.heappush(self._queue, (self.now + seconds, self._last, event))

    def pause(self, days: float) -> int:
        """Seconds until somebody acts again who does so once in so many days."""
        return 1 + int(self.chance.expovariate(1 / (days * DAY)))

    def run(self, until: int) -> None:
        """Let everything happen that is due."""
        while self._queue and self._queue[0][0] < until:
            self.now, _, event = heapq.heappop(self._queue)
            self.events += 1
            event()
        self.now = until

    def tell(self, what: str, *about: object) -> None:
        """Count something, and write it into the digest."""
        self.counts[what] += 1
        self._told.update(f"{self.now} {what} {about}\n".encode())

    def judged(self, truth: Ruling) -> Ruling:
        """What juries of 7, 15 and 31 say when most of those who come vote for what they computed."""
        other = Ruling.CLAIM if truth is Ruling.OTHER else Ruling.OTHER
        for size in PANELS:
            votes = [
                truth if self.chance.random() < UPRIGHT else other
                for _ in range(size)
                if self.chance.random() < PRESENT
            ]
            ruling = majority(size, votes)
            if ruling is not Ruling.NONE:
                return ruling
        return Ruling.VOID

    def forfeit(self, loser: Person, winner: Person | None, pot: int, *, judged: bool) -> None:
        """A bond that is lost: half to who was right, a quarter to jurors where there were any, the rest burnt."""
        loser.lost += pot
        to_winner, to_jurors = pot // 2 if winner else 0, pot // 4 if judged else 0
        if winner is not None:
            winner.paid += to_winner
        self.jurors += to_jurors
        self.burnt += pot - to_winner - to_jurors
