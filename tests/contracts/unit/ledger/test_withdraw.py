"""Ledger.withdraw: the branches of withdraw.tree."""

import pytest
from brownie import ZERO_ADDRESS
from reverts import reverts_with
from system import DOLLAR, REENTRANT_CALL, contract


@pytest.fixture
def filled(hostile, alice, bob):
    """A hostile token with a Ledger in which Alice and Bob hold 1,000 units each."""

    def fill(name, *arguments):
        token, ledger = hostile(name, *arguments)
        for person in (alice, bob):
            ledger.deposit(person, 1_000, {"from": person})
        return token, ledger

    return fill


def test_nobodys_wallet_is_refused(ledger, alice):
    with reverts_with("Ledger_ZeroAddress"):
        ledger.withdraw(ZERO_ADDRESS, 1, {"from": alice})


def test_the_ledgers_own_wallet_is_refused(ledger, alice):
    with reverts_with("Ledger_ToItself"):
        ledger.withdraw(ledger, 1, {"from": alice})


def test_more_than_the_account_holds_is_refused(ledger, alice):
    with reverts_with("Ledger_NotEnough", alice, 100 * DOLLAR, 100 * DOLLAR + 1):
        ledger.withdraw(alice, 100 * DOLLAR + 1, {"from": alice})


def test_a_stranger_has_nothing_to_withdraw(ledger, mallory):
    with reverts_with("Ledger_NotEnough", mallory, 0, 1):
        ledger.withdraw(mallory, 1, {"from": mallory})


def test_a_lock_cannot_be_withdrawn(ledger, desk, alice):
    ledger.lock(alice, 100 * DOLLAR, {"from": desk})

    with reverts_with("Ledger_NotEnough", desk, 0, 1):
        ledger.withdraw(desk, 1, {"from": desk})


def test_the_wallet_gains_what_the_account_loses(ledger, usd, alice):
    wallet = usd.balanceOf(alice)

    ledger.withdraw(alice, 100 * DOLLAR, {"from": alice})

    assert usd.balanceOf(alice) == wallet + 100 * DOLLAR
    assert ledger.balanceOf(alice) == 0


def test_any_wallet_can_be_paid(ledger, usd, alice, carol):
    ledger.withdraw(carol, 7, {"from": alice})

    assert usd.balanceOf(carol) == 7


def test_it_emits_withdrawn(ledger, alice, carol):
    tx = ledger.withdraw(carol, 7, {"from": alice})

    assert dict(tx.events["Withdrawn"]) == {"account": alice, "to": carol, "amount": 7}


def test_a_fee_on_transfer_is_the_recipients_loss(filled, alice, bob, carol):
    token, ledger = filled("FeeOnTransferToken", 1_000)

    ledger.withdraw(carol, 900, {"from": alice})

    assert token.balanceOf(carol) == 810
    assert token.balanceOf(ledger) == 900 == ledger.balanceOf(bob)


def test_a_token_that_takes_more_than_asked_is_refused(filled, alice):
    token, ledger = filled("SenderFeeToken")
    token.setCharging(True, {"from": alice})

    with reverts_with("Ledger_Overcharged", 900, 909):
        ledger.withdraw(alice, 900, {"from": alice})


def test_a_token_that_returns_nothing_is_accepted(filled, alice, carol):
    token, ledger = filled("NoReturnToken")

    ledger.withdraw(carol, 400, {"from": alice})

    assert token.balanceOf(carol) == 400


def test_a_token_that_answers_false_is_refused(filled, alice):
    token, ledger = filled("FalseReturnToken")
    token.setRefusing(True, {"from": alice})

    with reverts_with("SafeERC20FailedOperation", token):
        ledger.withdraw(alice, 400, {"from": alice})

    assert ledger.balanceOf(alice) == 1_000


def test_a_blocked_holder_is_paid_elsewhere(filled, alice, carol):
    token, ledger = filled("BlocklistToken")
    token.setBlocked(alice, True, {"from": alice})

    with reverts_with("BlocklistToken_Blocked", alice):
        ledger.withdraw(alice, 400, {"from": alice})
    ledger.withdraw(carol, 400, {"from": alice})

    assert token.balanceOf(carol) == 400


def test_a_paused_token_delays_and_does_not_lose_money(filled, alice):
    token, ledger = filled("PausableToken")
    token.setPaused(True, {"from": alice})

    with reverts_with("PausableToken_Paused"):
        ledger.withdraw(alice, 1_000, {"from": alice})
    token.setPaused(False, {"from": alice})
    ledger.withdraw(alice, 1_000, {"from": alice})

    assert ledger.balanceOf(alice) == 0


def test_a_token_that_shrank_pays_until_it_is_empty(filled, alice, bob):
    token, ledger = filled("RebasingDownToken")
    token.shrink(ledger, 500, {"from": alice})

    ledger.withdraw(alice, 1_000, {"from": alice})
    with reverts_with("ERC20InsufficientBalance", ledger, 500, 1_000):
        ledger.withdraw(bob, 1_000, {"from": bob})
    ledger.withdraw(bob, 500, {"from": bob})

    assert token.balanceOf(ledger) == 0


def test_a_second_withdrawal_inside_the_first_is_refused(filled, deployer, alice, mallory):
    token, ledger = filled("ReentrantToken")
    actor = contract("Actor").deploy({"from": deployer})
    ledger.deposit(actor, 500, {"from": alice})
    again = ledger.withdraw.encode_input(mallory, 500)
    token.arm(actor, actor.run.encode_input(ledger, again), {"from": mallory})

    actor.run(ledger, again, {"from": mallory})

    assert not token.lastWorked()
    assert token.lastAnswer() == REENTRANT_CALL
    assert token.balanceOf(mallory) == 500


def test_a_deposit_inside_a_withdrawal_is_refused(filled, alice, mallory):
    token, ledger = filled("ReentrantToken")
    token.arm(ledger, ledger.deposit.encode_input(mallory, 500), {"from": mallory})

    ledger.withdraw(alice, 500, {"from": alice})

    assert token.lastAnswer() == REENTRANT_CALL
    assert ledger.balanceOf(mallory) == 0
