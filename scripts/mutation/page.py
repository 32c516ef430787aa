"""docs/mutations.md, written from what was recorded and from the reasons people gave."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mutation.record import EQUIVALENT, INVALID, KILLED, SURVIVED, WALK, Record, digest, share

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / "tests" / "mutation"
PAGE = ROOT / "docs" / "mutations.md"
CAMPAIGNS = {"contracts": ("Contracts", 0.90), "python": ("Node", 0.85)}
"""Files of outcomes by campaign, how the page calls them, and the share that is to be noticed."""
HEAD = """# Mutations

What the tests would not notice. Small wrongs are put into the sources one at a time: a comparison turned, a refusal
left out, a condition negated, a constant moved by one, an assignment, a call or a modifier removed. A wrong that a
test notices is *killed*; one that none notices *survived*. How it is done, and what is left out on purpose, is in [ADR
0041](adr/0041-wrongs-are-put-in-one-at-a-time-in-children.md).

```sh
make mutation                                        # goes on where it stopped: hours
make mutation ARGS="contracts --only Ledger"         # one contract
make mutation ARGS="python --only domain/merkle"     # one module
make mutation ARGS="--again"                         # also survivors nobody explained, after tests were written
```

Outcomes are kept in `tests/mutation`, one line of reason for each survivor in `tests/mutation/reasons.toml`. `make
audit STEPS=mutation` says whether what is recorded is of this source. *Equivalent* are mutants that do nothing else
than the source, each with its reason; *invalid* ones do not compile. The share is of those that are neither.
"""


def reasons() -> dict[str, dict[str, str]]:
    """Why mutants are equivalent, and why survivors may live, by id."""
    path = KEPT / "reasons.toml"
    told = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    return {"equivalent": told.get("equivalent", {}), "survivors": told.get("survivors", {})}


def figures(name: str) -> dict[str, Any]:
    """What a campaign came to: counts, share, survivors nobody explained, and files that have changed since."""
    record, told = Record.at(KEPT / f"{name}.json"), reasons()
    counts = record.counts(told["equivalent"])
    left = [key for key, one in record.outcomes.items() if one["outcome"] == SURVIVED and key not in told["equivalent"]]
    return {
        "mutants": counts.get(KILLED, 0) + counts.get(SURVIVED, 0),
        "killed": counts.get(KILLED, 0),
        "survived": counts.get(SURVIVED, 0),
        "not judged": record.drawn - len(record.outcomes),
        "waiting": sum(one["by"] == WALK and one["outcome"] == SURVIVED for one in record.outcomes.values()),
        "equivalent": counts.get(EQUIVALENT, 0),
        "invalid": counts.get(INVALID, 0),
        "share": round(share(counts), 3),
        "without a reason": sorted(set(left) - told["survivors"].keys()),
        "changed since": sorted(
            file for file, was in record.sources.items() if not (ROOT / file).exists() or digest(ROOT / file) != was
        ),
    }


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(line for name in CAMPAIGNS for line in _campaign(name))]).rstrip() + "\n"


def _campaign(name: str) -> Iterator[str]:
    record, told, (title, wanted) = Record.at(KEPT / f"{name}.json"), reasons(), CAMPAIGNS[name]
    found = figures(name)
    yield f"## {title}\n"
    if not record.outcomes:
        yield "Nothing is recorded yet.\n"
        return
    yield (
        f"{found['killed']} of {found['mutants']} killed: {found['share']:.1%}, to be reached {wanted:.0%}. "
        f"{found['equivalent']} equivalent, {found['invalid']} invalid.\n"
    )
    if found["not judged"] or found["waiting"]:
        yield (
            f"**The campaign has not ended**: {found['not judged']} of {record.drawn} drawn are not judged yet, and "
            f"{found['waiting']} of those that did not fall wait for the contract's own tests.\n"
        )
    yield "| file | killed | survived | equivalent | invalid |\n|---|---|---|---|---|"
    for file, counts in sorted(_by_file(record, told["equivalent"]).items()):
        row = [counts[one] for one in (KILLED, SURVIVED, EQUIVALENT, INVALID)]
        yield f"| `{file}` | {' | '.join(map(str, row))} |"
    yield from _listed(record, told["equivalent"], "Equivalent", lambda key: key in told["equivalent"], "equivalent")
    yield from _listed(
        record, told["survivors"], "Survivors", lambda key: key not in told["equivalent"], "no test, and no reason yet"
    )


def _by_file(record: Record, equivalent: dict[str, str]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for key, one in record.outcomes.items():
        explained = one["outcome"] == SURVIVED and key in equivalent
        found.setdefault(one["file"], Counter())[EQUIVALENT if explained else one["outcome"]] += 1
    return found


def _listed(record: Record, why: dict[str, str], title: str, belongs: Any, otherwise: str) -> Iterator[str]:
    rows = [(key, one) for key, one in record.outcomes.items() if one["outcome"] == SURVIVED and belongs(key)]
    if not rows:
        return
    yield f"\n### {title}\n\n| id | where | change | why |\n|---|---|---|---|"
    for key, one in sorted(rows, key=lambda row: (row[1]["file"], row[1]["line"], row[0])):
        change = one["change"].replace("|", "\\|")
        reason = why.get(key, "waits for the contract's own tests" if one["by"] == WALK else otherwise)
        yield f"| `{key}` | `{one['place']}`, line {one['line']} | {change} | {reason} |"
    yield ""
