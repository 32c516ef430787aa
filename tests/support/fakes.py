"""A chain, an outbox and peers in memory: just what the stories rely on, and nothing that moves by itself."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import trio
from chain_facts import at

from thenar.domain.actions import Action
from thenar.domain.facts import At, Fact
from thenar.domain.ids import Address, PeerId, TxHash
from thenar.errors import BadInput, Conflict, Refused, ThenarError, Unavailable
from thenar.services.ports import Batch, Head, Heard, KnownBlock, Permit, Receipt, Rewind, Wallet

CONTRACT = Address("0x" + "9" * 40)
RICH = Wallet(gas=10**20, tokens=10**12, account=0, allowance=0)

Effects = Callable[[Address, Action, At], Iterable[Fact]]
"""The facts an action of an account brings about at a place on the chain."""


Answer = Callable[[PeerId, dict[str, object]], Awaitable[dict[str, object]]]
"""How a neighbour answers a protocol."""


def nothing(_: Address, __: Action, ___: At) -> Iterable[Fact]:
    """An action nobody hears of."""
    return ()


@dataclass
class FakeChain:
    """The Chain port: the head is where it is put, batches are what ``say`` was given."""

    block: int = 10
    timestamp: int = 1_000
    down: bool = False
    chain_id: int = 31_337
    wallets: dict[Address, Wallet] = field(default_factory=dict)
    heads_asked: int = 0
    permits: bool = True

    def __post_init__(self) -> None:
        self._say, self._said = trio.open_memory_channel[Batch | Rewind](100)
        self.started_at: list[int] = []

    def contract(self, _: str) -> Address:
        return CONTRACT

    async def head(self) -> Head:
        await trio.lowlevel.checkpoint()
        self.heads_asked += 1
        if self.down:
            raise Unavailable("the chain node is away")
        return Head(self.block, self.timestamp)

    def say(self, *items: Batch | Rewind) -> None:
        for item in items:
            self._say.send_nowait(item)

    async def confirmed(self, start: int, _: KnownBlock) -> AsyncIterator[Batch | Rewind]:
        self.started_at.append(start)
        async for item in self._said:
            yield item

    async def sign_permit(self, amount: int, deadline: int) -> Permit | None:
        return Permit(amount, deadline, 27, bytes(32), bytes(32)) if self.permits else None

    async def block_hash(self, block: int) -> bytes:
        if self.down or block > self.block:
            raise Unavailable("no such block yet")
        return block.to_bytes(32, "big")

    async def wallet(self, who: Address) -> Wallet:
        if self.down:
            raise Unavailable("the chain node is away")
        return self.wallets.get(who, RICH)


@dataclass
class FakeOutbox:
    """The Outbox port of one account: one effect per key, told to whoever follows; ``refuse`` is raised once each."""

    chain: FakeChain
    me: Address
    effects: Effects = nothing
    told: list[Callable[[Sequence[Fact], int], None]] = field(default_factory=list)
    sent: dict[str, Action] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    refuse: list[ThenarError] = field(default_factory=list)
    crash: list[BaseException] = field(default_factory=list)
    stuck: bool = False

    @property
    def actions(self) -> list[Action]:
        return list(self.sent.values())

    async def send(self, key: str, action: Action) -> Receipt:
        await trio.lowlevel.checkpoint()
        if self.sent.get(key, action) != action:
            raise Conflict(f"{key!r} already stands for another transaction")
        if self.refuse:
            raise self.refuse.pop(0)
        if key not in self.receipts:
            self.sent[key] = action
            if self.stuck:
                await trio.sleep_forever()
            self.receipts[key] = self._mine(key, action)
            if self.crash:
                raise self.crash.pop(0)
        return self.receipts[key]

    def _mine(self, key: str, action: Action) -> Receipt:
        self.chain.block += 1
        self.chain.timestamp += 1
        sent = TxHash("0x" + hashlib.sha256(key.encode()).hexdigest())
        facts = list(self.effects(self.me, action, replace(at(self.chain.block), tx_hash=sent)))
        for tell in self.told:
            tell(facts, self.chain.block)
        return Receipt(sent, self.chain.block, 21_000)


class FakePeers:
    """The Peers port: what was announced and learned is written down; addresses must look like multiaddresses."""

    addresses = ("/ip4/127.0.0.1/tcp/4001",)

    def __init__(self, me: str = "me") -> None:
        self.me = PeerId(me)
        self.announced: list[tuple[str, dict[str, object]]] = []
        self.learned: dict[PeerId, tuple[str, ...]] = {}
        self.down = False
        self.neighbours: dict[PeerId, Mapping[str, Answer]] = {}

    def connected(self) -> frozenset[PeerId]:
        return frozenset()

    async def dial(self, multiaddr: str) -> PeerId:
        raise Unavailable(f"nobody at {multiaddr}")

    def learn(self, peer: PeerId, addresses: Sequence[str]) -> None:
        if not all(address.startswith("/ip4/") for address in addresses):
            raise BadInput(f"{addresses} are not multiaddresses")
        self.learned[peer] = tuple(addresses)

    async def announce(self, kind: str, body: dict[str, object]) -> None:
        await trio.lowlevel.checkpoint()
        if self.down:
            raise Unavailable("no peers")
        self.announced.append((kind, body))

    @asynccontextmanager
    async def heard(self) -> AsyncIterator[AsyncIterator[Heard]]:
        give, take = trio.open_memory_channel[Heard](0)
        async with give, take:
            yield take

    async def ask(self, peer: PeerId, protocol: str, request: dict[str, object]) -> dict[str, object]:
        await trio.lowlevel.checkpoint()
        answer = self.neighbours.get(peer, {}).get(protocol)
        if answer is None:
            raise Refused(f"{peer} does not answer {protocol}: {request}")
        return await answer(self.me, request)
