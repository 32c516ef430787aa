"""Walk traces: random moves of a small town, every answer held against the model.

    python tests/invariants/walk.py --calls 1000000 [--seed 1] [--workers 2]

Prints how often each function was called, the share of calls that were refused, the most gas one took, and a digest of
all end states: the same seed and size give the same digest. Exits with 1 and the trace's seed when anything broke.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import moves_of_assets
import moves_of_batches
import moves_of_epochs
import moves_of_live
import moves_of_marks
import moves_of_money
import moves_of_omissions
import moves_of_previews
import moves_of_reflex
import moves_of_revenue
import moves_of_runs
import moves_of_sales
import moves_of_time
import moves_of_words
from world import PEOPLE, Broken, Move, World

STEPS = 74
"""Calls in a trace, about."""
CHECK_EVERY = 20
WAITS = (*[0] * 40, 1, 1, 12, 60, 600, 3_300, 3_700, 8_000)
"""Seconds between two moves."""

MOVES: dict[Move, int] = {
    moves_of_money.deposit: 12,
    moves_of_money.withdraw: 4,
    moves_of_money.pose_as_module: 1,
    moves_of_assets.mint: 8,
    moves_of_assets.hand_on: 3,
    moves_of_revenue.pay: 12,
    moves_of_revenue.link: 6,
    moves_of_revenue.roll: 8,
    moves_of_revenue.publish: 7,
    moves_of_revenue.claim: 12,
    moves_of_revenue.return_bond: 3,
    moves_of_revenue.take_own: 5,
    moves_of_sales.offer: 12,
    moves_of_sales.revoke: 2,
    moves_of_sales.open_sale: 12,
    moves_of_sales.deliver: 34,
    moves_of_sales.settle: 24,
    moves_of_sales.time_out: 3,
    moves_of_sales.consent_refund: 3,
    moves_of_sales.dispute_key: 14,
    moves_of_sales.dispute_leaf: 18,
    moves_of_sales.forged_end: 1,
    moves_of_sales.allowed: 3,
    moves_of_time.buy: 8,
    moves_of_time.collect: 8,
    moves_of_time.refund: 8,
    moves_of_time.forged_flow: 1,
    moves_of_time.revoke_one: 4,
    moves_of_batches.commit: 4,
    moves_of_batches.open_leaf: 12,
    moves_of_batches.materialise: 3,
    moves_of_previews.challenge: 7,
    moves_of_previews.open_preview: 12,
    moves_of_previews.close: 8,
    moves_of_previews.expire: 3,
    moves_of_previews.dispute: 8,
    moves_of_omissions.prove: 6,
    moves_of_omissions.accuse: 6,
    moves_of_omissions.answer: 5,
    moves_of_omissions.condemn: 5,
    moves_of_omissions.lapse: 4,
    moves_of_omissions.thaw: 4,
    moves_of_marks.propose: 7,
    moves_of_marks.accept: 8,
    moves_of_marks.recall: 1,
    moves_of_marks.seal: 8,
    moves_of_marks.show: 12,
    moves_of_marks.answer: 10,
    moves_of_marks.lapse: 3,
    moves_of_marks.release: 2,
    moves_of_live.open_stream: 5,
    moves_of_live.subscribe: 12,
    moves_of_live.top_up: 4,
    moves_of_live.collect: 5,
    moves_of_live.stop: 6,
    moves_of_live.close: 2,
    moves_of_live.owed: 2,
    moves_of_reflex.serve: 8,
    moves_of_reflex.retire: 1,
    moves_of_reflex.end: 2,
    moves_of_reflex.open_channel: 10,
    moves_of_reflex.top_up: 4,
    moves_of_reflex.redeem: 12,
    moves_of_reflex.close: 3,
    moves_of_reflex.settle: 6,
    moves_of_reflex.contradict: 2,
    moves_of_reflex.accuse: 6,
    moves_of_reflex.defend: 3,
    moves_of_reflex.condemn: 3,
    moves_of_runs.approve: 5,
    moves_of_runs.disapprove: 1,
    moves_of_runs.order: 12,
    moves_of_runs.deliver: 10,
    moves_of_runs.settle: 6,
    moves_of_runs.reject: 3,
    moves_of_runs.refund: 4,
    moves_of_words.capture: 16,
    moves_of_words.lodge: 12,
    moves_of_words.withdraw_words: 1,
    moves_of_words.less_stake: 1,
    moves_of_words.accuse: 10,
    moves_of_words.rule: 8,
    moves_of_words.free: 4,
    moves_of_words.trusted: 2,
    moves_of_epochs.close: 6,
    moves_of_epochs.propose: 8,
    moves_of_epochs.challenge: 6,
    moves_of_epochs.rule: 5,
    moves_of_epochs.settle: 7,
    moves_of_epochs.claim: 9,
    moves_of_epochs.pay: 5,
    moves_of_epochs.hand_over: 2,
    moves_of_epochs.counted: 2,
}


@dataclass
class Outcome:
    """What came of some traces."""

    calls: int = 0
    traces: int = 0
    reverts: int = 0
    most_gas: int = 0
    mix: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    digest: bytes = bytes(32)
    broken: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Take in what came of further traces; their order decides the digest."""
        self.calls, self.traces = self.calls + other.calls, self.traces + other.traces
        self.reverts, self.most_gas = self.reverts + other.reverts, max(self.most_gas, other.most_gas)
        self.mix += other.mix
        self.refusals += other.refusals
        self.digest = hashlib.sha256(self.digest + other.digest).digest()
        self.broken += other.broken


def walk(seed: int, steps: int = STEPS) -> Outcome:
    """One trace from a fresh deployment to the last claim."""
    world = World(seed)
    choices = list(MOVES)
    try:
        start = world.machine.calls
        taken, weights = 0, drawn_weights(world)
        while world.machine.calls - start < steps:
            world.machine.wait(world.dice.choice(WAITS))
            world.dice.choices(choices, weights)[0](world)
            taken += 1
            if taken % CHECK_EVERY == 0:
                world.check()
        world.check()
        leave(world)
    except Broken as found:
        return Outcome(world.machine.calls, 1, broken=[f"seed {seed}: {found}"])
    machine = world.machine
    ends = [machine.view("token", "balanceOf", person) for person in PEOPLE]
    digest = hashlib.sha256(json.dumps([sorted(world.mix.items()), ends]).encode()).digest()
    return Outcome(machine.calls, 1, machine.reverts, machine.most_gas, world.mix, world.refusals, digest)


def drawn_weights(world: World) -> list[int]:
    """How likely each move is in this trace: two kinds of move, drawn by lot, come five times as often as otherwise.

    Leaving out takes turns in what is left in, and goes deeper: Groce et al., "Swarm testing" (2012).
    """
    themes = world.dice.sample(sorted({move.__module__ for move in MOVES}), 2)
    return [weight * (5 if move.__module__ in themes else 1) for move, weight in MOVES.items()]


def leave(world: World) -> None:
    """Everybody takes out what is theirs; nothing but the graph's dust and what it still owes may stay."""
    for person in PEOPLE:
        amount = world.account(person)
        world.ask(person, "Ledger", "withdraw", person, amount)
        world.ledger.withdraw(person, amount)
        world.wallets[person] += amount
    world.check()


def many(seeds: range) -> Outcome:
    """Several traces one after the other."""
    total = Outcome()
    for seed in seeds:
        total.add(walk(seed))
        if total.broken:
            break
    return total


def main() -> int:
    """Parse, walk, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--report", type=Path, default=None)
    asked = parser.parse_args()
    started, total, share = time.monotonic(), Outcome(), 50
    first = asked.seed * 1_000_000
    with ProcessPoolExecutor(asked.workers) as pool:
        while total.calls < asked.calls and not total.broken:
            parts = [range(first + n * share, first + (n + 1) * share) for n in range(4 * asked.workers)]
            first += 4 * asked.workers * share
            for part in pool.map(many, parts):
                if total.calls < asked.calls:
                    total.add(part)
            print(f"\r{total.calls:>10,} of {asked.calls:,} calls, {len(total.broken)} broken", end="", file=sys.stderr)
    print(file=sys.stderr)
    _show(total, time.monotonic() - started, asked.seed)
    return 1 if total.broken else 0


def _show(total: Outcome, seconds: float, seed: int) -> None:
    for name, count in total.mix.most_common():
        print(f"{count:>10,}  {name}")
    print("refused:")
    for name, count in total.refusals.most_common():
        print(f"{count:>10,}  {name}")
    print(f"{total.calls:,} calls in {total.traces:,} traces, {total.reverts / max(1, total.calls):.1%} refused as the")
    print(f"model said, most gas {total.most_gas:,}, {seconds:.0f} s, {total.calls / max(1, seconds):,.0f} a second,")
    print(f"seed {seed}, digest {total.digest.hex()[:16]}")
    print("\n".join(["broken:", *total.broken]) if total.broken else "0 broken")


if __name__ == "__main__":
    sys.exit(main())
