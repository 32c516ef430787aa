"""Lies about work: found by the auditor, narrowed to one segment, judged by jurors who ran it, paid for by the liar."""

from __future__ import annotations

import pytest
from chain_facts import at
from paper_executor import PAPER
from work_town import open_work_town

from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.work.bounties import ClaimStage
from thenar.domain.work.disputes import Phase, Ruling
from thenar.errors import Reverted
from thenar.services.work import auditing, courtroom

SEGMENTS = 300  # three levels of sixteen


@pytest.fixture
async def town(tmp_path):
    async with open_work_town(tmp_path) as opened:
        yield opened


async def crew(town, lies):
    """Rita asks, Max works and lies, Vera is drawn first; Jon, Joy and Jim can judge; Wim works honestly, later."""
    people = {"rita": await town.hand("rita", works=False), "max": await town.hand("max", lies=lies)}
    for name in ("vera", "jon", "joy", "jim"):
        people[name] = await town.hand(name, seats=1, works=False)
    return people


async def tried(town, people):
    """Everything until the liar is convicted and works no more; then Wim does what was left undone."""
    await town.live()
    people["wim"] = await town.hand("wim")
    await town.live()


def views(town, people, bounty):
    catalog = people["rita"].bench.trade.belief.catalog
    return catalog, [catalog.work[number] for number in bounty.claims]


@pytest.mark.parametrize("segment", [0, 1, 14, 15, 16, 37, 255, 256, 271, 299])
async def test_a_lie_from_any_segment_on_is_narrowed_to_that_segment_and_convicted(town, segment):
    people = await crew(town, {1: segment})
    bounty = await town.post(people["rita"], units=2, segments=SEGMENTS)
    await tried(town, people)

    catalog, claims = views(town, people, bounty)
    case = catalog.cases[1]
    assert claims[0].stage is ClaimStage.SLASHED
    assert (case.phase, case.ruling, case.judged) == (Phase.CLOSED, Ruling.OTHER, True)
    assert (case.opening.unit, case.segment, case.first) == (1, segment, segment + 1)
    assert set(case.panels[0].revealed.values()) == {case.other_node}
    jurors = {people[name].me for name in ("jon", "joy", "jim")}
    assert case.panels[0].settled == jurors == set(case.panels[0].members)
    assert catalog.members[people["max"].me, PAPER].convicted is not None
    assert bounty.done == 2  # run again, honestly this time
    assert not any(hand.failed for hand in people.values())


async def test_a_dispute_is_narrowed_in_one_transaction_where_the_liars_trace_can_be_had(town):
    people = await crew(town, {0: 37})
    await town.post(people["rita"], units=1, segments=SEGMENTS)

    await tried(town, people)

    kinds = [type(action) for hand in people.values() for action in hand.person.outbox.actions]
    assert kinds.count(a.NarrowCase) == 1
    assert a.AnswerChildren not in kinds and a.PostState not in kinds


@pytest.mark.parametrize("segment", [0, 16, 299])
async def test_a_dispute_is_narrowed_move_by_move_where_the_liar_hides_his_trace(town, segment):
    people = await crew(town, {0: segment})
    bounty = await town.post(people["rita"], units=1, segments=SEGMENTS)
    await town.live(until=lambda: bounty.claims and views(town, people, bounty)[1][0].root is not None)
    await town.loses_its_store(people["max"])

    await tried(town, people)

    catalog, claims = views(town, people, bounty)
    kinds = [type(action) for hand in people.values() for action in hand.person.outbox.actions]
    assert (kinds.count(a.NarrowCase), kinds.count(a.AnswerChildren)) == (0, 3)
    assert (catalog.cases[1].segment, claims[0].stage) == (segment, ClaimStage.SLASHED)


async def test_jurors_run_one_segment_and_nothing_else(town):
    people = await crew(town, {0: 20})
    await town.post(people["rita"], units=1, segments=SEGMENTS)

    await town.live(60)

    for name in ("jon", "joy", "jim"):
        assert (people[name].executor.segments_run, people[name].executor.replays) == (0, 1)


async def test_an_auditor_who_lies_loses_against_an_honest_worker(town):
    people = await crew(town, {})
    people["vera"].executor.lies = {1: 100}
    bounty = await town.post(people["rita"], units=2, segments=SEGMENTS)

    await town.live()

    catalog, claims = views(town, people, bounty)
    assert catalog.cases[1].ruling is Ruling.CLAIM
    assert claims[0].stage is ClaimStage.FINALIZED


async def test_a_jury_that_does_not_agree_voids_and_the_units_are_open_again(town):
    people = await crew(town, {0: 5})
    people["jon"].executor.lies = {0: 3}
    people["jim"].away = True
    bounty = await town.post(people["rita"], units=1, segments=20)
    await tried(town, people)

    catalog, claims = views(town, people, bounty)
    assert claims[0].stage is ClaimStage.VOIDED
    assert claims[0].lost == 0
    assert catalog.suspects == {PAPER: [1]}


async def test_a_side_that_does_not_move_loses_by_its_clock(town):
    people = await crew(town, {0: 5})
    bounty = await town.post(people["rita"], units=1, segments=SEGMENTS)
    await town.live(until=lambda: bounty.claims and views(town, people, bounty)[1][0].root is not None)
    await town.loses_its_store(people["max"])  # otherwise the other side would go all the way down alone
    await town.live(until=lambda: bool(people["rita"].bench.trade.belief.catalog.cases))
    people["max"].away = True

    await town.live()

    catalog, claims = views(town, people, bounty)
    assert claims[0].stage is ClaimStage.SLASHED
    assert (catalog.cases[1].ruling, catalog.cases[1].judged) == (Ruling.OTHER, False)


async def test_jurors_who_stay_away_are_fined_and_the_others_rule(town):
    people = await crew(town, {0: 5})
    people["jim"].away = True
    bounty = await town.post(people["rita"], units=1, segments=20)

    await town.live()

    catalog, claims = views(town, people, bounty)
    assert claims[0].stage is ClaimStage.SLASHED
    panel = catalog.cases[1].panels[0]
    assert people["jim"].me in panel.settled
    assert people["jim"].me not in panel.revealed


async def test_a_worker_who_hides_his_traces_has_to_show_them_on_chain_or_loses(town):
    people = await crew(town, {0: 5})
    bounty = await town.post(people["rita"], units=1, segments=20)
    await town.live(until=lambda: bounty.claims and views(town, people, bounty)[1][0].root is not None)
    await town.loses_its_store(people["max"])
    people["max"].away = True

    await town.live()

    catalog, claims = views(town, people, bounty)
    assert list(claims[0].demands) == [0]
    assert claims[0].stage is ClaimStage.SLASHED
    assert not catalog.cases


async def test_a_worker_who_shows_a_lie_on_chain_and_hides_the_rest_is_disputed_and_convicted(town):
    people = await crew(town, {2: 5})
    bounty = await town.post(people["rita"], units=4, segments=20)
    await town.live(until=lambda: bounty.claims and views(town, people, bounty)[1][0].root is not None)
    await town.loses_its_store(people["max"])

    await tried(town, people)

    catalog, claims = views(town, people, bounty)
    case = catalog.cases[1]
    assert sorted(claims[0].demands) == [0, 1, 2, 3]
    assert claims[0].demands[2].shown[0] == case.opening.claim_root
    assert (case.opening.unit, case.segment, case.ruling) == (2, 5, Ruling.OTHER)
    assert claims[0].stage is ClaimStage.SLASHED
    assert bounty.done == 4
    assert not any(hand.failed for hand in people.values())


async def test_an_honest_worker_whose_record_is_lost_shows_what_is_demanded_and_is_paid(town):
    people = await crew(town, {})
    town.tell([f.ScoreChanged(at(town.chain.block), people["max"].me, PAPER, 20, False)], town.chain.block)
    bounty = await town.post(people["rita"], units=4, segments=20, audit_bps=6_000)
    await town.live(until=lambda: bounty.claims and views(town, people, bounty)[1][0].root is not None)
    await town.loses_its_store(people["max"])

    await town.live()

    catalog, claims = views(town, people, bounty)
    assert 0 < len(claims[0].demands) < 4  # who ran all units would need no record of an honest claim
    assert all(demand.shown for demand in claims[0].demands.values())
    assert (claims[0].stage, bounty.done, dict(catalog.cases)) == (ClaimStage.FINALIZED, 4, {})


async def test_other_claims_of_a_convicted_worker_are_audited_in_full_before_they_are_paid(town):
    people = await crew(town, {5: 3})
    bounty = await town.post(people["rita"], units=8, segments=20)
    await tried(town, people)

    _, claims = views(town, people, bounty)
    assert [claim.stage for claim in claims][:2] == [ClaimStage.FINALIZED, ClaimStage.SLASHED]
    assert bounty.done == 8


async def test_auditors_run_exactly_the_drawn_units(town):
    people = await crew(town, {})
    catalog = people["rita"].bench.trade.belief.catalog
    bounty = await town.post(people["rita"], units=4, segments=20)

    await town.live(40, until=lambda: bounty.claims and catalog.work[1].auditor is not None)
    claim = catalog.work[1]
    claim.bps = 5_000

    drawn = auditing.units_of(claim)
    assert set(drawn) <= set(claim.units)


async def test_a_step_that_lost_a_race_within_a_block_is_looked_at_again(town):
    people = await crew(town, {})
    bounty = await town.post(people["rita"], units=2, segments=20)
    for name in ("max", "rita"):
        people[name].person.outbox.refuse = [Reverted("failed on chain, maybe for lack of gas")]

    await town.live()

    assert bounty.closed
    assert not any(hand.failed for hand in people.values())


async def test_who_lost_appeals_only_when_he_is_right_by_his_own_reckoning(town, caplog):
    people = await crew(town, {0: 5})
    await town.post(people["rita"], units=1, segments=20)
    await town.live()
    case = people["max"].bench.case(1)
    case.phase = Phase.RULED  # as it was when the duty came

    async def said(lies) -> list[str]:
        caplog.clear()
        people["max"].executor.lies = lies
        with caplog.at_level("INFO"):
            await courtroom.appeal(people["max"].bench, 1, 0)
        return [record.message for record in caplog.records]

    assert case.ruling is Ruling.OTHER
    assert await said({}) == ["the ruling is right"]
    assert await said({0: 5}) == ["no appeal"]  # he tried, and has not the bond
