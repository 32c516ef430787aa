"""Income: paid, rolled up, shared by trees that others published, honest or not."""

from __future__ import annotations

import pytest
from chain_facts import at
from fakes import CONTRACT

from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain import sumtree
from thenar.domain.revenue import Beneficiary
from thenar.domain.statements import Statement
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Reverted
from thenar.services import earn
from thenar.services.payouts import fetch_payout, publish_payout
from thenar.services.ports import one_part

HALF = 500_000


@pytest.fixture
async def ana(town):
    return await town.person("ana")


@pytest.fixture
async def ben(town, ana):
    return await town.person("ben")


@pytest.fixture
async def assets(ana, ben):
    """One of Ana's and one of Ben's."""
    return (await ana.publish(b"hers")).asset, (await ben.publish(b"his")).asset


def owners(weights):
    """Shares of whoever owns these assets."""
    return [sumtree.Share(Beneficiary.OWNER, bytes.fromhex(asset[2:]), weights[asset]) for asset in sorted(weights)]


def sent(person, kind) -> list[object]:
    return [action for action in person.outbox.actions if isinstance(action, kind)]


async def claim(person) -> earn.Earned:
    return await earn.claim(person.trade, person.store, person.peers)


async def test_what_an_asset_earned_is_taken_by_its_owner_once(ana, ben, assets):
    hers, _ = assets
    await earn.pay(ben.trade, hers, 100, bytes(32))

    first, second = await claim(ana), await claim(ana)

    assert (first.own, first.total, second.total) == (100, 100, 0)
    assert len(sent(ana, a.TakeOwn)) == 1


@pytest.mark.parametrize("amount", [0, -1])
async def test_nothing_is_no_payment(ben, assets, amount):
    with pytest.raises(BadInput):
        await earn.pay(ben.trade, assets[0], amount, bytes(32))


async def test_only_the_owner_links_and_publishes(ana, ben, assets):
    hers, his = assets
    with pytest.raises(Refused):
        await earn.link(ben.trade, hers, {his: HALF})
    with pytest.raises(Refused):
        await publish_payout(ben.trade, ben.store, hers, owners({his: 1}))
    with pytest.raises(NotFound):
        await earn.pay(ben.trade, "0x" + "12" * 32, 5, bytes(32))


async def test_a_share_rolls_up_through_what_others_own(town, ana, ben, assets):
    """Income of a grandchild reaches the grandparent although its owner in between does nothing."""
    hers, his = assets
    cleo = await town.person("cleo")
    third = (await cleo.publish(b"third")).asset
    await earn.link(ben.trade, his, {hers: HALF})
    await earn.link(cleo.trade, third, {his: HALF})
    await earn.pay(ana.trade, third, 1_000, bytes(32))

    earned = await claim(ana)

    assert [(roll.child, roll.parent) for roll in sent(ana, a.RollShare)] == [(third, his), (his, hers)]
    assert (earned.rolled, earned.own) == (250, 250)
    assert (await claim(ben)).own == 250


async def test_leaves_are_proved_with_the_tree_fetched_from_its_publisher(ana, ben, assets):
    hers, his = assets
    await publish_payout(ben.trade, ben.store, his, owners({hers: 3, his: 1}))
    await earn.pay(ana.trade, his, 400, bytes(32))
    await ana.hear_of(his, ben)

    earned = await claim(ana)

    assert earned.leaves == 300
    (proved,) = sent(ana, a.ClaimLeaves)
    assert [leaf.weight for leaf in proved.leaves] == [3]
    assert (await claim(ana)).total == 0


async def test_a_tree_nobody_has_is_asked_for_and_passed_over(ana, ben, assets, autojump_clock):
    hers, his = assets
    await publish_payout(ben.trade, ben.store, his, owners({hers: 1}))
    await earn.pay(ana.trade, his, 400, bytes(32))
    await earn.pay(ben.trade, hers, 7, bytes(32))

    earned = await claim(ana)

    assert (earned.leaves, earned.own) == (0, 7)
    assert len(earned.passed_over) == 1
    assert his in earned.passed_over[0]
    assert ("want", {"asset": his}) in ana.peers.announced


@pytest.mark.parametrize("fault", ["junk", "other root", "other scope"])
async def test_a_corrupt_tree_keeps_nobody_from_his_own_income(town, ana, ben, assets, fault):
    hers, his = assets
    scope = sumtree.Scope(town.chain.chain_id, CONTRACT, his, 2 if fault == "other scope" else 1)
    shares = [sumtree.Share(Beneficiary.OWNER, bytes.fromhex(hers[2:]), 1)]
    tree = sumtree.SumTree.build(scope, shares)
    stored = await ben.store.add(
        one_part(b"junk" if fault == "junk" else sumtree.encode(sumtree.Published(scope, shares)))
    )
    root = bytes(32) if fault == "other root" else tree.root
    published = f.PayoutPublished(
        at(80), his, 1, root, 1, tree.depth, 0, Statement(ben.me, 900, 0, bytes(32), 0), stored.root.digest
    )
    town.tell([published], 80)
    await ana.hear_of(his, ben)
    await earn.pay(ana.trade, his, 400, bytes(32))
    await earn.pay(ben.trade, hers, 7, bytes(32))

    earned = await claim(ana)

    assert (earned.leaves, earned.own) == (0, 7)
    assert len(earned.passed_over) == 1
    with pytest.raises((Corrupt, BadInput)):
        await fetch_payout(ana.trade, ana.store, ana.peers, published)


async def test_that_somebody_else_took_it_first_is_no_failure(ana, ben, assets):
    hers, his = assets
    await earn.link(ben.trade, his, {hers: HALF})
    await earn.pay(ana.trade, his, 10, bytes(32))
    ana.outbox.refuse.append(Reverted("nothing is due", name="RevenueGraph_NothingDue"))

    earned = await claim(ana)

    assert earned.total == 0
    ana.outbox.refuse.append(Reverted("the token is paused", name="Paused"))
    with pytest.raises(Reverted):
        await claim(ana)
