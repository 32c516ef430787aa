"""What a data directory belongs to: one account, one deployment, one store. Anything else there is refused.

A disk that is not mounted looks like an empty folder, and a wrong --data like a node without a past; a node that began
anew there would lose its pins, or sign a second time. So the journal remembers what it belongs to.
"""

from __future__ import annotations

import json
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from thenar.adapters.chain.deployments import Deployment
from thenar.adapters.journal import FILE_NAME, SqliteJournal
from thenar.adapters.vault.keyring import write_private
from thenar.directory import MARK_FILE, STORE, check_directory
from thenar.domain.ids import Address
from thenar.errors import BadConfig, Conflict, Corrupt

HOME, STORE_MARK = "home", "home/store"


def check_folder(directory: Path) -> None:
    """Raise BadConfig when a directory holds no node, and Corrupt when its journal was emptied.

    A node without memory could sign a second time. A journal moved away by its owner is another thing: it begins anew.
    """
    check_directory(directory)
    journal = directory / FILE_NAME
    if (directory / STORE / MARK_FILE).exists() and journal.exists() and not journal.stat().st_size:
        step = "thenar restore BACKUP; facts come back from the chain"
        raise Corrupt(f"{journal} is empty, and was not", next_step=step)


async def check_home(journal: SqliteJournal, account: Address, deployment: Deployment) -> None:
    """Remember whose journal this is and of which chain; raise BadConfig when it is of another."""
    here = {"account": account, "chain_id": deployment.chain_id, "registry": deployment.contracts["NodeRegistry"]}
    known = await journal.get(HOME)
    if known is None:
        await journal.put(HOME, json.dumps(here).encode())
        return
    before = json.loads(known)
    for what, value in here.items():
        if before.get(what) != value:
            raise BadConfig(
                f"this data directory belongs to {what.replace('_', ' ')} {before.get(what)}, not to {value}",
                next_step="name the directory that belongs here with --data, or set chain.deployment back",
            )


@contextmanager
def only_one(account: Address) -> Iterator[None]:
    """Let no second copy of an account's node run on this machine, from whatever directory.

    A name in Linux' abstract socket space holds it: no file, and gone with the process. Raises Conflict (exit 12).
    Copies on two machines are not found this way.
    """
    with socket.socket(socket.AF_UNIX) as name:
        if sys.platform == "linux":
            try:
                name.bind(f"\0thenar/{account}")
            except OSError as cause:
                raise Conflict(
                    f"a node of account {account} runs on this machine already",
                    next_step="stop it: two copies of one node would contradict each other and lose its stake",
                ) from cause
        yield


async def check_store(journal: SqliteJournal, directory: Path) -> None:
    """Mark the store's folder on first use; raise BadConfig when it is another one, or empty because unmounted."""
    known, mark = await journal.get(STORE_MARK), directory / STORE / MARK_FILE
    found = mark.read_bytes() if mark.is_file() else None
    if known is not None and found != known:
        raise BadConfig(
            f"{mark.parent} is not the store this node has kept its files in",
            next_step="mount its disk; if it is lost for good: thenar doctor --fix",
        )
    if known is None:
        mark.parent.mkdir(mode=0o700, exist_ok=True)
        name = found or secrets.token_hex(16).encode()
        write_private(mark, name)
        await journal.put(STORE_MARK, name)
