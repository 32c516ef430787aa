"""A cheat of captures: a real node, as a process of its own, that answers with a copy and keeps less than it says."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import trio

from thenar.assembly import Node, open_node
from thenar.config import load
from thenar.demo.cast import PASSWORD
from thenar.demo.mallory import require_local
from thenar.directory import STORE
from thenar.domain.ids import Cid, PeerId
from thenar.errors import Corrupt, NotFound, Unavailable
from thenar.services.ports import Store
from thenar.services.work.jobfiles import Files
from thenar.supervisor import run_node

DEGREES, SHIFT = 100, (3.0, -2.0, 0.4)
"""By how much a copied scan is turned, after it was mirrored, and moved."""


@dataclass(frozen=True, slots=True)
class ShutEyes(Files):
    """Files that never bring a sketch of others, so that every copy looks new."""

    async def bring(self, cid: Cid, holders: Sequence[PeerId], limit: int) -> bytes:
        """Nothing, ever."""
        raise Unavailable(f"{cid} is not looked at")


class HollowStore:
    """A store that gives zeros for what it does not have any more, so that answers can be made up."""

    def __init__(self, honest: Store) -> None:
        self._honest = honest

    def __getattr__(self, name: str) -> Any:
        """Everything else as the honest one."""
        return getattr(self._honest, name)

    async def read(self, root: Cid, *, offset: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """What is here, and zeros for the rest of a range. Raises NotFound, Corrupt for whole files."""
        given = 0
        try:
            async for part in self._honest.read(root, offset=offset, length=length):
                given += len(part)
                yield part
        except (NotFound, Corrupt):
            if length is None:
                raise
            yield bytes(length - given)


def turned_and_mirrored(scan: Path, into: Path) -> Path:
    """The points of a binary PCD of x, y, z, mirrored, turned and moved, with the scan's description beside them."""
    head, body = scan.read_bytes().split(b"DATA binary\n", 1)
    points = np.frombuffer(body, dtype="<f4").reshape(-1, 3).astype(np.float64)
    angle = np.deg2rad(DEGREES)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    moved = (points * [-1, 1, 1]) @ turn.T + np.array(SHIFT)
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_bytes(head + b"DATA binary\n" + moved.astype("<f4").tobytes())
    shutil.copy(scan.with_name(f"{scan.name}.capture.toml"), into.with_name(f"{into.name}.capture.toml"))
    return into


def lose(directory: Path, blocks: Sequence[str] | None = None) -> int:
    """Delete blocks of a node's own store, or all, behind its back; returns the bytes that went."""
    lost = 0
    for path in (directory / STORE / "blocks").glob("*/b*"):
        if blocks is None or path.name in blocks:
            lost += path.stat().st_size
            path.unlink()
    return lost


def copying(honest: Node) -> Node:
    """The same node with shut eyes and a hollow store. Raises Refused anywhere but on a local chain."""
    require_local(honest)
    blind = replace(honest.bounty_desk, files=ShutEyes(honest.store, honest.peers))
    return replace(honest, bounty_desk=blind, store=cast(Store, HollowStore(honest.store)))


async def _run(directory: Path) -> None:
    logging.basicConfig(level=logging.INFO)
    config, _ = load(directory)
    async with open_node(directory, config, PASSWORD) as honest, trio.open_nursery() as nursery:
        await nursery.start(run_node, copying(honest))


if __name__ == "__main__":
    trio.run(_run, Path(sys.argv[1]))
