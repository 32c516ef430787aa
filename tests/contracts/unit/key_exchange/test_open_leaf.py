"""KeyExchange.openLeaf: the branches of open_leaf.tree."""

from dataclasses import replace

import pytest
from assets import TRAIN, ZERO, write_terms
from batches import batch_of
from brownie import chain
from reverts import ANY, reverts_with
from sales import (
    CONSENT_REVOKED,
    ENOUGH,
    NOWHERE,
    OPEN,
    REFUNDED,
    SETTLED,
    WRONG_KEY,
    Ware,
    deal_of,
    deliver,
    dispute,
    key_commit,
    open_sale,
    order,
    point,
    seeded,
    settle,
)
from system import fund

PRICE = 50_000
SECRET = seeded("Bob's one-time secret")
ROOT_KEY = b"\x6b" * 32


class Shelf:
    """Alice's batch at a price, and Bob who buys members of it."""

    def __init__(self, system, seller, count=5, bond_bps=0, duration=0):
        self.system, self.seller = system, seller
        self.batch = batch_of(seller, count, "shelf", key_commit=key_commit(ROOT_KEY))
        self.terms = write_terms(system.terms_book, seller, purposes=TRAIN)
        system.asset_registry.commitBatch(self.batch.made.call, {"from": seller})
        offer = (PRICE, duration, 2**40 - 1, bond_bps)
        system.license_desk.offer(self.batch.id, self.terms, 0, offer, {"from": seller})
        self.ware = Ware(self.batch.made, ROOT_KEY, self.terms, PRICE, PRICE * bond_bps // 10_000)

    def order(self, **changes):
        return order(self.ware, point(SECRET), **changes)

    def open(self, buyer, member, **changes):
        fund(self.system.token, buyer, PRICE + self.ware.bond, self.system.ledger)
        leaf = self.batch.leaf(member, **changes)
        return self.system.key_exchange.openLeaf(self.order(), leaf, {"from": buyer})

    def deal(self, buyer, member):
        return deal_of(self.open(buyer, member))


@pytest.fixture
def shelf(system, alice):
    return Shelf(system, alice)


def test_only_members_are_sold(shelf, bob):
    stranger = replace(shelf.batch.members[1], manifest_hash=b"\x01" * 32)

    with reverts_with("AssetRegistry_NotMember", shelf.batch.id, 1):
        shelf.open(bob, 1, leaf=stranger)


def test_the_order_names_the_batch(system, shelf, alice, bob):
    other = batch_of(alice, 2, "other")
    system.asset_registry.commitBatch(other.made.call, {"from": alice})

    with reverts_with("KeyExchange_NotOfBatch", shelf.batch.id, other.members[0].id):
        system.key_exchange.openLeaf(shelf.order(), other.leaf(0), {"from": bob})


def test_a_materialised_member_is_sold_like_any_asset(system, shelf, alice, bob):
    system.asset_registry.materialise(shelf.batch.leaf(2), {"from": alice})
    member = replace(shelf.ware, made=shelf.batch.members[2])
    system.license_desk.offer(member.id, shelf.terms, 0, (PRICE, 0, 2**40 - 1, 0), {"from": alice})

    with reverts_with("KeyExchange_NotOfBatch", shelf.batch.id, member.id):
        shelf.open(bob, 2)
    deal = open_sale(system, member, bob, SECRET)

    assert (deal.asset, deal.batch) == (member.id, ZERO)


def test_a_license_outlives_materialising(system, shelf, exchange, alice, bob):
    deal = shelf.deal(bob, 2)
    delivery = deliver(system, deal, ROOT_KEY, alice)
    system.asset_registry.materialise(shelf.batch.leaf(2), {"from": alice})
    system.asset_registry.revokeAll(shelf.batch.id, ZERO, {"from": alice})

    settle(system, deal, delivery, bob)

    assert system.license_desk.isAllowed(deal.asset, bob, TRAIN, 0)


def test_a_bad_point_is_refused_for_a_member(system, shelf, bob):
    fund(system.token, bob, PRICE, system.ledger)
    bad = order(shelf.ware, (1, 1))

    with reverts_with("KeyExchange_BadPoint", 1, 1):
        system.key_exchange.openLeaf(bad, shelf.batch.leaf(0), {"from": bob})


def test_the_batchs_owner_does_not_buy_its_members(shelf, alice):
    with reverts_with("KeyExchange_SellerBuys", alice):
        shelf.open(alice, 0)


def test_each_member_is_sold_on_its_own(shelf, exchange, bob):
    shelf.open(bob, 0)

    with reverts_with("KeyExchange_WrongStage", ANY, OPEN):
        shelf.open(bob, 0)
    shelf.open(bob, 1)

    for member in (0, 1):
        assert exchange.saleOf(shelf.batch.members[member].id, bob).dict()["stage"] == OPEN


def test_the_deal_names_member_and_batch(shelf, exchange, ledger, alice, bob):
    tx = shelf.open(bob, 3)

    deal = deal_of(tx)
    assert tx.events["SaleOpened"]["asset"] == "0x" + shelf.batch.members[3].id.hex()
    assert (deal.asset, deal.batch) == (shelf.batch.members[3].id, shelf.batch.id)
    assert (deal.seller, deal.buyer, deal.price, deal.derived) == (alice, bob, PRICE, False)
    assert tx.return_value == "0x" + deal.id(exchange).hex()
    assert ledger.lockedBy(exchange) == PRICE


def test_the_batchs_owner_is_paid(system, shelf, exchange, ledger, alice, bob):
    deal = shelf.deal(bob, 3)
    delivery = deliver(system, deal, ROOT_KEY, alice)
    before = ledger.balanceOf(alice)

    settle(system, deal, delivery, bob)

    assert exchange.saleOf(deal.asset, bob).dict()["stage"] == SETTLED
    assert ledger.balanceOf(alice) == before + PRICE
    assert exchange.saleOf(shelf.batch.id, bob).dict()["stage"] == 0


def test_withdrawing_a_batch_pays_lost_time_of_members_back(system, ledger, alice, bob):
    shelf = Shelf(system, alice, duration=1_000)
    deal = shelf.deal(bob, 2)
    tx = settle(system, deal, deliver(system, deal, ROOT_KEY, alice), bob)
    stream = tuple(tx.events["StreamStarted"]["stream"])
    chain.sleep(400)
    end = system.asset_registry.revokeAll(shelf.batch.id, bytes(32), {"from": alice}).timestamp

    system.escrow.refund(stream, {"from": bob})

    earned = PRICE * (end - tx.timestamp) // 1_000
    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (earned, PRICE - earned)


def test_a_member_is_sold_with_a_bond(system, exchange, ledger, alice, bob):
    shelf = Shelf(system, alice, bond_bps=1_000)
    fund(system.token, alice, shelf.ware.bond, ledger)
    ledger.deposit(alice, shelf.ware.bond, {"from": alice})

    deal = shelf.deal(bob, 1)

    assert deal.bond == PRICE // 10
    assert ledger.lockedBy(exchange) == PRICE + 2 * deal.bond


def test_a_wrong_key_of_a_member_is_disputed(system, shelf, exchange, ledger, alice, bob):
    deal = shelf.deal(bob, 4)
    delivery = deliver(system, deal, b"\x01" * 32, alice)
    member = replace(shelf.ware, made=shelf.batch.members[4])

    tx = dispute(system, member, deal, delivery, SECRET, bob)

    assert tx.events["SaleRefunded"]["reason"] == WRONG_KEY
    assert ledger.balanceOf(bob) == PRICE


def test_revoking_the_batch_refunds_its_members(system, shelf, exchange, ledger, alice, bob):
    deal = shelf.deal(bob, 4)
    system.asset_registry.revokeAll(shelf.batch.id, ZERO, {"from": alice})

    tx = exchange.consentRefund(deal.call, NOWHERE, {"from": bob})

    assert tx.events["SaleRefunded"]["reason"] == CONSENT_REVOKED
    assert exchange.saleOf(deal.asset, bob).dict()["stage"] == REFUNDED
    assert ledger.balanceOf(bob) == PRICE


def test_nobody_pays_for_a_member_of_a_revoked_batch(system, shelf, alice, bob):
    deal = shelf.deal(bob, 4)
    delivery = deliver(system, deal, ROOT_KEY, alice)
    withdrawn = system.asset_registry.revokeAll(shelf.batch.id, ZERO, {"from": alice})

    with reverts_with("KeyExchange_ConsentRevoked", 0, withdrawn.timestamp):
        settle(system, deal, delivery, bob)


def test_a_batch_is_not_sold_as_a_file(system, shelf, bob):
    assert shelf.order(max_price=ENOUGH)[0] == shelf.batch.id

    with reverts_with("KeyExchange_BatchSold", shelf.batch.id):
        system.key_exchange.open(shelf.order(), {"from": bob})
