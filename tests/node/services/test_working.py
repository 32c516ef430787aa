"""Bounties from the posting to the last payment: workers, auditors and requesters whose duties facts alone give."""

from __future__ import annotations

import pytest
from chain_facts import at
from paper_executor import PAPER, PowerCut
from work_town import AUDIT, PRICE, open_work_town

from thenar.domain import facts as f
from thenar.domain.ids import Cid
from thenar.domain.work.bounties import AuditStage, ClaimStage
from thenar.errors import BadInput, Refused
from thenar.services.work import bounties
from thenar.services.work.hiring import LEAST_WINDOW, WorkOffer, set_offer
from thenar.services.work.jobfiles import record_of


@pytest.fixture
async def town(tmp_path):
    async with open_work_town(tmp_path) as opened:
        yield opened


async def crew(town, **lies):
    """Rita asks for work; Wim and Vera work, Vera and three more can be drawn."""
    return {
        "rita": await town.hand("rita", works=False),
        "wim": await town.hand("wim", lies=lies.get("wim")),
        "vera": await town.hand("vera", seats=1, works=False),
    }


async def test_all_units_are_run_audited_revealed_paid_and_the_rest_comes_back(town):
    people = await crew(town)
    bounty = await town.post(people["rita"], units=8)

    await town.live()

    catalog = people["rita"].bench.trade.belief.catalog
    claims = [catalog.work[number] for number in bounty.claims]
    assert [claim.stage for claim in claims] == [ClaimStage.FINALIZED] * 2
    assert [claim.audit for claim in claims] == [AuditStage.REVEALED] * 2
    assert (bounty.done, bounty.paid, bounty.audit_paid) == (8, 8 * PRICE, 8 * AUDIT)
    assert bounty.closed and bounty.refunded == 0
    assert catalog.nodes[people["wim"].me].bound == 0
    assert not any(hand.failed for hand in people.values())


async def test_checkpoints_and_files_of_a_closed_bounty_are_let_go_by_all_but_the_requester(town):
    people = await crew(town)
    bounty = await town.post(people["rita"], units=2)

    await town.live()

    for name, pinned in (("wim", False), ("vera", False), ("rita", True)):
        bench = people[name].bench
        record = await record_of(bench.files, bench.trade.belief.catalog, bench.claim(bounty.claims[0]))
        assert not bench.place(bounty).exists()
        assert (Cid.parse(record.outputs[0]) in await bench.files.store.pins()) is pinned
    again = await town.post(people["rita"], units=2)
    await town.live()
    assert again.closed and again.done == 2


async def test_what_came_out_is_kept_by_the_requester_and_fetched_when_its_worker_is_gone(town, tmp_path):
    people = await crew(town)
    bounty = await town.post(people["rita"], units=4)
    await town.live()
    for name in ("wim", "vera"):
        await town.loses_its_store(people[name])

    fetched = await bounties.fetch(people["rita"].bench, bounty.id, tmp_path / "out", lambda done, total: None)

    assert (fetched.units, fetched.failed) == (4, ())
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["job.json", *(f"unit-{unit:06d}.bin" for unit in range(4))]


@pytest.mark.parametrize("segments", range(0, 45, 4))
async def test_a_power_cut_at_any_segment_loses_nothing_and_runs_nothing_twice(town, segments):
    people = await crew(town)
    wim = people["wim"]
    wim.executor.cut_after = segments
    bounty = await town.post(people["rita"], units=2, segments=20)

    with pytest.raises(PowerCut):
        await town.live()
        raise PowerCut  # nothing was left to cut
    wim.reborn()
    await town.live()

    assert bounty.done == 2
    assert wim.executor.segments_run == 40


@pytest.mark.parametrize("who", ["wim", "vera", "rita"])
@pytest.mark.parametrize("transaction", range(4))
async def test_a_crash_right_after_any_transaction_sends_nothing_twice(town, who, transaction):
    people = await crew(town)
    victim = people[who]
    bounty = await town.post(people["rita"], units=4)
    sent = len(victim.person.outbox.sent)
    await town.live(until=lambda: len(victim.person.outbox.sent) >= sent + transaction)
    victim.person.outbox.crash = [PowerCut()]

    with pytest.raises(PowerCut):
        await town.live()
        raise PowerCut  # they had no more to send
    victim.person.outbox.crash = []
    victim.reborn()
    await town.live()

    assert bounty.done == 4
    assert len(bounty.claims) == 1
    assert bounty.closed


async def test_a_worker_who_never_commits_loses_a_part_and_others_do_the_units(town):
    people = await crew(town)
    people["wim"].executor.cut_after = 0
    bounty = await town.post(people["rita"], units=4)
    with pytest.raises(PowerCut):
        await town.live()
    people["wim"].away = True
    await town.hand("xenia")

    await town.live()

    catalog = people["rita"].bench.trade.belief.catalog
    stages = [catalog.work[number].stage for number in bounty.claims]
    assert stages == [ClaimStage.EXPIRED, ClaimStage.FINALIZED]
    assert bounty.done == 4


async def test_an_auditor_who_stays_away_is_replaced_and_work_goes_on_unaudited_in_the_end(town):
    people = await crew(town)
    people["vera"].away = True
    bounty = await town.post(people["rita"], units=4)

    await town.live()

    catalog = people["rita"].bench.trade.belief.catalog
    claim = catalog.work[bounty.claims[0]]
    assert (claim.stage, claim.audit) == (ClaimStage.FINALIZED, AuditStage.WAIVED)
    assert claim.audit_paid == 0


async def test_a_cancelled_bounty_gives_back_what_nobody_claimed(town):
    people = await crew(town)
    people["wim"].away = True
    bounty = await town.post(people["rita"], units=4)

    await bounties.cancel(people["rita"].bench, bounty.id)
    await town.live()

    assert bounty.closed and bounty.refunded == bounty.budget
    with pytest.raises(Refused, match="ended already"):
        await bounties.cancel(people["rita"].bench, bounty.id)
    with pytest.raises(Refused, match="belongs to"):
        await bounties.cancel(people["vera"].bench, bounty.id)


async def test_a_bounty_whose_spec_says_something_else_is_left_alone(town):
    people = await crew(town)
    spec = await town.spec(people["rita"], units=4)
    with pytest.raises(BadInput, match="those of its spec"):
        await town.post(people["rita"], units=5, spec=spec)


@pytest.mark.parametrize(("score", "batch", "expected"), [(0, 0, 4), (9, 0, 4), (10, 0, 16), (0, 9, 9), (10, 9, 9)])
async def test_few_units_are_claimed_in_probation_unless_somebody_says_how_many(town, score, batch, expected):
    rita, wim = await town.hand("rita", works=False), await town.hand("wim")
    await set_offer(wim.bench.trade, WorkOffer(1, ("paper",), 0, batch))
    town.tell([f.ScoreChanged(at(town.chain.block), wim.me, PAPER, score, False)], town.chain.block)
    bounty = await town.post(rita, units=20)

    await wim.hiring.look()

    assert [rita.bench.claim(number).count for number in bounty.claims] == [expected]


@pytest.mark.parametrize(("left", "claims"), [(LEAST_WINDOW, 1), (LEAST_WINDOW - 1, 0)])
async def test_what_ends_before_a_claim_could_be_read_is_not_claimed(town, left, claims):
    rita, wim = await town.hand("rita", works=False), await town.hand("wim")
    await set_offer(wim.bench.trade, WorkOffer(1, ("paper",), 0, 0))
    bounty = await town.post(rita)
    town.chain.timestamp = bounty.job.deadline - left

    await wim.hiring.look()

    assert len(bounty.claims) == claims
