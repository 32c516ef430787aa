"""Ledger's constructor and views: the branches of constructor.tree."""

from brownie import ZERO_ADDRESS
from reverts import reverts_with
from system import DOLLAR, contract


def test_no_token_is_refused(deployer, desk):
    with reverts_with("Ledger_ZeroAddress"):
        contract("Ledger").deploy(ZERO_ADDRESS, [desk], {"from": deployer})


def test_nobody_as_module_is_refused(deployer, usd, desk):
    with reverts_with("Ledger_ZeroAddress"):
        contract("Ledger").deploy(usd, [desk, ZERO_ADDRESS], {"from": deployer})


def test_the_token_is_known(ledger, usd):
    assert ledger.token() == usd


def test_only_the_named_modules_are_modules(ledger, desk, graph, deployer, alice):
    assert ledger.isModule(desk)
    assert ledger.isModule(graph)
    assert not ledger.isModule(deployer)
    assert not ledger.isModule(alice)


def test_accounts_and_locks_are_told_apart(ledger, desk, alice):
    ledger.lock(alice, 30 * DOLLAR, {"from": desk})

    assert ledger.balanceOf(alice) == 70 * DOLLAR
    assert ledger.lockedBy(desk) == 30 * DOLLAR
    assert ledger.balanceOf(desk) == ledger.lockedBy(alice) == 0
