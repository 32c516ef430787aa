"""ReflexDesk.close: the branches of close.tree."""

from reflexes import DEPOSIT
from reverts import reverts_with
from system import next_block_at

EXIT = 3_600


def test_an_unknown_channel_cannot_be_closed(desk, opened, carol):
    with reverts_with("ReflexDesk_Unknown", 2):
        desk.close(2, {"from": carol})


def test_only_the_client_closes(desk, opened, node, dave):
    for who in (node, dave):
        with reverts_with("ReflexDesk_NotClient", opened, who):
            desk.close(opened, {"from": who})


def test_closing_only_brings_the_end_nearer(desk, opened, carol, until):
    next_block_at(until - EXIT)
    with reverts_with("ReflexDesk_NotEarlier", opened, until):
        desk.close(opened, {"from": carol})
    assert desk.channelOf(opened)[7] == until


def test_the_node_has_the_exit_window_to_redeem(desk, made, served, opened, node, carol):
    end = desk.close(opened, {"from": carol}).timestamp + EXIT
    with reverts_with("ReflexDesk_StillOpen", opened, end):
        desk.settle(opened, {"from": carol})
    next_block_at(end - 1)
    desk.redeem(opened, 1_000, 7, served.voucher(opened, carol, 1_000), {"from": node})
    next_block_at(end)
    desk.settle(opened, {"from": carol})

    assert made.ledger.balanceOf(carol) == DEPOSIT - 1_000


def test_it_emits_channel_closing(desk, opened, carol):
    tx = desk.close(opened, {"from": carol})

    assert dict(tx.events["ChannelClosing"]) == {"channel": opened, "until": tx.timestamp + EXIT}
