"""The whole system, a model of carol's made under a license of alice's capture, and the sale modules' own voices."""

from __future__ import annotations

import pytest
from assets import MODEL, commitment, mint, write_terms
from brownie import accounts
from system import DOLLAR, fund

FAR = 2**39


@pytest.fixture(scope="module")
def covenants(system):
    return system.covenants


@pytest.fixture(scope="module")
def voice(web3):
    """Speak as a contract."""

    def as_contract(contract):
        web3.provider.make_request("anvil_impersonateAccount", [str(contract)])
        web3.provider.make_request("anvil_setBalance", [str(contract), hex(10**18)])
        return {"from": accounts.at(str(contract), force=True)}

    return as_contract


@pytest.fixture(scope="module")
def desk(system, voice):
    return voice(system.license_desk)


@pytest.fixture(scope="module")
def exchange(system, voice):
    return voice(system.key_exchange)


@pytest.fixture(scope="module")
def capture(system, alice):
    """A capture of alice's."""
    return mint(system.asset_registry, alice, "capture")


@pytest.fixture(scope="module")
def child(system, capture, carol):
    """The commitment of carol's model, which names the capture as its parent."""
    made = commitment(carol, "child", MODEL)
    mint(system.asset_registry, carol, "child", MODEL)
    system.revenue_graph.link(made.id, [(capture, 1)], {"from": carol})
    return made


@pytest.fixture(scope="module")
def buys(system, capture, alice):
    """Let somebody buy a license of an asset under terms with a floor, at that price."""

    def buy(buyer, floor, asset=capture, seller=alice, duration=0, **changes):
        terms = write_terms(system.terms_book, seller, price_floor=floor, **changes)
        system.license_desk.offer(asset, terms, 0, (floor, duration, FAR, 0), {"from": seller})
        fund(system.token, buyer, 100 * DOLLAR, system.ledger)
        return system.license_desk.buy(asset, terms, floor, 10**6, 0, {"from": buyer})

    return buy
