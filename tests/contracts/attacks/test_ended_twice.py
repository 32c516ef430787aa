"""Attacks by ending something a second time, or in a way that also ends something else."""

from dataclasses import replace

import pytest
from assets import TRAIN, write_terms
from brownie import chain
from reverts import ANY, reverts_with
from sales import deliver, open_sale, order, point, put_on_sale, seeded, settle
from system import fund

PRICE, FAR = 1_000_000, 2**40 - 1
DAY = 86_400
YEAR = 365 * DAY


@pytest.fixture(scope="module")
def plain(system, alice):
    """Terms that promise nobody anything."""
    return write_terms(system.terms_book, alice, purposes=TRAIN)


@pytest.fixture(scope="module")
def alone(system, plain, alice):
    """Alice's capture: the whole for a year and for nobody else, and a part of it for one unit."""
    ware = put_on_sale(system, alice, PRICE, "alone", duration=YEAR, exclusive=True)
    system.license_desk.offer(ware.id, plain, 2, (1, 0, FAR, 0), {"from": alice})
    fund(system.token, alice, 1, system.ledger)
    return ware


@pytest.fixture
def part(system, alone, plain, alice, bob):
    """Bob has a license of the part."""
    wanted = replace(alone, terms=plain, price=1, part=2)
    deal = open_sale(system, wanted, bob, seeded("part"))
    return settle(system, deal, deliver(system, deal, bytes(32), alice), bob)


def test_ending_a_part_does_not_break_the_promise_for_the_whole(system, alone, plain, part, alice, bob, carol):
    deal = open_sale(system, alone, bob, seeded("whole"))
    settle(system, deal, deliver(system, deal, alone.root_key, alice), bob)

    system.license_desk.revokeOne(alone.id, 2, bob, {"from": alice})

    with reverts_with("Covenants_Exclusive", alone.id, bob, ANY):
        system.license_desk.grant(alone.id, carol, plain, FAR, {"from": alice})


def test_ending_a_part_lets_nobody_open_a_second_exclusive_sale(system, alone, part, alice, bob, carol):
    open_sale(system, alone, bob, seeded("whole"))
    fund(system.token, carol, PRICE, system.ledger)

    system.license_desk.revokeOne(alone.id, 2, bob, {"from": alice})

    with reverts_with("Covenants_Exclusive", alone.id, bob, FAR):
        system.key_exchange.open(order(alone, point(seeded("second"))), {"from": carol})


def test_a_shorter_purchase_does_not_end_a_longer_promise(system, alone, plain, alice, bob, carol):
    deal = open_sale(system, alone, bob, seeded("whole"))
    settle(system, deal, deliver(system, deal, alone.root_key, alice), bob)
    system.license_desk.offer(alone.id, alone.terms, 0, (1, 60, FAR, 0), {"from": alice})
    fund(system.token, bob, 1, system.ledger)

    with reverts_with("Covenants_Exclusive", alone.id, bob, ANY):
        system.license_desk.buy(alone.id, alone.terms, 1, 10**6, 0, {"from": bob})

    chain.sleep(120)
    with reverts_with("Covenants_Exclusive", alone.id, bob, ANY):
        system.license_desk.grant(alone.id, carol, plain, FAR, {"from": alice})


@pytest.mark.parametrize("again", ["a gift that is ended", "consent withdrawn twice"])
def test_nobody_is_paid_for_time_in_which_no_license_ran(system, alice, bob, again):
    """The licensee was away for a year; what he paid for ended on the first day."""
    ware = put_on_sale(system, alice, PRICE, "a year", duration=YEAR)
    fund(system.token, bob, PRICE, system.ledger)
    bought = system.license_desk.buy(ware.id, ware.terms, PRICE, 10**6, 0, {"from": bob})
    stream = bought.events["StreamStarted"]["stream"]

    def end():
        if again == "a gift that is ended":
            return system.license_desk.revokeOne(ware.id, 0, bob, {"from": alice})
        return system.asset_registry.revokeAll(ware.id, bytes(32), {"from": alice})

    chain.sleep(DAY)
    ended = end().timestamp
    chain.sleep(363 * DAY)
    system.license_desk.grant(ware.id, bob, ware.terms, 2**39, {"from": alice})
    end()
    system.escrow.refund(stream, {"from": alice})

    earned = PRICE * (ended - bought.timestamp) // YEAR
    balance = system.ledger.balanceOf
    assert (balance(alice), balance(bob)) == (earned, PRICE - earned)
