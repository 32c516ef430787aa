"""What a simulated network came to: figures, a table, and a picture of coverage, incomes and detection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from network.capturing import Field
from network.keeping import Depot
from network.population import UNIT, Town
from thenar.domain.storage.pledges import CHALLENGES

RIVALS: Final = {
    "contributor": ("copier", "inflater", "griefer"),
    "keeper": ("dropper", "skipper"),
    "worker": ("forger",),
}
"""Each honest strategy, and what could be done instead of it."""
WIDTH, HEIGHT, EDGE, GAP = 900, 250, 30, 40
ROUNDS_SHOWN: Final = 8


def figures(town: Town, field: Field, depot: Depot) -> dict[str, Any]:
    """Everything the table and the picture are made of; equal for equal runs."""
    caught = Counter(depot.caught_after)
    found = [sum(caught[day] for day in range(1, last + 1)) for last in range(1, ROUNDS_SHOWN + 1)]
    return {
        "digest": town.digest,
        "events": town.events,
        "strategies": [_strategy(town, kind) for honest, others in RIVALS.items() for kind in (honest, *others)],
        "coverage": {"by_day": [round(one, 4) for one in field.by_day], "settled": len(field.settled)},
        "money": {
            "locked": field.locked / UNIT,
            "paid": (field.locked - sum(one.left for one in field.asks)) / UNIT,
            "left": sum(one.left for one in field.asks) / UNIT,
            "burnt": town.burnt / UNIT,
            "jurors": town.jurors / UNIT,
        },
        "storage": {
            "files": len(depot.files),
            "lost": depot.lost(),
            "repaired": depot.repaired,
            "convicted": len(depot.caught_after),
            "found_by_round": [round(one / len(depot.caught_after), 4) for one in found] if depot.caught_after else [],
            "expected_first_round": round(1 - 0.5**CHALLENGES, 4),
        },
        "counts": dict(sorted(town.counts.items())),
    }


def _strategy(town: Town, kind: str) -> dict[str, Any]:
    people = list(town.of(kind))
    count = max(1, len(people))
    parts = {"paid": "paid", "lost": "lost", "spent": "spent", "income": "income"}
    means = {name: round(sum(getattr(one, part) for one in people) / count / UNIT, 2) for name, part in parts.items()}
    return {"kind": kind, "people": len(people), **means}


def beaten(found: Mapping[str, Any]) -> list[str]:
    """Every cheat that earned as much as its honest rival, or more."""
    income = {row["kind"]: row["income"] for row in found["strategies"]}
    return [
        f"{cheat} earned {income[cheat]:,.2f} and an honest {honest} {income[honest]:,.2f}"
        for honest, cheats in RIVALS.items()
        for cheat in cheats
        if income[cheat] >= income[honest]
    ]


def table(found: Mapping[str, Any]) -> list[str]:
    """Lines for people, in the words of Markdown."""
    lines = ["| strategy | people | paid | bonds lost | own effort | left of it |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {row['kind']} | {row['people']} | {row['paid']:,.2f} | {row['lost']:,.2f} | {row['spent']:,.2f} "
        f"| {row['income']:,.2f} |"
        for row in found["strategies"]
    ]
    return lines


def picture(found: Mapping[str, Any]) -> str:
    """Three panels as an SVG."""
    wide = (WIDTH - 4 * GAP) // 3
    storage = found["storage"]["found_by_round"]
    panels = [
        _line(found["coverage"]["by_day"], "part of what is asked for that is there, by day", wide),
        _bars(found["strategies"], "mean income, dollars", wide),
        _line(storage, "part of droppers convicted, by round since", wide),
    ]
    moved = "".join(
        f'<g transform="translate({GAP + at * (wide + GAP)} 0)">{panel}</g>' for at, panel in enumerate(panels)
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-size="10">'
    return f'{head}<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>{moved}</svg>\n'


def _line(values: Sequence[float], title: str, wide: int) -> str:
    """Parts of one over time."""
    step, tall = wide / max(1, len(values) - 1), HEIGHT - 2 * EDGE
    points = " ".join(f"{at * step:.1f},{HEIGHT - EDGE - value * tall:.1f}" for at, value in enumerate(values))
    levels = "".join(
        f'<line x1="0" x2="{wide}" y1="{HEIGHT - EDGE - level * tall:.1f}" y2="{HEIGHT - EDGE - level * tall:.1f}" '
        f'stroke="#ccc"/><text x="-28" y="{HEIGHT - EDGE - level * tall + 3:.1f}">{level:.0%}</text>'
        for level in (0, 0.5, 1)
    )
    line = f'<polyline points="{points}" fill="none" stroke="#06c" stroke-width="1.5"/>'
    return f'<text y="16">{title}</text>{levels}{line}<text y="{HEIGHT - 10}">1 to {len(values)}</text>'


def _bars(rows: Sequence[Mapping[str, Any]], title: str, wide: int) -> str:
    """Income of every strategy; honest ones are blue."""
    most = max(1.0, *(abs(row["income"]) for row in rows))
    tall, middle = (HEIGHT - 2 * EDGE) / len(rows), wide / 2
    bars = []
    for at, row in enumerate(rows):
        size, top = abs(row["income"]) / most * (middle - 30), EDGE + at * tall
        left = middle if row["income"] >= 0 else middle - size
        colour = "#06c" if row["kind"] in RIVALS else "#c30"
        bars.append(f'<rect x="{left:.1f}" y="{top:.1f}" width="{size:.1f}" height="{tall - 4:.1f}" fill="{colour}"/>')
        beside = middle - 58 if row["income"] >= 0 else middle + 4
        bars.append(f'<text x="{beside:.1f}" y="{top + tall / 2 + 2:.1f}">{row["kind"]}</text>')
        number = middle + size + 4 if row["income"] >= 0 else left - 34
        bars.append(f'<text x="{number:.1f}" y="{top + tall / 2 + 2:.1f}">{row["income"]:,.0f}</text>')
    return f'<text y="16">{title}</text>{"".join(bars)}'
