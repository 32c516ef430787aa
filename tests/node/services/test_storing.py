"""Ciphertexts kept for others: made unrelated, taken, pledged, answered from disk or mended, and watched."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain_facts import at
from depot import ANSWER_TIME, LENGTH, SEED, open_depot

from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.ids import Cid
from thenar.domain.storage.pledges import answer_of, answers_tree
from thenar.domain.storage.spoken import AnswersAnswer, SpokenAnswer
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Reverted, Unavailable
from thenar.services.storing import keeping, proving, taking, watching


@pytest.fixture
async def depot(town):
    return await open_depot(town)


async def test_copies_are_unrelated_and_their_owner_can_undo_them(depot):
    stock = depot.stock(depot.ana)

    roots = await keeping.replicate(stock, depot.asset, 3)

    cids = [Cid.parse(stock.replica(root).cid) for root in roots]
    files = [b"".join([part async for part in depot.ana.store.read(cid)]) for cid in cids]
    assert len(set(roots)) == 3 and len({len(file) for file in files}) == 1
    assert sum(one == other for one, other in zip(files[0], files[1], strict=True)) < len(files[0]) // 100
    undone = keeping.layer(stock, depot.asset, 1, depot.ana.store.read(cids[1]))
    assert b"".join([part async for part in undone]) == files[0]


async def test_making_copies_again_makes_the_same(depot):
    first = await keeping.replicate(depot.stock(depot.ana), depot.asset, 2)

    assert await keeping.replicate(depot.stock(depot.ana), depot.asset, 2) == first


async def test_only_an_owner_has_his_assets_kept(depot):
    with pytest.raises(NotFound):
        await keeping.replicate(depot.stock(depot.ben), depot.asset, 2)
    with pytest.raises(BadInput):
        await keeping.replicate(depot.stock(depot.ana), depot.asset, 17)


async def test_what_is_taken_is_here_and_pledged(depot):
    roots = await depot.ben_takes(2)

    record = depot.chidi.belief.catalog.stores[depot.ben.me]
    assert sorted(roots) == [held.root for held in record.pledges[-1].replicas]
    for held in record.pledges[-1].replicas:
        leaf, path = await keeping.leaf_of(depot.stock(depot.ben), held.root, held.leaves - 1)
        assert leaf and path


async def test_bytes_under_another_root_are_not_taken(depot):
    [root] = await keeping.replicate(depot.stock(depot.ana), depot.asset, 1)
    listed = depot.ana.belief.catalog.replicas[root]
    lie = f.ReplicaListed(at(5), b"\x01" * 32, depot.asset, depot.ana.me, listed.held.leaves, listed.cid)
    depot.town.tell([lie], depot.town.chain.block)

    with pytest.raises(Corrupt):
        await taking.take(depot.stock(depot.ben), [b"\x01" * 32])
    assert not any(isinstance(action, a.TakeReplicas) for action in depot.ben.outbox.actions)


async def test_what_is_too_big_or_taken_is_refused(depot):
    [root] = await depot.ben_takes()

    with pytest.raises(Refused):
        await taking.take(replace(depot.stock(depot.ben), limit=1_000), [root])
    with pytest.raises(Refused):
        await taking.take(depot.stock(depot.chidi), [root])


async def test_a_round_is_answered_so_that_others_agree(depot):
    await depot.ben_takes(2)
    await depot.ask_round(2)

    await proving.answer_round(depot.stock(depot.ben), 2)
    await watching.check_answers(depot.stock(depot.chidi), depot.ben.me, 2)

    assert depot.chidi.belief.catalog.stores[depot.ben.me].proved(2) is not None
    assert not any(isinstance(action, a.DemandAnswer) for action in depot.chidi.outbox.actions)


async def test_a_pledge_that_a_reorganisation_made_void_is_made_anew_for_the_rounds_to_come(depot):
    await depot.ben_takes(2)
    void = f.StoragePledged(at(6), depot.ben.me, b"\x0b" * 32, 9, 1, 1, 2, 50)
    depot.town.tell([void], depot.town.chain.block)
    await depot.ask_round(2)

    with pytest.raises(Refused):
        await proving.answer_round(depot.stock(depot.ben), 2)
    with pytest.raises(Refused):
        await proving.answer_round(depot.stock(depot.ben), 2)

    pledges = [one for one in depot.ben.outbox.actions if isinstance(one, a.PledgeStorage)]
    assert len(pledges) == 2, "one when the replicas were taken, and one anew"
    await depot.ask_round(3)
    await proving.answer_round(depot.stock(depot.ben), 3)
    assert depot.chidi.belief.catalog.stores[depot.ben.me].proved(3) is not None


async def test_who_holds_nothing_pledges_nothing_anew(depot):
    roots = await depot.ben_takes()
    void = f.StoragePledged(at(6), depot.ben.me, b"\x0b" * 32, 9, 1, 1, 2, 50)
    depot.town.tell([void], depot.town.chain.block)
    asset = depot.ben.belief.catalog.replicas[roots[0]].asset
    depot.town.tell([f.ReplicaDropped(at(7), roots[0], asset, depot.ben.me)], depot.town.chain.block)
    await depot.ask_round(2)

    with pytest.raises(Refused):
        await proving.answer_round(depot.stock(depot.ben), 2)

    assert sum(isinstance(one, a.PledgeStorage) for one in depot.ben.outbox.actions) == 1


async def test_a_kill_between_reading_and_sending_changes_no_answer(depot):
    [root] = await depot.ben_takes()
    await depot.ask_round(2)
    depot.ben.outbox.refuse = [Unavailable("killed before it was sent")]
    with pytest.raises(Unavailable):
        await proving.answer_round(depot.stock(depot.ben), 2)
    depot.lose(root)
    depot.ben.peers, depot.town.stores["ana"] = depot.ben.peers, depot.ben.store  # nobody to mend from

    await proving.answer_round(depot.stock(depot.ben), 2)

    assert depot.ben.belief.catalog.stores[depot.ben.me].answers[2]


async def test_a_lost_leaf_is_mended_before_it_is_answered(depot):
    [root] = await depot.ben_takes()
    await depot.ask_round(2)
    depot.lose(root)

    await proving.answer_round(depot.stock(depot.ben), 2)
    await watching.check_answers(depot.stock(depot.chidi), depot.ben.me, 2)

    assert depot.ben.belief.catalog.stores[depot.ben.me].proved(2) is not None
    assert not any(isinstance(action, a.DemandAnswer) for action in depot.chidi.outbox.actions)


async def test_an_honest_node_misses_a_round_rather_than_guess(depot):
    [root] = await depot.ben_takes()
    await depot.ask_round(2)
    depot.lose(root)
    depot.town.stores["ana"] = depot.ben.store  # nobody has it

    with pytest.raises(Unavailable):
        await proving.answer_round(depot.stock(depot.ben), 2)
    depot.go_to(2, ANSWER_TIME + 100)
    await proving.answer_round(depot.stock(depot.ben), 2)
    await watching.report_misses(depot.stock(depot.chidi), 2)

    assert not any(isinstance(action, a.AnswerRound) for action in depot.ben.outbox.actions)
    assert depot.ben.belief.catalog.stores[depot.ben.me].missed == {2}


async def test_a_false_answer_is_demanded_and_convicted(depot):
    await depot.ben_takes()
    await depot.ask_round(2)
    shown = await proving.read_answers(depot.stock(depot.ben), 2)
    forged = [*shown[:5], replace(shown[5], leaf=bytes(1024)), *shown[6:]]
    tree = answers_tree([answer_of(SEED, depot.ben.me, at_, one.leaf) for at_, one in enumerate(forged)])
    forged = [replace(one, beside=tree.prove(at_)) for at_, one in enumerate(forged)]
    told = AnswersAnswer(tuple(map(SpokenAnswer.of, forged)))
    await depot.ben.journal.put("storage/answers/000000002", told.encode())
    await proving.answer_round(depot.stock(depot.ben), 2)
    answers = depot.ben.belief.catalog.stores[depot.ben.me].answers[2]
    accomplice = f.AnswerDemanded(at(40), depot.ben.me, 2, 0, depot.ana.me, answers, 9_999)
    depot.town.tell([accomplice], depot.town.chain.block)

    await watching.check_answers(depot.stock(depot.chidi), depot.ben.me, 2)
    [demand] = [action for action in depot.chidi.outbox.actions if isinstance(action, a.DemandAnswer)]
    await watching.convict(depot.stock(depot.chidi), depot.ben.me, 2, demand.place)

    record = depot.chidi.belief.catalog.stores[depot.ben.me]
    assert (demand.node, demand.place) == (depot.ben.me, 5)
    assert (record.bond, record.proved(2), record.convicted) == (0, None, {2})


async def test_who_stays_silent_is_asked_on_chain_late_in_the_round(depot):
    await depot.ben_takes()
    await depot.ask_round(2)
    await proving.answer_round(depot.stock(depot.ben), 2)
    depot.chidi.peers.neighbours = {}

    with pytest.raises(Unavailable):
        await watching.check_answers(depot.stock(depot.chidi), depot.ben.me, 2)
    depot.go_to(2, LENGTH * 3 // 4 + 1)
    await watching.check_answers(depot.stock(depot.chidi), depot.ben.me, 2)

    [demand] = [action for action in depot.chidi.outbox.actions if isinstance(action, a.DemandAnswer)]
    await proving.show_answer(depot.stock(depot.ben), 2, demand.place)
    assert depot.ben.belief.catalog.stores[depot.ben.me].demands[2, demand.place].over


async def test_what_was_answered_is_shown_whatever_the_disk_lost_since(depot):
    [root] = await depot.ben_takes()
    await depot.ask_round(2)
    await proving.answer_round(depot.stock(depot.ben), 2)
    depot.lose(root)
    answers = depot.ben.belief.catalog.stores[depot.ben.me].answers[2]
    asked = f.AnswerDemanded(at(40), depot.ben.me, 2, 3, depot.chidi.me, answers, 9_999)
    depot.town.tell([asked], depot.town.chain.block)

    await proving.show_answer(depot.stock(depot.ben), 2, 3)

    [shown] = [action for action in depot.ben.outbox.actions if isinstance(action, a.ShowAnswer)]
    assert len(shown.shown.leaf) == 1024 and shown.place == 3


async def test_answers_are_told_once_they_stand_on_chain(depot):
    await depot.ben_takes()
    await depot.ask_round(2)

    with pytest.raises(NotFound):
        await proving.tell_answers(depot.stock(depot.ben), "x", {"round": 2})
    await proving.answer_round(depot.stock(depot.ben), 2)

    told = await proving.tell_answers(depot.stock(depot.ben), "x", {"round": 2})
    assert len(told["answers"]) == 8
    with pytest.raises(BadInput):
        await proving.tell_answers(depot.stock(depot.ben), "x", {"round": 0})


async def test_a_round_is_opened_once_and_not_too_late(depot):
    await depot.ben_takes()
    stock = depot.stock(depot.ben)

    with pytest.raises(Unavailable, match="not begun"):
        await proving.open_round(stock, 2)
    depot.go_to(2, LENGTH // 4)
    with pytest.raises(Unavailable, match="no more"):
        await proving.open_round(stock, 2)
    depot.go_to(3)
    await proving.open_round(stock, 2)
    await proving.open_round(stock, 2)

    assert list(depot.ben.belief.catalog.rounds) == [3]


async def test_a_lost_seed_is_named_again(depot):
    await depot.ben_takes()
    stock = depot.stock(depot.ben)
    depot.go_to(2)
    await proving.open_round(stock, 2)
    named = depot.ben.belief.catalog.rounds[2].seed_block
    with pytest.raises(Unavailable):
        await proving.seed_round(stock, 2, named)
    depot.town.chain.block = named + 257

    await proving.seed_round(stock, 2, named)

    assert depot.ben.belief.catalog.rounds[2].seed_block > named
    await proving.seed_round(stock, 2, named)  # the old duty has nothing left to do


async def test_somebody_who_was_first_is_no_failure(depot):
    await depot.ben_takes()
    depot.go_to(2)
    depot.ben.outbox.refuse = [Reverted("somebody opened it", name="StorageProofs_RoundOpen")]

    await proving.open_round(depot.stock(depot.ben), 2)


async def test_nonsense_that_is_told_is_a_false_answer(depot):
    await depot.ben_takes()
    await depot.ask_round(2)
    await proving.answer_round(depot.stock(depot.ben), 2)
    told = AnswersAnswer.decode(await depot.ben.journal.get("storage/answers/000000002"))
    spoiled = replace(told.answers[4], replica="zz" * 32)
    nonsense = AnswersAnswer((*told.answers[:4], spoiled, *told.answers[5:]))

    assert watching.false_answers(depot.stock(depot.chidi), depot.ben.me, 2, nonsense) == [4]
    assert watching.false_answers(depot.stock(depot.chidi), depot.ben.me, 2, told) == []
    del depot.chidi.belief.catalog.stores[depot.ben.me].answers[2]  # as a reorganisation does
    assert watching.false_answers(depot.stock(depot.chidi), depot.ben.me, 2, nonsense) == []
    assert answers_tree([bytes(32)] * 8).root != depot.ben.belief.catalog.stores[depot.ben.me].answers[2]
