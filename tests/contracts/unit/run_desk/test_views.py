"""RunDesk's views: the branches of views.tree."""

from brownie import chain
from reverts import reverts_with
from runs import DAY, OTHER_PROGRAM, PROGRAM
from system import next_block_at


def test_what_nobody_approved_does_not_stand(home, desk):
    assert not desk.programOf(home.asset, OTHER_PROGRAM)[1]


def test_what_was_ordered_yesterday_is_not_todays(home, desk, bob):
    home.order(bob)
    next_block_at((chain[-1].timestamp // DAY + 1) * DAY)
    chain.mine()

    assert desk.usedToday(home.asset, PROGRAM, bob) == (0, 0)


def test_what_never_was_has_no_record(desk):
    for number in (0, 1):
        with reverts_with("RunDesk_Ended", number):
            desk.runOf(number)


def test_runs_are_counted(desk, ordered):
    assert desk.count() == 1


def test_windows_are_those_of_the_deployment(desk):
    assert desk.windows() == (3_600, 1_800)
