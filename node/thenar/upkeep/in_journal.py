"""Faults of what the node remembers and keeps: its journal and its store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from thenar.adapters.journal import FILE_NAME, survey
from thenar.directory import MARK_FILE, STORE
from thenar.errors import ThenarError
from thenar.home import STORE_MARK
from thenar.upkeep.finding import Finding, Mend, Patient, fault, fine

INDEX = "index.sqlite"


def check_journal(patient: Patient) -> Iterator[Finding]:
    """Whether the journal can be read by this version, and what in it waits for a person."""
    path = patient.directory / FILE_NAME
    if not path.exists():  # a node that has not run yet
        return
    try:
        found = survey(path)
    except ThenarError as damaged:
        yield fault("journal is whole", damaged.message, "thenar restore BACKUP; facts come back from the chain")
        return
    if found.newer:
        seen = f"schema {found.version}"
        yield fault("journal is of this version", seen, "upgrade thenar, or restore a backup made before the upgrade")
        return
    yield fine("journal is whole", f"{found.facts} facts, {found.statements} statements signed")
    if found.failed_duties:
        yield fault(
            "no duty was given up", f"{found.failed_duties} were", "thenar duty list, then thenar duty retry --all"
        )
    else:
        yield fine("no duty was given up")
    yield from _check_mark(patient, path)


def _check_mark(patient: Patient, journal: Path) -> Iterator[Finding]:
    check, mark = "store is the node's own", patient.directory / STORE / MARK_FILE
    with closing(sqlite3.connect(journal, timeout=5)) as db:
        row = db.execute("SELECT value FROM remembered WHERE name = ?", (STORE_MARK,)).fetchone()
    if row is None:
        return
    if mark.is_file() and mark.read_bytes() == bytes(row[0]):
        yield fine(check)
        return
    step = "mount its disk; if what it held is lost for good: thenar doctor --fix --store-lost"
    mend = Mend(f"take the store at {mark.parent} as it is", lambda: _forget(journal)) if patient.store_lost else None
    yield fault(check, f"{mark} is missing or another's", step, mend)


def _forget(journal: Path) -> None:
    with closing(sqlite3.connect(journal, timeout=5, isolation_level=None)) as db:
        db.execute("DELETE FROM remembered WHERE name = ?", (STORE_MARK,))


def check_store(patient: Patient) -> Iterator[Finding]:
    """Whether the store's index can be read, and its folder is whole."""
    folder = patient.directory / STORE
    index, blocks = folder / INDEX, folder / "blocks"
    if not folder.exists():
        return
    size = index.stat().st_size if index.exists() else 0
    if blocks.is_dir() and not size and any(blocks.glob("*/*")):
        yield fault(
            "store has its index", f"no {index}, or an empty one", "put it back from a backup, or move the store away"
        )
        return
    if not index.exists():
        return
    try:
        with closing(sqlite3.connect(index, timeout=5)) as db:
            (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as damaged:
        said = str(damaged)
    if said == "ok":
        yield fine("store's index is whole")
    else:
        yield fault("store's index is whole", said, f"move {folder} away; kept files are fetched again from peers")
