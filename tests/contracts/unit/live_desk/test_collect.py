"""LiveDesk.collect: the branches of collect.tree."""

from reverts import reverts_with


def test_what_does_not_run_pays_nothing(desk, stream, alice, carol):
    with reverts_with("LiveDesk_NotRunning", stream, carol):
        desk.collect(stream, carol, {"from": alice})


def test_nothing_is_due_before_debt_begins_and_right_after_collecting(desk, stream, subscribed, alice, bob, at):
    at(200)
    with reverts_with("LiveDesk_NothingDue", stream, bob):
        desk.collect(stream, bob, {"from": alice})
    at(900)
    desk.collect(stream, bob, {"from": alice})
    at(950)
    with reverts_with("LiveDesk_NothingDue", stream, bob):
        desk.collect(stream, bob, {"from": alice})


def test_debt_goes_to_the_seller(desk, ledger, stream, subscribed, alice, bob, mallory, at):
    at(201)
    desk.collect(stream, bob, {"from": alice})
    at(250)
    tx = desk.collect(stream, bob, {"from": mallory})

    assert dict(tx.events["LivePaid"]) == {"stream": stream, "subscriber": bob, "amount": 490, "paid": 500}
    assert (ledger.balanceOf(alice), ledger.balanceOf(mallory), ledger.lockedBy(desk)) == (500, 0, 4_500)
    assert desk.debtOf(stream, bob) == 500
