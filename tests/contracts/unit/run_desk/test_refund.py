"""RunDesk.refund: the branches of refund.tree."""

import pytest
from reverts import reverts_with
from runs import PRICE, PROGRAM
from system import next_block_at


def test_what_was_delivered_is_not_refunded(desk, delivered, alice, bob):
    for who in (alice, bob):
        with reverts_with("RunDesk_WrongStage", delivered):
            desk.refund(delivered, {"from": who})


def test_what_never_was_is_not_refunded(desk, bob):
    with reverts_with("RunDesk_Ended", 1):
        desk.refund(1, {"from": bob})


def test_while_the_owner_has_time_only_he_gives_it_back(desk, ordered, bob, dave):
    until = desk.runOf(ordered)[8]
    next_block_at(until)
    for who in (bob, dave):
        with reverts_with("RunDesk_StillRuns", ordered, until):
            desk.refund(ordered, {"from": who})


def test_the_owner_gives_up_at_any_time(desk, ledger, ordered, alice, bob):
    desk.refund(ordered, {"from": alice})

    assert (ledger.lockedBy(desk), ledger.balanceOf(bob)) == (0, PRICE)


def test_anybody_brings_it_back_when_it_is_late(desk, ledger, ordered, bob, dave):
    next_block_at(desk.runOf(ordered)[8] + 1)
    desk.refund(ordered, {"from": dave})

    assert (ledger.balanceOf(bob), ledger.balanceOf(dave)) == (PRICE, 0)


@pytest.mark.parametrize("ends", ["consent", "program", "license", "ownership"])
def test_anybody_brings_it_back_at_once_when_it_stands_no_more(home, desk, ledger, ordered, alice, bob, dave, ends):
    if ends == "consent":
        home.system.asset_registry.revokeAll(home.asset, b"\0" * 32, {"from": alice})
    elif ends == "program":
        desk.disapprove(home.asset, PROGRAM, {"from": alice})
    elif ends == "license":
        home.system.license_desk.revokeOne(home.asset, 0, bob, {"from": alice})
    else:
        home.system.asset_registry.transferFrom(alice, dave, int.from_bytes(home.asset, "big"), {"from": alice})

    desk.refund(ordered, {"from": dave})

    assert ledger.balanceOf(bob) == PRICE


def test_a_free_run_is_forgotten_without_money(home, desk, alice, bob):
    home.approve(price=0)
    home.order(bob)

    assert "Released" not in desk.refund(1, {"from": alice}).events


def test_it_emits_run_refunded(desk, ordered, alice):
    tx = desk.refund(ordered, {"from": alice})

    assert dict(tx.events["RunRefunded"]) == {"run": ordered, "price": PRICE}
    with reverts_with("RunDesk_Ended", ordered):
        desk.refund(ordered, {"from": alice})
