"""Canaries: units the requester ran first, hidden in the bounty; a claim that comes to something else is disputed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from work_town import open_work_town

from thenar.domain import actions as a
from thenar.domain.work.bounties import ClaimStage
from thenar.domain.work.disputes import Ground, Ruling
from thenar.errors import BadInput, Refused
from thenar.services.work import bounties, canaries


@pytest.fixture
async def town(tmp_path):
    async with open_work_town(tmp_path) as opened:
        yield opened


async def posted(town, lies, *, units=4, count=4):
    """Rita's job with canaries, Max who works on it, and three who can judge; nobody audits."""
    rita = await town.hand("rita", works=False)
    await town.hand("max", lies=lies)
    bounty = await town.post(rita, units=units, canaries=count)
    catalog = rita.bench.trade.belief.catalog
    await town.live(until=lambda: bool(bounty.claims) and catalog.work[bounty.claims[0]].root is not None)
    for name in ("jon", "joy", "jim"):
        await town.hand(name, seats=1, works=False)
    await town.live()
    return rita, bounty, catalog.work[bounty.claims[0]]


async def test_a_lie_at_a_canary_is_convicted_though_nobody_audited_it(town):
    rita, bounty, claim = await posted(town, {2: 7})

    case = rita.bench.case(1)
    assert (case.ground, case.opponent, case.segment, case.ruling) == (Ground.CANARY, rita.me, 7, Ruling.OTHER)
    assert claim.stage is ClaimStage.SLASHED
    assert any(bounty.job.canary_root)
    assert not rita.failed


async def test_a_canary_waits_while_the_bond_serves_another_claim(town):
    rita = await town.hand("rita", works=False)
    await town.hand("max", lies={2: 7})
    town.paper.bond_out = True
    bounty = await town.post(rita, units=4, canaries=4)
    catalog = rita.bench.trade.belief.catalog
    await town.live(until=lambda: bool(bounty.claims) and catalog.work[bounty.claims[0]].root is not None)
    for name in ("jon", "joy", "jim"):
        await town.hand(name, seats=1, works=False)
    await town.live(rounds=3)
    assert catalog.cases == {}

    town.paper.bond_out = False
    await town.live()

    assert catalog.work[bounty.claims[0]].stage is ClaimStage.SLASHED
    assert rita.failed == {}


async def test_honest_work_over_canaries_is_paid(town):
    rita, _, claim = await posted(town, {})

    assert claim.stage is ClaimStage.FINALIZED
    assert rita.bench.trade.belief.catalog.cases == {}


async def test_a_lie_beside_the_canaries_is_not_seen_by_them(town):
    rita, worker = await town.hand("rita", works=False), await town.hand("max")
    bounty = await town.post(rita, units=4, canaries=1)
    (known,) = (await canaries._read(rita.bench, canaries._name(bounty.job.canary_root))).known
    worker.executor.lies = {(known.unit + 1) % 4: 3}
    await town.live()

    catalog = rita.bench.trade.belief.catalog
    assert [catalog.work[number].stage for number in bounty.claims] == [ClaimStage.FINALIZED]
    assert catalog.cases == {}


async def test_asked_again_with_the_same_request_the_same_units_are_chosen(town):
    rita = await town.hand("rita", works=False)
    spec = await town.spec(rita, units=50)
    bench = replace(rita.bench, trade=replace(rita.bench.trade, request="once"))
    plan = await bench.executor.prepare(spec, await bounties._own_assets(bench, spec))
    job = replace((await town.post(rita, units=50, spec=spec)).job, canary_root=bytes(32))

    one, other = [await canaries.with_canaries(bench, plan, job, 3, "once") for _ in range(2)]
    fresh = await canaries.with_canaries(rita.bench, plan, job, 3, "again")

    assert one.canary_root == other.canary_root != fresh.canary_root


@pytest.mark.parametrize("count", [-1, 5, 1_001])
async def test_more_canaries_than_units_are_refused(town, count):
    rita = await town.hand("rita", works=False)
    with pytest.raises(BadInput, match="can be canaries"):
        await town.post(rita, units=4, canaries=count)
    assert not any(isinstance(action, a.CreateBounty) for action in rita.person.outbox.actions)


async def test_a_machine_that_does_not_pass_the_class_knows_no_answers(town, monkeypatch):
    rita = await town.hand("rita", works=False)
    able = await rita.executor.capabilities()

    async def unable():
        return replace(able, classes=())

    monkeypatch.setattr(rita.executor, "capabilities", unable)
    with pytest.raises(Refused, match="does not pass the class"):
        await town.post(rita, units=4, canaries=1)
