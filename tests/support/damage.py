"""A node's home with something in every file, what can be read of it, and disks that spoil it."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from journal_writer import write_block

from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.journal import FILE_NAME, open_journal
from thenar.adapters.vault.keyring import CHEAP, create, open_keyring
from thenar.directory import MARK_FILE
from thenar.domain.ids import Cid
from thenar.errors import NotFound
from thenar.home import check_folder

KEYS, STORE, PASSWORD = "keys", "store", "a password"
QUOTA = 1 << 30
BLOCKS, FILES = 30, 4
MEMORIES = {f"key/{number}": bytes([number]) * 40 for number in range(20)}
PAGE = 4_096


@dataclass
class Whole:
    """What a home holds, as it is read back."""

    keys: bytes = b""
    journal: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


async def furnish(home: Path) -> None:
    """Make keys, a journal with rows of every kind and a store with files of more than one block."""
    create(home / KEYS, PASSWORD, cost=CHEAP)
    async with open_journal(home) as journal:
        for block in range(1, BLOCKS + 1):
            await write_block(journal, block)
        await journal.put_all(MEMORIES)
    async with open_embedded(home / STORE, quota=QUOTA) as store:
        (home / STORE / MARK_FILE).write_text("a name")
        dice = random.Random(6)
        for size in [300_000, *(dice.randrange(1, 60_000) for _ in range(FILES - 1))]:
            await store.add(_once(dice.randbytes(size)))
    with closing(sqlite3.connect(home / FILE_NAME)) as db:  # what is in the log too is in two places
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def _once(data: bytes) -> Any:
    yield data


async def read_all(home: Path) -> Whole:
    """Open a home as a node does and read everything. Raises ThenarError for what is found to be spoiled."""
    check_folder(home)
    ring = open_keyring(home / KEYS, PASSWORD)
    held = Whole(keys=ring.peer_key + ring.sign_digest(bytes(32)))
    async with open_journal(home) as journal:
        held.journal = {
            "cursor": await journal.cursor(),
            "facts": await journal.facts(),
            "open": await journal.open_duties(),
            "failed": await journal.failed_duties(),
            "intents": await journal.transactions(),
            "wanted": await journal.open_intents(),
            "nonce": await journal.next_nonce(),
            "statements": await journal.statements(),
            "names": await journal.names(""),
            "remembered": [await journal.get(name) for name in MEMORIES],
        }
    async with open_embedded(home / STORE, quota=QUOTA) as store:
        for root in sorted(await store.pins()):
            held.files[str(root)] = b"".join([part async for part in store.read(Cid.parse(str(root)))])
        if len(held.files) != FILES:
            raise NotFound(f"{FILES - len(held.files)} pinned files are gone")
    return held


def spoil(path: Path, dice: random.Random) -> str:
    """Do one thing to a file that a disk may do; what it was."""
    data = bytearray(path.read_bytes())
    kind = dice.choice(["bit", "bit", "bit", "page", "torn", "empty"]) if data else "empty"
    if kind == "bit":
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    elif kind == "page":
        at = dice.randrange(0, len(data), PAGE)
        data[at : at + PAGE] = bytes(len(data[at : at + PAGE]))
    elif kind == "torn":
        del data[dice.randrange(len(data)) :]
    else:
        data.clear()
    path.write_bytes(data)
    return kind
