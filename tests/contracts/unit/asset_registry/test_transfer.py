"""ERC-721 on the registry's own storage: the branches of transfer.tree."""

from collections import Counter

from assets import digest, mint
from brownie import ZERO_ADDRESS
from brownie.test import given
from hypothesis import strategies as st
from reverts import reverts_with
from system import contract


def number(asset):
    return int.from_bytes(asset, "big")


def test_a_stranger_cannot_move_an_asset(registry, alice, mallory):
    asset = number(mint(registry, alice))

    with reverts_with("ERC721InsufficientApproval", mallory, asset):
        registry.transferFrom(alice, mallory, asset, {"from": mallory})


def test_nothing_cannot_be_moved(registry, alice, bob):
    nothing = number(digest("nothing"))

    with reverts_with("ERC721NonexistentToken", nothing):
        registry.transferFrom(alice, bob, nothing, {"from": alice})
    with reverts_with("ERC721NonexistentToken", nothing):
        registry.ownerOf(nothing)


def test_the_named_owner_must_own_it(registry, alice, bob):
    asset = number(mint(registry, alice))

    with reverts_with("ERC721IncorrectOwner", bob, asset, alice):
        registry.transferFrom(bob, bob, asset, {"from": alice})


def test_an_asset_cannot_be_thrown_away(registry, alice):
    asset = number(mint(registry, alice))

    with reverts_with("ERC721InvalidReceiver", ZERO_ADDRESS):
        registry.transferFrom(alice, ZERO_ADDRESS, asset, {"from": alice})


def test_owner_and_balances_follow(registry, alice, bob):
    asset = number(mint(registry, alice))
    alices, bobs = registry.balanceOf(alice), registry.balanceOf(bob)

    registry.transferFrom(alice, bob, asset, {"from": alice})

    assert registry.ownerOf(asset) == bob
    assert (registry.balanceOf(alice), registry.balanceOf(bob)) == (alices - 1, bobs + 1)


def test_moving_it_to_oneself_changes_nothing(registry, alice):
    asset = number(mint(registry, alice))
    held = registry.balanceOf(alice)

    registry.transferFrom(alice, alice, asset, {"from": alice})

    assert registry.ownerOf(asset) == alice
    assert registry.balanceOf(alice) == held


def test_the_record_stays(registry, alice, bob, train):
    asset = mint(registry, alice, terms=train)
    registry.revokeAll(asset, bytes(32), {"from": alice})
    before = registry.assetOf(asset).dict()

    registry.transferFrom(alice, bob, number(asset), {"from": alice})

    assert registry.assetOf(asset).dict() == before | {"owner": bob}


def test_a_transfer_uses_up_the_approval(registry, alice, bob, carol):
    asset = number(mint(registry, alice))
    registry.approve(carol, asset, {"from": alice})

    registry.transferFrom(alice, bob, asset, {"from": carol})

    assert registry.getApproved(asset) == ZERO_ADDRESS
    with reverts_with("ERC721InsufficientApproval", carol, asset):
        registry.transferFrom(bob, carol, asset, {"from": carol})


def test_an_operator_moves_everything(registry, alice, bob, carol):
    assets = [number(mint(registry, alice, label)) for label in ("one", "two")]
    registry.setApprovalForAll(carol, True, {"from": alice})

    for asset in assets:
        registry.transferFrom(alice, bob, asset, {"from": carol})

    assert [registry.ownerOf(asset) for asset in assets] == [bob, bob]


def test_it_emits_transfer(registry, alice, bob):
    asset = number(mint(registry, alice))

    tx = registry.transferFrom(alice, bob, asset, {"from": alice})

    assert dict(tx.events["Transfer"]) == {"from": alice, "to": bob, "tokenId": asset}


def test_a_wallet_made_of_code_receives(registry, deployer, alice):
    wallet = contract("SignatureWallet").deploy({"from": deployer})
    asset = number(mint(registry, alice))

    registry.safeTransferFrom(alice, wallet, asset, {"from": alice})

    assert registry.ownerOf(asset) == wallet


def test_a_contract_that_cannot_hold_it_is_refused(registry, deployer, alice):
    actor = contract("Actor").deploy({"from": deployer})
    asset = number(mint(registry, alice))

    with reverts_with("ERC721InvalidReceiver", actor):
        registry.safeTransferFrom(alice, actor, asset, {"from": alice})


def test_nobody_has_no_balance(registry):
    with reverts_with("ERC721InvalidOwner", ZERO_ADDRESS):
        registry.balanceOf(ZERO_ADDRESS)


@given(moves=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12))
def test_balances_count_what_is_owned(registry, people, moves):
    before = Counter({str(person): registry.balanceOf(person) for person in people[:4]})
    owners = {}
    for index in range(4):
        owners[number(mint(registry, people[index], f"walk {index}"))] = people[index]

    for which, receiver in moves:
        asset = list(owners)[which]
        registry.transferFrom(owners[asset], people[receiver], asset, {"from": owners[asset]})
        owners[asset] = people[receiver]

    expected = before + Counter(str(owner) for owner in owners.values())
    assert {str(person): registry.balanceOf(person) for person in people[:4]} == {
        str(person): expected[str(person)] for person in people[:4]
    }
    assert all(registry.ownerOf(asset) == owner for asset, owner in owners.items())
