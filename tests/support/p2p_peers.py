"""Peers for tests: real hosts in this process, and block stores in memory."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import trio

from thenar.adapters.p2p.host import P2pPeers, P2pSettings, open_host
from thenar.domain.ids import RAW, Cid
from thenar.errors import Corrupt, NotFound

CHAIN = 31337
LOOPBACK = "/ip4/127.0.0.1/tcp/0"


class MemoryBlocks:
    """The Blocks port in a dictionary."""

    def __init__(self, *blocks: bytes) -> None:
        self.kept = {raw_cid(block): block for block in blocks}

    async def has(self, cid: Cid) -> bool:
        return cid in self.kept

    async def get(self, cid: Cid) -> bytes:
        if cid not in self.kept:
            raise NotFound(f"no block {cid}")
        return self.kept[cid]

    async def put(self, cid: Cid, block: bytes) -> None:
        if cid.digest != hashlib.sha256(block).digest():
            raise Corrupt(f"these bytes are not {cid}")
        self.kept[cid] = block


def raw_cid(block: bytes) -> Cid:
    """The CID of a block with the raw codec."""
    return Cid.of(RAW, hashlib.sha256(block).digest())


def seed(name: str) -> bytes:
    """A peer key seed that is the same in every run."""
    return hashlib.sha256(f"test peer {name}".encode()).digest()


@asynccontextmanager
async def peer(name: str, *blocks: bytes, **settings: Any) -> AsyncIterator[P2pPeers]:
    """A running peer on a free loopback port."""
    listen = settings.pop("listen", [LOOPBACK])
    bootstrap = settings.pop("bootstrap", ())
    announce = settings.pop("announce", ())
    store = settings.pop("store", None) or MemoryBlocks(*blocks)
    allowed = P2pSettings(**settings)
    async with open_host(
        seed(name), listen, chain_id=CHAIN, blocks=store, bootstrap=bootstrap, announce=announce, settings=allowed
    ) as peers:
        yield peers


async def until(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Wait for something other peers bring about."""
    with trio.fail_after(seconds):
        while not condition():  # noqa: ASYNC110 - other peers set no events here
            await trio.sleep(0.01)
