"""ReflexDesk.redeem: the branches of redeem.tree."""

import pytest
from assets import CAPTURE, MODEL, mint
from reflexes import DEPOSIT, LATENCY, PRICE, ROBOT, SHARE, STAKE
from reverts import reverts_with
from system import next_block_at


def income(made, model):
    """What a model has received."""
    return made.revenue_graph.nodeOf(model)[0]


def test_an_unknown_channel_pays_nothing(desk, served, opened, node, carol):
    with reverts_with("ReflexDesk_Unknown", 2):
        desk.redeem(2, 5, 7, served.voucher(2, carol, 5), {"from": node})


def test_no_voucher_is_above_the_deposit(desk, made, served, opened, node, carol):
    with reverts_with("ReflexDesk_AboveDeposit", DEPOSIT + 1, DEPOSIT):
        desk.redeem(opened, DEPOSIT + 1, 7, served.voucher(opened, carol, DEPOSIT + 1), {"from": node})
    desk.redeem(opened, DEPOSIT, 7, served.voucher(opened, carol, DEPOSIT), {"from": node})

    assert made.ledger.lockedBy(desk) == 0


@pytest.mark.parametrize("amount", [0, 999, 1_000])
def test_a_voucher_pays_once(desk, served, opened, node, carol, amount):
    desk.redeem(opened, 1_000, 7, served.voucher(opened, carol, 1_000), {"from": node})

    with reverts_with("ReflexDesk_NothingDue", opened, 1_000):
        desk.redeem(opened, amount, 8, served.voucher(opened, carol, amount, 8), {"from": node})


@pytest.mark.parametrize("spoilt", ["amount", "calls", "key", "nothing", "zeros", "too long"])
def test_only_the_signers_word_counts(desk, served, opened, node, carol, other_key, spoilt):
    good = served.voucher(opened, carol, 1_000)
    spelled = {
        "amount": served.voucher(opened, carol, 999),
        "calls": served.voucher(opened, carol, 1_000, 8),
        "key": served.voucher(opened, carol, 1_000, key=other_key),
        "nothing": b"",
        "zeros": bytes(65),
        "too long": good + b"\x00",
    }

    with reverts_with("ReflexDesk_BadSignature", ROBOT.address):
        desk.redeem(opened, 1_000, 7, spelled[spoilt], {"from": node})
    desk.redeem(opened, 1_000, 7, good, {"from": node})


def test_the_model_has_its_share_and_the_node_the_rest(desk, made, served, opened, model, node, carol, dave):
    desk.redeem(opened, 1_001, 7, served.voucher(opened, carol, 1_001), {"from": dave})

    assert (income(made, model), made.ledger.balanceOf(node)) == (300, 701)
    assert made.ledger.lockedBy(desk) == DEPOSIT - 1_001
    assert made.ledger.lockedBy(made.revenue_graph) == 300
    assert desk.channelOf(opened)[3] == 1_001


def test_a_share_of_nothing_moves_nothing(desk, made, served, opened, model, node, carol):
    desk.redeem(opened, 3, 7, served.voucher(opened, carol, 3), {"from": node})

    assert (income(made, model), made.ledger.balanceOf(node)) == (0, 3)


def test_the_whole_share_leaves_the_node_nothing(desk, made, served, node, carol, until):
    generous = mint(made.asset_registry, node, "given away", MODEL)
    desk.serve(generous, PRICE, 1_000_000, STAKE, LATENCY, {"from": node})
    desk.open(node, generous, ROBOT.address, DEPOSIT, PRICE, until, {"from": carol})
    signature = served.voucher(1, carol, 50, model="0x" + generous.hex())
    desk.redeem(1, 50, 7, signature, {"from": node})

    assert (income(made, generous), made.ledger.balanceOf(node)) == (50, 0)


def test_many_vouchers_pay_what_a_single_one_does(desk, made, served, opened, model, node, carol):
    for amount in (1, 3, 4, 7, 8, 11, 1_001):
        desk.redeem(opened, amount, 7, served.voucher(opened, carol, amount), {"from": node})

    assert (income(made, model), made.ledger.balanceOf(node)) == (300, 701)


def test_it_pays_until_somebody_settles(desk, made, served, opened, node, carol, until):
    next_block_at(until + 5)
    desk.redeem(opened, 1_000, 7, served.voucher(opened, carol, 1_000), {"from": node})
    desk.settle(opened, {"from": carol})

    assert made.ledger.balanceOf(node) == 700
    with reverts_with("ReflexDesk_Unknown", opened):
        desk.redeem(opened, 2_000, 7, served.voucher(opened, carol, 2_000), {"from": node})


def test_what_was_answered_is_paid_without_consent(desk, made, served, opened, model, node, alice, carol):
    made.asset_registry.revokeAll(model, bytes(32), {"from": alice})
    desk.redeem(opened, 1_000, 7, served.voucher(opened, carol, 1_000), {"from": node})

    assert made.ledger.balanceOf(node) == 700


def test_the_captures_owner_earns_from_every_call(desk, made, served, terms, alice, node, carol, dave, until):
    hand = mint(made.asset_registry, dave, "hand", CAPTURE)
    policy = mint(made.asset_registry, alice, "learnt from the hand", MODEL, terms)
    made.revenue_graph.link(policy, [(hand, 500_000)], {"from": alice})
    made.license_desk.grant(policy, node, terms, 2**40 - 1, {"from": alice})
    desk.serve(policy, PRICE, SHARE, STAKE, LATENCY, {"from": node})
    desk.open(node, policy, ROBOT.address, DEPOSIT, PRICE, until, {"from": carol})
    desk.redeem(1, 1_000, 7, served.voucher(1, carol, 1_000, model="0x" + policy.hex()), {"from": node})
    made.revenue_graph.roll(policy, hand, {"from": dave})

    assert income(made, hand) == 150


def test_it_emits_voucher_redeemed(desk, served, opened, model, node, carol):
    desk.redeem(opened, 1_000, 7, served.voucher(opened, carol, 1_000), {"from": node})
    tx = desk.redeem(opened, 3_000, 9, served.voucher(opened, carol, 3_000, 9), {"from": node})

    said = {"channel": opened, "toModel": 600, "redeemed": 3_000, "calls": 9}
    assert dict(tx.events["VoucherRedeemed"]) == said
    paid = tx.events["Paid"]
    assert (paid["asset"], paid["payer"], paid["amount"]) == ("0x" + model.hex(), carol, 600)
