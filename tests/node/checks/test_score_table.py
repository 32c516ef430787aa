"""The table of copies that pass and honest recordings refused is made, and says what the rules do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from labelled_cases import SMALL
from labelled_scans import RAW_COPIES, THINNED_COPIES, one_room

from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.report import Verdict, novelty_of

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts" / "score_table.py"


def test_copies_of_a_room_are_refused_and_honest_scans_of_it_are_not_called_copies() -> None:
    rules = RULES.spatial
    copies = RAW_COPIES | {kind: made for kind, made in THINNED_COPIES.items() if kind.endswith("everything")}
    for case in one_room(5, SMALL.rays, copies):
        found = [rules.copy.verdict(case.likeness)]
        found += [rules.tiles_rule.verdict(case.by_tiles)] if case.by_tiles else []
        if case.truth == "copy":
            paid = novelty_of(rules.copy, case.units, [case.likeness], case.seen_bp).bp
            assert Verdict.COPY in found or paid == 0, case
        elif case.truth == "honest":
            assert Verdict.COPY not in found, case


def test_the_table_chooses_on_one_half_and_reports_the_other(tmp_path: Path) -> None:
    def row(source: int, truth: str, shared: int, agreed: int) -> dict[str, object]:
        likeness = {"shared_bp": shared, "agreement_bp": agreed, "compared": 5_000}
        return {"modality": "spatial", "kind": truth, "truth": truth, "source": source, "units": 5_000,
                "likeness": likeness, "seen_bp": shared, "by_tiles": None}  # fmt: skip

    least = RULES.spatial.copy.copy_agreement_bp
    first = [row(0, "copy", 9_000, 8_800), row(2, "honest", 9_000, 6_000)]
    second = [row(1, "copy", 9_000, least - 1), row(3, "copy", 9_000, least), row(5, "honest", 9_000, 6_000)]
    kept = tmp_path / "cases.json"
    kept.write_text(json.dumps([*first, *second]))

    done = subprocess.run([sys.executable, SCRIPT, "full", kept], capture_output=True, text=True, check=False)

    assert "3 copies and 2 honest recordings" in done.stdout
    chosen = re.search(r"spatial: the first half chooses shared (\d+), agreement (\d+)", done.stdout)
    assert chosen is not None
    assert int(chosen[1]) == RULES.spatial.copy.copy_shared_bp
    assert 7_000 < int(chosen[2]) < 8_000
    assert "| spatial | copy | copy | 2 | 0 | 1 | 0 | 1 |" in done.stdout
    assert "copies paid: 1 of 2, 50.00%" in done.stdout
    assert "honest refused: 0 of 1, 0.00%" in done.stdout
    assert done.returncode == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the simulated hand is recorded on Linux")
def test_the_small_set_is_made_from_nothing_but_seeds(tmp_path: Path) -> None:
    pytest.importorskip("mujoco", reason="MuJoCo is not installed, so no hand can be simulated")
    kept = tmp_path / "cases.json"

    done = subprocess.run([sys.executable, SCRIPT, "small", kept], capture_output=True, text=True, check=False)

    assert "104 copies and 12 honest recordings" in done.stdout, done.stderr
    assert {row["modality"] for row in json.loads(kept.read_text())} == {"spatial", "tactile", "trajectory", "imu"}
    assert "honest refused: 0 of 6" in done.stdout
