"""A seller who cheats: a real node whose wrapper delivers a wrong key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from thenar.assembly import Node, open_node
from thenar.config import load
from thenar.demo.cast import PASSWORD, Person
from thenar.services.ports import KeyWrapper, Wrapped
from thenar.supervisor import running


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
        node = replace(honest, trade=replace(honest.trade, wrapper=LyingWrapper(honest.trade.wrapper)))
        async with running(node):
            yield node
