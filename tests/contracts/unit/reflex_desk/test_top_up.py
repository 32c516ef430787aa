"""ReflexDesk.topUp: the branches of top_up.tree."""

from reflexes import DEPOSIT
from reverts import reverts_with
from system import next_block_at


def test_an_unknown_channel_is_not_topped_up(desk, opened, carol):
    with reverts_with("ReflexDesk_Unknown", 2):
        desk.topUp(2, 1, {"from": carol})


def test_what_has_ended_is_not_topped_up(desk, opened, carol, until):
    next_block_at(until)
    with reverts_with("ReflexDesk_Over", opened, until):
        desk.topUp(opened, 1, {"from": carol})


def test_nothing_is_no_top_up(desk, opened, carol):
    with reverts_with("ReflexDesk_NoDeposit"):
        desk.topUp(opened, 0, {"from": carol})


def test_anybody_adds_to_the_clients_deposit(desk, made, opened, dave, until):
    next_block_at(until - 1)
    tx = desk.topUp(opened, 500, {"from": dave})

    assert dict(tx.events["ChannelToppedUp"]) == {"channel": opened, "deposit": DEPOSIT + 500}
    assert desk.channelOf(opened)[1] == DEPOSIT + 500
    assert made.ledger.lockedBy(desk) == DEPOSIT + 500
