"""A desk over a real registry, book, ledger and graph, with sales put on a shelf instead of the KeyExchange."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from assets import CAPTURE, MODEL, mint, write_terms
from brownie import ZERO_ADDRESS
from system import DOLLAR, contract, created_address, fund

DAY = 86_400
NO_LIMIT = 2**256 - 1


@dataclass(frozen=True, slots=True)
class Shop:
    """A desk and everything it stands on."""

    token: Any
    book: Any
    registry: Any
    ledger: Any
    desk: Any
    shelf: Any
    graph: Any
    escrow: Any
    covenants: Any


def open_shop(deployer: Any, token: Any) -> Shop:
    """Deploy a desk that settles in ``token``."""
    sender = {"from": deployer}
    shelf = contract("SaleShelf").deploy(sender)
    book = contract("TermsBook").deploy(sender)
    places = [created_address(str(deployer), deployer.nonce + step) for step in (2, 3, 4, 5)]
    desk_at, graph_at, escrow_at, covenants_at = places
    registry = contract("AssetRegistry").deploy(book, covenants_at, sender)
    ledger = contract("Ledger").deploy(token, [desk_at, graph_at, escrow_at], sender)
    desk = contract("LicenseDesk").deploy(ledger, registry, book, shelf, graph_at, escrow_at, covenants_at, sender)
    graph = contract("RevenueGraph").deploy(ledger, registry, ZERO_ADDRESS, [desk, escrow_at], sender)
    escrow = contract("Escrow").deploy(ledger, registry, desk, shelf, graph, sender)
    covenants = contract("Covenants").deploy(registry, book, desk, shelf, graph, sender)
    assert [desk, graph, escrow, covenants] == places
    return Shop(token, book, registry, ledger, desk, shelf, graph, escrow, covenants)


@pytest.fixture(scope="module")
def shop(deployer, people):
    token = contract("MockUSD").deploy({"from": deployer})
    opened = open_shop(deployer, token)
    for person in people:
        fund(token, person, 1_000_000 * DOLLAR, opened.ledger)
    return opened


@pytest.fixture(scope="module")
def hostile_shop(deployer, people):
    """Open a shop that settles in a hostile token."""

    def open_with(token_name: str, *arguments: Any) -> Shop:
        token = contract(token_name).deploy(*arguments, {"from": deployer})
        opened = open_shop(deployer, token)
        for person in people:
            fund(token, person, 1_000_000 * DOLLAR, opened.ledger)
        return opened

    return open_with


@pytest.fixture(scope="module")
def desk(shop):
    return shop.desk


@pytest.fixture(scope="module")
def registry(shop):
    return shop.registry


@pytest.fixture(scope="module")
def capture(shop, alice):
    """A capture of alice's."""
    return mint(shop.registry, alice, "capture", CAPTURE)


@pytest.fixture(scope="module")
def model(shop, alice):
    """A model of alice's, whose income goes through the graph."""
    return mint(shop.registry, alice, "model", MODEL)


@pytest.fixture(scope="module")
def terms(shop, alice):
    """Write terms and return their id."""

    def write(**changes: Any) -> int:
        return write_terms(shop.book, alice, **changes)

    return write


@pytest.fixture(scope="module")
def train(terms):
    """Terms without floor or limit that permit training."""
    return terms()


@pytest.fixture
def at(chain, web3):
    """Let the next transaction's block be so many seconds after the last one, and return its time."""

    def next_block(seconds: int) -> int:
        moment = web3.eth.get_block("latest")["timestamp"] + seconds
        web3.provider.make_request("evm_setNextBlockTimestamp", [moment])
        return int(moment)

    return next_block
