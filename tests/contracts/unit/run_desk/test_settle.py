"""RunDesk.settle: the branches of settle.tree."""

from eth_utils import to_bytes
from reverts import reverts_with
from runs import PRICE
from system import next_block_at


def test_what_was_not_delivered_is_not_paid(home, desk, ordered, bob):
    with reverts_with("RunDesk_WrongStage", ordered):
        desk.settle(ordered, {"from": bob})


def test_a_run_is_paid_once(desk, delivered, bob):
    desk.settle(delivered, {"from": bob})

    for number in (delivered, 2):
        with reverts_with("RunDesk_Ended", number):
            desk.settle(number, {"from": bob})


def test_only_the_buyer_pays_while_he_can_reject(desk, delivered, alice, dave):
    until = desk.runOf(delivered)[8]
    next_block_at(until - 5)
    for who in (alice, dave):
        with reverts_with("RunDesk_StillRuns", delivered, until):
            desk.settle(delivered, {"from": who})


def test_the_price_goes_to_the_asset(home, desk, ledger, delivered, bob):
    desk.settle(delivered, {"from": bob})

    graph = home.system.revenue_graph
    assert ledger.lockedBy(desk) == 0
    assert ledger.lockedBy(graph) == graph.nodeOf(home.asset)[0] == PRICE


def test_anybody_has_it_paid_afterwards(home, desk, delivered, dave):
    next_block_at(desk.runOf(delivered)[8] + 1)
    desk.settle(delivered, {"from": dave})

    assert home.system.revenue_graph.nodeOf(home.asset)[0] == PRICE


def test_withdrawn_consent_does_not_take_back_what_was_delivered(home, desk, delivered, alice, bob):
    home.system.asset_registry.revokeAll(home.asset, b"\0" * 32, {"from": alice})
    desk.settle(delivered, {"from": bob})

    assert home.system.revenue_graph.nodeOf(home.asset)[0] == PRICE


def test_a_free_run_ends_without_money(home, desk, bob):
    home.approve(price=0)
    home.order(bob)
    home.deliver(1, bob)
    tx = desk.settle(1, {"from": bob})

    assert "Paid" not in tx.events
    assert tx.events["RunSettled"]["price"] == 0


def test_it_emits_run_settled_and_paid(home, desk, delivered, bob):
    tx = desk.settle(delivered, {"from": bob})

    assert dict(tx.events["RunSettled"]) == {"run": delivered, "price": PRICE}
    paid = tx.events["Paid"]
    assert (paid["asset"], paid["payer"], paid["amount"]) == ("0x" + home.asset.hex(), bob, PRICE)
    assert to_bytes(hexstr=str(paid["ref"])).rstrip(b"\0") == b"thenar.run/1"
