"""Ledger.release: the branches of release.tree. It never calls the token, so no token can be hostile here."""

import pytest
from brownie import ZERO_ADDRESS
from reverts import reverts_with
from system import DOLLAR


@pytest.fixture(autouse=True)
def locked(ledger, desk, alice):
    ledger.lock(alice, 40 * DOLLAR, {"from": desk})


def test_a_stranger_cannot_release(ledger, mallory):
    with reverts_with("Ledger_NotModule", mallory):
        ledger.release(mallory, 1, {"from": mallory})


def test_nobodys_account_is_refused(ledger, desk):
    with reverts_with("Ledger_ZeroAddress"):
        ledger.release(ZERO_ADDRESS, 1, {"from": desk})


def test_more_than_the_module_locked_is_refused(ledger, desk, bob):
    with reverts_with("Ledger_NotEnough", desk, 40 * DOLLAR, 40 * DOLLAR + 1):
        ledger.release(bob, 40 * DOLLAR + 1, {"from": desk})


def test_another_modules_lock_is_out_of_reach(ledger, graph, bob):
    with reverts_with("Ledger_NotEnough", graph, 0, 1):
        ledger.release(bob, 1, {"from": graph})


def test_more_than_a_lock_could_count_is_refused(ledger, desk, bob):
    with reverts_with("Ledger_NotEnough", desk, 40 * DOLLAR, 2**248 + 1):
        ledger.release(bob, 2**248 + 1, {"from": desk})


def test_the_account_gains_what_the_lock_loses(ledger, usd, desk, bob):
    held = usd.balanceOf(ledger)

    ledger.release(bob, 15 * DOLLAR, {"from": desk})

    assert ledger.balanceOf(bob) == 115 * DOLLAR
    assert ledger.lockedBy(desk) == 25 * DOLLAR
    assert usd.balanceOf(ledger) == held


def test_an_emptied_module_is_still_a_module(ledger, desk, bob):
    ledger.release(bob, 40 * DOLLAR, {"from": desk})

    assert ledger.lockedBy(desk) == 0
    assert ledger.isModule(desk)


def test_it_emits_released(ledger, desk, bob):
    tx = ledger.release(bob, 5, {"from": desk})

    assert dict(tx.events["Released"]) == {"module": desk, "account": bob, "amount": 5}
