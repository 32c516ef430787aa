"""RunDesk.disapprove: the branches of disapprove.tree."""

from reverts import reverts_with
from runs import OTHER_PROGRAM, PROGRAM


def test_only_who_approved_disapproves(home, desk, alice, bob):
    with reverts_with("RunDesk_NotOwner", home.asset, bob):
        desk.disapprove(home.asset, PROGRAM, {"from": bob})
    with reverts_with("RunDesk_NotOwner", home.asset, alice):
        desk.disapprove(home.asset, OTHER_PROGRAM, {"from": alice})


def test_nothing_is_ordered_any_more(home, desk, alice, bob):
    desk.disapprove(home.asset, PROGRAM, {"from": alice})

    assert not desk.programOf(home.asset, PROGRAM)[1]
    with reverts_with("RunDesk_NotApproved", home.asset, PROGRAM):
        home.order(bob)


def test_what_was_ordered_is_not_delivered(home, desk, ordered, alice, bob):
    desk.disapprove(home.asset, PROGRAM, {"from": alice})

    with reverts_with("RunDesk_Withdrawn", ordered):
        home.deliver(ordered, bob)
    desk.refund(ordered, {"from": bob})


def test_it_emits_program_disapproved(home, desk, alice):
    event = desk.disapprove(home.asset, PROGRAM, {"from": alice}).events["ProgramDisapproved"]

    assert (event["asset"], event["owner"]) == ("0x" + home.asset.hex(), alice)
    assert event["program"] == "0x" + PROGRAM.hex()
