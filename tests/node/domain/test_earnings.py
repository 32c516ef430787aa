"""Where every unit came from: the amounts told add up to what the chain paid, and each has its proof and formula."""

from __future__ import annotations

from dataclasses import replace

import pytest
from epoch_facts import ANA, BASE, BEN, CHIDI, TERMS, after, at, captured, close, kept, proved, replica, worked

from thenar.domain import facts as f
from thenar.domain.earnings import DOLLARS, THN, earnings
from thenar.domain.epochs.pools import EpochRoot
from thenar.domain.epochs.rules import RULES
from thenar.domain.ids import AssetId, ClaimId, DisputeId
from thenar.domain.reflex.accusations import Accused
from thenar.domain.work.disputes import Ground, Opening, Ruling

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


DISPUTE = DisputeId(7)


def opened(claimant, other) -> f.CaseOpened:
    """A case between two."""
    opening = Opening(bytes(32), bytes(32), 1, 1, b"\1" * 32, b"\2" * 32, claimant, other, other)
    return f.CaseOpened(at(50), DISPUTE, opening, 1_000_000)


def contested_root(ruling):
    held = EpochRoot(1, 1, 5, b"\x08" * 32, b"\x09" * 32)
    challenged = f.RootChallenged(at(50, 1), DISPUTE, CHIDI, held)
    return (*STORY, opened(BEN, CHIDI), challenged, f.RootJudged(at(51), DISPUTE, 1, ruling, 50, 25, 25))


def disputed_claim(ruling):
    disputed = f.ClaimDisputed(at(50, 1), DISPUTE, ClaimId(1), CHIDI, int(Ground.CHALLENGE), 2, bytes(32), bytes(32), 9)
    resolved = f.DisputeResolved(at(51), DISPUTE, ClaimId(1), ruling, 50, 25, 20)
    return (TERMS, *list(worked(BEN, None))[:-1], opened(BEN, CHIDI), disputed, resolved)


def accused_call(ruling, dispute=DISPUTE):
    model = AssetId("0x" + "7" * 64)
    accused = Accused(BEN, model, bytes(32), bytes(32), 3, bytes(4), bytes(4))
    told = f.CallAccused(at(49), accused.id, CHIDI, accused, bytes(32), bytes(32), 9, 1_000_000)
    jury = (opened(BEN, CHIDI), f.CallDefended(at(50, 1), accused.id, dispute)) if dispute else ()
    return (TERMS, told, *jury, f.CallJudged(at(51), accused.id, dispute, BEN, model, ruling, 50, 25, 25))


@pytest.mark.parametrize("story", [contested_root, disputed_claim, accused_call])
@pytest.mark.parametrize(("ruling", "winner"), [(Ruling.CLAIM, BEN), (Ruling.OTHER, CHIDI)])
def test_who_was_right_before_the_court_has_half_of_what_the_other_lost(story, ruling, winner):
    facts = story(ruling)

    won = {who: [one for one in earned(who, *facts) if one.source == "challenge"] for who in (BEN, CHIDI)}

    (row,) = won.pop(winner)
    assert list(won.values()) == [[]]
    assert (row.amount, row.at, dict(row.numbers)["to_winner"]) == (50, at(51), 50)
    assert row.proof.startswith("dispute 7 about ")
    assert row.recompute


def test_who_accuses_a_call_that_nobody_defends_is_told_of_no_dispute():
    (row,) = earned(CHIDI, *accused_call(Ruling.OTHER, DisputeId(0)))

    assert (row.amount, row.proof[:9]) == (50, "a call of")


def test_who_reports_a_juror_who_did_not_vote_has_half_of_his_fine():
    drawn = f.JuryDrawn(at(51), DISPUTE, 0, (BEN,), 1_000_100, 1_000_200)
    facts = (TERMS, opened(BEN, ANA), drawn, f.JurorFined(at(52), DISPUTE, 0, BEN, CHIDI, 9))

    (row,) = earned(CHIDI, *facts)
    assert (row.source, row.amount) == ("court", 4)
    assert earned(BEN, *facts) == []


def test_an_auditor_has_half_of_what_a_worker_loses_who_shows_him_nothing():
    *begun, _ = worked(BEN, CHIDI)
    committed = f.AuditCommitted(at(12), ClaimId(1), CHIDI, bytes(32), 1_000_800)
    expired = f.ClaimExpired(at(13), ClaimId(1), BEN, 200)

    (row,) = earned(CHIDI, TERMS, *begun, committed, expired)
    assert (row.source, row.amount, row.numbers) == ("compute", 100, (("lost", 200),))
    assert earned(CHIDI, TERMS, *begun, replace(expired, penalty=20)) == []
