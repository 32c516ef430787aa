"""Backing a node up while it runs, restoring it elsewhere, and trying whether that would work.

A backup holds the keys (under their password), the shares, the settings, the deployment and the journal: with it the
signing guard, so a restored node refuses what contradicts what was signed before. It may hold the store too. Never in
it: the password. What keys unlock is not sealed again: whoever has a backup and the password has the node.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from thenar import __version__
from thenar.adapters.journal import FILE_NAME as JOURNAL
from thenar.adapters.journal import copy_journal, equip, survey
from thenar.adapters.vault import keyring, shares
from thenar.config import FILE_NAME as SETTINGS
from thenar.config import load
from thenar.directory import KEYS, MARK_FILE, STORE, check_directory, keep_from_git
from thenar.domain.ids import peer_id_of
from thenar.errors import BadConfig, Conflict, Corrupt
from thenar.home import HOME, STORE_MARK
from thenar.services.ports import Tell
from thenar.services.restored import RESTORED
from thenar.upkeep import archive
from thenar.upkeep.archive import Contents
from thenar.upkeep.scratch import scratch

DEPLOYMENT, INDEX = "deployment.json", f"{STORE}/index.sqlite"
_OWN = (STORE_MARK, RESTORED)
"""What a restored journal remembers differently."""


def back_up(directory: Path, target: Path, *, with_store: bool, tell: Tell) -> dict[str, object]:
    """Write a backup of a node, running or not. Raises BadConfig, Conflict (the file exists), Corrupt (the journal)."""
    check_directory(directory)
    account = keyring.account_in(directory / KEYS)
    with scratch(target.parent, "backup") as folder:
        staged = _staged(directory, folder, with_store)
        found = survey(staged[JOURNAL], leave_out=_OWN) if JOURNAL in staged else None
        blocks = list(_blocks(staged[INDEX])) if INDEX in staged else []
        contents = Contents(
            account,
            int(time.time()),
            __version__,
            found.digest if found else "",
            found.version if found else 0,
            {name: archive.sha256_of(path) for name, path in staged.items()},
            len(blocks),
        )
        with archive.writing(target, folder) as tar:
            archive.add_bytes(tar, archive.LIST, contents.spell())
            for name, path in staged.items():
                archive.add_file(tar, name, path)
            for done, name in enumerate(blocks, 1):
                path = directory / name
                if path.is_file():  # it may have been collected meanwhile
                    archive.add_file(tar, name, path)
                tell({"label": "store", "done": done, "total": len(blocks), "unit": "blocks"})
    return {"backup": str(target), "account": account, "bytes": target.stat().st_size, "journal": contents.digest}


def _staged(directory: Path, folder: Path, with_store: bool) -> dict[str, Path]:
    """The files as they will be in the archive. The journal comes first: a key's share is older than what it is for."""
    staged: dict[str, Path] = {}
    if (directory / JOURNAL).is_file():
        copy_journal(directory / JOURNAL, folder / JOURNAL)
        staged[JOURNAL] = folder / JOURNAL
    sources = {f"{KEYS}/{name}": directory / KEYS / name for name in (keyring.ACCOUNT_FILE, keyring.SECRETS_FILE)}
    sources |= {f"{KEYS}/{shares.FILE_NAME}": directory / KEYS / shares.FILE_NAME, SETTINGS: directory / SETTINGS}
    config, _ = load(directory)
    if config.chain_deployment:
        sources[DEPLOYMENT] = Path(config.chain_deployment)
    for name, source in sources.items():
        if source.is_file():
            staged[name] = folder / name.replace("/", "-")
            shutil.copyfile(source, staged[name])
    if with_store and (directory / INDEX).is_file():
        staged[INDEX] = folder / "index.sqlite"
        with closing(sqlite3.connect(directory / INDEX)) as db, closing(sqlite3.connect(staged[INDEX])) as copy:
            db.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
    return staged


def _blocks(index: Path) -> Iterator[str]:
    with closing(sqlite3.connect(index)) as db:
        for (cid,) in db.execute("SELECT cid FROM blocks WHERE state = 0"):
            yield f"{STORE}/blocks/{cid[-2]}/{cid}"


def restore(backup: Path, directory: Path) -> dict[str, object]:
    """Make a data directory out of a backup, whole or not at all.

    Raises Conflict when the directory is not empty, BadInput and Corrupt for what is no sound backup.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise Conflict(f"{directory} is not empty", next_step="restore into a new directory with --data")
    if not backup.is_file():
        raise BadConfig(f"there is no file {backup}", next_step="name a backup that `thenar backup` wrote")
    directory.parent.mkdir(parents=True, exist_ok=True)
    with scratch(directory.parent, "restore") as folder:
        fresh = folder / "node"
        fresh.mkdir(mode=0o700)
        contents = archive.unpack(backup, fresh)
        keep_from_git(fresh)
        _settle(fresh, contents)
        if directory.exists():
            directory.rmdir()
        fresh.rename(directory)
    age = max(0, int(time.time()) - contents.made_at)
    return {
        "data": str(directory),
        "account": contents.account,
        "made_s_ago": age,
        "journal": contents.digest,
        "blocks": contents.blocks,
    }


def _settle(fresh: Path, contents: Contents) -> None:
    """Fit a restored directory to its new place; check that it remembers exactly what was backed up."""
    if keyring.account_in(fresh / KEYS) != contents.account:
        raise Corrupt("the backup's keys are of another account than it says", next_step="use another backup")
    if (fresh / DEPLOYMENT).is_file() and (fresh / SETTINGS).is_file():
        text = (fresh / SETTINGS).read_text("utf-8")
        line = f"deployment = {json.dumps(DEPLOYMENT)}"
        text = re.sub(r"^[ \t]*deployment[ \t]*=.*$", lambda _: line, text, count=1, flags=re.MULTILINE)
        (fresh / SETTINGS).write_text(text, "utf-8")
    if not (fresh / JOURNAL).is_file():
        return
    mark = _note_restored(fresh / JOURNAL, with_store=(fresh / INDEX).is_file())
    if mark is not None:
        keyring.write_private(fresh / STORE / MARK_FILE, mark)
    if survey(fresh / JOURNAL, leave_out=_OWN).digest != contents.digest:
        raise Corrupt("the backup's journal is not what its list says", next_step="use another backup")


def _note_restored(journal: Path, *, with_store: bool) -> bytes | None:
    """Write down that the journal was restored; the mark of its store, which is forgotten where the store stayed."""
    with closing(sqlite3.connect(journal)) as db, db:
        equip(db)
        row = db.execute("SELECT value FROM remembered WHERE name = ?", (STORE_MARK,)).fetchone()
        if not with_store:
            db.execute("DELETE FROM remembered WHERE name = ?", (STORE_MARK,))
        stamp = str(int(time.time())).encode()
        db.execute("INSERT OR REPLACE INTO remembered VALUES (?, ?)", (RESTORED, stamp))
    return bytes(row[0]) if row is not None and with_store else None


def drill(backup: Path, password: str) -> dict[str, object]:
    """Restore into a folder that is deleted again, and audit what came out. Raises what those raise."""
    began = time.monotonic()
    with scratch(backup.parent, "drill") as folder:
        made = restore(backup, folder / "node")
        audited = audit(folder / "node", password)
    seconds = round(time.monotonic() - began, 2)
    return {"restorable": True, "journal": made["journal"], **audited, "seconds": seconds}


def audit(directory: Path, password: str) -> dict[str, object]:
    """Whether the password opens the keys, and they are those of the journal. Raises Locked, Corrupt, BadConfig."""
    check_directory(directory)
    ring = keyring.open_keyring(directory / KEYS, password)
    if ring.account != keyring.account_in(directory / KEYS):
        raise Corrupt("the keystore opens to another account than it names", next_step="restore it from a backup")
    known = _home_account(directory / JOURNAL)
    if known is not None and known != ring.account:
        raise Corrupt(f"the journal is of account {known}, the keys of {ring.account}", next_step="put them together")
    kept, destroyed = shares.count(directory / KEYS)
    return {
        "account": ring.account,
        "peer": peer_id_of(ring.peer_key),
        "password_opens_the_keys": True,
        "journal_is_of_this_account": known == ring.account if known is not None else None,
        "shares": kept,
        "shares_destroyed": destroyed,
        "scrypt_n": keyring.scrypt_n(directory / KEYS),
    }


def _home_account(journal: Path) -> str | None:
    if not journal.is_file():
        return None
    with closing(sqlite3.connect(journal)) as db:
        row = db.execute("SELECT value FROM remembered WHERE name = ?", (HOME,)).fetchone()
    return None if row is None else str(json.loads(row[0])["account"])
