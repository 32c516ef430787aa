"""ReflexDesk's views: the branches of views.tree."""

from reverts import reverts_with


def test_what_was_never_served_is_all_zero(desk, model, dave):
    assert desk.serviceOf(dave, model) == (0, 0, 0, 0)


def test_what_was_never_opened_has_no_record(desk):
    for number in (0, 1):
        with reverts_with("ReflexDesk_Unknown", number):
            desk.channelOf(number)


def test_channels_are_counted(desk, opened):
    assert desk.count() == 1


def test_windows_are_those_of_the_deployment(desk):
    assert desk.windows() == (3_600, 30 * 86_400, 7 * 86_400)


def test_the_least_deposit_is_that_of_the_deployment(desk):
    assert desk.leastDeposit() == 1
