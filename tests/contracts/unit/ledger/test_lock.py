"""Ledger.lock: the branches of lock.tree. It never calls the token, so no token can be hostile here."""

from reverts import reverts_with
from system import DOLLAR


def test_a_stranger_cannot_lock(ledger, alice, mallory):
    with reverts_with("Ledger_NotModule", mallory):
        ledger.lock(alice, 1, {"from": mallory})


def test_more_than_the_account_holds_is_refused(ledger, desk, alice):
    with reverts_with("Ledger_NotEnough", alice, 100 * DOLLAR, 100 * DOLLAR + 1):
        ledger.lock(alice, 100 * DOLLAR + 1, {"from": desk})


def test_the_lock_gains_what_the_account_loses(ledger, desk, graph, alice, bob):
    ledger.lock(alice, 100 * DOLLAR, {"from": desk})

    assert ledger.balanceOf(alice) == 0
    assert ledger.lockedBy(desk) == 100 * DOLLAR
    assert ledger.lockedBy(graph) == 0
    assert ledger.balanceOf(bob) == 100 * DOLLAR


def test_no_token_moves(ledger, usd, desk, alice):
    held = usd.balanceOf(ledger)

    ledger.lock(alice, 5, {"from": desk})

    assert usd.balanceOf(ledger) == held


def test_it_emits_locked(ledger, desk, alice):
    tx = ledger.lock(alice, 5, {"from": desk})

    assert dict(tx.events["Locked"]) == {"module": desk, "account": alice, "amount": 5}


def test_locking_nothing_is_harmless(ledger, desk, carol):
    ledger.lock(carol, 0, {"from": desk})

    assert ledger.lockedBy(desk) == 0


def test_a_sum_that_a_lock_cannot_count_is_refused(hostile, desk, alice):
    token, ledger = hostile("NoReturnToken")
    token.mint(alice, 2**248, {"from": alice})
    token.approve(ledger, 2**248, {"from": alice})
    ledger.deposit(alice, 2**248, {"from": alice})

    with reverts_with("Ledger_LockTooBig", 0, 2**248):
        ledger.lock(alice, 2**248, {"from": desk})
