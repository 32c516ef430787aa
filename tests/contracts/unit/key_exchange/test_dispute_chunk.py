"""KeyExchange.disputeChunk: the branches of dispute_chunk.tree."""

from dataclasses import replace

import pytest
from assets import TRAIN
from brownie import web3
from brownie.test import given, strategy
from reverts import reverts_with
from sales import (
    BAD_LEAF,
    FIELD,
    OPEN,
    REFUNDED,
    SETTLED,
    WRONG_KEY,
    deliver,
    dispute_leaf,
    licensed_id,
    open_sale,
    product,
    put_on_sale,
    seeded,
    wrap,
)
from sealed_bytes import SealedBytes, as_call

from thenar.domain import keytree

PRICE = 1_000_000
BOND = PRICE // 10
SECRET = seeded("Bob's one-time secret")
ROOT_KEY = bytes(range(32))
PLAIN = bytes(index * 7 % 251 for index in range(4_500))
GARBAGE = {2_100: b"not what was promised"}  # in leaf 2 of five
TWO_CHUNKS = bytes(300_000)


@pytest.fixture(scope="module")
def honest():
    return SealedBytes.of(PLAIN, ROOT_KEY)


@pytest.fixture(scope="module")
def garbled():
    return SealedBytes.of(PLAIN, ROOT_KEY, GARBAGE)


@pytest.fixture(scope="module")
def halves():
    """Two chunks; in the second a leaf is garbage."""
    return SealedBytes.of(TWO_CHUNKS, ROOT_KEY, {262_128 + 3 * 1_024: b"noise"})


@pytest.fixture(scope="module")
def good(system, alice, honest):
    return put_on_sale(system, alice, PRICE, bond_bps=1_000, file=honest)


@pytest.fixture(scope="module")
def bad(system, alice, garbled):
    return put_on_sale(system, alice, PRICE, bond_bps=1_000, file=garbled)


@pytest.fixture(scope="module")
def part(system, alice, halves):
    """The second chunk of the file in two halves: node 3 of its key tree."""
    return put_on_sale(system, alice, PRICE, bond_bps=1_000, part=3, file=halves)


@pytest.fixture
def sold(system, alice, bob):
    """Sell and deliver, the right key unless another is named: the deal and the delivery."""

    def sell(ware, key=None):
        deal = open_sale(system, ware, bob, SECRET)
        return deal, deliver(system, deal, ware.root_key if key is None else key, alice)

    return sell


@pytest.fixture
def complain(system, bob):
    """Dispute one leaf of a sale."""

    def complain_(ware, deal, delivery, opening, secret=SECRET, who=bob):
        return dispute_leaf(system, ware, deal, delivery, secret, opening, who)

    return complain_


def test_an_open_sale_has_no_leaf_to_dispute(system, exchange, bad, garbled, complain, bob):
    deal = open_sale(system, bad, bob, SECRET)
    parcel = wrap(ROOT_KEY, deal, deal.id(exchange), 7)

    with reverts_with("KeyExchange_WrongStage", deal.id(exchange), OPEN):
        complain(bad, deal, parcel, garbled.opening(0, 2))


def test_only_the_buyer_complains_of_a_leaf(bad, garbled, sold, complain, bob, mallory):
    with reverts_with("KeyExchange_NotBuyer", bob, mallory):
        complain(bad, *sold(bad), garbled.opening(0, 2), who=mallory)


def test_a_leaf_at_the_deadline_is_too_late(exchange, bad, garbled, sold, complain, bob):
    deal, delivery = sold(bad)
    deadline = exchange.saleOf(bad.id, bob)[1]
    web3.provider.make_request("evm_setNextBlockTimestamp", [deadline])

    with reverts_with("KeyExchange_TooLate", deadline):
        complain(bad, deal, delivery, garbled.opening(0, 2))


def test_the_leaf_of_another_asset_is_refused(good, bad, garbled, sold, complain):
    with reverts_with("KeyExchange_WrongCommitment", good.id, bad.id):
        complain(bad, *sold(good), garbled.opening(0, 2))


def test_another_key_pair_is_refused(exchange, bad, garbled, sold, complain, bob):
    deal, delivery = sold(bad)
    x, y = product(SECRET, (delivery.ephemeral_x, delivery.ephemeral_y))
    call = (deal.call, delivery.call, bad.made.call)

    with reverts_with("KeyExchange_WrongSecret"):
        complain(bad, deal, delivery, garbled.opening(0, 2), secret=SECRET + 1)
    with reverts_with("KeyExchange_WrongSharedPoint"):
        exchange.disputeChunk(*call, SECRET, x, FIELD - y, as_call(garbled.opening(0, 2)), {"from": bob})


def test_a_leaf_nobody_sealed_is_refused(bad, garbled, sold, complain):
    opening = garbled.opening(0, 2)

    with reverts_with("BadLeaf_NotSealed", 0, 2):
        complain(bad, *sold(bad), replace(opening, ciphertext=bytes(1_024)))


def test_a_leaf_nobody_promised_is_refused(good, honest, sold, complain):
    opening = honest.opening(0, 2)

    with reverts_with("BadLeaf_NotPromised", 0, 2):
        complain(good, *sold(good), replace(opening, plain_leaf=bytes(32)))


def test_a_leaf_outside_the_file_is_refused(bad, garbled, sold, complain):
    with reverts_with("BadLeaf_NoSuchLeaf", 0, 5, len(PLAIN)):
        complain(bad, *sold(bad), replace(garbled.opening(0, 2), place=5))


def test_a_leaf_outside_the_part_is_refused(part, halves, sold, complain):
    key = keytree.chunk_key(ROOT_KEY, 1, 2)

    with reverts_with("KeyTree_Outside", 3, 0, 2):
        complain(part, *sold(part, key), halves.opening(0, 0))


def test_a_wrong_key_needs_no_bad_leaf(ledger, good, honest, sold, complain, bob):
    tx = complain(good, *sold(good, bytes(32)), honest.opening(0, 0))

    assert tx.events["SaleRefunded"]["reason"] == WRONG_KEY
    assert ledger.balanceOf(bob) == PRICE + 2 * BOND


def test_a_garbage_leaf_brings_price_and_both_bonds(exchange, ledger, bad, garbled, sold, complain, alice, bob):
    before = ledger.balanceOf(alice)
    deal, delivery = sold(bad)

    complain(bad, deal, delivery, garbled.opening(0, 2))

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (before - BOND, PRICE + 2 * BOND)
    assert exchange.saleOf(bad.id, bob)[0] == REFUNDED
    assert ledger.lockedBy(exchange) == 0


@given(offset=strategy("uint", max_value=len(PLAIN) - 1), bit=strategy("uint8", max_value=7))
def test_garbage_is_found_wherever_it_lies(system, ledger, alice, bob, offset, bit):
    file = SealedBytes.of(PLAIN, ROOT_KEY, {offset: bytes([PLAIN[offset] ^ 1 << bit])})
    ware = put_on_sale(system, alice, PRICE, file=file)
    deal = open_sale(system, ware, bob, SECRET)
    delivery = deliver(system, deal, ROOT_KEY, alice)

    dispute_leaf(system, ware, deal, delivery, SECRET, file.opening(0, offset // 1_024), bob)

    assert ledger.balanceOf(bob) == PRICE


def test_it_emits_sale_refunded_for_a_bad_leaf(bad, garbled, sold, complain):
    tx = complain(bad, *sold(bad), garbled.opening(0, 2))

    assert tx.events["SaleRefunded"]["reason"] == BAD_LEAF


@pytest.mark.parametrize("place", range(5))
def test_a_good_leaf_costs_the_bond(system, exchange, ledger, good, honest, sold, complain, alice, bob, place):
    before = ledger.balanceOf(alice)

    tx = complain(good, *sold(good), honest.opening(0, place))

    assert tx.events["ComplaintFailed"]["bond"] == BOND
    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (before + PRICE + BOND, 0)
    assert exchange.saleOf(good.id, bob)[0] == SETTLED
    assert system.license_desk.isAllowed(good.id, bob, TRAIN, tx.timestamp)


def test_the_right_key_of_a_part_cannot_be_disputed(system, exchange, part, halves, sold, complain, bob):
    deal, delivery = sold(part, keytree.chunk_key(ROOT_KEY, 1, 2))

    tx = complain(part, deal, delivery, halves.opening(1, 0))

    assert "ComplaintFailed" in tx.events
    assert exchange.saleOf(licensed_id(part.id, 3), bob)[0] == SETTLED
    allowed = system.license_desk.isAllowedRange
    assert [allowed(part.id, node, bob, TRAIN, tx.timestamp) for node in (0, 2, 3)] == [False, False, True]


@pytest.mark.parametrize("key", [ROOT_KEY, keytree.chunk_key(ROOT_KEY, 0, 2), bytes(32)])
def test_a_wrong_key_of_a_part_opens_nothing(ledger, part, halves, sold, complain, bob, key):
    tx = complain(part, *sold(part, key), halves.opening(1, 0))

    assert tx.events["SaleRefunded"]["reason"] == BAD_LEAF
    assert ledger.balanceOf(bob) == PRICE + 2 * BOND


def test_garbage_in_a_part_is_refunded(ledger, part, halves, sold, complain, bob):
    tx = complain(part, *sold(part, keytree.chunk_key(ROOT_KEY, 1, 2)), halves.opening(1, 3))

    assert tx.events["SaleRefunded"]["reason"] == BAD_LEAF
    assert ledger.balanceOf(bob) == PRICE + 2 * BOND
