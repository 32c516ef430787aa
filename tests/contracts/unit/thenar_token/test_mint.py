"""ThenarToken.mint: the branches of mint.tree."""

from reverts import reverts_with
from system import contract


def test_nobody_mints_but_the_epochs(token, mallory):
    with reverts_with("ThenarToken_NotMinter", mallory):
        token.mint(mallory, 1, {"from": mallory})


def test_no_more_than_the_cap_is_minted(token, judge, bob):
    token.mint(bob, 600, {"from": judge})

    with reverts_with("ThenarToken_OverCap", 600, 401, 1_000):
        token.mint(bob, 401, {"from": judge})
    token.mint(bob, 400, {"from": judge})


def test_what_is_burnt_makes_no_room(token, judge, bob):
    token.mint(bob, 1_000, {"from": judge})
    token.approve(judge, 500, {"from": bob})
    token.burnFrom(bob, 500, {"from": judge})

    with reverts_with("ThenarToken_OverCap", 1_000, 1, 1_000):
        token.mint(bob, 1, {"from": judge})


def test_a_token_has_a_minter(deployer):
    with reverts_with("ThenarToken_ZeroMinter"):
        contract("ThenarToken").deploy("0x" + "00" * 20, 1_000, {"from": deployer})


def test_it_is_the_accounts(token, judge, bob):
    token.mint(bob, 7, {"from": judge})

    assert (token.balanceOf(bob), token.totalSupply(), token.minted(), token.cap()) == (7, 7, 7, 1_000)
    assert (token.name(), token.symbol(), token.decimals()) == ("Thenar", "THN", 18)
