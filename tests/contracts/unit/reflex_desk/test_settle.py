"""ReflexDesk.settle: the branches of settle.tree."""

from reflexes import DEPOSIT
from reverts import reverts_with
from system import next_block_at


def test_a_channel_is_settled_once(desk, opened, node):
    desk.settle(opened, {"from": node})

    for number in (opened, 2):
        with reverts_with("ReflexDesk_Unknown", number):
            desk.settle(number, {"from": node})


def test_only_the_node_settles_before_the_end(desk, opened, carol, dave, until):
    next_block_at(until - 5)
    for who in (carol, dave):
        with reverts_with("ReflexDesk_StillOpen", opened, until):
            desk.settle(opened, {"from": who})


def test_the_node_gives_the_rest_back_at_any_time(desk, made, served, opened, node, carol):
    desk.redeem(opened, 1_000, 7, served.voucher(opened, carol, 1_000), {"from": node})
    desk.settle(opened, {"from": node})

    assert (made.ledger.balanceOf(carol), made.ledger.balanceOf(node)) == (DEPOSIT - 1_000, 700)
    assert made.ledger.lockedBy(desk) == 0


def test_anybody_brings_the_rest_back_in_the_end(desk, made, opened, carol, dave, until):
    next_block_at(until)
    desk.settle(opened, {"from": dave})

    assert (made.ledger.balanceOf(carol), made.ledger.balanceOf(dave)) == (DEPOSIT, 0)


def test_a_channel_that_is_used_up_is_forgotten(desk, made, served, opened, node, carol):
    desk.redeem(opened, DEPOSIT, 7, served.voucher(opened, carol, DEPOSIT), {"from": node})
    tx = desk.settle(opened, {"from": node})

    assert made.ledger.balanceOf(carol) == 0
    assert "Released" not in tx.events
    with reverts_with("ReflexDesk_Unknown", opened):
        desk.channelOf(opened)


def test_it_emits_channel_settled(desk, served, opened, node, carol):
    desk.redeem(opened, 1_000, 7, served.voucher(opened, carol, 1_000), {"from": node})
    tx = desk.settle(opened, {"from": node})

    said = {"channel": opened, "redeemed": 1_000, "rest": DEPOSIT - 1_000}
    assert dict(tx.events["ChannelSettled"]) == said
