"""A live desk over the whole system: alice streams her hand at 10 units a second, in epochs of 100 s."""

from __future__ import annotations

import pytest
from assets import CAPTURE, mint, write_terms
from system import DOLLAR, contract, deploy_system, fund, next_block_at

RATE, EPOCH = 10, 100
KEY = (5, 6)


@pytest.fixture(scope="module")
def world(deployer, people):
    """Everything deployed, everybody with money."""
    system = deploy_system(deployer)
    for person in people:
        fund(system.token, person, 1_000 * DOLLAR, system.ledger)
    return system


@pytest.fixture(scope="module")
def desk(world):
    return world.live_desk


@pytest.fixture(scope="module")
def ledger(world):
    return world.ledger


@pytest.fixture(scope="module")
def registry(world):
    return world.asset_registry


@pytest.fixture(scope="module")
def hand(registry, alice):
    """A capture of alice's."""
    return mint(registry, alice, "hand", CAPTURE)


@pytest.fixture(scope="module")
def train(world, alice):
    """Terms without floor or limit that permit training."""
    return write_terms(world.terms_book, alice)


@pytest.fixture(scope="module")
def stream(desk, hand, train, alice):
    """Stream 1."""
    desk.openStream(hand, train, RATE, EPOCH, {"from": alice})
    return 1


@pytest.fixture(scope="module")
def opened_at(desk, stream):
    """When stream 1 was opened, unix seconds."""
    return desk.streamOf(stream)[6]


@pytest.fixture
def at(opened_at):
    """Let the next transaction be mined so many seconds after the stream was opened; return that time."""

    def moment(seconds):
        next_block_at(opened_at + seconds)
        return opened_at + seconds

    return moment


@pytest.fixture
def subscribed(desk, stream, bob, at):
    """Bob subscribed at second 130 with 5,000 units: his debt runs from 200 to 700."""
    at(130)
    desk.subscribe(stream, 5_000, RATE, *KEY, {"from": bob})


@pytest.fixture(scope="module")
def hostile(deployer, people):
    """A system that settles in a hostile token, with a stream of alice's."""

    def open_with(token_name, *arguments):
        token = contract(token_name).deploy(*arguments, {"from": deployer})
        system = deploy_system(deployer, token)
        for person in people:
            fund(token, person, 1_000 * DOLLAR, system.ledger)
        alice = people[1]
        asset = mint(system.asset_registry, alice, "hand", CAPTURE)
        terms = write_terms(system.terms_book, alice)
        system.live_desk.openStream(asset, terms, RATE, EPOCH, {"from": alice})
        return system

    return open_with
