"""BeaconBook: the branches of beacon_book.tree."""

from __future__ import annotations

import pytest
from brownie import chain, web3
from reverts import reverts_with
from system import contract

EVERY = 8


@pytest.fixture
def book(deployer):
    """One block in eight can be a beacon."""
    made = contract("BeaconBook").deploy(EVERY, {"from": deployer})
    chain.mine(EVERY - len(chain) % EVERY + 1)  # the newest block is a multiple of eight
    return made


def height() -> int:
    """The number of the newest block."""
    return len(chain) - 1


@pytest.mark.parametrize("every", [0, 257])
def test_a_step_lies_between_one_and_what_the_chain_remembers(deployer, every):
    with reverts_with("BeaconBook_BadStep", every):
        contract("BeaconBook").deploy(every, {"from": deployer})
    assert contract("BeaconBook").deploy(256, {"from": deployer}).every() == 256


def test_only_every_so_many_blocks_is_a_beacon(book, alice):
    for number in (0, height() - 1, height() + 1):
        with reverts_with("BeaconBook_NoBeacon", number, EVERY):
            book.light(number, {"from": alice})


def test_no_beacon_is_lit_before_its_block(book, alice):
    chain.mine(EVERY - 1)  # the next block is the beacon itself
    coming = height() + 1

    with reverts_with("BeaconBook_TooEarly", coming, coming):
        book.light(coming, {"from": alice})
    with reverts_with("BeaconBook_TooEarly", coming + EVERY, height() + 1):
        book.light(coming + EVERY, {"from": alice})


def test_a_beacon_is_lit_until_the_next_is_due(book, alice):
    first = height()
    chain.mine(EVERY - 1)
    book.light(first, {"from": alice})  # mined as the next beacon, eight blocks later

    second = height()
    assert second == first + EVERY
    chain.mine(EVERY)
    with reverts_with("BeaconBook_TooLate", second, second + EVERY + 1):
        book.light(second, {"from": alice})


def test_a_beacon_is_lit_once(book, alice, bob):
    number = height()
    book.light(number, {"from": alice})

    with reverts_with("BeaconBook_Lit", number):
        book.light(number, {"from": bob})


def test_anybody_lights_a_beacon_and_its_hash_stays(book, bob):
    number = height()
    before = book.beaconOf(number)
    tx = book.light(number, {"from": bob})
    chain.mine(300)  # longer than the chain itself remembers

    kept = book.beaconOf(number)
    assert before["litAt"] == 0
    assert bytes(kept["head"]) == bytes(web3.eth.get_block(number)["hash"])[:27]
    assert kept["litAt"] == tx.timestamp


def test_it_emits_beacon_lit(book, alice):
    number = height()
    tx = book.light(number, {"from": alice})

    said = dict(tx.events["BeaconLit"])
    assert (said["number"], said["litAt"]) == (number, tx.timestamp)
    assert str(said["hash"]) == "0x" + bytes(web3.eth.get_block(number)["hash"]).hex()
