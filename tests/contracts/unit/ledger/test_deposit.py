"""Ledger.deposit: the branches of deposit.tree."""

from brownie import ZERO_ADDRESS
from reverts import reverts_with
from system import DOLLAR, REENTRANT_CALL, contract


def test_nobodys_account_is_refused(ledger, alice):
    with reverts_with("Ledger_ZeroAddress"):
        ledger.deposit(ZERO_ADDRESS, DOLLAR, {"from": alice})


def test_a_deposit_of_nothing_is_refused(ledger, alice):
    with reverts_with("Ledger_NothingReceived", alice, 0):
        ledger.deposit(alice, 0, {"from": alice})


def test_more_than_the_wallet_approved_is_refused(ledger, usd, alice):
    usd.approve(ledger, DOLLAR - 1, {"from": alice})

    with reverts_with("ERC20InsufficientAllowance", ledger, DOLLAR - 1, DOLLAR):
        ledger.deposit(alice, DOLLAR, {"from": alice})


def test_the_account_gains_what_the_wallet_loses(ledger, usd, alice):
    wallet, account = usd.balanceOf(alice), ledger.balanceOf(alice)

    tx = ledger.deposit(alice, 7, {"from": alice})

    assert tx.return_value == 7
    assert usd.balanceOf(alice) == wallet - 7
    assert ledger.balanceOf(alice) == account + 7


def test_anybody_can_fill_somebody_elses_account(ledger, alice, carol):
    ledger.deposit(carol, 7, {"from": alice})

    assert ledger.balanceOf(carol) == 7


def test_it_emits_deposited(ledger, alice, carol):
    tx = ledger.deposit(carol, 7, {"from": alice})

    assert dict(tx.events["Deposited"]) == {"account": carol, "payer": alice, "amount": 7}


def test_a_fee_on_transfer_is_not_credited(hostile, alice):
    token, ledger = hostile("FeeOnTransferToken", 250)

    tx = ledger.deposit(alice, 1_000, {"from": alice})

    assert tx.return_value == 975
    assert ledger.balanceOf(alice) == 975 == token.balanceOf(ledger)
    assert tx.events["Deposited"]["amount"] == 975


def test_a_token_that_keeps_everything_is_refused(hostile, alice):
    _, ledger = hostile("FeeOnTransferToken", 10_000)

    with reverts_with("Ledger_NothingReceived", alice, 1_000):
        ledger.deposit(alice, 1_000, {"from": alice})


def test_a_token_that_shrinks_the_ledger_meanwhile_is_refused(hostile, alice):
    token, ledger = hostile("RebasingDownToken")
    ledger.deposit(alice, 1_000, {"from": alice})
    token.shrinkOnTransfer(ledger, {"from": alice})

    with reverts_with("Ledger_NothingReceived", alice, 10):
        ledger.deposit(alice, 10, {"from": alice})


def test_a_token_that_returns_nothing_is_accepted(hostile, alice):
    token, ledger = hostile("NoReturnToken")

    ledger.deposit(alice, 1_000, {"from": alice})

    assert ledger.balanceOf(alice) == 1_000 == token.balanceOf(ledger)


def test_a_token_that_answers_false_is_refused(hostile, alice):
    token, ledger = hostile("FalseReturnToken")
    token.setRefusing(True, {"from": alice})

    with reverts_with("SafeERC20FailedOperation", token):
        ledger.deposit(alice, 1_000, {"from": alice})


def test_a_blocked_wallet_is_refused(hostile, alice):
    token, ledger = hostile("BlocklistToken")
    token.setBlocked(alice, True, {"from": alice})

    with reverts_with("BlocklistToken_Blocked", alice):
        ledger.deposit(alice, 1_000, {"from": alice})


def test_a_paused_token_is_refused(hostile, alice):
    token, ledger = hostile("PausableToken")
    token.setPaused(True, {"from": alice})

    with reverts_with("PausableToken_Paused"):
        ledger.deposit(alice, 1_000, {"from": alice})


def test_a_deposit_inside_a_deposit_is_refused(hostile, alice, mallory):
    token, ledger = hostile("ReentrantToken")
    token.mint(token, 500, {"from": mallory})
    token.arm(ledger, ledger.deposit.encode_input(mallory, 500), {"from": mallory})

    ledger.deposit(alice, 1_000, {"from": alice})

    assert not token.lastWorked()
    assert ledger.balanceOf(alice) == 1_000 == token.balanceOf(ledger)
    assert ledger.balanceOf(mallory) == 0


def test_a_withdrawal_inside_a_deposit_is_refused(hostile, deployer, alice, mallory):
    token, ledger = hostile("ReentrantToken")
    actor = contract("Actor").deploy({"from": deployer})
    ledger.deposit(actor, 500, {"from": alice})
    token.arm(actor, actor.run.encode_input(ledger, ledger.withdraw.encode_input(mallory, 500)), {"from": mallory})

    ledger.deposit(alice, 1_000, {"from": alice})

    assert not token.lastWorked()
    assert token.lastAnswer() == REENTRANT_CALL
    assert token.balanceOf(mallory) == 0
