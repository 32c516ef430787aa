"""What a node signed, from one copy of it to another: written down, and taken in."""

from __future__ import annotations

import json
import os
from pathlib import Path

from thenar.adapters.journal import FILE_NAME as JOURNAL
from thenar.adapters.journal import open_journal
from thenar.directory import check_directory
from thenar.domain.guard import MAX_BYTES, Document, read, spell
from thenar.domain.ids import address
from thenar.errors import BadConfig, BadInput, Conflict
from thenar.home import HOME
from thenar.services.ports import Journal


async def write_statements(directory: Path, target: Path) -> dict[str, object]:
    """Write a list of everything signed. Raises Conflict when the file is there or the node runs."""
    _check(directory)
    async with open_journal(directory) as journal:
        account, chain_id = await _whose(journal)
        document = Document(address(account), chain_id, tuple(await journal.statements()))
    _write(target, spell(document))
    return {"file": str(target), "account": account, "statements": len(document.statements)}


async def hear_statements(directory: Path, source: Path) -> dict[str, object]:
    """Take in another copy's list. Raises BadInput for that of another node, Conflict while this one runs."""
    _check(directory)
    document = _read(source)
    async with open_journal(directory) as journal:
        if (document.account, document.chain_id) != await _whose(journal):
            raise BadInput(
                f"the list is of account {document.account} on chain {document.chain_id}, and this node is another",
                next_step="name the list of a copy of this node",
            )
        return {"account": document.account, **await journal.hear_statements(document.statements)}


def _write(target: Path, text: str) -> None:
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as cause:
        raise Conflict(f"{target} exists", next_step="name another file") from cause
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)


def _read(source: Path) -> Document:
    if not source.is_file():
        raise BadConfig(f"there is no file {source}", next_step="name what `thenar keys statements` wrote")
    if source.stat().st_size > MAX_BYTES:
        raise BadInput(f"{source} is too big for a list of statements")
    try:
        return read(source.read_text("utf-8"))
    except UnicodeDecodeError as cause:
        raise BadInput(f"{source} is not UTF-8 text") from cause


def _check(directory: Path) -> None:
    check_directory(directory)
    if not (directory / JOURNAL).is_file():
        raise BadConfig(f"{directory} has no journal yet", next_step="run the node once: thenar run")


async def _whose(journal: Journal) -> tuple[str, int]:
    known = await journal.get(HOME)
    if known is None:
        raise BadConfig("this journal belongs to no account yet", next_step="run the node once: thenar run")
    body = json.loads(known)
    return str(body["account"]), int(body["chain_id"])
