"""LiveDesk's views: the branches of views.tree."""

from assets import EVAL, TRAIN
from reverts import reverts_with


def test_an_unknown_stream_has_no_record(desk, stream, bob):
    asked = ((desk.streamOf,), (desk.coverOf, bob), (desk.isAllowed, bob, 1, 0))
    for view, *arguments in asked:
        with reverts_with("LiveDesk_Unknown", 7):
            view(7, *arguments)


def test_a_stranger_owes_nothing(desk, stream, carol):
    assert desk.debtOf(stream, carol) == 0
    assert desk.coverOf(stream, carol) == (0, 0)
    assert desk.subscriptionOf(stream, carol) == (0, 0, 0, 0)


def test_debt_grows_by_the_second(desk, stream, subscribed, bob, carol, at):
    owed = []
    for second in (200, 201, 450, 700, 900):
        at(second)
        carol.transfer(bob, 1)
        owed.append(desk.debtOf(stream, bob))

    assert owed == [0, 10, 2_500, 5_000, 5_000]


def test_a_subscriber_may_use_what_he_paid_for(desk, stream, subscribed, bob, carol, at, opened_at):
    def allowed(second, purposes=TRAIN, who=bob):
        return desk.isAllowed(stream, who, purposes, opened_at + second)

    running = [allowed(second) for second in (199, 200, 699, 700)]
    others = [allowed(300, EVAL), allowed(300, TRAIN | EVAL), allowed(300, 0), allowed(300, TRAIN, carol)]
    at(400)
    desk.stop(stream, bob, {"from": bob})

    assert running == [False, True, True, False]
    assert not any(others)
    assert [allowed(second) for second in (200, 399, 400)] == [True, True, False]


def test_the_seller_is_allowed(desk, stream, alice, opened_at):
    assert desk.isAllowed(stream, alice, TRAIN, opened_at)


def test_nobody_is_allowed_without_consent(desk, registry, stream, subscribed, hand, alice, bob, opened_at):
    registry.revokeAll(hand, bytes(32), {"from": alice})

    assert not desk.isAllowed(stream, bob, TRAIN, opened_at + 300)
    assert not desk.isAllowed(stream, alice, TRAIN, opened_at + 300)


def test_who_lost_consent_before_his_time_began_is_covered_for_no_time(
    desk, registry, stream, subscribed, hand, alice, bob, at, opened_at
):
    assert desk.coverOf(stream, bob) == (opened_at + 200, opened_at + 700)
    at(150)
    registry.revokeAll(hand, bytes(32), {"from": alice})

    assert desk.coverOf(stream, bob) == (opened_at + 200, opened_at + 200)
