"""Hostile settlement tokens on every way that money moves: nobody else's money moves, and no exit is shut.

Precedents: 0xSplits' Warehouse credited fee tokens in name; USDT returns nothing and blocks holders; the imBTC and
Uniswap drain of 2020 came through an ERC-777 hook; pausable stablecoins stopped whole protocols.
"""

import pytest
from brownie.exceptions import VirtualMachineError
from hostile_town import HOSTILE, PRICE, SWITCHED, WAYS, Town, deposit
from system import contract, deploy_system, fund


@pytest.fixture(scope="module", params=HOSTILE)
def token(request):
    return request.param


@pytest.fixture(scope="module")
def town(token, deployer, carol, dave, mallory):
    return Town(token, deployer, carol, dave, mallory)


def go(steps):
    """Go a way to its end, or to where the token makes it fail: Mallory's own call failed, which is as good."""
    try:
        for _ in steps:
            pass
    except VirtualMachineError as refusal:
        assert refusal.revert_msg


@pytest.mark.parametrize("way", [deposit, *WAYS.values()], ids=lambda way: way.__name__)
def test_a_token_that_is_hostile_from_the_start_moves_nobody_elses_money(town, token, way):
    town.turn(token)

    go(way(town))

    assert town.system.ledger.balanceOf(town.dave) >= town.trusted
    assert town.held_covers_owed()


@pytest.mark.parametrize("way", WAYS.values(), ids=lambda way: way.__name__)
def test_no_exit_asks_a_token_that_turned_hostile(town, token, way):
    """Refunds, settlements, claims and bonds end in accounts: whoever is owed has it while the token misbehaves."""
    if token not in SWITCHED:
        pytest.skip("this token never behaves, so it has no turn")
    steps = way(town)
    next(steps)
    town.turn(token)

    for _ in steps:
        pytest.fail("a way has two parts")

    assert town.held_covers_owed()


def test_others_leave_whole_after_it(town):
    """Dave takes out what he put in, whatever Mallory did before; a fee on the way out is the token's."""
    go(deposit(town))
    go(WAYS["payment"](town))
    before = town.system.ledger.balanceOf(town.dave)

    town.system.ledger.withdraw(town.dave, before, {"from": town.dave})

    assert town.system.ledger.balanceOf(town.dave) == 0
    assert town.held_covers_owed()


def test_one_way_in_while_another_is_under_way(deployer, carol, erin, mallory):
    """ERC-777 and the imBTC/Uniswap drain of 2020: a hook re-enters while balances are between two states."""
    town = Town("ReentrantToken", deployer, carol, erin, mallory)
    ledger, coin = town.system.ledger, town.system.token
    before = ledger.balanceOf(mallory)
    coin.arm(ledger, ledger.deposit.encode_input(mallory, 1), {"from": mallory})

    ledger.withdraw(mallory, PRICE, {"from": mallory})

    assert not coin.lastWorked()
    assert ledger.balanceOf(mallory) == before - PRICE


def test_a_token_that_shrinks_takes_from_nobody_by_name(deployer, carol, dave):
    """Rebasing tokens in AMMs and vaults: more was owed than held, and who left first was paid by the rest.

    The Ledger cannot bring back what the token destroyed; it never pays more than it holds, and it credits no gain.
    """
    coin = contract("RebasingDownToken").deploy({"from": deployer})
    system = deploy_system(deployer, coin)
    for person in (carol, dave):
        fund(coin, person, PRICE, system.ledger)
        system.ledger.deposit(person, PRICE, {"from": person})
    coin.shrink(system.ledger, PRICE // 2, {"from": deployer})

    system.ledger.withdraw(carol, PRICE, {"from": carol})
    with pytest.raises(VirtualMachineError):
        system.ledger.withdraw(dave, PRICE, {"from": dave})

    assert system.ledger.balanceOf(dave) == PRICE
    system.ledger.withdraw(dave, PRICE // 2, {"from": dave})
    assert coin.balanceOf(dave) == PRICE // 2
