"""LicenseDesk.buy: the branches of buy.tree where the settlement token is hostile."""

import pytest
from assets import CAPTURE, MODEL, mint, write_terms
from reverts import reverts_with
from system import REENTRANT_CALL, contract

FAR = 2**39
PRICE = 1_000


@pytest.fixture
def stall(hostile_shop, alice):
    """Open a shop with a hostile token and offer an asset there."""

    def open_with(token_name, *arguments, kind=CAPTURE):
        shop = hostile_shop(token_name, *arguments)
        train = write_terms(shop.book, alice)
        asset = mint(shop.registry, alice, kind=kind)
        shop.desk.offer(asset, train, 0, (PRICE, 0, FAR, 0), {"from": alice})
        return shop, asset, train

    return open_with


@pytest.mark.parametrize("kind", [CAPTURE, MODEL])
def test_a_fee_on_transfer_is_short_payment(stall, bob, kind):
    shop, asset, train = stall("FeeOnTransferToken", 100, kind=kind)

    with reverts_with("LicenseDesk_ShortPaid", 990, PRICE):
        shop.desk.buy(asset, train, PRICE, 0, 0, {"from": bob})


@pytest.mark.parametrize("kind", [CAPTURE, MODEL])
def test_a_token_that_returns_nothing_works(stall, alice, bob, kind):
    shop, asset, train = stall("NoReturnToken", kind=kind)

    shop.desk.buy(asset, train, PRICE, 0, 0, {"from": bob})

    earned = shop.ledger.balanceOf(alice) if kind == CAPTURE else shop.ledger.lockedBy(shop.graph)
    assert earned == PRICE == shop.token.balanceOf(shop.ledger)


def test_a_token_that_answers_false_is_refused(stall, bob):
    shop, asset, train = stall("FalseReturnToken")
    shop.token.setRefusing(True, {"from": bob})

    with reverts_with("SafeERC20FailedOperation", shop.token):
        shop.desk.buy(asset, train, PRICE, 0, 0, {"from": bob})


def test_a_blocking_token_sells_nothing(stall, bob):
    blocking, asset, train = stall("BlocklistToken")
    blocking.token.setBlocked(bob, True, {"from": bob})
    with reverts_with("BlocklistToken_Blocked", bob):
        blocking.desk.buy(asset, train, PRICE, 0, 0, {"from": bob})

    paused, asset, train = stall("PausableToken")
    paused.token.setPaused(True, {"from": bob})
    with reverts_with("PausableToken_Paused"):
        paused.desk.buy(asset, train, PRICE, 0, 0, {"from": bob})


def test_buying_inside_the_payment_is_refused(stall, deployer, bob):
    shop, asset, train = stall("ReentrantToken")
    actor = contract("Actor").deploy({"from": deployer})
    shop.token.mint(actor, PRICE, {"from": bob})
    actor.run(shop.token, shop.token.approve.encode_input(shop.ledger, PRICE), {"from": bob})
    inner = shop.desk.buy.encode_input(asset, train, PRICE, 0, 0)
    shop.token.arm(actor, actor.run.encode_input(shop.desk, inner), {"from": bob})

    shop.desk.buy(asset, train, PRICE, 0, 0, {"from": bob})

    assert not shop.token.lastWorked()
    assert shop.token.lastAnswer() == REENTRANT_CALL
    assert shop.desk.grantOf(asset, actor) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("kind", [CAPTURE, MODEL])
def test_the_seller_is_paid_though_the_asset_moves(stall, alice, bob, carol, kind):
    shop, asset, train = stall("ReentrantToken", kind=kind)
    number = int.from_bytes(asset, "big")
    shop.registry.approve(shop.token, number, {"from": alice})
    shop.token.arm(shop.registry, shop.registry.transferFrom.encode_input(alice, carol, number), {"from": bob})

    shop.desk.buy(asset, train, PRICE, 0, 0, {"from": bob})

    assert shop.token.lastWorked()
    assert shop.registry.ownerOfAsset(asset) == carol
    assert shop.ledger.balanceOf(carol) == 0
    assert shop.ledger.balanceOf(alice) == (PRICE if kind == CAPTURE else 0)
    assert shop.ledger.lockedBy(shop.graph) == (0 if kind == CAPTURE else PRICE)
