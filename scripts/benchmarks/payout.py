"""Measure payouts: building a Merkle-sum tree, and one proof out of it."""

from __future__ import annotations

import statistics
import time
from typing import Any

from thenar.domain.ids import Address, AssetId
from thenar.domain.revenue import Beneficiary
from thenar.domain.sumtree import MAX_DEPTH, Scope, Share, SumTree, verify

SCOPE = Scope(31_337, Address("0x" + "11" * 20), AssetId("0x" + "22" * 32), 1)
PROOFS = 200


def run(leaves: int = 2**MAX_DEPTH) -> dict[str, dict[str, Any]]:
    """Build a tree of ``leaves`` shares and prove some of them; entries as in ``reports/bench.json``."""
    shares = [Share(Beneficiary.OWNER, index.to_bytes(32, "big"), 1 + index % 1000) for index in range(leaves)]
    begun = time.perf_counter()
    tree = SumTree.build(SCOPE, shares)
    built = time.perf_counter() - begun

    spent = []
    for number in range(PROOFS):
        index = number * 7919 % leaves
        begun = time.perf_counter()
        leaf = tree.prove(index)
        spent.append((time.perf_counter() - begun) * 1000)
        if not verify(SCOPE, tree.root, tree.total_weight, tree.depth, leaf):
            raise AssertionError(f"the proof of leaf {index} does not hold")
    return {
        "payout_build_2e20": _entry(built, "s", 6.0, {"leaves": leaves, "depth": tree.depth}),
        "payout_proof": _entry(statistics.median(spent), "ms", 1.0, {"proofs": PROOFS, "slowest_ms": max(spent)}),
    }


def _entry(value: float, unit: str, target: float, detail: dict[str, Any]) -> dict[str, Any]:
    return {"value": value, "unit": unit, "target": target, "better": "lower", "detail": detail}


if __name__ == "__main__":
    for key, entry in run().items():
        print(f"{key}: {entry['value']:.4f} {entry['unit']} (target {entry['target']}) {entry['detail']}")
