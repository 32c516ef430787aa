"""Measure a hand of 1,956 taxels beside a bare one: as touch sites, and as grids of three channels."""

from __future__ import annotations

from typing import Any

from _hands import entry, measured, missing

__all__ = ["missing", "run"]


def run() -> dict[str, dict[str, Any]]:
    """Entries as in ``reports/bench.json``."""
    best, detail = measured(["bare", "sites", "grid"])
    detail |= {"model": "shadow hand and egg", "recorded": "sparse, every 5th step"}
    return {
        "taxel_sites_1956": entry(best["sites"] / best["bare"], 0.40, detail),
        "taxel_grid_1956": entry(best["grid"] / best["bare"], 0.60, detail),
    }


if __name__ == "__main__":
    for key, found in run().items():
        print(f"{key}: {found['value']:.4f} {found['unit']} (target {found['target']}) {found['detail']}")
