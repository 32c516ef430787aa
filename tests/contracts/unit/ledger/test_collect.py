"""Ledger.collect: the branches of collect.tree."""

import pytest
from reverts import reverts_with
from system import DOLLAR, REENTRANT_CALL, contract


def test_a_stranger_cannot_collect(ledger, alice, mallory):
    with reverts_with("Ledger_NotModule", mallory):
        ledger.collect(alice, 1, {"from": mallory})


def test_collecting_nothing_is_refused(ledger, desk, alice):
    with reverts_with("Ledger_NothingReceived", alice, 0):
        ledger.collect(alice, 0, {"from": desk})


def test_more_than_the_wallet_approved_is_refused(ledger, usd, desk, alice):
    usd.approve(ledger, 5, {"from": alice})

    with reverts_with("ERC20InsufficientAllowance", ledger, 5, 6):
        ledger.collect(alice, 6, {"from": desk})


def test_the_lock_gains_what_the_wallet_loses(ledger, usd, desk, graph, alice):
    wallet, account = usd.balanceOf(alice), ledger.balanceOf(alice)

    tx = ledger.collect(alice, 6, {"from": desk})

    assert tx.return_value == 6 == ledger.lockedBy(desk)
    assert usd.balanceOf(alice) == wallet - 6
    assert ledger.balanceOf(alice) == account
    assert ledger.lockedBy(graph) == 0


def test_it_emits_collected(ledger, desk, alice):
    tx = ledger.collect(alice, 6, {"from": desk})

    assert dict(tx.events["Collected"]) == {"module": desk, "amount": 6}


def test_a_fee_on_transfer_is_not_locked(hostile, desk, alice):
    token, ledger = hostile("FeeOnTransferToken", 300)

    tx = ledger.collect(alice, 1_000, {"from": desk})

    assert tx.return_value == 970 == ledger.lockedBy(desk) == token.balanceOf(ledger)


def test_a_token_that_keeps_everything_is_refused(hostile, desk, alice):
    _, ledger = hostile("FeeOnTransferToken", 10_000)

    with reverts_with("Ledger_NothingReceived", alice, 1_000):
        ledger.collect(alice, 1_000, {"from": desk})


def test_a_token_that_returns_nothing_is_accepted(hostile, desk, alice):
    token, ledger = hostile("NoReturnToken")

    ledger.collect(alice, 1_000, {"from": desk})

    assert ledger.lockedBy(desk) == 1_000 == token.balanceOf(ledger)


def test_a_token_that_answers_false_is_refused(hostile, desk, alice):
    token, ledger = hostile("FalseReturnToken")
    token.setRefusing(True, {"from": alice})

    with reverts_with("SafeERC20FailedOperation", token):
        ledger.collect(alice, 1_000, {"from": desk})


def test_a_blocked_wallet_is_refused(hostile, desk, alice):
    token, ledger = hostile("BlocklistToken")
    token.setBlocked(alice, True, {"from": alice})

    with reverts_with("BlocklistToken_Blocked", alice):
        ledger.collect(alice, 1_000, {"from": desk})


def test_a_paused_token_is_refused(hostile, desk, alice):
    token, ledger = hostile("PausableToken")
    token.setPaused(True, {"from": alice})

    with reverts_with("PausableToken_Paused"):
        ledger.collect(alice, 1_000, {"from": desk})


@pytest.mark.parametrize("verb", ["withdraw", "deposit"])
def test_a_call_back_into_the_ledger_is_refused(hostile, deployer, desk, alice, mallory, verb):
    token, ledger = hostile("ReentrantToken")
    actor = contract("Actor").deploy({"from": deployer})
    ledger.deposit(actor, 500, {"from": alice})
    token.mint(actor, 500, {"from": mallory})
    actor.run(token, token.approve.encode_input(ledger, 500), {"from": mallory})
    inner = getattr(ledger, verb).encode_input(mallory, 500)
    token.arm(actor, actor.run.encode_input(ledger, inner), {"from": mallory})

    tx = ledger.collect(alice, 1_000, {"from": desk})

    assert token.lastAnswer() == REENTRANT_CALL
    assert tx.return_value == 1_000 == ledger.lockedBy(desk)


def test_more_than_a_lock_can_count_is_refused(hostile, desk, alice):
    token, ledger = hostile("NoReturnToken")
    token.mint(alice, 2**248, {"from": alice})
    token.approve(ledger, 2**248, {"from": alice})

    with reverts_with("Ledger_LockTooBig", 0, 2**248):
        ledger.collect(alice, 2**248, {"from": desk})


def test_a_sum_that_a_lock_cannot_count_is_refused(hostile, desk, alice):
    token, ledger = hostile("NoReturnToken")
    token.mint(alice, 2**248, {"from": alice})
    token.approve(ledger, 2**248, {"from": alice})
    ledger.collect(alice, 2**248 - 1, {"from": desk})

    with reverts_with("Ledger_LockTooBig", 2**248 - 1, 1):
        ledger.collect(alice, 1, {"from": desk})


def test_accounts_are_not_touched(ledger, desk, alice, bob):
    ledger.collect(alice, 30 * DOLLAR, {"from": desk})

    assert ledger.balanceOf(alice) == ledger.balanceOf(bob) == 100 * DOLLAR
