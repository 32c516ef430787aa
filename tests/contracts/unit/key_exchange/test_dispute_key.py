"""KeyExchange.disputeKey: the branches of dispute_key.tree."""

from dataclasses import replace

import pytest
from assets import TRAIN
from brownie import web3
from brownie.test import given, strategy
from reverts import reverts_with
from sales import (
    FIELD,
    OPEN,
    ORDER,
    REFUNDED,
    SETTLED,
    WRONG_KEY,
    agreement,
    deliver,
    dispute,
    open_sale,
    point,
    product,
    put_on_sale,
    seeded,
    wrap,
)

PRICE = 1_000_000
YEAR = 365 * 86_400
SECRET = seeded("Bob's one-time secret")


@pytest.fixture
def shared(cheated):
    """The point both sides can work out."""
    return product(SECRET, (cheated.ephemeral_x, cheated.ephemeral_y))


@pytest.fixture
def prove(exchange, ware, opened, cheated, shared, bob):
    """Dispute with some part of the proof replaced."""

    def prove_(made=ware.made, secret=SECRET, at=shared, delivery=cheated, who=bob):
        return exchange.disputeKey(opened.call, delivery.call, made.call, secret, *at, {"from": who})

    return prove_


def test_an_open_sale_cannot_be_disputed(system, exchange, ware, opened, bob):
    parcel = wrap(bytes(32), opened, opened.id(exchange), 7)

    with reverts_with("KeyExchange_WrongStage", opened.id(exchange), OPEN):
        dispute(system, ware, opened, parcel, SECRET, bob)


def test_another_delivery_cannot_be_disputed(exchange, opened, cheated, prove):
    other = replace(cheated, wrapped=b"\x01" * 32)
    deal_id = opened.id(exchange)

    with reverts_with("KeyExchange_WrongDeal", agreement(deal_id, cheated), agreement(deal_id, other)):
        prove(delivery=other)


def test_only_the_buyer_disputes(prove, bob, mallory):
    with reverts_with("KeyExchange_NotBuyer", bob, mallory):
        prove(who=mallory)


def test_a_dispute_at_the_deadline_is_too_late(exchange, ware, prove, bob):
    deadline = exchange.saleOf(ware.id, bob)[1]
    web3.provider.make_request("evm_setNextBlockTimestamp", [deadline])

    with reverts_with("KeyExchange_TooLate", deadline):
        prove()


def test_a_made_up_commitment_is_refused(ware, prove):
    made_up = replace(ware.made, key_commit=b"\x01" * 32)

    with reverts_with("KeyExchange_WrongCommitment", ware.id, made_up.id):
        prove(made=made_up)


@pytest.mark.parametrize("secret", [SECRET + 1, ORDER - SECRET, 1])
def test_another_secret_is_refused(prove, secret):
    with reverts_with("KeyExchange_WrongSecret"):
        prove(secret=secret)


def test_the_secret_zero_is_refused(prove):
    with reverts_with("KeyExchange_WrongSecret"):
        prove(secret=0)


def test_a_secret_has_one_spelling(prove):
    spelled = SECRET + ORDER if SECRET + ORDER < 2**256 else ORDER

    with reverts_with("KeyExchange_WrongSecret"):
        prove(secret=spelled)


def test_a_made_up_shared_point_is_refused(prove):
    with reverts_with("KeyExchange_WrongSharedPoint"):
        prove(at=point(15))


def test_the_mirrored_shared_point_is_refused(prove, shared):
    with reverts_with("KeyExchange_WrongSharedPoint"):
        prove(at=(shared[0], FIELD - shared[1]))


def test_a_part_has_no_key_commitment(system, alice, bob):
    ware = put_on_sale(system, alice, PRICE, "in parts", part=2)
    deal = open_sale(system, ware, bob, SECRET)
    delivery = deliver(system, deal, bytes(32), alice)

    with reverts_with("KeyExchange_NoKeyCommit", 2):
        dispute(system, ware, deal, delivery, SECRET, bob)


def test_a_false_complaint_settles_the_sale(system, exchange, ledger, ware, opened, delivered, bob):
    tx = dispute(system, ware, opened, delivered, SECRET, bob)

    assert (ledger.lockedBy(system.escrow), ledger.lockedBy(exchange), ledger.balanceOf(bob)) == (PRICE, 0, 0)
    assert exchange.saleOf(ware.id, bob)[:3] == (SETTLED, tx.timestamp, tx.timestamp + YEAR)
    assert system.license_desk.isAllowed(ware.id, bob, TRAIN, tx.timestamp)


def test_a_false_complaint_costs_the_bond(system, exchange, ledger, bonded, pledged, alice, bob):
    delivery = deliver(system, pledged, bonded.root_key, alice)

    tx = dispute(system, bonded, pledged, delivery, SECRET, bob)

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (PRICE + 2 * bonded.bond, 0)
    assert ledger.lockedBy(exchange) == 0
    assert dict(tx.events["ComplaintFailed"]) == {
        "dealId": "0x" + pledged.id(exchange).hex(),
        "asset": "0x" + bonded.id.hex(),
        "buyer": bob,
        "bond": bonded.bond,
    }


def test_a_false_complaint_does_not_sell_an_ended_license(system, ledger, bonded, pledged, exchange, alice, bob):
    delivery = deliver(system, pledged, bonded.root_key, alice)
    withdrawn = system.asset_registry.revokeAll(bonded.id, bytes(32), {"from": alice})

    with reverts_with("KeyExchange_ConsentRevoked", 0, withdrawn.timestamp):
        dispute(system, bonded, pledged, delivery, SECRET, bob)


def test_a_wrong_key_brings_both_bonds(system, exchange, ledger, bonded, pledged, alice, bob):
    delivery = deliver(system, pledged, bytes(32), alice)

    dispute(system, bonded, pledged, delivery, SECRET, bob)

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (0, PRICE + 2 * bonded.bond)
    assert ledger.lockedBy(exchange) == 0


def test_revoking_does_not_save_a_cheats_bond(system, ledger, bonded, pledged, alice, bob):
    delivery = deliver(system, pledged, bytes(32), alice)
    system.asset_registry.revokeAll(bonded.id, bytes(32), {"from": alice})

    dispute(system, bonded, pledged, delivery, SECRET, bob)

    assert ledger.balanceOf(bob) == PRICE + 2 * bonded.bond


def test_a_wrong_key_gives_the_money_back(exchange, ledger, ware, prove, alice, bob):
    prove()

    assert (ledger.balanceOf(bob), ledger.balanceOf(alice)) == (PRICE, 0)
    assert exchange.saleOf(ware.id, bob)[0] == REFUNDED


@given(root_key=strategy("bytes32"), ephemeral=strategy("uint256", min_value=1, max_value=ORDER - 1))
def test_every_other_wrapping_is_a_wrong_key(system, ledger, ware, alice, bob, root_key, ephemeral):
    deal = open_sale(system, ware, bob, SECRET)
    delivery = deliver(system, deal, bytes(root_key), alice, ephemeral)

    dispute(system, ware, deal, delivery, SECRET, bob)

    assert ledger.balanceOf(bob) == PRICE


def test_it_emits_sale_refunded_for_a_wrong_key(prove):
    tx = prove()

    assert tx.events["SaleRefunded"]["reason"] == WRONG_KEY
