"""Ninety days of a whole network in virtual time: who covers what, what everybody earns, and what cheats come to.

Usage: .venv/bin/python scripts/simulate_network.py [--people N] [--days D] [--seed S] [--folder FOLDER] [--save]

Contributors, sponsors, keepers and workers, and six kinds of cheats: copiers, inflaters, griefers, droppers, skippers
and forgers. Prices, bonds, coverage, challenges of leaves, audits and juries are the rules of ``thenar.domain``; people
and disks are chance from a seed. The table goes to standard output, simulate_network.json and simulate_network.svg to
FOLDER (reports by default), with ``--save`` to docs/simulation.md and docs/simulation.svg too. The exit code is 1 when
a cheat earned as much as its honest rival. What is assumed is written in docs/simulation.md.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "node"), str(ROOT / "scripts")]

import simulate_compute as compute  # noqa: E402
from network.capturing import Field  # noqa: E402
from network.keeping import Depot  # noqa: E402
from network.population import DAY, Person, Town  # noqa: E402
from network.report import beaten, figures, picture, table  # noqa: E402

SHARES: Final = {
    "sponsor": 0.10,
    "contributor": 0.41,
    "copier": 0.025,
    "inflater": 0.025,
    "griefer": 0.02,
    "keeper": 0.22,
    "dropper": 0.025,
    "skipper": 0.025,
    "worker": 0.125,
    "forger": 0.025,
}
FILES_EACH: Final = 3
"""Files a keeper's room is for."""
UNIT_EFFORT: Final = 400_000
"""What running a unit costs whoever runs it, of a price of a dollar."""
BEGIN, END = "<!-- table -->", "<!-- /table -->"


def compute_town(town: Town, people: Sequence[Person]) -> tuple[compute.Town, list[Person]]:
    """Workers and forgers as the simulation of compute has them, who claim once a day."""
    workers = [compute.Worker("cheat" if one.kind == "forger" else "honest", 12 * compute.WHOLE) for one in people]
    yard = compute.Town(workers, random.Random(town.seed), compute.HOLDS[0])
    round_ = 0

    def claim() -> None:
        nonlocal round_
        yard.round(round_)
        round_ += 1
        town.tell("claimed", round_, sum(yard.run.values()), sorted(yard.lies.items()))
        town.after(DAY, claim)

    town.after(DAY, claim)
    return yard, list(people)


def pay_workers(yard: compute.Town, people: Sequence[Person]) -> None:
    """What they came to: pay, lost stake, and the effort of every unit they were paid for."""
    for worker, person in zip(yard.workers, people, strict=True):
        person.paid, person.lost = worker.paid, worker.lost
        person.spent = worker.paid // compute.PRICE * UNIT_EFFORT


def simulate(people: int, days: int, seed: int) -> tuple[Town, Field, Depot]:
    """A population from nothing to the last day."""
    town = Town(seed)
    joined = {kind: town.join(kind, max(2, round(people * share))) for kind, share in SHARES.items()}
    field, depot = Field(town), Depot(town)
    field.begin(joined["sponsor"], [*joined["contributor"], *joined["copier"], *joined["inflater"], *joined["griefer"]])
    keepers = [*joined["keeper"], *joined["dropper"], *joined["skipper"]]
    depot.begin(keepers, FILES_EACH * len(keepers))
    yard, workers = compute_town(town, [*joined["worker"], *joined["forger"]])
    for day in range(1, days + 1):
        town.run(day * DAY)
        field.look()
    pay_workers(yard, workers)
    return town, field, depot


def save(found: dict[str, Any], lines: Sequence[str], drawn: str) -> None:
    """Put the table between its marks in the page, and the picture beside it."""
    page = ROOT / "docs" / "simulation.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}", encoding="utf-8")
    (ROOT / "docs" / "simulation.svg").write_text(drawn, encoding="utf-8")


def told(found: dict[str, Any], people: int, days: int, seed: int) -> list[str]:
    """The table and the figures beside it."""
    coverage, storage, money = found["coverage"], found["storage"], found["money"]
    shown = storage["found_by_round"]
    return [
        f"{people:,} people, {days} days, seed {seed}, {found['events']:,} events; dollars, means of each kind.",
        "",
        *table(found),
        "",
        f"- Coverage: {coverage['by_day'][-1]:.0%} of all that was ever asked for is there on the last day, by "
        f"{coverage['settled']:,} paid scans; {money['paid']:,.0f} of {money['locked']:,.0f} locked were paid.",
        f"- Storage: {storage['convicted']:,} droppers of half of their pieces were convicted, "
        f"{shown[0] if shown else 0:.1%} of them in the first round (expected {storage['expected_first_round']:.1%} "
        f"of those whose answers somebody checks); {storage['repaired']:,} pieces were made anew and "
        f"{storage['lost']} of {storage['files']:,} files lost.",
        f"- Bonds: {money['burnt']:,.0f} burnt, {money['jurors']:,.0f} for jurors.",
    ]


def main(arguments: Sequence[str]) -> int:
    """Simulate, write, print, and name every cheat that paid."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--people", type=int, default=2_400)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, default=ROOT / "reports")
    parser.add_argument("--save", action="store_true", help="write docs/simulation.md and docs/simulation.svg too")
    given = parser.parse_args(arguments)
    began = time.monotonic()
    found = figures(*simulate(given.people, given.days, given.seed))
    took = time.monotonic() - began
    lines, drawn = told(found, given.people, given.days, given.seed), picture(found)
    given.folder.mkdir(parents=True, exist_ok=True)
    (given.folder / "simulate_network.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (given.folder / "simulate_network.svg").write_text(drawn, encoding="utf-8")
    if given.save:
        save(found, lines, drawn)
    print("\n".join(lines))
    print(f"{took:.1f} s: {given.days * DAY / took:,.0f} times as fast as the clock; digest {found['digest'][:16]}")
    missed = beaten(found)
    print("honest strategies earn more than every cheat" if not missed else "\n".join(missed))
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
