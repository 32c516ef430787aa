"""Write to a journal and a store, telling in a file what is safe. Run as a program with ``power_cut.c`` preloaded.

power_user.py FOLDER ROUNDS
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import trio
from journal_writer import write_block

from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.journal import open_journal
from thenar.services.ports import one_part

SIZES = (10, 300_000, 3_000_000)
"""A block, a small file, and one of more blocks than are synced one by one."""
STORE = "store"


def content(number: int) -> bytes:
    """What is stored in a round; no two are alike."""
    return random.Random(number).randbytes(SIZES[2] if number % 7 == 6 else SIZES[number % 2])


async def main(folder: Path, rounds: int) -> None:
    safe = os.open(folder / "safe", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def tell(*words: object) -> None:
        os.write(safe, " ".join(map(str, words)).encode() + b"\n")

    async with open_journal(folder) as journal, open_embedded(folder / STORE, quota=1 << 30) as store:
        tell("open")
        for number in range(1, rounds + 1):
            await write_block(journal, number)
            tell("block", number)
            stored = await store.add(one_part(content(number)))
            tell("stored", number, stored.root)
            if number % 5 == 0:
                tell("dropping", number)
                await store.unpin(stored.root)
                await store.collect()


if __name__ == "__main__":
    trio.run(main, Path(sys.argv[1]), int(sys.argv[2]))
