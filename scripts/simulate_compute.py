"""What checking costs and what lying brings, in a population of workers with cheats, colluders and sleepers.

Usage: .venv/bin/python scripts/simulate_compute.py [WORKERS] [ROUNDS] [FOLDER]

Everybody claims 16 units a round, in probation 4, as nodes do. Rates, drawn units, stakes, the fall of a record and
what a jury's votes come to are the rules of ``thenar.domain.work``; who is drawn is chance from a seed, and time is a
count of rounds. An audit takes as long as the claim it repeats. The table goes
to standard output, and with it simulate_compute.json and a plot, simulate_compute.svg, to FOLDER (reports by default).
What is missed is named at the end.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "node"))

from thenar.domain.work.audits import BATCH, PROBATION, after_fault, audit_bps, audited, batch, least_stake  # noqa: E402
from thenar.domain.work.disputes import Ruling, majority  # noqa: E402

SEED, UNITS, SEGMENTS = 7, BATCH, 64
JOB_BPS, PRICE = 500, 1_000_000
HOLDS, LEAVE, AUDITING = (1, 3, 9), 10, 1
"""For how many rounds pay is held, tried one after the other; how many somebody convicted takes no work; how many go by
until an audit is shown and, where all was audited, counts."""
PANELS = (7, 15, 31)
YOUNG = 50
"""Claims of everybody that count as the beginning: those in probation, and what they are spread over."""
PARTS = {"cheat": 0.05, "colluder": 0.05, "sleeper": 0.05}
LIES = {"honest": 0.0, "cheat": 0.3, "colluder": 0.3, "sleeper": 0.3}
"""In which part of the claims one unit is made up; a sleeper begins once its record is long."""
AWAKE = 40
WHOLE = UNITS * least_stake(PRICE, JOB_BPS)
"""The stake of a whole claim; everybody begins with twelve."""
TARGETS = {"steady": 1.15, "beginning": 1.3}


@dataclass(slots=True)
class Worker:
    """An operator: what he is, his record, his stake and his money."""

    kind: str
    stake: int
    score: int = 0
    claims: int = 0
    convicted: int = -LEAVE - 1
    paid: int = 0
    lost: int = 0


@dataclass(slots=True)
class Claim:
    """Units of a round; ``lie`` is the unit that was made up, ``seen`` how many were audited."""

    worker: Worker
    made: int
    units: int
    lie: int | None
    seen: int
    counts: bool = False

    @property
    def stake(self) -> int:
        """What answers for it."""
        return self.units * least_stake(PRICE, JOB_BPS)


@dataclass(slots=True)
class Town:
    """The population, what is held, and what was counted by phase."""

    workers: list[Worker]
    chance: random.Random
    hold: int
    held: list[Claim] = field(default_factory=list)
    run: Counter[str] = field(default_factory=Counter)
    checked: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    lies: Counter[tuple[str, str]] = field(default_factory=Counter)
    overhead: list[float] = field(default_factory=list)

    def round(self, now: int) -> None:
        """Everybody who may claims; then what was held long enough is paid."""
        before = sum(self.run.values()), sum(self.checked.values())
        for number, worker in enumerate(self.workers):
            if worker.stake >= WHOLE * (self.hold + 1) and now - worker.convicted > LEAVE:
                self._claim(number, worker, now)
        for claim in [one for one in self.held if now - one.made >= AUDITING and one.seen == one.units]:
            self._count(claim)
        for claim in [one for one in self.held if now - one.made >= self.hold]:
            self.held.remove(claim)
            claim.worker.paid += claim.units * PRICE
            if claim.seen:
                self._count(claim)
            if claim.lie is not None:
                self.lies[claim.worker.kind, "paid"] += 1
        run = sum(self.run.values()) - before[0]
        self.overhead.append(1 + (sum(self.checked.values()) - before[1]) / run if run else 1.0)

    @staticmethod
    def _count(claim: Claim) -> None:
        """For the worker's record, once."""
        claim.worker.score += not claim.counts
        claim.counts = True

    def _claim(self, number: int, worker: Worker, now: int) -> None:
        phase = "beginning" if worker.claims < YOUNG else "steady"
        worker.claims += 1
        first = now * UNITS
        awake = worker.kind != "sleeper" or worker.score >= AWAKE
        lies = awake and self.chance.random() < LIES[worker.kind]
        bps, units = audit_bps(worker.score, JOB_BPS), batch(worker.score)
        lie = first + self.chance.randrange(units) if lies else None
        seed = hashlib.sha256(f"{SEED}/{number}/{now}".encode()).digest()
        drawn = audited(seed, range(first, first + units), bps)
        self.run[phase] += units
        self.checked[phase] += len(drawn)
        claim = Claim(worker, now, units, lie, len(drawn))
        if lie is None:
            self.held.append(claim)
            return
        self.lies[worker.kind, "told"] += 1
        auditor = self._drawn(worker)
        fellow = worker.kind == auditor.kind == "colluder"
        if lie in drawn and not fellow and self._judged(worker, phase) is Ruling.OTHER:
            self._convict(claim, now, phase)
        else:
            self.held.append(claim)

    def _drawn(self, *parties: Worker) -> Worker:
        while (one := self.chance.choice(self.workers)) in parties:
            pass
        return one

    def _judged(self, worker: Worker, phase: str) -> Ruling:
        """What juries say of a lie: each juror runs one segment, and colluders vote for their fellow."""
        for size in PANELS:
            jury = self.chance.sample(self.workers, size)
            self.checked[phase] += size / SEGMENTS
            votes = [Ruling.CLAIM if worker.kind == one.kind == "colluder" else Ruling.OTHER for one in jury]
            ruling = majority(size, votes)
            if ruling is not Ruling.NONE:
                return ruling
        return Ruling.VOID

    def _convict(self, claim: Claim, now: int, phase: str) -> None:
        """The stake of the claim is lost, and everything else that is held is audited in full."""
        worker = claim.worker
        worker.convicted = now
        self._lose(claim)
        for other in [one for one in self.held if one.worker is worker]:
            self.checked[phase] += other.units - other.seen
            other.seen = other.units
            fellow = worker.kind == self._drawn(worker).kind == "colluder"
            if other.lie is not None and not fellow:
                self.held.remove(other)
                self._lose(other)

    def _lose(self, claim: Claim) -> None:
        """The stake, what the claim counted, and a third of the record."""
        worker = claim.worker
        worker.stake -= claim.stake
        worker.lost += claim.stake
        worker.score = after_fault(worker.score - claim.counts)
        self.lies[worker.kind, "caught"] += 1


def simulate(workers: int, rounds: int, hold: int, seed: int = SEED) -> Town:
    """A population of new operators over rounds."""
    kinds = [kind for kind, part in PARTS.items() for _ in range(round(workers * part))]
    kinds += ["honest"] * (workers - len(kinds))
    town = Town([Worker(kind, 12 * WHOLE) for kind in kinds], random.Random(seed), hold)
    town.chance.shuffle(town.workers)
    for now in range(rounds):
        town.round(now)
    return town


def figures(town: Town) -> dict[str, Any]:
    """Overheads by phase, and for each kind of worker what its lies came to."""
    overhead = {phase: round(1 + town.checked[phase] / town.run[phase], 4) for phase in TARGETS}
    table = []
    for kind in LIES:
        people = [one for one in town.workers if one.kind == kind]
        counts = {what: town.lies[kind, what] for what in ("told", "caught", "paid")}
        gained = counts["paid"] * PRICE - sum(one.lost for one in people)
        money = {"gained_by_lying": gained / PRICE, "lost_stake": sum(one.lost for one in people) / PRICE}
        table.append({"kind": kind, "workers": len(people), **counts, **money})
    return {
        "hold": town.hold,
        "overhead": overhead,
        "targets": TARGETS,
        "probation_claims": PROBATION,
        "kinds": table,
        "by_round": [round(value, 4) for value in town.overhead],
    }


WIDTH, HEIGHT, LEFT, EDGE = 720, 300, 40, 30
LEVELS = (1.0, 1.15, 1.3, 2.0)


def plot(values: Sequence[float]) -> str:
    """Work done for each unit of work, round by round, as an SVG."""
    most = max(2.0, *values)

    def height(value: float) -> float:
        return HEIGHT - EDGE - (value - 1) * (HEIGHT - 2 * EDGE) / (most - 1)

    step = (WIDTH - LEFT - 20) / max(1, len(values) - 1)
    points = " ".join(f"{LEFT + at * step:.1f},{height(value):.1f}" for at, value in enumerate(values))
    lines = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{height(level):.1f}" y2="{height(level):.1f}" stroke="#ccc"/>'
        f'<text x="4" y="{height(level) + 4:.1f}">{level:g}</text>'
        for level in LEVELS
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-size="11">'
    line = f'<polyline points="{points}" fill="none" stroke="#06c" stroke-width="1.5"/>'
    title = f'<text x="{LEFT}" y="16">work done for each unit of work, by round</text>'
    return f"{head}{lines}{line}{title}</svg>\n"


def show(found: dict[str, Any]) -> list[str]:
    """Print one population's table; returns the targets it missed."""
    print(f"pay held for {found['hold']} rounds; work done for each unit of work:")
    missed = []
    for phase, most in TARGETS.items():
        value = found["overhead"][phase]
        print(f"  {phase:<10}{value:7.3f}  (target ≤ {most})")
        missed += [f"{phase} with pay held for {found['hold']}"] if value > most else []
    print(f"  {'kind':<10}{'workers':>8}{'lies':>7}{'caught':>8}{'paid':>7}{'stake lost':>12}{'gain':>12}")
    for row in found["kinds"]:
        print(f"  {row['kind']:<10}{row['workers']:>8}{row['told']:>7}{row['caught']:>8}{row['paid']:>7}"
              f"{row['lost_stake']:>12,.0f}{row['gained_by_lying']:>12,.0f}")  # fmt: skip
    return missed


def main(arguments: Sequence[str]) -> None:
    """Simulate, write, print, and name every target that was missed."""
    workers, rounds = (int(arguments[at]) if len(arguments) > at else default for at, default in ((0, 400), (1, 200)))
    folder = Path(arguments[2]) if len(arguments) > 2 else ROOT / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{workers} workers, {rounds} rounds of {UNITS} units, {batch(0)} in probation; money in prices of a unit.")
    print(f"The beginning is everybody's first {YOUNG} claims; before a record of {PROBATION} all is audited.")
    towns = [simulate(workers, rounds, hold) for hold in HOLDS]
    found = [figures(town) for town in towns]
    missed = [one for each in found for one in show(each)]
    (folder / "simulate_compute.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (folder / "simulate_compute.svg").write_text(plot(towns[-1].overhead), encoding="utf-8")
    print("every target is reached" if not missed else f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
