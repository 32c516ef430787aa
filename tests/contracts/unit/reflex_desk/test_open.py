"""ReflexDesk.open: the branches of open.tree."""

import pytest
from brownie import ZERO_ADDRESS
from brownie import chain as the_chain
from reflexes import DEPOSIT, PRICE, ROBOT, SHARE
from reverts import reverts_with
from system import next_block_at

LONGEST = 30 * 86_400


@pytest.fixture
def ask(desk, node, model, carol, until):
    """Open a channel of carol's, with changes."""

    def open_with(**changes):
        given = {
            "node": node,
            "model": model,
            "signer": ROBOT.address,
            "deposit": DEPOSIT,
            "price": PRICE,
            "until": until,
        }
        return desk.open(*(given | changes).values(), {"from": carol})

    return open_with


@pytest.mark.parametrize("retired", [False, True])
def test_a_channel_needs_a_node_that_serves(desk, ask, node, model, dave, retired):
    if retired:
        desk.retire(model, {"from": node})
    asked = node if retired else dave

    with reverts_with("ReflexDesk_NotServing", asked, model):
        ask(node=asked)


def test_a_price_above_the_guard_is_refused(ask):
    with reverts_with("ReflexDesk_PriceAbove", PRICE, PRICE - 1):
        ask(price=PRICE - 1)


def test_a_channel_needs_a_signer(ask):
    with reverts_with("ReflexDesk_NoSigner"):
        ask(signer=ZERO_ADDRESS)


def test_a_channel_needs_a_deposit(ask):
    with reverts_with("ReflexDesk_DepositBelow", 0, 1):
        ask(deposit=0)


@pytest.mark.parametrize("seconds", [0, LONGEST + 1])
def test_a_channel_ends_within_the_longest_time(ask, seconds):
    now = the_chain[-1].timestamp + 10
    next_block_at(now)

    with reverts_with("ReflexDesk_BadEnd", now + seconds, now + LONGEST):
        ask(until=now + seconds)


@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_channel_ends_within_the_nodes_license(ask, made, model, node, alice, until, withdrawn):
    if withdrawn:
        made.asset_registry.revokeAll(model, bytes(32), {"from": alice})
    else:
        made.license_desk.setExpiry(model, node, until - 1, {"from": alice})

    with reverts_with("ReflexDesk_NotAllowed", model, node, until - 1):
        ask()
    if not withdrawn:
        ask(until=until - 1)


def test_a_fee_on_transfer_is_short_payment(hostile, carol):
    system, served = hostile("FeeOnTransferToken", 100)
    end = the_chain[-1].timestamp + 100

    with reverts_with("ReflexDesk_ShortPaid", DEPOSIT * 99 // 100, DEPOSIT):
        system.reflex_desk.open(served.node, served.model, ROBOT.address, DEPOSIT, PRICE, end, {"from": carol})


def test_a_surplus_is_the_payers(hostile, carol):
    system, served = hostile("ReentrantToken")
    system.token.arm(system.token, system.token.mint.encode_input(system.ledger, 50), {"from": carol})
    end = the_chain[-1].timestamp + 100

    system.reflex_desk.open(served.node, served.model, ROBOT.address, DEPOSIT, PRICE, end, {"from": carol})

    assert system.ledger.lockedBy(system.reflex_desk) == DEPOSIT
    assert system.ledger.balanceOf(carol) == 50


def test_who_redeems_inside_the_payment_gains_nothing(hostile, carol, dave):
    """The node's voucher is paid while the deposit is still on its way: what comes out is what came in."""
    system, served = hostile("ReentrantToken")
    desk, ledger, token = system.reflex_desk, system.ledger, system.token
    end = the_chain[-1].timestamp + 5_000
    desk.open(served.node, served.model, ROBOT.address, DEPOSIT, PRICE, end, {"from": dave})
    held = token.balanceOf(ledger)
    redeeming = desk.redeem.encode_input(2, DEPOSIT, 7, served.voucher(2, carol, DEPOSIT))
    token.arm(desk, redeeming, {"from": carol})

    desk.open(served.node, served.model, ROBOT.address, DEPOSIT, PRICE, end, {"from": carol})

    assert token.lastWorked()
    assert token.balanceOf(ledger) == held + DEPOSIT
    assert ledger.balanceOf(served.node) == DEPOSIT * 7 // 10
    assert ledger.lockedBy(desk) == DEPOSIT
    assert desk.channelOf(2)[3] == DEPOSIT


def test_channels_are_numbered_and_kept(desk, ask, node, model, carol, until):
    for number in (1, 2):
        ask(deposit=number)

        assert desk.count() == number
        kept = (carol, number, node, 0, "0x" + model.hex(), ROBOT.address, SHARE, until)
        assert desk.channelOf(number) == kept


def test_the_ledger_holds_the_deposit(ask, made, desk):
    ask()

    assert made.ledger.lockedBy(desk) == DEPOSIT


def test_it_emits_channel_opened(ask, node, model, carol, until):
    event = ask().events["ChannelOpened"]

    assert (event["channel"], event["client"], event["node"]) == (1, carol, node)
    assert event["opened"] == (carol, DEPOSIT, node, 0, "0x" + model.hex(), ROBOT.address, SHARE, until)
