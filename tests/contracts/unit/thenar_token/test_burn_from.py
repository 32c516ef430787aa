"""ThenarToken.burnFrom: the branches of burn_from.tree."""

import pytest
from brownie import accounts, chain
from permits import sign_permit
from reverts import reverts_with


@pytest.fixture
def rich(token, judge, bob):
    """Bob has 100."""
    token.mint(bob, 100, {"from": judge})
    return bob


def test_nobody_burns_what_he_was_not_allowed(token, rich, mallory):
    with reverts_with("ERC20InsufficientAllowance", mallory, 0, 1):
        token.burnFrom(rich, 1, {"from": mallory})


def test_what_is_burnt_is_gone(token, rich, carol):
    token.approve(carol, 60, {"from": rich})

    token.burnFrom(rich, 60, {"from": carol})

    assert (token.balanceOf(rich), token.totalSupply(), token.minted()) == (40, 40, 100)


def test_a_permit_is_enough(token, judge, carol):
    owner = accounts.add("0x" + "7e" * 32)
    token.mint(owner, 100, {"from": judge})
    deadline = chain[-1].timestamp + 600

    token.permit(owner, carol, 60, *sign_permit(token, owner, carol, 60, deadline), {"from": carol})
    token.burnFrom(owner, 60, {"from": carol})

    assert token.balanceOf(owner) == 40
