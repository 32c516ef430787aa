"""What a disk changes in a journal is found before anything is read from it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import trio
from journal_writer import write_block

from thenar.adapters.journal import FILE_NAME, copy_journal, open_journal, rows, survey
from thenar.adapters.journal.sqlite import steps
from thenar.errors import Corrupt

VALUES = {
    "blocks": "hash",
    "facts": "body",
    "duties": "not_before",
    "intents": "data",
    "signed": "gas",
    "statements": "digest",
    "remembered": "value",
}


async def _written(folder: Path) -> Path:
    async with open_journal(folder) as journal:
        for block in range(1, 31):
            await write_block(journal, block)
        await journal.put("name", b"value")
    return folder / FILE_NAME


def _change_unseen(path: Path, table: str, column: str) -> None:
    """Change one value of one row as a disk does: its digest stays what it was, and so does the rest of the file."""
    with closing(sqlite3.connect(path)) as db:
        db.create_function("row_digest", -1, lambda *_: written, deterministic=True)
        key = {"facts": "block", "statements": "key", "remembered": "name"}.get(table, "rowid")
        held, value, written = db.execute(f"SELECT {key}, {column}, written FROM {table} LIMIT 1").fetchone()
        other = value + 1 if isinstance(value, int) else value[:-1] + (b"\x7e" if isinstance(value, bytes) else "~")
        with db:
            db.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (other, held))


@pytest.mark.parametrize("table", VALUES)
async def test_a_value_that_changed_on_the_disk_is_found_when_the_journal_is_opened(tmp_path, table):
    path = await _written(tmp_path)
    _change_unseen(path, table, VALUES[table])

    with pytest.raises(Corrupt, match=rf"\d+ of the {table} are not what was written") as found:
        async with open_journal(tmp_path):
            pass

    assert found.value.next_step
    with pytest.raises(Corrupt):
        survey(path)


async def test_every_table_has_a_digest_over_all_its_columns(tmp_path):
    path = await _written(tmp_path)
    with closing(sqlite3.connect(path)) as db:
        named = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        made = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))

        assert set(rows.TABLES) == named - {"sqlite_sequence"} == set(VALUES)
        for table in rows.TABLES:
            assert f"row_digest({', '.join(rows.columns(db, table))})" in made[table]


async def test_an_index_that_no_longer_fits_its_table_is_found(tmp_path):
    path = await _written(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON")
        changed = "UPDATE sqlite_master SET sql = replace(sql, 'pending', 'done') WHERE name = ?"
        assert db.execute(changed, ["duties_pending"]).rowcount == 1

    with pytest.raises(Corrupt):
        async with open_journal(tmp_path):
            pass


async def test_a_journal_of_the_first_schema_is_read_and_gets_its_digests(tmp_path):
    path = await _written(tmp_path / "new")
    old = tmp_path / "old" / FILE_NAME
    old.parent.mkdir()
    with closing(sqlite3.connect(old)) as db:
        db.executescript(f"{steps()[0]}\nPRAGMA user_version = 1;\nATTACH '{path}' AS new;")
        for table in rows.TABLES:
            names = ", ".join(rows.columns(db, table))
            db.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM new.{table}")
        db.commit()
    assert survey(old).facts == survey(path).facts > 0

    async with open_journal(old.parent) as journal, open_journal(path.parent) as other:
        assert await journal.facts() == await other.facts()
        assert await journal.transactions() == await other.transactions()
        assert await journal.statements() == await other.statements()

    assert survey(old).digest == survey(path).digest


async def test_a_copy_of_a_journal_is_checked_like_the_journal(tmp_path):
    path = await _written(tmp_path)
    copy_journal(path, tmp_path / "copy")
    assert survey(tmp_path / "copy").digest == survey(path).digest

    _change_unseen(tmp_path / "copy", "facts", "body")

    with pytest.raises(Corrupt):
        survey(tmp_path / "copy")


async def test_a_schema_that_is_no_longer_text_is_found(tmp_path):
    path = await _written(tmp_path)
    page = path.read_bytes()
    path.write_bytes(page.replace(b'CREATE TABLE "facts"', b'CREATE TABLE "f\xd3cts"', 1))
    assert path.read_bytes() != page

    for look in (lambda: survey(path), lambda: trio.run(_open, tmp_path)):
        with pytest.raises(Corrupt):
            await trio.to_thread.run_sync(look)


async def _open(folder: Path) -> None:
    async with open_journal(folder):
        pass
