"""A node that answers and a robot that asks, over real libp2p and a real model process, with a chain on paper."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio
from chain_facts import CHIDI
from eth_keys import keys
from eth_utils import keccak
from p2p_peers import peer

from thenar.adapters.compute.engine import open_engine
from thenar.adapters.p2p.host import P2pPeers
from thenar.adapters.vault.keyring import signer_of
from thenar.domain.ids import Address, AssetId
from thenar.domain.reflex.channels import Channel
from thenar.domain.reflex.choice import Record
from thenar.domain.reflex.frames import Hello
from thenar.domain.reflex.vouchers import Desk, Line
from thenar.services.reflex.answering import Answering, Books, Quote
from thenar.services.reflex.route import Purse, Route, open_route

MODEL = AssetId("0x" + "5e" * 32)
DESK = Desk(31_337, Address("0x" + "d1" * 20))
PRICE, DEPOSIT, UNTIL = 1_000, 1_000_000, 10_000


@dataclass(frozen=True)
class Key:
    """A secp256k1 key by a label."""

    label: str

    @property
    def account(self) -> Address:
        return Address(keys.PrivateKey(keccak(text=self.label)).public_key.to_address())

    def sign(self, digest: bytes) -> bytes:
        made = keys.PrivateKey(keccak(text=self.label)).sign_msg_hash(digest)
        return made.r.to_bytes(32, "big") + made.s.to_bytes(32, "big") + bytes([27 + made.v])


ROBOT = Key("a robot's key")


@dataclass
class Memory:
    """Of the Journal port what answering needs, in a dictionary."""

    kept: dict[str, bytes] = field(default_factory=dict)

    async def get(self, name: str) -> bytes | None:
        return self.kept.get(name)

    async def put(self, name: str, value: bytes) -> None:
        self.kept[name] = value

    async def forget(self, names: Sequence[str]) -> None:
        for name in names:
            self.kept.pop(name, None)

    async def put_all(self, values: Mapping[str, bytes]) -> None:
        self.kept.update(values)


def channel(node: Address, *, deposit: int = DEPOSIT, signer: Address = ROBOT.account, until: int = UNTIL) -> Channel:
    """Channel 1 to a node, of chidi's."""
    return Channel(CHIDI, deposit, node, 0, MODEL, signer, 300_000, until)


@dataclass
class Near:
    """A node that answers."""

    peers: P2pPeers
    key: Key
    answering: Answering
    journal: Memory
    channels: dict[int, Channel]


@asynccontextmanager
async def answering_node(name: str, model: Path, batch: int = 1, credit: int = 2_048) -> AsyncIterator[Near]:
    """A node that answers with a model file until the context ends."""
    key, journal = Key(name), Memory()
    channels = {1: channel(key.account)}

    async def now() -> int:
        return 1_000

    async with AsyncExitStack() as stack:
        peers = await stack.enter_async_context(peer(name))
        engine = await stack.enter_async_context(open_engine(model, batch))
        journal_port: Any = journal
        books = Books(DESK, channels.get, signer_of, key.sign, journal_port, peers.me, now)
        answering = Answering(engine, Quote(key.account, MODEL, PRICE, credit), books)

        async def take(line: Any) -> None:
            frame = await line.receive()
            await answering.serve(line, Hello.decode(frame.body))

        peers.lines.answer(take)
        nursery = await stack.enter_async_context(trio.open_nursery())
        nursery.start_soon(answering.run)
        yield Near(peers, key, answering, journal, channels)
        nursery.cancel_scope.cancel()


def purse(node: Address, *, key: Key = ROBOT, number: int = 1, deposit: int = DEPOSIT) -> Purse:
    """What a robot pays a node with."""
    return Purse(DESK, Line(number, node, MODEL, CHIDI), deposit, key.sign, signer_of)


async def route_to(robot: P2pPeers, near: Near, *, own: Purse | None = None, most: int = PRICE) -> Route:
    """A robot's line to a node."""
    await robot.dial(near.peers.addresses[0])
    given = own or purse(near.key.account)
    return await open_route(robot.lines, near.peers.me, robot.me, given, Record(), most)


async def asked(route: Route, observation: bytes) -> bytes | None:
    """Ask once and wait."""
    over = trio.Event()
    call = route.ask(observation, lambda _: over.set())
    with trio.fail_after(20):
        await over.wait()
    return call.action
