"""LiveDesk.openStream: the branches of open_stream.tree."""

import pytest
from assets import MODEL, mint, write_terms
from reverts import reverts_with

DAY = 86_400


def test_a_stranger_cannot_stream_an_asset(desk, hand, train, mallory):
    with reverts_with("LiveDesk_NotOwner", hand, mallory):
        desk.openStream(hand, train, 1, 1, {"from": mallory})


def test_only_captures_are_streamed(desk, registry, train, alice):
    model = mint(registry, alice, "model", MODEL)

    with reverts_with("LiveDesk_NotCapture", model):
        desk.openStream(model, train, 1, 1, {"from": alice})


@pytest.mark.parametrize("seconds", [0, DAY + 1])
def test_an_epoch_lasts_a_second_to_a_day(desk, hand, train, alice, seconds):
    with reverts_with("LiveDesk_BadEpoch", seconds, DAY):
        desk.openStream(hand, train, 1, seconds, {"from": alice})


def test_a_stream_is_not_free(desk, hand, train, alice):
    with reverts_with("LiveDesk_Free"):
        desk.openStream(hand, train, 0, 1, {"from": alice})


@pytest.mark.parametrize("terms", [0, 999])
def test_terms_must_be_written(desk, hand, alice, terms):
    with reverts_with("TermsBook_Unknown", terms):
        desk.openStream(hand, terms, 1, 1, {"from": alice})


def test_exclusive_terms_are_no_terms_of_a_stream(desk, world, hand, alice):
    exclusive = write_terms(world.terms_book, alice, exclusive=True, max_duration=DAY)

    with reverts_with("LiveDesk_Exclusive", hand):
        desk.openStream(hand, exclusive, 1, 1, {"from": alice})


def test_an_epoch_costs_at_least_the_floor(desk, world, hand, alice):
    floored = write_terms(world.terms_book, alice, price_floor=1_000)

    with reverts_with("LiveDesk_BelowFloor", 999, 1_000):
        desk.openStream(hand, floored, 9, 111, {"from": alice})
    desk.openStream(hand, floored, 10, 100, {"from": alice})


def test_streams_are_numbered_and_kept(desk, hand, train, alice):
    for number in (1, 2):
        tx = desk.openStream(hand, train, 10 + number, DAY, {"from": alice})

        assert desk.count() == number
        assert desk.streamOf(number) == ("0x" + hand.hex(), alice, 10 + number, train, 0, DAY, tx.timestamp, 0)


def test_it_emits_live_opened(desk, hand, train, alice):
    tx = desk.openStream(hand, train, 7, 60, {"from": alice})

    event = tx.events["LiveOpened"]
    assert (event["stream"], event["asset"], event["seller"]) == (1, "0x" + hand.hex(), alice)
    assert event["opened"] == ("0x" + hand.hex(), alice, 7, train, 0, 60, tx.timestamp, 0)
