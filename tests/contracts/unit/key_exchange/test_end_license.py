"""KeyExchange.endLicense: the branches of end_license.tree."""

import pytest
from assets import TRAIN
from brownie import accounts, chain, web3
from reverts import reverts_with
from sales import OPEN, SETTLED, open_sale, seeded, settle

PRICE = 1_000_000
SECRET = seeded("Bob's one-time secret")


@pytest.fixture(scope="module")
def desk(system):
    """The desk as an account, so that it can be made to call."""
    web3.provider.make_request("anvil_impersonateAccount", [str(system.license_desk)])
    web3.provider.make_request("anvil_setBalance", [str(system.license_desk), hex(10**18)])
    return accounts.at(str(system.license_desk), force=True)


@pytest.fixture
def end(exchange, ware, desk, bob):
    """End Bob's license as the desk would."""
    return lambda: exchange.endLicense(ware.id, bob, {"from": desk})


def test_only_the_desk_ends_a_license(exchange, ware, alice, bob):
    with reverts_with("KeyExchange_NotDesk", alice):
        exchange.endLicense(ware.id, bob, {"from": alice})


def test_without_a_sale_nothing_ends(ware, end, bob):
    with reverts_with("KeyExchange_NoLicense", ware.id, bob):
        end()


def test_a_running_sale_is_no_license(ware, delivered, end, bob):
    with reverts_with("KeyExchange_NoLicense", ware.id, bob):
        end()


def test_a_license_ends_once_by_time(system, ware, opened, delivered, end, bob):
    until = settle(system, opened, delivered, bob).events["SaleSettled"]["until"]
    web3.provider.make_request("evm_setNextBlockTimestamp", [until])

    with reverts_with("KeyExchange_NoLicense", ware.id, bob):
        end()


def test_a_license_is_ended_once(system, ware, opened, delivered, end, bob):
    settle(system, opened, delivered, bob)
    end()

    with reverts_with("KeyExchange_NoLicense", ware.id, bob):
        end()


def test_a_license_ends_this_second(system, exchange, ware, opened, delivered, end, bob):
    settled = settle(system, opened, delivered, bob)

    tx = end()

    kept = (SETTLED, settled.timestamp, tx.timestamp, 0, ware.terms, PRICE, False)
    assert tuple(exchange.saleOf(ware.id, bob)) == kept
    assert not system.license_desk.isAllowed(ware.id, bob, TRAIN, tx.timestamp)


def test_an_ended_license_can_be_bought_again(system, exchange, ware, opened, delivered, end, bob):
    settle(system, opened, delivered, bob)
    end()
    chain.sleep(2)

    open_sale(system, ware, bob, SECRET)

    assert exchange.saleOf(ware.id, bob)[0] == OPEN
