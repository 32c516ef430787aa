"""Claims disputed by hand: whoever ran a unit and found something else, whether or not an auditor did."""

from __future__ import annotations

import pytest
from paper_rules import CHALLENGE
from work_town import open_work_town

from thenar.domain import actions as a
from thenar.domain.work.bounties import ClaimStage
from thenar.domain.work.disputes import Ground, Ruling
from thenar.errors import NotFound, Refused
from thenar.services.work.challenging import challenge


@pytest.fixture
async def town(tmp_path):
    async with open_work_town(tmp_path) as opened:
        yield opened


async def revealed(town, lies, *, judge_lies=None):
    """Max's claim of four units without an auditor, shown; Grace looks at it, three others judge."""
    rita, liar = await town.hand("rita", works=False), await town.hand("max", lies=lies)
    grace = await town.hand("grace", works=False, lies=judge_lies)
    bounty = await town.post(rita, units=4)
    catalog = rita.bench.trade.belief.catalog
    await town.live(until=lambda: bool(bounty.claims) and catalog.work[bounty.claims[0]].root is not None)
    for name in ("jon", "joy", "jim"):
        await town.hand(name, seats=1, works=False)
    return grace, liar, catalog.work[bounty.claims[0]]


async def test_a_lie_that_nobody_audited_is_disputed_by_hand_and_convicted(town):
    grace, _, claim = await revealed(town, {2: 7})

    made = await challenge(grace.bench, claim.id, claim.first + 2)
    await town.live()

    case = grace.bench.case(1)
    assert (case.ground, case.opponent, case.segment, case.ruling) == (Ground.CHALLENGE, grace.me, 7, Ruling.OTHER)
    assert (made.claimed, made.found) == (case.opening.claim_root, case.opening.other_root)
    assert claim.stage is ClaimStage.SLASHED
    deposits = [action for action in grace.person.outbox.actions if isinstance(action, a.DepositWithPermit)]
    assert [action.amount for action in deposits] == [CHALLENGE]
    assert not grace.failed


async def test_who_is_wrong_himself_loses_the_case(town):
    grace, _, claim = await revealed(town, {}, judge_lies={1: 3})

    await challenge(grace.bench, claim.id, claim.first + 1)
    await town.live()

    assert grace.bench.case(1).ruling is Ruling.CLAIM
    assert claim.stage is ClaimStage.FINALIZED


async def test_where_nothing_differs_nothing_is_disputed_and_no_money_moves(town):
    grace, _, claim = await revealed(town, {2: 7})

    with pytest.raises(Refused, match="nothing to dispute"):
        await challenge(grace.bench, claim.id, claim.first + 1)

    assert grace.person.outbox.actions == []


async def test_only_units_of_a_claim_that_is_shown_and_not_paid_are_disputed(town):
    grace, _, claim = await revealed(town, {})
    with pytest.raises(NotFound, match="no unit 4"):
        await challenge(grace.bench, claim.id, 4)
    await town.live()

    with pytest.raises(Refused, match="finalized"):
        await challenge(grace.bench, claim.id, 0)
