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
    "commit_batch_10000": Row("commit to a batch of 10,000 captures", "none has it", 80_000, 105_000),
    "materialise": Row("give one of 10,000 members a record of its own"),
    "pay": Row(
        "pay an asset, any number of contributors", "Story 165,552 · 0xSplits to 500: 4,972,459", 60_000, 95_000
    ),
    "publish_payout_1m": Row(
        "publish a payout to 2^20 weights, with a license set and a bond",
        "0xSplits create 500: 1,649,458 · Story 16 parents: 13.07M",
        125_000,
    ),
    "claim_depth20": Row(
        "claim one of 2^20 shares, solvency proven, paid to an account",
        "Story 236,122 · Morpho URD 69,104 (solvency not proven)",
        85_000,
        120_000,
    ),
    "claim_depth20_owner": Row("the same, paid to whoever owns a capture"),
    "claim_leaf": Row("claim a share through one of 10,000 members of a batch that was never materialised"),
    "prove_omission": Row("convict a payout of an omission among 2^10 licenses, slash its bond and freeze it"),
    "link_1": Row("link one parent", "Story 1.32M", 75_000),
    "link_16": Row("link 16 parents at once", "Story 13.07M", 470_000),
    "roll": Row("move a parent's share up", "Story 99,628", 45_000),
    "sale_honest": Row(
        "fair sale of a capture's key: open, deliver, settle; next: to another buyer",
        "SOX 934k · OptiSwap 1.05M · Ocean 271k, not fair",
        210_000,
    ),
    "sale_timed": Row("the same for a license that ends, its price into the escrow"),
    "sale_derived": Row("fair sale of a model's key, paid into the revenue graph"),
    "sale_bonded": Row("the same with a bond on either side"),
    "mark": Row("propose and accept the mark of a copy"),
    "leak_256": Row("claim a leak over 256 cells: commit, show, answer, be paid"),
    "preview_10": Row("preview of 10 chunks: ask, open, close"),
    "dispute_preview": Row("show a false opening of a preview: a leaf of 1 KiB and the handed over key"),
    "dispute_key": Row("prove that the key is wrong and be refunded", "SOX 4.48M · OptiSwap 6.41M", 70_000),
    "dispute_leaf": Row(
        "prove that a leaf of 1 KiB is garbage, in a file of 4 MiB, and be refunded",
        "FairSwap 194k (toy cipher) · SOX 4.48M · OptiSwap 6.41M",
        240_000,
    ),
    "create_bounty": Row("ask for work, with hidden answers, and lock its price", "none published", 250_000),
    "claim_units": Row("claim 256 units and bind the stake for them", "none published", 140_000),
    "commit_work": Row("commit to 256 units", "none published", 60_000),
    "draw_audit": Row("draw an auditor and the units he runs again", "none published", 70_000),
    "commit_audit": Row("commit to an audit, blind"),
    "reveal_work": Row("show 256 units", "none published", 110_000),
    "reveal_audit": Row("show an audit and the one trace that is asked for"),
    "finalize_claim": Row("pay worker and auditor of 256 units", "none published", 110_000),
    "compute_unit_256": Row("all of it for one of 256 units: claim to pay, audit included", "none published", 2_200),
    "post_captures": Row("ask for captures and lock the budget"),
    "capture_bounty": Row(
        "answer a capture bounty: commit, show, settle; first: an empty spot, next: one that is covered in part",
        "none published",
        350_000,
        350_000,
    ),
    "capture_bounty_gesture": Row("the same with a gesture, where one is wanted", "none published", 350_000, 350_000),
    "capture_bounty_full": Row("the same with a gesture, a device's word and one of 256 listed cells"),
    "light_beacon": Row("light a beacon, once for everybody who begins with its gesture"),
    "challenge_answer": Row("challenge an answer as a copy and call a jury"),
    "lodge_word": Row("have a witness's word counted, with stake bound behind it"),
    "accuse_word": Row("accuse a word as false and call a jury"),
    "approve_program": Row("approve a program that comes to the data"),
    "run_program": Row("run one: order, deliver, settle"),
    "epoch_close": Row("close an epoch and fix the next one's pool"),
    "epoch_root": Row("propose the root over half a million accounts, with its bond", "none published", 80_000, 80_000),
    "epoch_settle": Row("settle a root that nobody challenged"),
    "epoch_claim": Row(
        "claim a reward under a tree of 20 levels; first: an account that had nothing",
        "Morpho URD 69,104 (no solvency)",
        85_000,
        120_000,
    ),
    "challenge_root": Row("hold another root against a proposed one and call a jury"),
    "grant": Row("give a license; next: to another licensee", "Vana 242k", 55_000),
    "revoke_all": Row(
        "end every license at once; next: of another asset", "one transaction for each license", 30_000, 46_000
    ),
    "revoke_all_again": Row("the same of an asset whose consent was withdrawn before; when that was is kept"),
    "offer": Row("offer licenses"),
    "buy": Row("buy a license that needs no key"),
    "deposit": Row("deposit into an account"),
    "withdraw": Row("withdraw from an account"),
    "register_node": Row("register a node with stake"),
    "unbond": Row("start to take out stake"),
    "withdraw_stake": Row("take out stake"),
    "storage_pledge": Row("pledge 1 TiB; next: in place of an earlier pledge"),
    "storage_round": Row("open and seed a day's round, once for all nodes"),
    "storage_day_1mib": Row("answer a day's challenges over 1 MiB; first: a node's first day", "–", 60_000, 60_000),
    "storage_day_1gib": Row("the same over 1 GiB", "–", 60_000, 60_000),
    "storage_day": Row("the same over 1 TiB", "Filecoin PDP 120–177M (FEVM units)", 60_000, 60_000),
    "storage_dispute_1mib": Row(
        "demand one of the eight over 1 MiB and show it: a leaf of 1 KiB, 10 levels", "–", 350_000, 350_000
    ),
    "storage_dispute_1gib": Row("the same over 1 GiB, 20 levels", "–", 350_000, 350_000),
    "storage_dispute": Row("the same over 1 TiB, 30 levels", "none published", 350_000, 350_000),
    "serve_model": Row("serve a model, with stake"),
    "open_channel": Row("open a channel to a node that serves a model"),
    "redeem_voucher": Row(
        "redeem a voucher over any number of calls, the model's share into the revenue graph", "–", 80_000
    ),
    "prove_contradiction": Row(
        "convict a node of two answers to one observation, in windows of 1,024 calls", "–", 120_000
    ),
    "accuse_call": Row(
        "hold an answer of 8 numbers to 32 against its node, in a window of 1,024 calls", "none published", 120_000
    ),
    "compute_dispute_4096": Row(
        "dispute among 4,096 checkpoints: open, narrow, judge by seven jurors, carry out; 18 transactions",
        "Cartesi: up to 92 moves of 90k each",
        1_600_000,
        1_600_000,
    ),
}


def table(figures: Mapping[str, Mapping[str, int]]) -> str:
    """Return the page docs/gas.md for measured figures."""
    lines = []
    for key, row in ROWS.items():
        first, following = figures[key]["first"], figures[key]["next"]
        mark = "–" if row.target is None else "✓" if row.reached_by(figures[key]) else "✗ missed"
        lines.append(f"| `{key}` | {row.action} | {row.others} | {row.goal} | {first:,} | {following:,} | {mark} |")
    return HEAD + "\n".join(lines) + "\n" + FOOT
