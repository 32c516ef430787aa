"""Where every unit came from: the amounts told add up to what the chain paid, and each has its proof and formula."""

from __future__ import annotations

from dataclasses import replace

from epoch_facts import ANA, BASE, BEN, CHIDI, TERMS, after, at, captured, close, kept, proved, replica, worked

from thenar.domain import facts as f
from thenar.domain.earnings import DOLLARS, THN, earnings
from thenar.domain.epochs.rules import RULES
from thenar.domain.ids import AssetId, DisputeId

STORY = (*captured(), *kept(BEN, [replica(1)]), *proved(BEN, 1, 20), close(1), *proved(BEN, 2, 1_500), close(2))


def earned(who, *facts: f.Fact) -> list:
    return list(earnings(after(*facts), facts, who))


def test_rewards_told_add_up_to_what_is_due():
    catalog = after(*STORY)

    for who in (ANA, BEN):
        told = [one for one in earned(who, *STORY) if one.unit == THN]
        assert told
        assert sum(one.amount for one in told) == catalog.epochs.due(2)[who]


def test_what_may_still_come_free_is_told_apart():
    (capture,) = (one for one in earned(ANA, *STORY) if one.unit == THN)

    rate = after(*STORY).epochs.epochs[1].rates
    numbers = dict(capture.numbers)
    assert numbers["tranches_free"] == 1
    assert capture.coming == numbers["score"] * next(iter(rate.values())).tranche * (RULES.tranches - 1)
    assert (capture.epoch, capture.proof) == (1, f"answer {1 << 32}")


def test_the_numbers_give_the_amount():
    (capture,) = (one for one in earned(ANA, *STORY) if one.unit == THN)
    numbers = dict(capture.numbers)

    rate = numbers["budget"] // max(numbers["all_scores"], numbers["least"])
    parts = rate * numbers["at_once_bp"] // 10_000 + numbers["tranches_free"] * (rate * numbers["tranche_bp"] // 10_000)
    assert numbers["units_per_score"] == rate
    assert capture.amount == numbers["score"] * parts
    assert numbers["score"] == numbers["worth"] * numbers["trust_bp"]
    assert numbers["pool"] == BASE


def test_a_bounty_says_at_which_price_and_from_what_to_what():
    (bounty,) = (one for one in earned(ANA, *captured()) if one.unit == DOLLARS)

    numbers = dict(bounty.numbers)
    assert (bounty.source, bounty.amount, bounty.at) == ("capture bounty", 40, captured()[-1].at)
    assert (numbers["before"], numbers["covered"], numbers["target"]) == (0, 8_000, 20_000)
    assert bounty.recompute.startswith("`thenar bounty show 1`")


def test_worker_and_auditor_each_have_their_part():
    facts = (TERMS, *worked(BEN, CHIDI))

    assert [(one.source, one.amount) for one in earned(BEN, *facts)] == [("compute", 200)]
    assert [(one.amount, one.proof[:5]) for one in earned(CHIDI, *facts)] == [(60, "audit")]


def test_showing_watching_and_judging_are_told():
    demanded = f.AnswerDemanded(at(30), BEN, 1, 0, CHIDI, b"\x06" * 32, 1_000)
    facts = (*captured(), *kept(BEN, [replica(1)]), *proved(BEN, 1, 20), demanded)
    shown, convicted = f.AnswerShown(at(31), BEN, 1, 0), f.StorageConvicted(at(31), BEN, 1, 0, CHIDI, 7)
    voted = f.JurorPaid(at(32), DisputeId(1), 0, CHIDI, 9)

    assert earned(BEN, *facts, shown)[0].amount == 5
    assert earned(CHIDI, *facts, convicted)[0].amount == 3
    catalog = after(*facts)
    assert next(iter(earnings(catalog, (voted,), CHIDI))).amount == 9


def test_income_of_the_revenue_graph_is_told():
    taken = f.OwnTaken(at(40), AssetId("0x" + "1" * 64), ANA, 12)
    catalog = after(TERMS)

    assert [one.amount for one in earnings(catalog, (taken,), ANA)] == [12]
    assert list(earnings(catalog, (replace(taken, owner=BEN),), ANA)) == []
