"""Ledger.move: the branches of move.tree. It never calls the token, so no token can be hostile here."""

import pytest
from reverts import reverts_with
from system import DOLLAR


@pytest.fixture(autouse=True)
def locked(ledger, desk, alice):
    ledger.lock(alice, 40 * DOLLAR, {"from": desk})


def test_a_stranger_cannot_move(ledger, graph, mallory):
    with reverts_with("Ledger_NotModule", mallory):
        ledger.move(graph, 1, {"from": mallory})


def test_a_stranger_cannot_be_given_a_lock(ledger, desk, mallory):
    with reverts_with("Ledger_NotModule", mallory):
        ledger.move(mallory, 1, {"from": desk})


def test_more_than_the_module_locked_is_refused(ledger, desk, graph):
    with reverts_with("Ledger_NotEnough", desk, 40 * DOLLAR, 40 * DOLLAR + 1):
        ledger.move(graph, 40 * DOLLAR + 1, {"from": desk})


def test_another_modules_lock_is_out_of_reach(ledger, desk, graph):
    with reverts_with("Ledger_NotEnough", graph, 0, 1):
        ledger.move(desk, 1, {"from": graph})


def test_one_lock_gains_what_the_other_loses(ledger, usd, desk, graph):
    held = usd.balanceOf(ledger)

    ledger.move(graph, 15 * DOLLAR, {"from": desk})

    assert ledger.lockedBy(desk) == 25 * DOLLAR
    assert ledger.lockedBy(graph) == 15 * DOLLAR
    assert usd.balanceOf(ledger) == held


def test_a_move_to_oneself_changes_nothing(ledger, desk):
    ledger.move(desk, 15 * DOLLAR, {"from": desk})

    assert ledger.lockedBy(desk) == 40 * DOLLAR


def test_it_emits_moved(ledger, desk, graph):
    tx = ledger.move(graph, 5, {"from": desk})

    assert dict(tx.events["Moved"]) == {"from": desk, "to": graph, "amount": 5}
