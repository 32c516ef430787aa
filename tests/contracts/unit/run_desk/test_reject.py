"""RunDesk.reject: the branches of reject.tree."""

from reverts import reverts_with
from runs import PRICE
from system import next_block_at

NOBODY = "0x000000000000000000000000000000000000dEaD"


def test_what_was_not_delivered_is_refunded_instead(desk, ordered, bob):
    with reverts_with("RunDesk_WrongStage", ordered):
        desk.reject(ordered, {"from": bob})


def test_only_the_buyer_rejects(desk, delivered, alice, carol):
    for who in (alice, carol):
        with reverts_with("RunDesk_NotBuyer", delivered, who):
            desk.reject(delivered, {"from": who})


def test_nothing_is_rejected_late(desk, delivered, bob):
    until = desk.runOf(delivered)[8]
    next_block_at(until + 1)

    with reverts_with("RunDesk_TooLate", delivered, until):
        desk.reject(delivered, {"from": bob})


def test_the_price_is_nobodys(home, desk, ledger, delivered, alice, bob):
    desk.reject(delivered, {"from": bob})

    assert ledger.lockedBy(desk) == 0
    assert ledger.balanceOf(NOBODY) == PRICE
    assert ledger.balanceOf(alice) == ledger.balanceOf(bob) == 0
    assert home.system.revenue_graph.nodeOf(home.asset)[0] == 0


def test_a_free_run_is_rejected_without_money(home, desk, bob):
    home.approve(price=0)
    home.order(bob)
    home.deliver(1, bob)

    assert "Released" not in desk.reject(1, {"from": bob}).events


def test_it_emits_run_rejected(desk, delivered, bob):
    tx = desk.reject(delivered, {"from": bob})

    assert dict(tx.events["RunRejected"]) == {"run": delivered, "price": PRICE}
    with reverts_with("RunDesk_Ended", delivered):
        desk.settle(delivered, {"from": bob})
