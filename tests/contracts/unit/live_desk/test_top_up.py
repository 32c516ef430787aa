"""LiveDesk.topUp: the branches of top_up.tree."""

from reverts import reverts_with


def test_who_has_no_subscription_tops_nothing_up(desk, stream, subscribed, bob, carol, at):
    with reverts_with("LiveDesk_NotRunning", stream, carol):
        desk.topUp(stream, 1, {"from": carol})
    desk.stop(stream, bob, {"from": bob})
    with reverts_with("LiveDesk_NotRunning", stream, bob):
        desk.topUp(stream, 1, {"from": bob})


def test_what_has_ended_is_not_topped_up(desk, stream, subscribed, alice, bob, at, opened_at):
    at(700)
    with reverts_with("LiveDesk_Ended", stream, opened_at + 700):
        desk.topUp(stream, 1, {"from": bob})


def test_a_closed_stream_is_not_topped_up(desk, stream, subscribed, alice, bob, at, opened_at):
    at(300)
    desk.close(stream, {"from": alice})

    with reverts_with("LiveDesk_Ended", stream, opened_at + 300):
        desk.topUp(stream, 1, {"from": bob})


def test_a_top_up_lasts_longer(desk, ledger, stream, subscribed, bob, at, opened_at):
    at(699)
    tx = desk.topUp(stream, 1_000, {"from": bob})

    assert dict(tx.events["ToppedUp"]) == {"stream": stream, "subscriber": bob, "deposit": 6_000}
    assert desk.coverOf(stream, bob) == (opened_at + 200, opened_at + 800)
    assert ledger.lockedBy(desk) == 6_000
