"""A node is backed up while it works, restored elsewhere, and cannot contradict what it signed before."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import stat
import tarfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio
from command_line import PASSWORD, make_node
from faults import deployment_file

from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.journal import equip, open_journal, survey
from thenar.adapters.vault.keyring import account_in
from thenar.adapters.vault.shares import KeyShares
from thenar.domain.sending import Call
from thenar.errors import Conflict
from thenar.home import STORE_MARK, check_store, only_one
from thenar.services.ports import Usage
from thenar.services.restored import RESTORED, restored_at
from thenar.upkeep import archive
from thenar.upkeep.backup import back_up

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
MEGABYTES = 256 if FULL else 4
SECONDS_PER_GB = 60
SECRET = "key/a bought one"


@pytest.fixture
def home(tmp_path):
    """A node with a past: statements signed, a key bought, intents open, a share, and files in its store."""
    (tmp_path / "31337.json").write_text("{}")
    folder = make_node(tmp_path / "node", chain_deployment="../31337.json")
    trio.run(_live_a_little, folder)
    return folder


async def _live_a_little(folder: Path) -> None:
    async with open_journal(folder) as journal:
        await check_store(journal, folder)
        for number in range(100):
            await journal.guard_statement("live epoch", f"stream/{number}", bytes([number]))
        await journal.put(SECRET, b"32 bytes")
        await journal.remember_intent("mint 1", Call(account_in(folder / "keys"), b"\x01"))
        KeyShares(folder / "keys").begin(b"\x07" * 32)
        async with open_embedded(folder / "store", quota=1 << 33) as store:
            await store.add(_noise())


async def _noise() -> AsyncIterator[bytes]:
    for _ in range(MEGABYTES):
        await trio.lowlevel.checkpoint()
        yield os.urandom(1 << 20)


def backed_up(home: Path, *, with_store: bool = False) -> Path:
    back_up(home, home.parent / "node.tar", with_store=with_store, tell=lambda _: None)
    return home.parent / "node.tar"


async def _busy(home: Path) -> tuple[str, Path]:
    """Back up in the middle of writing, and say what was on disk before."""
    async with open_journal(home) as journal, trio.open_nursery() as nursery:

        async def write() -> None:
            for number in range(10_000):
                await journal.put(f"busy/{number}", b"x" * 100)

        before = survey(home / "journal.sqlite").digest
        nursery.start_soon(write)
        await trio.sleep(0.05)
        made = await trio.to_thread.run_sync(backed_up, home)
        nursery.cancel_scope.cancel()
    return before, made


def test_a_node_that_works_is_backed_up_and_restored_as_it_was(home, tmp_path, thenar, record_property):
    before, made = trio.run(_busy, home)

    told = thenar("restore", made, "--data", tmp_path / "elsewhere", "--json")

    assert told.code == 0, told.out
    restored = survey(tmp_path / "elsewhere" / "journal.sqlite", leave_out=(STORE_MARK, RESTORED))
    assert restored.digest == told.json["journal"] != before, "it was written to meanwhile"
    assert (restored.statements, restored.open_intents) == (100, 1)
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    for path in (tmp_path / "elsewhere" / "keys").iterdir():
        assert path.stat().st_mode & 0o077 == 0
    assert thenar("keys", "audit", "--data", tmp_path / "elsewhere", "--json").code == 9
    record_property("state_digest_equal", restored.digest == told.json["journal"])


def test_keys_are_audited_with_their_password(home, tmp_path, thenar, monkeypatch):
    made = backed_up(home)
    thenar("restore", made, "--data", tmp_path / "elsewhere")
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)

    told = thenar("keys", "audit", "--data", tmp_path / "elsewhere", "--json").json
    monkeypatch.setenv("THENAR_PASSWORD", "another")
    refused = thenar("keys", "audit", "--data", tmp_path / "elsewhere", "--json")

    assert (told["account"], told["password_opens_the_keys"]) == (account_in(home / "keys"), True)
    assert (told["shares"], told["shares_destroyed"]) == (1, 0)
    assert (refused.code, refused.error["kind"]) == (9, "Locked")


def test_a_restored_node_refuses_what_contradicts_its_past(home, tmp_path, thenar, record_property):
    made = backed_up(home)
    thenar("restore", made, "--data", tmp_path / "elsewhere")

    async def sign_again() -> int:
        refused = 0
        async with open_journal(tmp_path / "elsewhere") as journal:
            for number in range(100):
                await journal.guard_statement("live epoch", f"stream/{number}", bytes([number]))
                with pytest.raises(Conflict):
                    await journal.guard_statement("live epoch", f"stream/{number}", b"another")
                refused += 1
            assert await journal.get(SECRET) == b"32 bytes"
            assert 0 <= time.time() - await restored_at(journal) < 600
        return refused

    record_property("conflicting_statements_refused", trio.run(sign_again))


def test_a_second_copy_of_a_node_is_refused_on_one_machine(home, tmp_path, thenar, monkeypatch, record_property):
    made = backed_up(home)
    thenar("restore", made, "--data", tmp_path / "elsewhere")
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)

    with only_one(account_in(home / "keys")):
        refused = thenar("run", "--data", tmp_path / "elsewhere", "--json")

    assert (refused.code, refused.error["kind"]) == (12, "Conflict")
    record_property("second_copy_exit_code", refused.code)


def test_the_store_comes_along_when_asked(home, tmp_path, thenar, record_property):
    made = backed_up(home, with_store=True)
    began = time.monotonic()
    thenar("restore", made, "--data", tmp_path / "elsewhere")
    seconds = time.monotonic() - began

    async def read_back() -> tuple[Usage, Usage]:
        async with open_journal(tmp_path / "elsewhere") as journal:
            await check_store(journal, tmp_path / "elsewhere")
        async with open_embedded(home / "store", quota=1 << 33) as old:
            before = await old.usage()
        async with open_embedded(tmp_path / "elsewhere" / "store", quota=1 << 33) as new:
            return before, await new.usage()

    before, after = trio.run(read_back)
    per_gb = seconds * 1024 / MEGABYTES
    record_property("restore_seconds_per_gb", round(per_gb, 1))
    assert (before.used, before.blocks, before.pins) == (after.used, after.blocks, after.pins)
    if FULL:
        assert per_gb <= SECONDS_PER_GB


def test_a_drill_says_whether_it_would_work_and_leaves_nothing(home, thenar, monkeypatch):
    made = backed_up(home)
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)
    around = sorted(made.parent.iterdir())

    told = thenar("restore", made, "--drill", "--json")
    monkeypatch.setenv("THENAR_PASSWORD", "wrong")
    refused = thenar("restore", made, "--drill", "--json")

    assert (told.code, told.json["restorable"]) == (0, True)
    assert refused.code == 9
    assert sorted(made.parent.iterdir()) == around


def test_nothing_is_replaced(home, tmp_path, thenar):
    made = backed_up(home)
    before = made.read_bytes()

    again = thenar("backup", made, "--data", home, "--json")
    onto = thenar("restore", made, "--data", home, "--json")

    assert (again.code, onto.code) == (12, 12)
    assert made.read_bytes() == before


@pytest.mark.parametrize("part", range(12))
def test_a_damaged_backup_is_refused_whole(home, tmp_path, thenar, part):
    made = backed_up(home)
    data = bytearray(made.read_bytes())
    if part == 0:
        del data[len(data) // 2 :]
    else:
        with tarfile.open(made) as tar:
            heads = [head for head in tar if head.size]
        head = heads[part % len(heads)]
        data[head.offset_data + part * 7 % head.size] ^= 0x40
    made.write_bytes(data)

    refused = thenar("restore", made, "--data", tmp_path / "elsewhere", "--json")

    assert refused.code in (2, 11), refused.out
    assert not (tmp_path / "elsewhere").exists()
    assert not list(tmp_path.glob(".elsewhere*"))


def hostile(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    head = tarfile.TarInfo(name)
    head.type, head.linkname, head.size = kind, link, 3 if kind == tarfile.REGTYPE else 0
    return head


@pytest.mark.parametrize(
    "head",
    [
        hostile("../escaped"),
        hostile("/tmp/escaped"),
        hostile("keys/../../escaped"),
        hostile("keys/password"),
        hostile("journal.sqlite", tarfile.SYMTYPE, "/etc/passwd"),
        hostile("journal.sqlite", tarfile.LNKTYPE, "/etc/passwd"),
        hostile("journal.sqlite", tarfile.CHRTYPE),
        hostile("store/blocks/a/../../../escaped"),
        hostile("store/blocks/a/bafkreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ],
    ids=lambda head: f"{head.name} {head.type}",
)
def test_a_hostile_backup_writes_nothing(home, tmp_path, thenar, head):
    made = backed_up(home)
    with tarfile.open(made, "a") as tar:
        tar.addfile(head, io.BytesIO(b"bad"))

    refused = thenar("restore", made, "--data", tmp_path / "elsewhere", "--json")

    assert refused.code in (2, 11), refused.out
    assert not (tmp_path / "elsewhere").exists()
    assert not list(tmp_path.rglob("escaped"))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 9_999, b'{"format": "thenar.backup/2"}', b'{"format": 1}'])
def test_a_list_that_is_none_is_refused(tmp_path, thenar, body):
    with archive.writing(tmp_path / "bad.tar", tmp_path) as tar:
        archive.add_bytes(tar, archive.LIST, body)

    assert thenar("restore", tmp_path / "bad.tar", "--data", tmp_path / "elsewhere", "--json").code in (2, 11)


def test_the_deployment_comes_along_wherever_it_was(home, tmp_path, thenar):
    thenar("restore", backed_up(home), "--data", tmp_path / "else" / "where")

    shown = thenar("config", "show", "--data", tmp_path / "else" / "where", "--json").json["settings"]

    assert shown["chain.deployment"]["value"] == str(tmp_path / "else" / "where" / "deployment.json")


def test_a_backup_holds_no_password(home):
    (home / "keys" / "password").write_text("a password made by chance")
    made = backed_up(home, with_store=True)

    assert b"a password made by chance" not in made.read_bytes()
    assert PASSWORD.encode() not in made.read_bytes()


def test_git_takes_nothing_of_a_restored_directory_up(home, tmp_path, thenar):
    thenar("restore", backed_up(home), "--data", tmp_path / "new")

    assert (tmp_path / "new" / ".gitignore").read_text() == "*\n"


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _unmounted(home: Path) -> None:
    (home / "store" / "belongs").unlink()


def _newer(home: Path) -> None:
    with sqlite3.connect(home / "journal.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()


def _foreign(home: Path) -> None:
    with sqlite3.connect(home / "journal.sqlite") as db:
        equip(db)
        body = json.dumps({"account": "0x" + "ee" * 20}).encode()
        db.execute("INSERT OR REPLACE INTO remembered VALUES ('home', ?)", (body,))
    db.close()


@pytest.fixture
def whole(tmp_path):
    """A node whose deployment can be read."""
    folder = make_node(tmp_path / "whole", chain_deployment=str(deployment_file(tmp_path)))
    trio.run(_live_a_little, folder)
    return folder


@pytest.mark.parametrize(("hurt", "code"), [(_unmounted, 4), (_newer, 4), (_foreign, 4), (None, 12)])
def test_a_wrong_data_directory_is_refused_and_nothing_is_written(
    whole, thenar, monkeypatch, hurt, code, record_property
):
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)
    if hurt is not None:
        hurt(whole)
    before = snapshot(whole)

    used = hurt is None
    refused = trio.run(_while_in_use, whole, thenar) if used else thenar("run", "--data", whole, "--json")

    assert refused.code == code, refused.out
    assert snapshot(whole).keys() == before.keys()
    record_property(f"exit_code_of_{'used' if hurt is None else hurt.__name__.strip('_')}", refused.code)


async def _while_in_use(home, thenar):
    async with open_journal(home):
        return await trio.to_thread.run_sync(lambda: thenar("run", "--data", home, "--json"))
