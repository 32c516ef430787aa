"""Two roots of one epoch before sixteen jurors who know the rules: what they compute counts; who was wrong pays."""

from __future__ import annotations

import pytest
from capture_town import Case, Town
from courts import Trace
from epoch_town import BOND, BURNT, EpochTown
from system import DOLLAR, deploy_system

from thenar.domain.epochs.rules import RULES
from thenar.domain.work.disputes import Phase
from thenar.domain.work.trace import TraceTree

HELD = 10_000 * DOLLAR
THE_CLAIM, THE_OTHER, NEITHER = 1, 2, 3


@pytest.fixture(scope="module")
def town(deployer, people):
    """Everything deployed, the real court among it."""
    made = EpochTown(deploy_system(deployer))
    made.enrich(*people)
    Town(made.system).seat(16, RULES.hash)
    return made


@pytest.fixture(autouse=True)
def clock(town):
    """Time goes back with the chain after every test."""
    town.now = 0


@pytest.fixture
def contested(town, alice, bob, carol, mallory):
    """Mallory gave herself what is Bob's; Carol holds the right root against it."""
    town.close(alice)
    wrong, right = town.root({mallory: 400}), town.root({bob: 300, carol: 100})
    tx = town.challenge(carol, town.propose(mallory, wrong), right)
    opened = tx.events["CaseOpened"]
    spec = bytes(opened["opening"]["spec"])
    leaves = [root.verdict(town.place) for root in (wrong, right)]
    traces = [Trace((b"", b""), TraceTree.build([leaf, spec])) for leaf in leaves]
    opening = tuple(opened["opening"])
    case = Case(town.system.segment_court, *traces, mallory, carol, None, opening_=opening)
    case.id, case.level = int(opened["dispute"]), 0
    return case, wrong, right


def test_a_wrong_root_is_refuted_and_the_right_one_pays(town, contested, bob, carol, mallory, frank):
    case, _, right = contested
    assert (case.phase, case.now["matter"]) == (Phase.DRAWING, 3)

    case.judge(frank, [THE_OTHER] * 7)
    case.close(frank)

    town.claim(frank, town.leaf(right, bob))
    assert town.token.balanceOf(bob) == 300
    assert town.ledger.balanceOf(mallory) == HELD - BOND
    assert town.ledger.balanceOf(carol) == HELD + BOND // 2
    assert town.ledger.balanceOf(BURNT) == BOND // 4 + town.ledger.lockedBy(town.epochs) + BOND // 4 % 7
    fee = BOND // 4 // 7
    assert town.system.segment_court.feeOf(case.id) == fee


def test_jurors_who_find_it_right_settle_it_and_the_challenger_pays(town, contested, carol, mallory, frank):
    case, wrong, _ = contested

    case.judge(frank, [THE_CLAIM] * 5 + [THE_OTHER] * 2)
    case.close(frank)

    assert town.ledger.balanceOf(carol) == HELD - BOND
    town.claim(frank, town.leaf(wrong, mallory))


def test_when_jurors_find_neither_right_both_lose_a_tenth(town, contested, carol, mallory, frank, alice, bob):
    case, _, right = contested

    for _ in range(3):
        case.judge(frank, [NEITHER] * 31)
    case.close(frank)

    assert town.ledger.balanceOf(carol) == town.ledger.balanceOf(mallory) == HELD - BOND // 10
    town.settle(alice, town.propose(alice, right))
    town.claim(alice, town.leaf(right, bob))


def test_whoever_proposed_or_contested_does_not_judge(contested, carol, mallory, frank):
    case, _, _ = contested

    case.draw(frank)

    assert {str(carol), str(mallory)}.isdisjoint(case.panel)
