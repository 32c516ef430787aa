"""Frames, offers, vouchers, windows, the catalog and duties of the reflex arc, and who is chosen."""

from __future__ import annotations

import hashlib
import math
import random

import pytest
from chain_facts import ANA, BEN, CHIDI, at
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import facts as f
from thenar.domain import merkle
from thenar.domain.catalog import Catalog, apply
from thenar.domain.duties import DutyKind, Me, react
from thenar.domain.ids import Address, AssetId, ChannelId, PeerId
from thenar.domain.reflex.answers import Answered, Window
from thenar.domain.reflex.channel_duties import REDEEM_BEFORE
from thenar.domain.reflex.channels import CONVICTED, Channel, Service
from thenar.domain.reflex.choice import KEPT, Candidate, Record, quantile, ranked
from thenar.domain.reflex.frames import (
    HEADER,
    MAX_BODY,
    Frame,
    Hello,
    Kind,
    Pay,
    Ready,
    SignedWindow,
    read_header,
)
from thenar.domain.reflex.offers import InferOffer, read_offer
from thenar.domain.reflex.vouchers import Desk, hello_signed, is_worth_redeeming, owed, redemption_cost
from thenar.errors import BadInput

MODEL = AssetId("0x" + "5e" * 32)
ONE = ChannelId(1)
OPENED = Channel(CHIDI, 1_000, BEN, 0, MODEL, ANA, 300_000, 5_000)


def fold(*facts: f.Fact) -> Catalog:
    catalog = Catalog()
    for fact in facts:
        apply(catalog, fact)
    return catalog


@given(st.sampled_from(list(Kind)), st.binary(max_size=64), st.integers(0, 2**64 - 1), st.integers(0, 4))
def test_a_frame_reads_as_it_was_written(kind, body, call, status):
    data = Frame(kind, body, call, status).encode()

    assert read_header(data[: HEADER.size]) == (kind, status, len(body), call)
    assert data[HEADER.size :] == body


@pytest.mark.parametrize("head", [(0, 0, 0, 0, 0), (9, 0, 0, 0, 0), (3, 0, 1, 0, 0), (3, 0, 0, MAX_BODY + 1, 0)])
def test_a_header_of_nonsense_is_refused_before_its_body(head):
    with pytest.raises(BadInput):
        read_header(HEADER.pack(*head))


@pytest.mark.parametrize(
    "body",
    [
        Hello(7, MODEL, b"\x01" * 65),
        Ready(16, 4, 8, 2_048, 10**20, b"\x02" * 32),
        Pay(10**20, 12, b"\x03" * 65),
        SignedWindow(3, 1_024, b"\x04" * 32, b"\x05" * 32, b"\x06" * 65),
    ],
)
def test_bodies_read_as_they_were_written_and_at_no_other_length(body):
    data = body.encode()

    assert type(body).decode(data) == body
    for wrong in (data[:-1], data + b"\x00", b""):
        with pytest.raises(BadInput):
            type(body).decode(wrong)


def test_a_node_that_offers_calls_of_no_size_is_refused():
    with pytest.raises(BadInput):
        Ready.decode(Ready(0, 4, 1, 1, 1, bytes(32)).encode())


def test_an_offer_reads_as_it_was_said():
    offer = InferOffer(BEN, MODEL, 5, 16, 4, 1, 90, ("/ip4/127.0.0.1/tcp/1",))

    assert read_offer(offer.body()) == offer
    assert read_offer({"what": "something else"}) is None


@pytest.mark.parametrize(
    "change",
    [
        {"price": -1},
        {"price": "5"},
        {"observation": 0},
        {"action": MAX_BODY + 1},
        {"addresses": ["x"] * 9},
        {"addresses": [1]},
        {"addresses": "x"},
        {"node": "0x1"},
        {"model": 5},
        {"batch": None},
    ],
)
def test_a_bad_offer_is_refused(change):
    body = InferOffer(BEN, MODEL, 5, 16, 4, 1, 90, ()).body() | change

    with pytest.raises(BadInput):
        read_offer(body)


def test_what_is_owed_is_rounded_down():
    assert [owed(calls, 1_500) for calls in (0, 1, 2, 1_000)] == [0, 1, 3, 1_500]


def test_a_redemption_brings_five_times_its_gas():
    assert [is_worth_redeeming(unpaid, 10) for unpaid in (49, 50)] == [False, True]
    assert not is_worth_redeeming(0, 0)


def test_a_redemption_costs_its_gas_at_the_price_of_now():
    coin = 3_000 * 10**6  # 3,000 dollars, of six decimals

    assert redemption_cost(0, coin) == redemption_cost(10**9, 0) == 0
    assert redemption_cost(10**9, coin) == 342_000  # 114,000 gas at a gwei: 0.342 dollars
    assert redemption_cost(1, coin) == 1  # rounded up


def test_a_window_proves_each_of_its_answers():
    window = Window(1, [Answered.of(bytes([number]), b"said") for number in range(11)])

    for index, call in enumerate(window.calls):
        assert merkle.verify(window.root, call.leaf, index, 11, window.path(index))
    assert window.calls[3].observation == hashlib.sha256(b"\x03").digest()


def test_a_channel_from_its_opening_to_its_end():
    catalog = fold(
        f.ChannelOpened(at(1), ONE, CHIDI, BEN, OPENED),
        f.ChannelToppedUp(at(2), ONE, 1_500),
        f.VoucherRedeemed(at(3), ONE, 90, 300, 7),
        f.ChannelClosing(at(4), ONE, 4_000),
        f.ChannelSettled(at(5), ONE, 300, 1_200),
    )

    record = catalog.channels[ONE]
    assert (record.channel.deposit, record.channel.redeemed, record.channel.until) == (1_500, 300, 4_000)
    assert (record.calls, record.settled) == (7, at(5))
    assert record.channel.to_model(301) == 90


def test_a_service_from_its_start_to_its_end():
    started = f.ServiceStarted(at(1), BEN, MODEL, Service(9, 5, 300_000, 0))
    retired = f.ServiceRetired(at(2), BEN, MODEL, 8_000)
    convicted = f.ContradictionProven(at(3), BEN, MODEL, ANA, bytes(32), 4, 5)

    assert fold(started).services[BEN, MODEL].runs
    assert fold(started, retired).services[BEN, MODEL] == Service(9, 5, 300_000, 8_000)
    assert not fold(started, retired, f.ServiceEnded(at(4), BEN, MODEL, 9)).services
    assert fold(started, convicted).services[BEN, MODEL] == Service(0, 5, 300_000, CONVICTED)


def test_the_node_redeems_before_the_end_and_the_client_brings_the_rest_home():
    opening = f.ChannelOpened(at(1), ONE, CHIDI, BEN, OPENED)
    closing = f.ChannelClosing(at(4), ONE, 4_000)
    catalog, closed = fold(opening), fold(opening, closing)

    def duties(known, fact, who):
        return [(duty.kind, duty.subject, duty.not_before) for duty in react(known, fact, Me(who, False))]

    assert duties(catalog, opening, BEN) == [(DutyKind.REDEEM_VOUCHER, "1/5000", 5_000 - REDEEM_BEFORE)]
    assert duties(catalog, opening, CHIDI) == [(DutyKind.SETTLE_CHANNEL, "1/5000", 5_000)]
    assert duties(closed, closing, BEN) == [(DutyKind.REDEEM_VOUCHER, "1/4000", 0)]
    assert duties(closed, closing, CHIDI) == [(DutyKind.SETTLE_CHANNEL, "1/4000", 4_000)]
    assert duties(catalog, opening, ANA) == []


def test_a_retired_nodes_stake_is_freed_by_itself():
    retired = f.ServiceRetired(at(2), BEN, MODEL, 8_000)
    catalog = fold(f.ServiceStarted(at(1), BEN, MODEL, Service(9, 5, 0, 0)), retired)

    (duty,) = react(catalog, retired, Me(BEN, False))
    assert (duty.kind, duty.not_before) == (DutyKind.END_SERVICE, 8_000)
    assert react(catalog, retired, Me(ANA, False)) == ()


def seen(*trips: float, failed: int = 0) -> Record:
    record = Record()
    for trip in trips:
        record.took(trip)
    for _ in range(failed):
        record.missed()
    return record


def test_price_and_latency_weigh_alike():
    near, cheap = Candidate("near", 200, seen(0.005)), Candidate("cheap", 99, seen(0.01))

    assert [one.name for one in ranked([near, cheap], 0.02)] == ["cheap", "near"]
    assert [one.name for one in ranked([near, Candidate("cheap", 101, seen(0.01))], 0.02)] == ["near", "cheap"]


def test_who_is_too_slow_comes_last_however_cheap():
    slow, quick = Candidate("slow", 1, seen(0.03)), Candidate("quick", 10_000, seen(0.019))

    assert [one.name for one in ranked([slow, quick], 0.02)] == ["quick", "slow"]


def test_who_failed_is_asked_later_and_forgiven_in_time():
    failing = seen(*[0.005] * 4, failed=4)
    reliable = Candidate("reliable", 100, seen(0.006))

    assert ranked([Candidate("failing", 100, failing), reliable], 0.02)[0].name == "reliable"
    for _ in range(3_000):
        failing.took(0.005)
    assert ranked([Candidate("failing", 100, failing), reliable], 0.02)[0].name == "failing"
    assert len(failing.trips) == KEPT


def test_who_was_never_measured_has_no_latency():
    assert math.isinf(Record().latency)
    assert quantile([3, 1, 2], 0.5) == 2


def test_one_lost_packet_among_fifteen_moves_no_choice():
    dice = random.Random(3)
    trips = [0.005 + dice.random() / 10_000 for _ in range(14)]

    assert seen(*trips, 0.205).latency < 0.0052


def test_peers_are_part_of_what_a_hello_signs():
    desk = Desk(1, Address("0x" + "d1" * 20))
    digests = {hello_signed(desk, 1, PeerId(a), PeerId(b)) for a, b in (("x", "y"), ("y", "x"), ("xy", ""), ("", "xy"))}

    assert len(digests) == 4
