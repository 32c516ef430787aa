"""Marked copies between people with real keyrings and journals: agreed, traced, claimed, answered, and let go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from chain_facts import at
from fakes import RICH

from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.catalog import apply
from thenar.domain.duties import Duty, DutyKind, Me, react
from thenar.domain.ids import AssetId, TermsId
from thenar.domain.licenses import Offer, Stage
from thenar.domain.marking import Match, Reading, marked
from thenar.domain.marks import MarkEnd, MarkStage
from thenar.errors import BadInput, NotFound, Poor, Refused, Reverted, Unavailable
from thenar.services import licensing, preview
from thenar.services import marking as story
from thenar.services.complaints import check_key
from thenar.services.licensing import Wish

BOND, UNTIL, STEP = 8_000_000, 10**6, 4_000
DICE = np.random.default_rng(2)
SCAN = np.stack([DICE.uniform(0, 5e6, 20_000), DICE.uniform(0, 5e6, 20_000), DICE.normal(0, 9e3, 20_000)], 1).astype(
    np.int64
)
ORIGINAL = AssetId("0x" + "0a" * 32)


@pytest.fixture
async def ana(town):
    return await rich(town, "ana")


@pytest.fixture
async def ben(town, ana):
    return await rich(town, "ben")


@pytest.fixture
async def cleo(town, ana, ben):
    return await rich(town, "cleo")


async def rich(town, name):
    person = await town.person(name)
    town.chain.wallets[person.me] = replace(RICH, account=100_000_000)
    return person


async def copy_for(ana, buyer, name):
    """A copy with the buyer's bits, minted and proposed; the record and what is in the file."""
    secrets = story.secrets_for(ana.trade.wrapper, ORIGINAL, buyer.me, STEP)
    made = await ana.publish(name.encode() * 50, f"{name}.bin")
    bargain = story.Bargain(buyer.me, BOND, UNTIL, STEP)
    return await story.propose(ana.trade, made.asset, ORIGINAL, bargain), marked(SCAN, STEP, secrets)


async def sell(ana, buyer, copy):
    await licensing.offer(ana.trade, copy, TermsId(1), Offer(1_000_000, 0, 10**9))
    sale = await licensing.buy(buyer.trade, Wish(copy))
    await licensing.deliver_key(ana.trade, sale.deal_id.hex())
    await check_key(buyer.trade, sale.deal_id.hex())
    await licensing.settle_sale(ana.trade, sale.deal_id.hex())
    return sale


@pytest.fixture
async def held(ana, ben):
    """A copy proposed, accepted and sold to ben, and its points."""
    record, points = await copy_for(ana, ben, "copy")
    await story.accept(ben.trade, record.mark_id, BOND)
    await sell(ana, ben, record.mark.copy)
    return record, points


def reader(points):
    def read(step):
        found = Reading()
        found.add(points, step)
        return found

    return read


def waiting(record):
    return f"{record.mark_id.hex()}/{record.leak.chapter}/9"


def ended(person, record):
    found = person.belief.catalog.marks[record.mark_id]
    return found.stage, found.end, found.finder


async def test_a_found_file_names_its_buyer_and_no_other(ana, ben, cleo, held):
    _, points = held
    other, others_points = await copy_for(ana, cleo, "other")

    found = await story.trace(ana.trade, reader(points[:4_000]))
    theirs = await story.trace(ana.trade, reader(others_points[::-1]))
    nobodys = await story.trace(ana.trade, reader(SCAN))

    assert [one.mark.mark.buyer for one in found if one.named] == [ben.me]
    assert [one.mark.mark.buyer for one in theirs if one.named] == [cleo.me]
    assert not [one for one in nobodys if one.named]
    assert found[0].chance == Match(found[0].match.cells, found[0].match.agreed).chance(copies=2)
    assert found[1].mark.mark_id == other.mark_id


async def test_who_made_no_copies_traces_nothing(ben, held):
    with pytest.raises(NotFound, match="no marked copies"):
        await story.trace(ben.trade, reader(held[1]))


async def test_a_finder_is_paid_once_the_owner_has_answered(ana, ben, cleo, held):
    record, points = held

    shown = await story.claim(cleo.trade, record.mark_id, reader(points[5_000:]))
    kinds = [type(action) for action in cleo.outbox.actions]
    subject = waiting(shown)
    await story.answer_leak(ana.trade, subject)

    assert kinds == [a.SealLeak, a.ShowLeak]
    assert ended(cleo, record) == (MarkStage.ENDED, MarkEnd.LEAKED, cleo.me)
    (answer,) = [action for action in ana.outbox.actions if isinstance(action, a.AnswerLeak)]
    assert answer.leak == cleo.outbox.actions[-1].leak
    await story.answer_leak(ana.trade, subject)
    assert len([action for action in ana.outbox.actions if isinstance(action, a.AnswerLeak)]) == 1


async def test_a_reading_is_shown_once_the_block_of_its_commitment_is_over(cleo, held, monkeypatch):
    record, points = held
    monkeypatch.setattr(story, "BLOCK_SECONDS", 0)
    committed = cleo.outbox.send

    async def send(key, action):
        if isinstance(action, a.ShowLeak) and key.endswith("000000000"):
            raise Reverted("early", name="MarkDesk_TooEarly")
        return await committed(key, action)

    cleo.outbox.send = send

    shown = await story.claim(cleo.trade, record.mark_id, reader(points))

    assert shown.finder == cleo.me


async def test_a_strangers_file_is_answered_too_and_costs_the_claimant(ana, cleo, held):
    record, _ = held

    shown = await story.claim(cleo.trade, record.mark_id, reader(SCAN))
    await story.answer_leak(ana.trade, waiting(shown))

    found = cleo.belief.catalog.marks[record.mark_id]
    assert (found.stage, found.leak, found.spent.bit_count()) == (MarkStage.HELD, None, 1)
    again = await story.claim(cleo.trade, record.mark_id, reader(SCAN))
    assert not found.spent >> again.leak.chapter & 1


async def test_a_claim_is_refused_before_anything_is_sent(town, ana, ben, cleo, held):
    record, points = held
    unsold, copy = await copy_for(ana, cleo, "unsold")

    with pytest.raises(Refused, match="proposed"):
        await story.claim(ben.trade, unsold.mark_id, reader(copy))
    await story.accept(cleo.trade, unsold.mark_id, BOND)
    with pytest.raises(Refused, match="no sale"):
        await story.claim(ben.trade, unsold.mark_id, reader(copy))
    with pytest.raises(BadInput, match="richest chapter"):
        await story.claim(cleo.trade, record.mark_id, reader(points[:50]))
    with pytest.raises(NotFound):
        await story.claim(cleo.trade, bytes(32), reader(points))
    town.chain.wallets[cleo.me] = replace(RICH, account=999_999)
    with pytest.raises(Poor, match="999999"):
        await story.claim(cleo.trade, record.mark_id, reader(points))
    assert not [one for one in cleo.outbox.actions if isinstance(one, a.SealLeak)]

    town.chain.wallets[cleo.me] = replace(RICH, account=1_000_000)
    await story.claim(cleo.trade, record.mark_id, reader(points))
    with pytest.raises(Refused, match="another finder"):
        await story.claim(ben.trade, record.mark_id, reader(points))


async def test_a_buyer_lays_down_no_more_than_he_named(town, ana, ben, cleo):
    record, _ = await copy_for(ana, ben, "copy")

    with pytest.raises(Refused, match="above"):
        await story.accept(ben.trade, record.mark_id, BOND - 1)
    with pytest.raises(Refused, match="not for this account"):
        await story.accept(cleo.trade, record.mark_id, BOND)
    town.chain.wallets[ben.me] = replace(RICH, account=BOND - 1)
    with pytest.raises(Poor):
        await story.accept(ben.trade, record.mark_id, BOND)
    town.chain.wallets[ben.me] = replace(RICH, account=BOND)
    accepted = await story.accept(ben.trade, record.mark_id, BOND)
    assert accepted.stage is MarkStage.HELD
    with pytest.raises(Refused, match="held"):
        await story.accept(ben.trade, record.mark_id, BOND)


async def test_an_owner_without_the_stake_proposes_nothing(town, ana, ben):
    town.chain.wallets[ana.me] = replace(RICH, account=4_999_999)

    with pytest.raises(Poor, match="stake of 5000000"):
        await copy_for(ana, ben, "copy")


async def test_a_marked_copy_is_delivered_to_its_buyer_alone(ana, ben, cleo, held):
    record, _ = held
    sale = await licensing.buy(cleo.trade, Wish(record.mark.copy))

    with pytest.raises(Refused, match="marked copy"):
        await licensing.deliver_key(ana.trade, sale.deal_id.hex())

    assert ana.belief.catalog.sales[sale.deal_id].stage is Stage.OPEN


async def test_a_marked_copy_is_previewed_by_its_buyer_alone(town, ana, ben, cleo, held):
    record, _ = held
    opened = {}
    for person in (cleo, ben):
        await person.hear_of(record.mark.copy, ana)
        viewing = preview.Viewing(person.trade, person.store, person.peers, preview.Policy(max_share=1.0), 10**9)
        opened[person.me] = await preview.challenge(viewing, record.mark.copy, 1, 0)
        town.chain.block += 2
    anas = preview.Viewing(ana.trade, ana.store, ana.peers, preview.Policy(max_share=1.0), 10**9)

    with pytest.raises(Refused, match="marked copy"):
        await preview.open_asked(anas, opened[cleo.me].preview_id.hex())
    await preview.open_asked(anas, opened[ben.me].preview_id.hex())


async def test_what_was_not_accepted_is_recalled_by_hand_or_in_time(ana, ben):
    first, _ = await copy_for(ana, ben, "first")
    second, _ = await copy_for(ana, ben, "second")

    await story.recall(ana.trade, first.mark_id)
    await story.recall_late(ana.trade, second.mark_id.hex())
    await story.recall_late(ana.trade, second.mark_id.hex())

    assert [ended(ana, one)[1] for one in (first, second)] == [MarkEnd.RECALLED] * 2
    with pytest.raises(Refused, match="ended"):
        await story.recall(ana.trade, first.mark_id)
    assert len([one for one in ana.outbox.actions if isinstance(one, a.RecallMark)]) == 2


async def test_an_owner_who_says_nothing_is_lapsed_and_time_ends_the_rest(ana, ben, cleo, held):
    record, points = held
    shown = await story.claim(cleo.trade, record.mark_id, reader(points))
    with pytest.raises(Unavailable, match="a finder waits"):
        await story.release_mark(ben.trade, record.mark_id.hex())

    await story.lapse_mark(cleo.trade, waiting(shown))
    await story.release_mark(ben.trade, record.mark_id.hex())

    assert ended(ben, record)[:2] == (MarkStage.ENDED, MarkEnd.UNANSWERED)
    assert not [one for one in ben.outbox.actions if isinstance(one, a.ReleaseMark)]


async def test_a_mark_nobody_claimed_is_released(ben, held):
    await story.release_mark(ben.trade, held[0].mark_id.hex())

    assert ended(ben, held[0])[:2] == (MarkStage.ENDED, MarkEnd.RAN_OUT)


async def test_that_somebody_else_ended_it_first_waits_until_that_is_seen(ana, ben, cleo, held):
    record, points = held
    ben.outbox.refuse.append(Reverted("over", name="MarkDesk_WrongStage"))
    with pytest.raises(Unavailable):
        await story.release_mark(ben.trade, record.mark_id.hex())
    shown = await story.claim(cleo.trade, record.mark_id, reader(points))
    cleo.outbox.refuse.append(Reverted("early", name="MarkDesk_TooEarly"))
    with pytest.raises(Reverted):
        await story.lapse_mark(cleo.trade, waiting(shown))


async def test_another_node_of_the_owner_cannot_answer(ana, ben, cleo, held):
    record, points = held
    shown = await story.claim(cleo.trade, record.mark_id, reader(points))
    twin = replace(ana.trade, once=replace(ana.trade.once, journal=ben.journal))

    with pytest.raises(Refused, match="did not make"):
        await story.answer_leak(twin, waiting(shown))


async def test_facts_give_owner_buyer_and_finder_their_duties(ana, ben, cleo, held):
    record, points = held
    shown = await story.claim(cleo.trade, record.mark_id, reader(points))
    catalog, subject = ana.belief.catalog, record.mark_id.hex()
    facts = {
        "proposed": f.MarkProposed(at(9), record.mark_id, record.mark.copy, ben.me, record.mark),
        "accepted": f.MarkAccepted(at(9), record.mark_id),
        "shown": f.LeakShown(at(9), record.mark_id, cleo.me, shown.leak, 77),
        "over": f.MarkEnded(at(9), record.mark_id, MarkEnd.LEAKED, cleo.me),
    }
    due = {
        (name, word): list(react(catalog, fact, Me(who.me, pins_for_others=False)))
        for name, who in (("ana", ana), ("ben", ben), ("cleo", cleo))
        for word, fact in facts.items()
    }

    answer, lapse = waiting(shown), Duty(DutyKind.LAPSE_MARK, waiting(shown), 9, not_before=77)
    release = Duty(DutyKind.RELEASE_MARK, subject, 9, not_before=UNTIL)
    assert due == {
        ("ana", "proposed"): [Duty(DutyKind.RECALL_MARK, subject, 9, not_before=UNTIL)],
        ("ana", "accepted"): [release],
        ("ana", "shown"): [Duty(DutyKind.ANSWER_LEAK, answer, 9, deep=True)],
        ("ben", "accepted"): [release],
        ("ben", "shown"): [lapse],
        ("cleo", "shown"): [lapse],
    } | {key: [] for key in due if not due[key]}


async def test_a_commitment_to_no_mark_is_passed_over(ana):
    fact = f.LeakSealed(at(9), bytes(32), ana.me, bytes(32))

    assert list(react(ana.belief.catalog, fact, Me(ana.me, pins_for_others=False))) == []
    apply(ana.belief.catalog, fact)
    assert not ana.belief.catalog.marks


@pytest.mark.parametrize("bond", [0, 7, 2**96])
def test_a_bond_without_eighths_is_refused(bond):
    with pytest.raises(BadInput, match="no eighth"):
        story.check_bond(bond)
