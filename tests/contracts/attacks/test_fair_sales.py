"""Attacks on the exchange of keys for money that worked, or were reported, elsewhere. Each test names where."""

import pytest
from assets import MODEL, commitment
from brownie import ZERO_ADDRESS, chain
from reverts import ANY, reverts_with
from sales import (
    ANY_SHARE,
    ENOUGH,
    FIELD,
    NOWHERE,
    ORDER,
    deal_of,
    deliver,
    dispute,
    open_sale,
    order,
    point,
    product,
    put_on_sale,
    seeded,
    settle,
    wrap,
)
from system import fund

PRICE = 1_000_000
SECRET = seeded("the buyer's one-time key")


@pytest.fixture(scope="module")
def ware(system, alice):
    """Alice's capture, on offer."""
    return put_on_sale(system, alice, PRICE)


@pytest.fixture
def deal(system, ware, bob):
    """Bob's open sale."""
    return open_sale(system, ware, bob, SECRET)


def test_a_seller_who_keeps_the_key_does_not_keep_the_money(system, deal, bob, mallory):
    """Ocean: money moves at startOrder, the provider may withhold what was bought, and there is no way back."""
    chain.sleep(system.key_exchange.deliveryWindow() + 60)

    system.key_exchange.timeoutRefund(deal.call, {"from": mallory})

    assert system.ledger.balanceOf(bob) == PRICE


@pytest.mark.parametrize("wrong", (b"\x00" * 32, b"\x11" * 32))
def test_a_wrong_key_costs_the_seller_the_sale(system, ware, deal, alice, bob, wrong):
    """TACo, Lit: nobody can show which key was released; FairSwap's family: one complaint decides."""
    delivery = deliver(system, deal, wrong, alice)

    dispute(system, ware, deal, delivery, SECRET, bob)

    assert system.ledger.balanceOf(bob) == PRICE


def test_a_revealed_one_time_key_opens_nothing_else(system, ware, deal, alice, bob, carol):
    """Whoever reads a dispute in the mempool learns a used-up secret: only its buyer may use it, on this sale."""
    delivery = deliver(system, deal, b"\x11" * 32, alice)
    shared = product(SECRET, (delivery.ephemeral_x, delivery.ephemeral_y))

    with reverts_with("KeyExchange_NotBuyer", bob, carol):
        system.key_exchange.disputeKey(deal.call, delivery.call, ware.made.call, SECRET, *shared, {"from": carol})


def test_one_delivery_pays_one_sale(system, ware, deal, alice, carol):
    """Vana #76: one genuine proof was paid many times. The same wrapped bytes in another sale are a wrong key."""
    delivery = deliver(system, deal, ware.root_key, alice)
    other = open_sale(system, ware, carol, SECRET)

    system.key_exchange.deliver(other.call, delivery.call, {"from": alice})
    dispute(system, ware, other, delivery, SECRET, carol)

    assert system.ledger.balanceOf(carol) == PRICE


def test_a_price_raised_at_the_last_moment_binds_nobody(system, ware, alice, bob):
    """Story #309, #364: licenses could be minted at a fee or share changed just before; guards were added."""
    fund(system.token, bob, 2 * PRICE, system.ledger)
    system.license_desk.offer(ware.id, ware.terms, 0, (2 * PRICE, 0, 2**40 - 1, 0), {"from": alice})

    with reverts_with("LicenseDesk_PriceAbove", 2 * PRICE, PRICE):
        system.key_exchange.open(order(ware, point(SECRET), max_price=PRICE), {"from": bob})
    with reverts_with("LicenseDesk_PriceAbove", 2 * PRICE, PRICE):
        system.license_desk.buy(ware.id, ware.terms, PRICE, ANY_SHARE, 0, {"from": bob})


def test_terms_changed_after_the_purchase_change_no_license(system, ware, deal, alice, bob):
    """Story #340: a parent could change the royalty after a license was minted. Terms never change."""
    delivery = deliver(system, deal, ware.root_key, alice)
    settle(system, deal, delivery, alice)

    system.asset_registry.setTerms(ware.id, 0, {"from": alice})

    assert system.key_exchange.saleOf(ware.id, bob)[4] == ware.terms
    assert system.license_desk.isAllowed(ware.id, bob, 1, chain.time())


def test_consent_withdrawn_in_the_middle_returns_the_money(system, ware, deal, alice, bob):
    """Nobody's precedent: data with an owner's say can be taken back between payment and delivery."""
    deliver(system, deal, ware.root_key, alice)
    withdrawn = system.asset_registry.revokeAll(ware.id, b"\x00" * 32, {"from": alice})
    delivery = deliver_again(system, ware, deal)

    with reverts_with("KeyExchange_ConsentRevoked", 0, withdrawn.timestamp):
        settle(system, deal, delivery, alice)
    system.key_exchange.consentRefund(deal.call, delivery.call, {"from": bob})

    assert system.ledger.balanceOf(bob) == PRICE


def deliver_again(system, ware, deal):
    """The delivery that `deliver` made: the same key and one-time secret give the same one."""
    return wrap(ware.root_key, deal, deal.id(system.key_exchange), 7)


@pytest.mark.parametrize("x, y", ((0, 0), (ORDER, 1), (FIELD, 7), (1, 1)))
def test_keys_off_the_curve_are_refused(system, ware, bob, x, y):
    """ethresear.ch 2384/19: ecrecover multiplies scalars only for points it can name; infinity and x >= n are none."""
    fund(system.token, bob, PRICE, system.ledger)

    with reverts_with("KeyExchange_BadPoint", x, y):
        system.key_exchange.open(order(ware, (x, y)), {"from": bob})


@pytest.mark.parametrize("secret", (0, ORDER, ORDER + 1, 2**256 - 1))
def test_secrets_outside_the_group_prove_nothing(system, ware, deal, alice, bob, secret):
    """ecrecover answers the zero address for s = 0 and for k = 0; a zero must never equal a zero."""
    delivery = deliver(system, deal, b"\x11" * 32, alice)
    shared = product(SECRET, (delivery.ephemeral_x, delivery.ephemeral_y))

    with reverts_with("KeyExchange_WrongSecret"):
        system.key_exchange.disputeKey(deal.call, delivery.call, ware.made.call, secret, *shared, {"from": bob})


def test_a_mirrored_point_proves_nothing(system, ware, deal, alice, bob):
    """Malleable v: (x, y) and (x, -y) recover to different addresses, so a proof has one spelling."""
    delivery = deliver(system, deal, b"\x11" * 32, alice)
    x, y = product(SECRET, (delivery.ephemeral_x, delivery.ephemeral_y))

    with reverts_with("KeyExchange_WrongSharedPoint"):
        system.key_exchange.disputeKey(deal.call, delivery.call, ware.made.call, SECRET, x, FIELD - y, {"from": bob})


def test_a_deal_that_was_never_made_ends_nothing(system, deal, mallory):
    """0xSplits keeps a hash and takes the rest as calldata: whatever is not what was hashed is refused."""
    richer = (*deal.call[:9], PRICE * 2, *deal.call[10:])

    with reverts_with("KeyExchange_WrongDeal", ANY, ANY):
        system.key_exchange.timeoutRefund(richer, {"from": mallory})


def test_an_order_paid_once_is_not_used_again(system, ware, deal, alice, bob):
    """Ocean: reuseOrder(orderTxId) does not check that order on chain. A settled sale is over."""
    delivery = deliver(system, deal, ware.root_key, alice)
    settle(system, deal, delivery, alice)

    with reverts_with("KeyExchange_WrongStage", ANY, ANY):
        system.key_exchange.settle(deal.call, delivery.call, {"from": alice})
    with reverts_with("KeyExchange_WrongStage", ANY, ANY):
        system.key_exchange.consentRefund(deal.call, NOWHERE, {"from": bob})


def test_copied_calldata_mints_the_copier_nothing(system, alice, mallory):
    """Vana: whoever registers a URL first owns it, so mints are copied. Here the id binds the author."""
    made = commitment(alice, "seen in the mempool")

    with reverts_with("AssetRegistry_NotAuthor", alice, mallory):
        system.asset_registry.mint(made.call, 0, 0, ZERO_ADDRESS, b"", {"from": mallory})


def test_a_signed_mint_is_good_on_one_chain_and_one_contract(system):
    """Ocean's provider fee carries no chain id, contract or nonce. EIP-5267 shows what ours carry."""
    fields, name, version, chain_id, where, _salt, _more = system.asset_registry.eip712Domain()

    assert fields == "0x0f" or bytes.fromhex(str(fields)[2:]) == b"\x0f"
    assert (name, version) == ("Thenar AssetRegistry", "1")
    assert (chain_id, where) == (chain.id, system.asset_registry.address)


def test_an_exit_has_no_switch(system):
    """Vana #77: pausing blocked the owner's own revocation during an incident. Nothing here can be paused."""
    for one in (
        system.ledger,
        system.asset_registry,
        system.license_desk,
        system.key_exchange,
        system.revenue_graph,
        system.node_registry,
    ):
        names = {entry.get("name", "").lower() for entry in one.abi}
        assert not {name for name in names if "pause" in name or "upgrade" in name}


def test_nobody_but_the_owner_speaks_for_consent(system, ware, mallory):
    """Vana #77: anyone could front-run the registration of a grantee with a key of his own, for ever."""
    with reverts_with("LicenseDesk_NotOwner", ware.id, mallory):
        system.license_desk.grant(ware.id, mallory, ware.terms, 2**40 - 1, {"from": mallory})
    with reverts_with("AssetRegistry_NotOwner", ware.id, mallory):
        system.asset_registry.revokeAll(ware.id, b"\x00" * 32, {"from": mallory})


def test_an_operator_who_may_sell_may_not_withdraw_consent(system, ware, alice, mallory):
    """Marketplaces hold approvals for years: an approval to transfer says nothing about consent."""
    system.asset_registry.setApprovalForAll(mallory, True, {"from": alice})

    with reverts_with("AssetRegistry_NotOwner", ware.id, mallory):
        system.asset_registry.revokeAll(ware.id, b"\x00" * 32, {"from": mallory})


def test_a_sale_of_a_model_pays_those_it_learned_from(system, carol, bob):
    """Ocean: one collector is paid, nothing flows upstream. A derived asset's price goes through the graph."""
    model = put_on_sale(system, carol, PRICE, "model", MODEL)
    fund(system.token, bob, PRICE, system.ledger)
    deal = deal_of(system.key_exchange.open(order(model, point(SECRET), max_price=ENOUGH), {"from": bob}))
    delivery = deliver(system, deal, model.root_key, carol)

    settle(system, deal, delivery, carol)

    assert system.revenue_graph.nodeOf(model.id)[0] == PRICE
    assert system.ledger.balanceOf(carol) == 0
