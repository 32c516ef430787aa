"""A seller who cheats: a real node whose wrapper delivers a wrong key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from thenar.assembly import Node, open_node
from thenar.config import load
from thenar.demo.cast import PASSWORD, Person
from thenar.errors import Refused
from thenar.services.ports import KeyWrapper, Wrapped, WrappedKeys
from thenar.supervisor import running

LOCAL_CHAIN: Final = 31337
"""Where lying costs nobody anything."""


class LyingWrapper:
    """Wraps another key than the one asked for; otherwise an honest wrapper."""

    def __init__(self, honest: KeyWrapper) -> None:
        self._honest = honest

    def one_time_key(self, seed: bytes) -> tuple[bytes, bytes]:
        """As the honest one."""
        return self._honest.one_time_key(seed)

    def wrap(self, root_key: bytes, buyer: bytes, context: bytes) -> Wrapped:
        """Wrap the key with every bit turned over."""
        return self._honest.wrap(bytes(byte ^ 0xFF for byte in root_key), buyer, context)

    def wrap_each(self, keys: Sequence[bytes], buyer: bytes, contexts: Sequence[bytes]) -> WrappedKeys:
        """Wrap keys with every bit turned over."""
        return self._honest.wrap_each([bytes(byte ^ 0xFF for byte in key) for key in keys], buyer, contexts)

    def unwrap(self, wrapped: Wrapped, secret: bytes, context: bytes) -> bytes:
        """As the honest one."""
        return self._honest.unwrap(wrapped, secret, context)

    def shared_point(self, point: bytes, secret: bytes) -> bytes:
        """As the honest one."""
        return self._honest.shared_point(point, secret)


@asynccontextmanager
async def cheating_node(mallory: Person) -> AsyncIterator[Node]:
    """Mallory's node, running inside this process for as long as the context lasts."""
    config, _ = load(mallory.directory)
    async with open_node(mallory.directory, config, PASSWORD) as honest:
        node = lying(honest)
        async with running(node):
            yield node


def lying(honest: Node) -> Node:
    """The same node with a wrapper that lies. Raises Refused anywhere but on a local chain: the bond is lost."""
    require_local(honest)
    return replace(honest, trade=replace(honest.trade, wrapper=LyingWrapper(honest.trade.wrapper)))


def require_local(honest: Node) -> None:
    """Raise Refused unless a node is on a chain where cheating costs nobody anything."""
    if honest.chain.chain_id != LOCAL_CHAIN:
        raise Refused(f"chain {honest.chain.chain_id} is no local one", next_step="run an honest node: `thenar run`")
