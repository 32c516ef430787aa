"""A cheat of captures: a real node, as a process of its own, that answers with a copy and keeps less than it says."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import trio

from thenar.adapters.ipfs.dag import blocks_of
from thenar.adapters.media import read_recorded
from thenar.adapters.simulation import write_cloud
from thenar.assembly import Node, open_node
from thenar.config import load
from thenar.demo.cast import PASSWORD
from thenar.demo.mallory import require_local
from thenar.directory import STORE
from thenar.domain.ids import Address, Cid, PeerId
from thenar.domain.scoring.spatial import points_of
from thenar.domain.segments import CHUNK_LEAVES
from thenar.domain.storage.pledges import Held, PledgeTree, positions
from thenar.errors import Corrupt, NotFound, Unavailable
from thenar.services.ports import Store
from thenar.services.work.jobfiles import Files
from thenar.supervisor import run_node

MILLIMETRES = 1_000
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


def turned_and_mirrored(scan: Path, description: Path, into: Path) -> Path:
    """A binary PCD of any scan's points, mirrored, turned and moved, with a scan's description beside it."""
    points, _ = points_of(read_recorded(scan)[0])
    angle = np.deg2rad(DEGREES)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    into.parent.mkdir(parents=True, exist_ok=True)
    write_cloud(into, (points / MILLIMETRES * [-1, 1, 1]) @ turn.T + np.array(SHIFT))
    shutil.copy(description, into.with_name(f"{into.name}.capture.toml"))
    return into


def half_of(directory: Path, pieces: Mapping[str, str]) -> dict[Cid, tuple[str, int]]:
    """Every second block of pieces (CIDs by root) in a node's own store, with its piece and its place there."""
    blocks = directory / STORE / "blocks"

    def read(cid: Cid) -> bytes:
        return next(blocks.glob(f"*/{cid}")).read_bytes()

    held: list[tuple[Cid, tuple[str, int]]] = []
    for root, cid in pieces.items():
        leaves = [spot.cid for spot in blocks_of(Cid.parse(cid), read) if not spot.depth]
        held += [(leaf, (root, place)) for place, leaf in enumerate(leaves)]
    return dict(held[1::2])


def is_asked_for(seed: bytes, node: Address, held: Sequence[Held], gone: Collection[tuple[str, int]]) -> bool:
    """Whether a round with this seed asks a node for a leaf that lies in what it deleted."""
    tree = PledgeTree.build(held)
    asked = (tree.at(position) for position in positions(seed, node, tree.leaves))
    return any((f"0x{one.replica.root.hex()}", one.index // CHUNK_LEAVES) in gone for one in asked)


def lose(directory: Path, blocks: Collection[str] | None = None) -> int:
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
