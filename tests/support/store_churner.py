"""Add, drop and collect in a store as fast as it goes, until killed or done. Run as a program."""

from __future__ import annotations

import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import trio

from thenar.adapters.ipfs.embedded import open_embedded

QUOTA = 1 << 36
LARGEST = 300_000


async def noise(dice: random.Random) -> AsyncIterator[bytes]:
    """A file of its own; many are small, some have several leaves."""
    await trio.lowlevel.checkpoint()
    yield dice.randbytes(int(dice.random() ** 3 * LARGEST) + 1)


async def churn(folder: Path, steps: int, seed: int) -> None:
    """So many steps, each told on standard output once it is done."""
    dice = random.Random(seed)
    async with open_embedded(folder, quota=QUOTA) as store:
        kept = sorted(await store.pins())
        for step in range(steps):
            if kept and dice.random() < 0.35:
                await store.unpin(kept.pop(dice.randrange(len(kept))))
            else:
                kept.append((await store.add(noise(dice))).root)
            if dice.random() < 0.02:
                await store.collect()
            print(step, flush=True)


if __name__ == "__main__":
    trio.run(churn, Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
