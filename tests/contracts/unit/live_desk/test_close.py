"""LiveDesk.close: the branches of close.tree."""

import pytest
from reverts import reverts_with


def test_an_unknown_stream_cannot_be_closed(desk, stream, alice):
    for number in (0, 2):
        with reverts_with("LiveDesk_Unknown", number):
            desk.close(number, {"from": alice})


def test_a_stream_is_closed_once(desk, stream, alice, at):
    closed = at(50)
    desk.close(stream, {"from": alice})

    with reverts_with("LiveDesk_Ended", stream, closed):
        desk.close(stream, {"from": alice})


def test_a_stranger_closes_nothing(desk, stream, subscribed, bob):
    with reverts_with("LiveDesk_NotParty", stream, bob):
        desk.close(stream, {"from": bob})


@pytest.mark.parametrize("is_sold", [False, True])
def test_its_seller_or_the_assets_owner_closes_a_stream(
    desk, registry, stream, subscribed, hand, alice, bob, carol, at, opened_at, is_sold
):
    if is_sold:
        registry.transferFrom(alice, carol, int.from_bytes(hand, "big"), {"from": alice})
    at(330)
    desk.close(stream, {"from": carol if is_sold else alice})
    at(1_000)
    desk.stop(stream, bob, {"from": bob})

    assert desk.streamOf(stream)[7] == opened_at + 330
    assert desk.debtOf(stream, bob) == 1_300


def test_anybody_closes_a_stream_without_consent_as_of_its_withdrawal(
    desk, registry, stream, subscribed, hand, alice, bob, mallory, at, opened_at
):
    at(333)
    registry.revokeAll(hand, bytes(32), {"from": alice})
    at(500)
    tx = desk.close(stream, {"from": mallory})
    registry.revokeAll(hand, bytes(32), {"from": alice})

    assert dict(tx.events["LiveClosed"]) == {"stream": stream, "closedAt": opened_at + 333}
    assert desk.debtOf(stream, bob) == 1_330


def test_a_stream_closes_as_of_the_first_withdrawal(desk, registry, stream, hand, alice, mallory, at):
    first = at(300)
    registry.revokeAll(hand, bytes(32), {"from": alice})
    at(500)
    registry.revokeAll(hand, bytes(32), {"from": alice})

    assert desk.close(stream, {"from": mallory}).events["LiveClosed"]["closedAt"] == first
