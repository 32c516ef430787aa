"""StorageProofs in Python: who pledged what since when, what a round found, and what everybody has left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MISSES, REMEMBERED = 3, 8


@dataclass
class Asked:
    """A demand."""

    by: Any
    show_by: int


@dataclass
class Stay:
    """One stay of a node: from its first pledge until its bond is free."""

    first: int
    bond: int
    until: int | None = None
    answered: set[int] = field(default_factory=set)
    missed: set[int] = field(default_factory=set)

    def pledged_in(self, round_: int) -> bool:
        """Whether a round asks this node."""
        return self.first <= round_ and (self.until is None or round_ < self.until)


@dataclass
class StorageTwin:
    """All nodes; times in seconds, money in token units. Every verb says whether the contract allows it."""

    start: int
    length: int
    answer_time: int
    show_time: int
    demand_bond: int
    gib_stake: int
    free_stake: dict[Any, int]
    accounts: dict[Any, int]
    stays: dict[Any, Stay] = field(default_factory=dict)
    seeded: dict[int, int] = field(default_factory=dict)  # round → answered until
    demands: dict[tuple[Any, int, int], Asked | None] = field(default_factory=dict)
    burnt: int = 0

    def round_at(self, now: int) -> int:
        """The round that runs."""
        return (now - self.start) // self.length + 1

    def pledge(self, who: Any, gib: int, now: int) -> bool:
        """Pledge so many GiB."""
        stay = self.stays.get(who)
        bond, has = gib * self.gib_stake, stay.bond if stay else 0
        added = max(0, bond - has)
        if (stay and stay.until is not None) or added > self.free_stake[who]:
            return False
        self.free_stake[who] -= added
        if stay is None:
            self.stays[who] = Stay(self.round_at(now) + 1, added)
        else:
            stay.bond += added
        return True

    def retire(self, who: Any, now: int) -> bool:
        """Pledge nothing after this round."""
        stay = self.stays.get(who)
        if stay is None or stay.until is not None:
            return False
        stay.until = self.round_at(now) + 1
        return True

    def free(self, who: Any, now: int) -> bool:
        """Have the bond back."""
        stay = self.stays.get(who)
        if stay is None or stay.until is None or self.round_at(now) <= stay.until or self.open_demands(who):
            return False
        self.free_stake[who] += stay.bond
        del self.stays[who]
        return True

    def seed(self, now: int) -> None:
        """A round was seeded."""
        self.seeded[self.round_at(now)] = now + self.answer_time

    def answer(self, who: Any, now: int) -> bool:
        """Answer the running round."""
        round_, stay = self.round_at(now), self.stays.get(who)
        if now >= self.seeded.get(round_, 0) or stay is None or not stay.pledged_in(round_) or round_ in stay.answered:
            return False
        stay.answered.add(round_)
        return True

    def report(self, who: Any, round_: int, by: Any, now: int) -> bool:
        """Say that a node did not answer."""
        current, stay = self.round_at(now), self.stays.get(who)
        if not current - REMEMBERED < round_ <= current or now < self.seeded.get(round_, 2**40):
            return False
        if stay is None or not stay.pledged_in(round_) or round_ in stay.answered | stay.missed:
            return False
        stay.missed.add(round_)
        if sum(current - REMEMBERED < one for one in stay.missed) >= MISSES:
            self._lose(stay, stay.bond // 10, by)
            stay.until = current if stay.until is None else stay.until
        return True

    def demand(self, who: Any, place: int, by: Any, now: int) -> bool:
        """Demand to see an answer of the running round."""
        round_, stay = self.round_at(now), self.stays.get(who)
        key = (who, round_, place)
        if stay is None or round_ not in stay.answered or key in self.demands or self.accounts[by] < self.demand_bond:
            return False
        self.accounts[by] -= self.demand_bond
        self.demands[key] = Asked(by, now + self.show_time)
        return True

    def show(self, who: Any, round_: int, place: int, now: int) -> bool:
        """Show a right answer."""
        asked = self.demands.get((who, round_, place))
        if asked is None or now >= asked.show_by:
            return False
        self.demands[who, round_, place] = None
        self.accounts[who] += self.demand_bond
        return True

    def convict(self, who: Any, round_: int, place: int, now: int) -> bool:
        """Convict who did not show."""
        asked = self.demands.get((who, round_, place))
        if asked is None or now < asked.show_by:
            return False
        self.demands[who, round_, place] = None
        self.accounts[asked.by] += self.demand_bond
        stay = self.stays[who]
        self._lose(stay, stay.bond, asked.by)
        stay.until = self.round_at(now) if stay.until is None else stay.until
        return True

    def open_demands(self, who: Any) -> int:
        """Demands a node has not met yet."""
        return sum(asked is not None and key[0] == who for key, asked in self.demands.items())

    @property
    def locked(self) -> int:
        """What the contract holds: the bonds of open demands."""
        return self.demand_bond * sum(asked is not None for asked in self.demands.values())

    def _lose(self, stay: Stay, lost: int, to: Any) -> None:
        stay.bond -= lost
        self.accounts[to] += lost // 2
        self.burnt += lost - lost // 2
