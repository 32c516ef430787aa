"""An Escrow whose KeyExchange is a plain account and whose LicenseDesk is a shelf, over a real ledger and graph."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Any

import pytest
from assets import CAPTURE, MODEL, mint
from brownie import ZERO_ADDRESS, chain
from eth_abi import encode
from eth_utils import keccak
from system import DOLLAR, contract, created_address, fund

PRICE = 100 * DOLLAR
SPAN = 1_000
_STREAM = "(bytes32,bytes32,uint64,address,address,address,uint96,uint40,uint40,uint40,uint32,bool)"


@dataclass(frozen=True, slots=True)
class Stream:
    """The price of a license with an end."""

    asset: bytes
    batch: bytes
    range: int
    source: str
    licensee: str
    seller: str
    price: int
    bought_at: int
    since: int
    until: int
    consent_epoch: int
    derived: bool

    @property
    def call(self) -> tuple[Any, ...]:
        """The struct as a contract takes it."""
        return astuple(self)

    def id(self, escrow: Any) -> bytes:
        """The stream id on the running chain."""
        tag = b"thenar.stream/1".ljust(32, b"\0")
        types = ("bytes32", "uint256", "address", _STREAM)
        return keccak(encode(types, (tag, chain.id, str(escrow), self.call)))


@dataclass(frozen=True, slots=True)
class Till:
    """An Escrow, everything it stands on, and the account that sells."""

    token: Any
    registry: Any
    ledger: Any
    desk: Any
    exchange: Any
    graph: Any
    escrow: Any

    def stream(self, asset: bytes, seller: Any, licensee: Any, **changes: Any) -> Stream:
        """A stream that begins with the next block."""
        now = chain[-1].timestamp + 1
        made = Stream(asset, bytes(32), 0, str(self.exchange), str(licensee), str(seller), PRICE, now, now, now + SPAN,
                      int(self.registry.saleInfo(asset)[1]), self.registry.saleInfo(asset)[2] != CAPTURE)  # fmt: skip
        return replace(made, **changes)

    def start(self, stream: Stream) -> Any:
        """Bring the price into the Escrow as a sale does, and start the stream."""
        sender = {"from": self.exchange}
        self.ledger.collect(stream.licensee, stream.price, sender)
        self.ledger.move(self.escrow, stream.price, sender)
        return self.escrow.start(stream.call, sender)


@pytest.fixture(scope="module")
def till(deployer, alice, bob, frank):
    sender = {"from": deployer}
    token = contract("MockUSD").deploy(sender)
    desk = contract("EndsShelf").deploy(sender)
    book = contract("TermsBook").deploy(sender)
    registry = contract("AssetRegistry").deploy(book, desk, sender)
    graph_at, escrow_at = (created_address(str(deployer), deployer.nonce + step) for step in (1, 2))
    ledger = contract("Ledger").deploy(token, [frank, graph_at, escrow_at], sender)
    graph = contract("RevenueGraph").deploy(ledger, registry, ZERO_ADDRESS, [frank, escrow_at], sender)
    escrow = contract("Escrow").deploy(ledger, registry, desk, frank, graph, sender)
    assert (graph, escrow) == (graph_at, escrow_at)
    for person in (alice, bob):
        fund(token, person, 1_000_000 * DOLLAR, ledger)
    return Till(token, registry, ledger, desk, frank, graph, escrow)


@pytest.fixture(scope="module")
def escrow(till):
    return till.escrow


@pytest.fixture(scope="module")
def ledger(till):
    return till.ledger


@pytest.fixture(scope="module")
def capture(till, alice):
    """A capture of alice's."""
    return mint(till.registry, alice, "capture", CAPTURE)


@pytest.fixture(scope="module")
def model(till, alice):
    """A model of alice's, whose income goes through the graph."""
    return mint(till.registry, alice, "model", MODEL)


@pytest.fixture
def running(till, capture, alice, bob):
    """A license of alice's capture that bob bought for SPAN seconds, beginning with its block."""
    made = till.stream(capture, alice, bob)
    till.start(made)
    return made


@pytest.fixture
def mined_at(web3):
    """Let the next block be mined at this time, unix seconds."""

    def set_time(moment: int) -> None:
        web3.provider.make_request("evm_setNextBlockTimestamp", [moment])

    return set_time
