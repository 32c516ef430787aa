"""Covenants.takeExclusive, dropExclusive and requireOpen: the branches of exclusive.tree."""

import pytest
from assets import digest
from brownie import chain
from reverts import reverts_with

FOREVER = 2**40 - 1
FAR = 2**39


def test_a_stranger_reserves_nothing(covenants, capture, mallory):
    with reverts_with("Covenants_NotSaleModule", mallory):
        covenants.takeExclusive(capture, mallory, FAR, {"from": mallory})


def test_a_stranger_drops_nothing(covenants, capture, bob, mallory):
    with reverts_with("Covenants_NotSaleModule", mallory):
        covenants.dropExclusive(capture, bob, True, {"from": mallory})


def test_it_is_taken_and_marked(system, covenants, capture, exchange, bob):
    covenants.takeExclusive(capture, bob, FAR, exchange)

    assert tuple(covenants.exclusiveOf(capture)) == (bob, FAR, 0, True)
    assert system.asset_registry.saleInfo(capture)[4]


def test_it_emits_exclusive_taken(covenants, capture, desk, bob):
    event = covenants.takeExclusive(capture, bob, FAR, desk).events["ExclusiveTaken"]

    assert dict(event) == {"asset": "0x" + capture.hex(), "licensee": bob, "until": FAR}


def test_its_end_is_set_anew(covenants, capture, exchange, bob):
    covenants.takeExclusive(capture, bob, FOREVER, exchange)

    covenants.takeExclusive(capture, bob, FAR, exchange)

    assert covenants.exclusiveOf(capture)["until"] == FAR


def test_a_settlement_leaves_a_longer_promise(covenants, capture, desk, exchange, bob):
    covenants.takeExclusive(capture, bob, FAR, desk)

    tx = covenants.takeExclusive(capture, bob, FAR - 1, exchange)

    assert tuple(covenants.exclusiveOf(capture)) == (bob, FAR, 0, False)
    assert "ExclusiveTaken" not in tx.events


def test_a_shorter_purchase_beside_a_sale_is_refused(covenants, capture, desk, exchange, bob):
    covenants.takeExclusive(capture, bob, FAR, exchange)

    with reverts_with("Covenants_Exclusive", capture, bob, FAR):
        covenants.takeExclusive(capture, bob, FAR - 1, desk)


@pytest.mark.parametrize("until", [FAR, FOREVER])
def test_a_longer_purchase_takes_over(covenants, capture, desk, exchange, bob, until):
    covenants.takeExclusive(capture, bob, FAR, exchange)

    covenants.takeExclusive(capture, bob, until, desk)

    assert tuple(covenants.exclusiveOf(capture)) == (bob, until, 0, False)


def test_somebody_elses_stays(covenants, capture, exchange, bob, carol):
    covenants.takeExclusive(capture, bob, FAR, exchange)

    tx = covenants.takeExclusive(capture, carol, FOREVER, exchange)

    assert tuple(covenants.exclusiveOf(capture)) == (bob, FAR, 0, True)
    assert "ExclusiveTaken" not in tx.events


def test_everybody_else_is_turned_away(covenants, capture, exchange, bob, carol):
    covenants.takeExclusive(capture, bob, FAR, exchange)

    covenants.requireOpen(capture, bob)
    with reverts_with("Covenants_Exclusive", capture, bob, FAR):
        covenants.requireOpen(capture, carol)


@pytest.mark.parametrize("left", [0, 1])
def test_it_ends_at_its_second(covenants, capture, exchange, bob, carol, web3, left):
    until = chain[-1].timestamp + 100
    covenants.takeExclusive(capture, bob, until, exchange)
    web3.provider.make_request("evm_setNextBlockTimestamp", [until - left])

    tx = covenants.takeExclusive(capture, carol, FAR, exchange)

    assert ("ExclusiveTaken" in tx.events) == (left == 0)


def test_without_end_it_stays(covenants, capture, exchange, bob, carol):
    covenants.takeExclusive(capture, bob, FOREVER, exchange)

    with reverts_with("Covenants_Exclusive", capture, bob, FOREVER):
        covenants.requireOpen(capture, carol)


def test_consent_ends_it(system, covenants, capture, exchange, alice, bob, carol):
    covenants.takeExclusive(capture, bob, FAR, exchange)
    system.asset_registry.revokeAll(capture, digest("all"), {"from": alice})

    covenants.requireOpen(capture, carol)
    covenants.takeExclusive(capture, carol, FAR, exchange)

    assert tuple(covenants.exclusiveOf(capture)) == (carol, FAR, 1, True)


def test_the_exchange_drops_its_own(system, covenants, capture, exchange, bob):
    covenants.takeExclusive(capture, bob, FAR, exchange)

    event = covenants.dropExclusive(capture, bob, True, exchange).events["ExclusiveDropped"]

    assert dict(event) == {"asset": "0x" + capture.hex(), "licensee": bob}
    assert covenants.exclusiveOf(capture)["until"] == 0
    assert not system.asset_registry.saleInfo(capture)[4]


def test_the_exchange_leaves_the_desks_alone(system, covenants, capture, desk, exchange, bob):
    covenants.takeExclusive(capture, bob, FAR, desk)

    covenants.dropExclusive(capture, bob, True, exchange)
    with reverts_with("Covenants_NotSaleModule", system.key_exchange):
        covenants.dropExclusive(capture, bob, False, exchange)

    assert tuple(covenants.exclusiveOf(capture)) == (bob, FAR, 0, False)


@pytest.mark.parametrize("sale", [False, True])
def test_the_desk_drops_either(covenants, capture, desk, exchange, bob, sale):
    covenants.takeExclusive(capture, bob, FAR, exchange if sale else desk)

    covenants.dropExclusive(capture, bob, sale, desk)

    assert covenants.exclusiveOf(capture)["until"] == 0


def test_another_licensees_is_not_dropped(covenants, capture, exchange, bob, carol):
    covenants.takeExclusive(capture, bob, FAR, exchange)

    covenants.dropExclusive(capture, carol, True, exchange)

    assert covenants.exclusiveOf(capture)["licensee"] == bob


def test_only_the_exchange_reserves(covenants, capture, desk, mallory, bob):
    for sender in (desk, {"from": mallory}):
        with reverts_with("Covenants_NotSaleModule", sender["from"]):
            covenants.reserveExclusive(capture, bob, sender)


def test_a_reservation_turns_everybody_else_away(system, covenants, capture, exchange, bob, carol):
    event = covenants.reserveExclusive(capture, bob, exchange).events["ExclusiveTaken"]

    assert dict(event) == {"asset": "0x" + capture.hex(), "licensee": bob, "until": FOREVER}
    assert system.asset_registry.saleInfo(capture)[4]
    covenants.requireOpen(capture, bob)
    with reverts_with("Covenants_Exclusive", capture, bob, FOREVER):
        covenants.requireOpen(capture, carol)


def test_a_reservation_leaves_what_runs_alone(covenants, capture, desk, exchange, bob):
    covenants.takeExclusive(capture, bob, FAR, desk)

    tx = covenants.reserveExclusive(capture, bob, exchange)
    covenants.dropExclusive(capture, bob, True, exchange)

    assert tuple(covenants.exclusiveOf(capture)) == (bob, FAR, 0, False)
    assert "ExclusiveTaken" not in tx.events


def test_a_settlement_sets_the_end_of_a_reservation(covenants, capture, exchange, bob, carol):
    covenants.takeExclusive(capture, carol, FAR, exchange)
    covenants.dropExclusive(capture, carol, True, exchange)
    covenants.reserveExclusive(capture, bob, exchange)

    covenants.takeExclusive(capture, bob, FAR, exchange)

    assert tuple(covenants.exclusiveOf(capture)) == (bob, FAR, 0, True)
