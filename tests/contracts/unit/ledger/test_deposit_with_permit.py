"""Ledger.depositWithPermit: the branches of deposit_with_permit.tree."""

import pytest
from brownie import ZERO_ADDRESS
from permits import sign_permit
from reverts import reverts_with
from system import DOLLAR, contract

FOREVER = 2**256 - 1


@pytest.fixture(scope="module")
def holder(accounts):
    """Somebody whose private key is known, with tokens and without any approval."""
    return accounts.add("0x" + "5e" * 32)


@pytest.fixture(scope="module")
def purse(usd, holder):
    usd.mint(holder, 50 * DOLLAR, {"from": holder})
    return holder


def test_a_permit_pays_for_the_deposit(ledger, usd, purse):
    permit = sign_permit(usd, purse, ledger, 20 * DOLLAR, FOREVER)

    tx = ledger.depositWithPermit(purse, 20 * DOLLAR, *permit, {"from": purse})

    assert tx.return_value == 20 * DOLLAR == ledger.balanceOf(purse)
    assert usd.balanceOf(purse) == 30 * DOLLAR
    assert usd.allowance(purse, ledger) == 0


def test_it_emits_deposited(ledger, usd, purse, carol):
    permit = sign_permit(usd, purse, ledger, 20 * DOLLAR, FOREVER)

    tx = ledger.depositWithPermit(carol, 20 * DOLLAR, *permit, {"from": purse})

    assert dict(tx.events["Deposited"]) == {"account": carol, "payer": purse, "amount": 20 * DOLLAR}


def test_a_permit_that_somebody_used_first_does_no_harm(ledger, usd, purse, mallory):
    permit = sign_permit(usd, purse, ledger, 20 * DOLLAR, FOREVER)
    usd.permit(purse, ledger, 20 * DOLLAR, *permit, {"from": mallory})

    ledger.depositWithPermit(purse, 20 * DOLLAR, *permit, {"from": purse})

    assert ledger.balanceOf(purse) == 20 * DOLLAR


def test_a_stolen_permit_gives_the_thief_nothing(ledger, usd, purse, mallory):
    permit = sign_permit(usd, purse, ledger, 20 * DOLLAR, FOREVER)

    with reverts_with("ERC20InsufficientAllowance", ledger, 0, 20 * DOLLAR):
        ledger.depositWithPermit(mallory, 20 * DOLLAR, *permit, {"from": mallory})


def test_an_expired_permit_without_approval_is_refused(ledger, usd, purse):
    permit = sign_permit(usd, purse, ledger, 20 * DOLLAR, 1)

    with reverts_with("ERC20InsufficientAllowance", ledger, 0, 20 * DOLLAR):
        ledger.depositWithPermit(purse, 20 * DOLLAR, *permit, {"from": purse})


def test_a_token_without_permit_works_with_an_approval(hostile, alice):
    token, ledger = hostile("NoReturnToken")

    ledger.depositWithPermit(alice, 9, FOREVER, 27, b"\1" * 32, b"\1" * 32, {"from": alice})

    assert ledger.balanceOf(alice) == 9 == token.balanceOf(ledger)


def test_nobodys_account_is_refused(ledger, usd, purse):
    permit = sign_permit(usd, purse, ledger, 20 * DOLLAR, FOREVER)

    with reverts_with("Ledger_ZeroAddress"):
        ledger.depositWithPermit(ZERO_ADDRESS, 20 * DOLLAR, *permit, {"from": purse})


def test_a_fee_on_transfer_is_not_credited(hostile, holder):
    token, ledger = hostile("FeeOnTransferToken", 100)
    token.mint(holder, 1_000, {"from": holder})
    permit = sign_permit(token, holder, ledger, 1_000, FOREVER)

    ledger.depositWithPermit(holder, 1_000, *permit, {"from": holder})

    assert ledger.balanceOf(holder) == 990 == token.balanceOf(ledger)


def test_a_call_back_into_the_ledger_is_refused(hostile, deployer, alice, mallory):
    token, ledger = hostile("ReentrantToken")
    actor = contract("Actor").deploy({"from": deployer})
    ledger.deposit(actor, 500, {"from": alice})
    token.arm(actor, actor.run.encode_input(ledger, ledger.withdraw.encode_input(mallory, 500)), {"from": mallory})

    ledger.depositWithPermit(alice, 10, FOREVER, 27, b"\1" * 32, b"\1" * 32, {"from": alice})

    assert not token.lastWorked()
    assert ledger.balanceOf(alice) == 10


@pytest.mark.parametrize("token, switch", [("BlocklistToken", "setBlocked"), ("PausableToken", "setPaused")])
def test_a_token_that_refuses_the_wallet_is_not_credited(hostile, alice, token, switch):
    made, ledger = hostile(token)
    arguments = (alice, True) if switch == "setBlocked" else (True,)
    getattr(made, switch)(*arguments, {"from": alice})
    values = (alice,) if switch == "setBlocked" else ()

    with reverts_with(f"{token}_{switch.removeprefix('set')}", *values):
        ledger.depositWithPermit(alice, 10, FOREVER, 27, b"\1" * 32, b"\1" * 32, {"from": alice})
