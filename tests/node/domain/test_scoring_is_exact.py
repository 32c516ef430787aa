"""Scores are the same bits in another process, with other numbers of threads, and on processors that can do less."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import golden_scores
import numpy as np
import pytest

from thenar.domain.scoring.parameters import RULES, Parameters, SpatialRules

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "vectors" / "scores.json"
LESS = "-AVX512F,-AVX512VL,-AVX2,-AVX,-FMA,-BMI2,-BMI1,-SSE4_2,-SSE4_1,-SSSE3,-POPCNT,-ERMS"
NUMPY_LESS = " ".join(np.show_config(mode="dicts")["SIMD Extensions"]["found"])  # it refuses what this build lacks
PLACES = {
    "in another process": {},
    "with one thread": {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
    "with seven threads": {"OMP_NUM_THREADS": "7", "OPENBLAS_NUM_THREADS": "7", "MKL_NUM_THREADS": "7"},
    "with masked processor capabilities": {"GLIBC_TUNABLES": f"glibc.cpu.hwcaps={LESS}"},
    "with the plainest code NumPy has": {"NPY_DISABLE_CPU_FEATURES": NUMPY_LESS},
    "with other hashes and words": {"PYTHONHASHSEED": "4711", "LC_ALL": "C", "TZ": "Asia/Kathmandu"},
}


def test_scores_are_the_golden_vectors_here() -> None:
    assert golden_scores.spelled() == GOLDEN.read_text(encoding="utf-8"), (
        "scores changed: when that is meant, write tests/vectors/scores.json anew and raise the version of the rules"
    )


@pytest.mark.parametrize("where", PLACES)
def test_scores_are_the_golden_vectors(where: str) -> None:
    paths = os.pathsep.join([str(ROOT / "node"), str(ROOT / "tests" / "support")])
    done = subprocess.run(
        [sys.executable, golden_scores.__file__],
        env=os.environ | {"PYTHONPATH": paths} | PLACES[where],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == GOLDEN.read_text(encoding="utf-8")


def test_any_other_number_in_the_rules_is_another_hash() -> None:
    hashes = {RULES.hash}
    for field in dataclasses.fields(SpatialRules):
        value = getattr(RULES.spatial, field.name)
        if isinstance(value, int):
            changed = dataclasses.replace(RULES.spatial, **{field.name: value + 1})
            hashes.add(dataclasses.replace(RULES, spatial=changed).hash)

    assert len(hashes) == 1 + sum(
        isinstance(getattr(RULES.spatial, f.name), int) for f in dataclasses.fields(SpatialRules)
    )
    assert Parameters().hash == RULES.hash
