"""Stories about epochs: who proposes, who contests what, what a juror finds, what is claimed."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from chain_facts import at
from epoch_facts import PARAMS, captured, close
from fakes import CONTRACT
from town import Town

from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.catalog import CaseRecord
from thenar.domain.epochs.pools import EpochRoot
from thenar.domain.epochs.tree import RewardTree
from thenar.domain.ids import Address, AssetId, DisputeId
from thenar.domain.work.disputes import Opening
from thenar.errors import BadInput, Corrupt, NotFound
from thenar.services.epochs import checking, claiming, proposing
from thenar.services.epochs.desk import EpochDesk
from thenar.services.work.bonds import Bonds
from thenar.services.work.jobfiles import Files

MOST = Bonds(most=10**9)


@pytest.fixture
async def town(tmp_path):
    async with AsyncExitStack() as stack:
        yield Town(tmp_path, stack)


@pytest.fixture
async def desks(town):
    """Ana and Ben, who believe that Ana of the facts captured something, and that epoch 1 is closed."""
    people = [await town.person(name) for name in ("ana", "ben")]
    town.tell((*captured(), close(1)), 2_000)
    return [EpochDesk(one.trade, Files(one.store, one.peers), MOST) for one in people]


def sent(desk: EpochDesk) -> list[a.Action]:
    """What a person sent, in order."""
    return desk.trade.outbox.actions


def proposed(root: EpochRoot) -> f.RootProposed:
    return f.RootProposed(at(2_001), CONTRACT, root, 10**9)


async def test_the_tree_is_published_before_its_root_is_proposed(town, desks):
    tree = await proposing.propose(desks[0], 1, "1")

    (action,) = [one for one in sent(desks[0]) if isinstance(one, a.ProposeRoot)]
    assert action.root == tree.root
    town.tell((proposed(tree.root),), 2_001)
    assert await desks[0].published(tree.root) == tree
    with pytest.raises(NotFound, match="nobody gives"):
        await desks[1].published(tree.root)


async def test_what_somebody_proposed_is_not_proposed_again(town, desks):
    tree = await desks[0].tree(1)
    town.tell((proposed(tree.root),), 2_001)

    assert await proposing.propose(desks[0], 1, "1") is None


async def test_an_epoch_that_makes_nobody_due_anything_needs_no_root(town, desks):
    tree = await desks[0].tree(1)
    town.tell((f.RootSettled(at(2_002), tree.root), close(2, block=2_003)), 2_003)

    assert await proposing.propose(desks[0], 2, "2") is None
    assert await proposing.propose(desks[0], 1, "1") is None


async def test_who_computes_the_same_root_stays_silent(town, desks):
    tree = await desks[0].tree(1)
    town.tell((proposed(tree.root),), 2_001)

    await checking.check(desks[1], 1, tree.root.root)

    assert not any(isinstance(one, a.ChallengeRoot) for one in sent(desks[1]))


async def test_who_computes_another_root_holds_it_against_the_proposed_one(town, desks):
    wrong = RewardTree.build(desks[0].place, 1, {Address("0x" + "7" * 40): 5}).root
    town.tell((proposed(wrong),), 2_001)

    await checking.check(desks[1], 1, wrong.root)

    (action,) = [one for one in sent(desks[1]) if isinstance(one, a.ChallengeRoot)]
    assert action.held == (await desks[0].tree(1)).root
    assert action.proposal.root == wrong


async def test_a_juror_votes_for_what_he_computes(desks):
    opening = Opening(PARAMS.rules, bytes(32), 1, 1, bytes(32), b"\x01" * 32, *[Address(CONTRACT)] * 3)
    case = replace(CaseRecord(DisputeId(1), opening, 0, 0, bytes(32), bytes(32)), epoch=1)

    leaves = {await checking.root_leaf(desk, case) for desk in desks}

    assert leaves == {(await desks[0].tree(1)).root.verdict(desks[0].place)}
    with pytest.raises(NotFound, match="about no epoch"):
        await checking.root_leaf(desks[0], replace(case, epoch=None))


async def test_an_epoch_that_runs_has_no_tree(desks):
    with pytest.raises(NotFound, match="not closed"):
        await desks[0].tree(2)


async def test_a_claim_has_its_proof_from_facts(town, desks):
    tree = await desks[0].tree(1)
    town.tell((f.RootSettled(at(2_002), tree.root),), 2_002)
    ((account, amount),) = tree.due

    due, _ = await claiming.claim(desks[1], account)

    (action,) = [one for one in sent(desks[1]) if isinstance(one, a.ClaimReward)]
    assert (due, action.account, action.amount, action.siblings) == (amount, account, amount, ())
    town.tell((f.RewardClaimed(at(2_003), account, amount, amount),), 2_010)
    with pytest.raises(NotFound, match="all it is due"):
        await claiming.claim(desks[1], account)


async def test_under_a_settled_root_that_facts_do_not_give_the_published_tree_counts(town, desks):
    """Nobody contested it in time. Whoever stands in it is not locked out, and nobody is told it is right."""
    other = RewardTree.build(desks[0].place, 1, {Address("0x" + "7" * 40): 5})
    await desks[1].publish(other)
    town.tell((f.RootSettled(at(2_002), other.root),), 2_002)

    assert await claiming.settled_tree(desks[1]) == other


async def test_a_published_tree_of_another_root_is_refused(town, desks):
    tree, other = await desks[0].tree(1), RewardTree.build(desks[0].place, 1, {Address("0x" + "7" * 40): 5})
    await desks[1].publish(tree)

    with pytest.raises(Corrupt, match="another root"):
        await desks[1].published(replace(other.root, tree=tree.root.tree))


async def test_nothing_is_paid_for_what_does_not_exist_or_with_nothing(desks):
    with pytest.raises(NotFound):
        await claiming.pay(desks[0], AssetId("0x" + "9" * 64), 5)
    asset = next(iter(desks[0].trade.belief.catalog.assets))
    with pytest.raises(BadInput):
        await claiming.pay(desks[0], asset, 0)
