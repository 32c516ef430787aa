"""A statement tells each unit the Ledger released to an account: what was earned, who lost it, what came back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain_facts import deal
from earned import audited, believed, counted, credited
from epoch_facts import ANA, BEN, CAPTURE, CHIDI, CREATED, SPONSOR, TERMS, at
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import facts as f
from thenar.domain.earnings import THN, UNEXPLAINED, Earning, Returned, statement
from thenar.domain.ids import Address, AssetId, BountyId, ChannelId, ClaimId, StreamId, TermsId, TxHash
from thenar.domain.licenses import FOREVER, Grant
from thenar.domain.live import LiveStream
from thenar.domain.marks import Mark, MarkEnd
from thenar.domain.previews import Preview
from thenar.domain.reflex.channels import Channel
from thenar.domain.streams import Stream

LEDGERS_MODULE, NOBODY = Address("0x" + "9" * 40), Address("0x" + "0" * 36 + "dead")
CLAIM, MODEL = ClaimId(1), AssetId("0x" + "7" * 64)


def transaction(block: int, *facts: f.Fact) -> tuple[f.Fact, ...]:
    """Facts as one transaction logs them."""
    places = [f.At(block, index, f"0x{block:064x}", TxHash(f"0x{block:064x}")) for index in range(len(facts))]
    return tuple(replace(fact, at=place) for fact, place in zip(facts, places, strict=True))


def released(who: Address, amount: int) -> f.Released:
    return f.Released(at(0), LEDGERS_MODULE, who, amount)


def told(who: Address, *facts: f.Fact) -> list[tuple[str, int]]:
    """Source, or ``returned``, and amount of each entry; every account's entries come to what was released to it."""
    catalog = believed(facts)
    audited(catalog, facts)
    entries = statement(catalog, facts, who)
    return [("returned" if isinstance(one, Returned) else one.source, one.amount) for one in entries]


def audit_of(claim: int = 1) -> tuple[f.Fact, ...]:
    """Ben's claim of four units, of which Chidi looked at half."""
    claimed = f.UnitsClaimed(at(10), ClaimId(claim), BountyId(1), BEN, 0, 4, 1_000_600)
    drawn = f.AuditDrawn(at(11), ClaimId(claim), CHIDI, b"\x07" * 32, 5_000, 1_000_700)
    shown = f.AuditRevealed(at(12), ClaimId(claim), CHIDI, b"\x08" * 32, 0, b"\x09" * 32)
    return (TERMS, CREATED, claimed, f.WorkRevealed(at(11, 1), CLAIM, b"\x01" * 32, bytes(32), 1), drawn, shown)


def test_a_demand_that_lapses_pays_who_demanded_and_the_auditor_who_was_not_asked() -> None:
    lapsed = transaction(
        20,
        f.DemandLapsed(at(0), CLAIM, 2, ANA, convicted=True),
        released(ANA, 9),
        f.ClaimSlashed(at(0), CLAIM, BEN, 400),
        released(ANA, 200),
        released(CHIDI, 120),
        released(NOBODY, 80),
    )
    facts = (*audit_of(), f.PlaceDemanded(at(13), CLAIM, 2, ANA, 9, 1_000_900), *lapsed)

    assert told(ANA, *facts) == [("returned", 9), ("challenge", 200)]
    assert told(CHIDI, *facts) == [("compute", 120)]


def test_an_auditor_who_agreed_with_a_wrong_claim_loses_a_seat_to_who_demanded() -> None:
    lapsed = transaction(
        20,
        f.DemandLapsed(at(0), CLAIM, 2, ANA, convicted=True),
        released(ANA, 9),
        f.ClaimSlashed(at(0), CLAIM, BEN, 400),
        f.SeatLost(at(0), CHIDI, bytes(32), convicted=True, taken=100, seats=0, leaving=0),
        released(ANA, 250),
        released(NOBODY, 250),
    )
    enlisted = f.Enlisted(at(9), CHIDI, bytes(32), bytes(32), 1, 1)
    facts = (*audit_of(), enlisted, f.PlaceDemanded(at(13), CLAIM, 2, ANA, 9, 1_000_900), *lapsed)

    assert told(ANA, *facts) == [("returned", 9), ("challenge", 250)]
    assert told(CHIDI, *facts) == []


def test_a_demand_that_is_met_pays_its_bond_to_who_showed_the_place() -> None:
    shown = transaction(20, f.PlaceShown(at(0), CLAIM, 2, BEN, bytes(32), ()), released(BEN, 9))
    facts = (*audit_of(), f.PlaceDemanded(at(13), CLAIM, 2, ANA, 9, 1_000_900), *shown)

    assert told(BEN, *facts) == [("compute", 9)]
    assert told(ANA, *facts) == []


def test_an_auditor_is_paid_before_the_claim_is_audited_anew() -> None:
    anew = transaction(20, f.AuditArmed(at(0), CLAIM, 25, retro=True), released(CHIDI, 120))
    drawn_again = f.AuditDrawn(at(26), CLAIM, ANA, b"\x07" * 32, 10_000, 1_000_700)

    assert told(CHIDI, *audit_of(), *anew, drawn_again) == [("compute", 120)]


def test_the_requester_has_what_the_late_and_the_absent_lose() -> None:
    late = transaction(20, f.ClaimExpired(at(0), CLAIM, BEN, 40), released(SPONSOR, 40))
    absent = transaction(21, f.AuditMissed(at(0), CLAIM, CHIDI, 10), released(SPONSOR, 10))

    assert told(SPONSOR, *audit_of(), *absent, *late) == [("compute", 10), ("compute", 40)]


def test_a_sale_without_end_pays_its_owner_at_once_and_both_have_their_bonds() -> None:
    sold = replace(deal(CAPTURE.id), price=500, bond=50)
    opened = f.SaleOpened(at(10), b"\x01" * 32, CAPTURE.id, BEN, sold, 1)
    settled = transaction(
        20, f.SaleSettled(at(0), b"\x01" * 32, CAPTURE.id, BEN, 500, FOREVER), released(ANA, 550), released(BEN, 50)
    )

    assert told(ANA, CAPTURE, opened, *settled) == [("sale", 500), ("returned", 50)]
    assert told(BEN, CAPTURE, opened, *settled) == [("returned", 50)]


def test_a_license_bought_without_a_key_pays_its_owner_at_once() -> None:
    granted = f.LicenseGranted(at(0), CAPTURE.id, BEN, Grant(FOREVER, 0, TermsId(1), 1, 700))
    bought = transaction(20, granted, f.Collected(at(0), LEDGERS_MODULE, 700), released(ANA, 700))

    assert told(ANA, CAPTURE, *bought) == [("license", 700)]


def test_time_that_passes_pays_the_owner_and_an_early_end_pays_back() -> None:
    stream = Stream(CAPTURE.id, AssetId("0x" + "0" * 64), 0, LEDGERS_MODULE, BEN, ANA, 100, 0, 0, 100, 0, derived=False)
    started = f.StreamStarted(at(10), b"\x02" * 32, CAPTURE.id, BEN, stream)
    collected = transaction(20, f.StreamCollected(at(0), b"\x02" * 32, 30), released(ANA, 30))
    ended = transaction(21, f.StreamRefunded(at(0), b"\x02" * 32, 50, 20, 50), released(BEN, 50), released(ANA, 20))

    assert told(ANA, CAPTURE, started, *collected, *ended) == [("license", 30), ("license", 20)]
    assert told(BEN, CAPTURE, started, *collected, *ended) == [("returned", 50)]


def test_a_live_stream_that_is_subscribed_to_again_counts_from_nothing() -> None:
    opened = f.LiveOpened(at(9), StreamId(1), CAPTURE.id, ANA, LiveStream(CAPTURE.id, ANA, 2, TermsId(1), 0, 10, 0, 0))
    begun = f.Subscribed(at(10), StreamId(1), BEN, 0, 100, 1, 1)
    paid = transaction(11, f.LivePaid(at(0), StreamId(1), BEN, 30, 30), released(ANA, 30))
    left = transaction(12, f.Unsubscribed(at(0), StreamId(1), BEN, 20, 40, 60), released(ANA, 10), released(BEN, 60))
    again = f.Subscribed(at(13), StreamId(1), BEN, 50, 100, 1, 1)
    over = transaction(14, f.Unsubscribed(at(0), StreamId(1), BEN, 70, 40, 60), released(ANA, 40), released(BEN, 60))
    facts = (CAPTURE, opened, begun, *paid, *left, again, *over)

    assert told(ANA, *facts) == [("live stream", 30), ("live stream", 10), ("live stream", 40)]
    assert told(BEN, *facts) == [("returned", 60), ("returned", 60)]


@pytest.mark.parametrize(
    ("how", "to", "expected"),
    [
        (1, ANA, [("preview", 5), ("returned", 15)]),
        (2, BEN, [("returned", 5), ("preview", 15)]),
        (3, BEN, [("returned", 5)]),
    ],
)
def test_a_preview_pays_its_fee_or_a_false_seller_his_bond(how, to, expected) -> None:
    preview = Preview(CAPTURE.id, ANA, BEN, 1, 1, 9, 8, 2, 5)
    asked = f.PreviewAsked(at(10), b"\x03" * 32, CAPTURE.id, BEN, preview)
    end = f.PreviewEnded(at(0), b"\x03" * 32, CAPTURE.id, BEN, how)

    assert told(to, CAPTURE, asked, *transaction(20, end, released(to, sum(n for _, n in expected)))) == expected


@pytest.mark.parametrize(
    ("how", "finders", "owners", "buyers"),
    [
        (MarkEnd.RECALLED, [], [("returned", 50)], []),
        (MarkEnd.RAN_OUT, [], [("returned", 50)], [("returned", 81)]),
        (MarkEnd.LEAKED, [("mark", 30), ("returned", 10)], [("returned", 10)], []),
        (MarkEnd.UNANSWERED, [("returned", 10)], [], [("returned", 81)]),
    ],
)
def test_a_leaked_copy_pays_its_finder_three_eighths_of_the_bond(how, finders, owners, buyers) -> None:
    mark = f.MarkProposed(at(10), b"\x04" * 32, CAPTURE.id, BEN, Mark(CAPTURE.id, ANA, BEN, bytes(32), 81, 9, 1))
    expected = {CHIDI: finders, ANA: owners, BEN: buyers}
    paid = [released(who, sum(amount for _, amount in parts)) for who, parts in expected.items() if parts]
    facts = (CAPTURE, mark, *transaction(20, f.MarkEnded(at(0), b"\x04" * 32, how, CHIDI), *paid))

    assert {who: told(who, *facts) for who in expected} == expected


def test_a_reading_that_is_not_the_marks_pays_its_deposit_to_the_owner() -> None:
    mark = f.MarkProposed(at(10), b"\x04" * 32, CAPTURE.id, BEN, Mark(CAPTURE.id, ANA, BEN, bytes(32), 81, 9, 1))
    refuted = transaction(20, f.LeakRefuted(at(0), b"\x04" * 32, CHIDI, 3, 30), released(ANA, 10))

    assert told(ANA, CAPTURE, mark, *refuted) == [("mark", 10)]


def test_vouchers_pay_the_node_what_each_adds_less_the_models_share() -> None:
    channel = Channel(CHIDI, 100, BEN, 0, MODEL, CHIDI, 100_000, 9)
    opened = f.ChannelOpened(at(10), ChannelId(1), CHIDI, BEN, channel)
    first = transaction(20, f.VoucherRedeemed(at(0), ChannelId(1), 4, 40, 2), released(BEN, 36))
    second = transaction(21, f.VoucherRedeemed(at(0), ChannelId(1), 1, 50, 3), released(BEN, 9))
    over = transaction(22, f.ChannelSettled(at(0), ChannelId(1), 50, 50), released(CHIDI, 50))

    assert told(BEN, opened, *first, *second, *over) == [("inference", 36), ("inference", 9)]
    assert told(CHIDI, opened, *first, *second, *over) == [("returned", 50)]


def test_using_an_asset_pays_its_owner_in_thn_and_never_himself() -> None:
    used = f.UsagePaid(at(20), CAPTURE.id, BEN, ANA, 1_000, 50, 1)
    own = replace(used, at=at(21), payer=ANA)
    facts = (TERMS, CAPTURE, used, own)

    (entry,) = statement(believed(facts), facts, ANA)
    assert isinstance(entry, Earning)
    assert (entry.source, entry.amount, entry.unit, entry.epoch) == ("usage", 950, THN, None)


def test_what_is_burnt_is_told_as_burnt() -> None:
    lapsed = transaction(20, f.MarkEnded(at(0), b"\x04" * 32, MarkEnd.UNANSWERED, CHIDI), released(NOBODY, 50))

    mark = f.MarkProposed(at(10), b"\x04" * 32, CAPTURE.id, BEN, Mark(CAPTURE.id, ANA, BEN, bytes(32), 81, 9, 1))
    (entry,) = statement(believed((CAPTURE, mark)), (CAPTURE, mark, *lapsed), NOBODY)
    assert isinstance(entry, Earning)
    assert (entry.source, entry.amount) == ("burnt", 50)


@given(st.lists(st.tuples(st.sampled_from((ANA, BEN)), st.integers(1, 2**96), st.integers(0, 5)), max_size=20))
def test_what_no_rule_explains_is_an_entry_of_its_own_so_that_sums_stay_true(given_) -> None:
    facts = tuple(
        fact
        for block in range(6)
        for fact in transaction(block, *(released(who, amount) for who, amount, where in given_ if where == block))
    )

    sums = credited(facts)
    for who in (ANA, BEN):
        entries = list(statement(believed(()), facts, who))
        assert sum(map(counted, entries)) == sums[who]
        assert {one.source for one in entries if isinstance(one, Earning)} <= {UNEXPLAINED}
