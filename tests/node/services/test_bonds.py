"""Bonds of demands and appeals: an auditor without a deposit brings them from the wallet, up to a limit."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from fakes import RICH
from paper_bounties import DEMAND
from work_town import open_work_town

from thenar.domain import actions as a
from thenar.domain.work.bounties import ClaimStage
from thenar.errors import Poor
from thenar.services.work.bonds import DAY, back


@pytest.fixture
async def town(tmp_path):
    async with open_work_town(tmp_path) as opened:
        yield opened


async def hidden_lie(town, **bonds):
    """Max lies about one of two units and nobody can have his record; Vera audits with what ``bonds`` let her."""
    rita, liar = await town.hand("rita", works=False), await town.hand("max", lies={1: 5})
    vera = await town.hand("vera", seats=1, works=False)
    vera.bench.bonds = replace(vera.bench.bonds, **bonds)
    bounty = await town.post(rita, units=2)
    catalog = rita.bench.trade.belief.catalog
    await town.live(until=lambda: bool(bounty.claims) and catalog.work[bounty.claims[0]].root is not None)
    await town.loses_its_store(liar)
    liar.away = True
    return vera, catalog.work[bounty.claims[0]]


def sent(hand, *kinds):
    return [action for action in hand.person.outbox.actions if isinstance(action, kinds)]


async def test_an_auditor_without_a_deposit_brings_the_bonds_and_has_the_hidden_lie_convicted(town):
    vera, claim = await hidden_lie(town)

    await town.live()

    order = sent(vera, a.DepositWithPermit, a.DemandPlace)
    assert [type(action).__name__ for action in order] == ["DepositWithPermit", "DemandPlace", "DemandPlace"]
    assert order[0].amount == 2 * DEMAND
    assert claim.stage is ClaimStage.SLASHED
    assert not vera.failed


async def test_what_is_deposited_already_is_not_brought_again(town):
    vera, claim = await hidden_lie(town, most=DEMAND)
    town.chain.wallets[vera.me] = replace(RICH, account=DEMAND)

    await town.live()

    assert [action.amount for action in sent(vera, a.DepositWithPermit)] == [DEMAND]
    assert claim.stage is ClaimStage.SLASHED


@pytest.mark.parametrize(
    ("wallet", "bonds", "why"),
    [(RICH, {"most": 0}, "may come from the wallet"), (replace(RICH, tokens=1), {}, "the wallet holds 1")],
)
async def test_who_may_or_can_not_bring_it_demands_nothing_and_says_why(town, caplog, wallet, bonds, why):
    vera, _ = await hidden_lie(town, **bonds)
    town.chain.wallets[vera.me] = wallet

    with caplog.at_level(logging.WARNING, "thenar.services.work.auditing"):
        await town.live()

    assert sent(vera, a.DepositWithPermit, a.DemandPlace) == []
    told = [record for record in caplog.records if record.message == "no money to demand places"]
    assert why in told[0].reason
    assert not vera.failed


async def test_the_limit_is_for_a_day_and_counts_what_was_brought(town):
    vera = await town.hand("vera")
    trade, bonds = vera.bench.trade, replace(vera.bench.bonds, most=25)
    for held in (0, 10):
        town.chain.wallets[vera.me] = replace(RICH, account=held)
        await back(trade, bonds, held + 10)

    with pytest.raises(Poor, match="20 of the 25"):
        await back(trade, bonds, 30)
    town.chain.timestamp += DAY
    await back(trade, bonds, 45)

    assert [action.amount for action in sent(vera, a.DepositWithPermit)] == [10, 10, 25]


async def test_killed_on_the_way_it_never_brings_more_than_the_limit(town):
    """What was written down counts, sent or not."""
    vera = await town.hand("vera")
    trade, bonds = vera.bench.trade, replace(vera.bench.bonds, most=25)
    vera.person.outbox.crash.append(RuntimeError("the power is gone"))
    with pytest.raises(RuntimeError):
        await back(trade, bonds, 20)
    town.chain.wallets[vera.me] = RICH  # not mined yet

    with pytest.raises(Poor):
        await back(trade, bonds, 20)
