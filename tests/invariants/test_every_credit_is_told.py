"""On random ledgers of the real contracts every unit the Ledger released to somebody has an entry in his statement."""

from __future__ import annotations

import sys
from collections import Counter

import pytest

if sys.version_info >= (3, 13):  # pragma: no cover
    pytest.skip("the in-process EVM has no wheel for this Python yet", allow_module_level=True)

import moves_of_epochs
import moves_of_marks
import moves_of_money
import moves_of_omissions
import moves_of_reflex
import moves_of_revenue
import moves_of_sales
import moves_of_time
from earned import audited
from followed import Followed
from walk import MOVES, WAITS

from thenar.domain import facts as f
from thenar.domain.earnings import RULES
from thenar.domain.marks import MarkEnd

STEPS, SEEDS = 1_500, (*range(16), 35)
"""Enough for everything below; a copy that leaked is rare, and town 35 has one."""
THEMES = (
    {moves_of_marks.__name__, moves_of_sales.__name__},
    {moves_of_omissions.__name__, moves_of_revenue.__name__, moves_of_sales.__name__},
    {moves_of_epochs.__name__},
    {moves_of_reflex.__name__},
    {moves_of_time.__name__},
)
"""Kinds of move that come more often than others, by turns."""
PAID = {
    "revenue graph",
    "capture bounty",
    "challenge",
    "contradiction",
    "court",
    "inference",
    "license",
    "live stream",
    "mark",
    "omission",
    "preview",
    "returned",
    "sale",
    "usage",
}
"""What the towns below must have paid, for the sums to mean anything; work and storage: tests/contracts/stateful."""


def walked(seed: int) -> Followed:
    """A town after many moves."""
    town, often = Followed(seed), THEMES[seed % len(THEMES)] | {moves_of_money.__name__}
    weights = [weight * (8 if move.__module__ in often else 1) for move, weight in MOVES.items()]
    for _ in range(STEPS):
        town.machine.wait(town.world.dice.choice(WAITS))
        town.world.dice.choices(list(MOVES), weights)[0](town.world)
    town.catch_up()
    return town


@pytest.fixture(scope="module")
def towns() -> list[Followed]:
    return [walked(seed) for seed in SEEDS]


def test_every_unit_the_ledger_released_has_an_entry_and_every_source_pays_in_some_town(towns) -> None:
    seen: Counter[str] = Counter()
    for town in towns:
        seen += audited(town.belief.catalog, town.facts)

    assert not PAID - seen.keys(), f"no town paid {PAID - seen.keys()}"


def test_marks_end_in_every_way(towns) -> None:
    ends = {fact.how for town in towns for fact in town.facts if isinstance(fact, f.MarkEnded)}

    assert ends == set(MarkEnd) - {MarkEnd.NONE}


@pytest.mark.parametrize("kind", [f.SaleSettled, f.VoucherRedeemed, f.OwnTaken, f.MarkEnded, f.RootJudged])
def test_a_kind_of_credit_without_a_rule_is_noticed(towns, monkeypatch, kind) -> None:
    monkeypatch.delitem(RULES, kind)

    with pytest.raises(AssertionError, match="nothing says why"):
        for town in towns:
            audited(town.belief.catalog, town.facts)
