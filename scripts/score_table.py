"""Copies that pass and honest recordings that are refused, over a set whose truth is known.

Usage: .venv/bin/python scripts/score_table.py [small|full] [CASES.json]

Thresholds are chosen on the sources with even numbers and the table is about those with odd ones. With a second
argument the cases are written there, or read from there when the file is there. Exit code 1 when the rules in force
miss more than 1% of either on the second half.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "node"), str(ROOT / "tests" / "support")]

from labelled_cases import COPY, FULL, HONEST, SMALL, Case, Size  # noqa: E402
from labelled_scans import spatial  # noqa: E402
from labelled_set import hands, walks  # noqa: E402

from thenar.domain.scoring.parameters import RULES, Parameters  # noqa: E402
from thenar.domain.scoring.report import CopyRule, Likeness, Novelty, Verdict, novelty_of  # noqa: E402

MODALITIES = ("spatial", "tactile", "trajectory", "imu")
GRID = tuple(range(4_000, 9_600, 100))
MOST_WRONG_BP = 100


def cases(size: Size, tell: Callable[[str], None]) -> list[Case]:
    """Make the whole set."""
    with tempfile.TemporaryDirectory() as folder:
        return [*walks(size), *hands(size, Path(folder), tell), *spatial(size, tell)]


def judged(case: Case, rule: CopyRule, tiles_bp: int) -> Novelty:
    """What a case is paid under a rule; the better of both challenges, whole and by tiles, counts against it."""
    tiled = case.by_tiles
    if tiled and dataclasses.replace(rule, copy_shared_bp=tiles_bp).verdict(tiled) is Verdict.COPY:
        return novelty_of(rule, case.units, [tiled], case.seen_bp)
    return novelty_of(rule, case.units, [case.likeness], case.seen_bp)


def rule_of(modality: str, rules: Parameters = RULES) -> CopyRule:
    """The rule in force for a modality."""
    found = {
        "spatial": rules.spatial.copy,
        "tactile": rules.tactile.copy,
        "trajectory": rules.trajectory.copy,
        "imu": rules.imu.copy,
    }
    return found[modality]


def mistakes(some: Iterable[Case], rule: CopyRule, tiles_bp: int) -> tuple[int, int]:
    """Copies that are paid anything, and honest recordings that are taken for copies or paid nothing."""
    passed = refused = 0
    for case in some:
        paid = judged(case, rule, tiles_bp).bp > 0
        passed += case.truth == COPY and paid
        refused += case.truth == HONEST and not paid
    return passed, refused


def chosen(some: list[Case], modality: str) -> tuple[int, int]:
    """The middle of the thresholds (shared, agreement) that make fewest mistakes on some cases."""
    mine = [case for case in some if case.modality == modality]
    rule, tiles_bp = rule_of(modality), RULES.spatial.tiles_shared_bp
    agreements = GRID if modality == "spatial" else (rule.copy_agreement_bp,)
    shares = (rule.copy_shared_bp,) if modality == "spatial" else GRID
    found = {
        (shared, agreed): sum(
            mistakes(mine, dataclasses.replace(rule, copy_shared_bp=shared, copy_agreement_bp=agreed), tiles_bp)
        )
        for shared, agreed in product(shares, agreements)
    }
    best = [pair for pair, wrong in found.items() if wrong == min(found.values())]
    return best[len(best) // 2]


def table(some: list[Case]) -> list[str]:
    """Lines of a Markdown table, a row for each modality and kind."""
    lines = ["| modality | kind | truth | cases | paid in full | paid in part | paid nothing | called a copy |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    keys = sorted({(MODALITIES.index(c.modality), c.truth, c.kind) for c in some})
    for at, truth, kind in keys:
        mine = [c for c in some if (c.modality, c.truth, c.kind) == (MODALITIES[at], truth, kind)]
        made = [judged(c, rule_of(c.modality), RULES.spatial.tiles_shared_bp) for c in mine]
        full = sum(n.bp == 10_000 for n in made)
        nothing = sum(n.bp == 0 and not n.copied for n in made)
        copied = sum(n.copied for n in made)
        part = len(made) - full - nothing - copied
        lines.append(f"| {MODALITIES[at]} | {kind} | {truth} | {len(mine)} | {full} | {part} | {nothing} | {copied} |")
    return lines


def _load(path: Path) -> list[Case]:
    def likeness(raw: dict[str, int] | None) -> Likeness | None:
        return None if raw is None else Likeness(**raw)

    rows = json.loads(path.read_text())
    return [
        Case(**{**row, "likeness": likeness(row["likeness"]), "by_tiles": likeness(row["by_tiles"])}) for row in rows
    ]


def main(arguments: list[str]) -> int:
    """Make the set, choose on one half, print the table of the other."""
    size = SMALL if arguments[:1] == ["small"] else FULL
    kept = Path(arguments[1]) if len(arguments) > 1 else None
    if kept is not None and kept.exists():
        found = _load(kept)
    else:
        found = cases(size, lambda said: print(said, file=sys.stderr, flush=True))
        if kept is not None:
            kept.write_text(json.dumps([dataclasses.asdict(case) for case in found]))
    first, second = ([case for case in found if case.source % 2 == half] for half in (0, 1))
    copies, honest = (sum(case.truth == truth for case in found) for truth in (COPY, HONEST))
    print(f"{copies} copies and {honest} honest recordings; rules {RULES.hash.hex()[:16]}\n")
    wrong = [0, 0]
    for modality in MODALITIES:
        rule, best = rule_of(modality), chosen(first, modality)
        here = mistakes([c for c in second if c.modality == modality], rule, RULES.spatial.tiles_shared_bp)
        wrong = [a + b for a, b in zip(wrong, here, strict=True)]
        print(
            f"{modality}: the first half chooses shared {best[0]}, agreement {best[1]}; in force are "
            f"{rule.copy_shared_bp}, {rule.copy_agreement_bp}; on the second half {here[0]} copies are paid, "
            f"{here[1]} honest refused"
        )
    print("\n" + "\n".join(table(second)) + "\n")
    totals = [sum(case.truth == truth for case in second) for truth in (COPY, HONEST)]
    for said, number, total in zip(("copies paid", "honest refused"), wrong, totals, strict=True):
        print(f"second half: {said}: {number} of {total}, {100 * number / max(1, total):.2f}%")
    return int(any(10_000 * number > MOST_WRONG_BP * total for number, total in zip(wrong, totals, strict=True)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
