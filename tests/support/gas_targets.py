"""What each action may cost, what others are known to cost, and the table that compares them with our figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

HEAD = """# Gas

What an action costs in transaction gas, the 21,000 of the transaction and its calldata included, beside the figures of
other protocols for their nearest action. Written by `make gas`; do not edit.

*First* is the action on storage that nobody has touched, *next* the same action in the steady state. No approval is
used up and no wallet emptied on the way: both would earn a refund and flatter the figures.

| key | action | others | target next (first) | first | next | |
|---|---|---|---|--:|--:|---|
"""

FOOT = """
Rows with a `–` have no target; they are here so that a change shows as a diff. Settings: solc 0.8.30 and the optimizer
as in `brownie-config.yaml`, hardfork cancun. The figures of others were measured from their sources or taken from
their publications: Story protocol-core v1.3.2, 0xSplits v2, Ocean v4, Vana data registry, Morpho URD; SOX and OptiSwap
as published by their authors (ether instead of an ERC-20, and no license).
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One action: what it is, what others pay for it, and the most it may cost here."""

    action: str
    others: str = "–"
    target: int | None = None
    first_target: int | None = None

    def reached_by(self, figures: Mapping[str, int]) -> bool:
        """Say whether the measured figures stay within the targets."""
        return (self.target is None or figures["next"] <= self.target) and (
            self.first_target is None or figures["first"] <= self.first_target
        )

    @property
    def goal(self) -> str:
        """The targets as the table shows them."""
        if self.target is None:
            return "–"
        return f"≤ {self.target:,}" + (f" (≤ {self.first_target:,})" if self.first_target else "")


ROWS = {
    "mint": Row(
        "mint a capture, with its device's signature", "Vana 184,458 · Story 274,328 · Ocean 1,517,522", 160_000
    ),
    "mint_plain": Row("mint a capture without a device"),
    "pay": Row(
        "pay an asset, any number of contributors", "Story 165,552 · 0xSplits to 500: 4,972,459", 60_000, 95_000
    ),
    "publish_payout_1m": Row(
        "publish a payout to 2^20 weights", "0xSplits create 500: 1,649,458 · Story 16 parents: 13.07M", 125_000
    ),
    "claim_depth20": Row(
        "claim one of 2^20 shares, solvency proven, paid to an account",
        "Story 236,122 · Morpho URD 69,104 (solvency not proven)",
        85_000,
        120_000,
    ),
    "claim_depth20_owner": Row("the same, paid to whoever owns a capture"),
    "link_1": Row("link one parent", "Story 1.32M", 75_000),
    "link_16": Row("link 16 parents at once", "Story 13.07M", 470_000),
    "roll": Row("move a parent's share up", "Story 99,628", 45_000),
    "sale_honest": Row(
        "fair sale of a capture's key: open, deliver, settle; next: to another buyer",
        "SOX 934k · OptiSwap 1.05M · Ocean 271k, not fair",
        210_000,
    ),
    "sale_derived": Row("fair sale of a model's key, paid into the revenue graph"),
    "dispute_key": Row("prove that the key is wrong and be refunded", "SOX 4.48M · OptiSwap 6.41M", 70_000),
    "grant": Row("give a license; next: to another licensee", "Vana 242k", 55_000),
    "revoke_all": Row("end every license at once", "one transaction for each license", 30_000, 46_000),
    "offer": Row("offer licenses"),
    "buy": Row("buy a license that needs no key"),
    "deposit": Row("deposit into an account"),
    "withdraw": Row("withdraw from an account"),
    "register_node": Row("register a node with stake"),
    "unbond": Row("start to take out stake"),
    "withdraw_stake": Row("take out stake"),
}


def table(figures: Mapping[str, Mapping[str, int]]) -> str:
    """Return the page docs/gas.md for measured figures."""
    lines = []
    for key, row in ROWS.items():
        first, following = figures[key]["first"], figures[key]["next"]
        mark = "–" if row.target is None else "✓" if row.reached_by(figures[key]) else "✗ missed"
        lines.append(f"| `{key}` | {row.action} | {row.others} | {row.goal} | {first:,} | {following:,} | {mark} |")
    return HEAD + "\n".join(lines) + "\n" + FOOT
