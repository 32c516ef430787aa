"""What one copy of a node signed is carried to another, which then contradicts none of it."""

from __future__ import annotations

import json

import pytest
import trio
from command_line import make_node

from thenar.adapters.journal import hold, open_journal
from thenar.errors import Conflict
from thenar.home import HOME

ME = "0x" + "ab" * 20


async def begun(folder, *, account: str = ME, **signed: bytes) -> None:
    async with open_journal(folder) as journal:
        await journal.put(HOME, json.dumps({"account": account, "chain_id": 1, "registry": ME}).encode())
        for key, digest in signed.items():
            await journal.guard_statement("run", key, digest)


@pytest.fixture
def copies(tmp_path):
    old, new = make_node(tmp_path / "old"), make_node(tmp_path / "new")
    trio.run(lambda: begun(old, one=b"1", two=b"2"))
    trio.run(lambda: begun(new, one=b"other"))
    return old, new


def test_a_copy_hears_what_the_other_signed(copies, tmp_path, thenar):
    old, new = copies
    written = thenar("keys", "statements", tmp_path / "signed.json", "--data", old, "--json")
    heard = thenar("keys", "hear", tmp_path / "signed.json", "--data", new, "--json")

    assert (written.code, written.json["statements"]) == (0, 2)
    assert (tmp_path / "signed.json").stat().st_mode & 0o077 == 0
    assert heard.json == {"account": ME, "added": 1, "known": 0, "spoiled": 1}

    async def contradict() -> None:
        async with open_journal(new) as journal:
            await journal.guard_statement("run", "two", b"2")
            for key, digest in (("two", b"3"), ("one", b"1"), ("one", b"other")):
                with pytest.raises(Conflict):
                    await journal.guard_statement("run", key, digest)

    trio.run(contradict)


def test_lists_that_cannot_be_taken_are_refused_and_change_nothing(copies, tmp_path, thenar):
    old, new = copies
    trio.run(lambda: begun(tmp_path / "stranger", account="0x" + "cd" * 20, two=b"2"))
    (tmp_path / "stranger" / "keys").mkdir()
    (tmp_path / "bent.json").write_text("{")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe")
    assert thenar("keys", "statements", tmp_path / "far.json", "--data", tmp_path / "stranger", "--json").code == 0

    for name, code in (("far.json", 2), ("bent.json", 2), ("bytes.json", 2), ("absent.json", 4)):
        assert thenar("keys", "hear", tmp_path / name, "--data", new, "--json").code == code
    assert thenar("keys", "statements", tmp_path / "bent.json", "--data", old, "--json").code == 12
    assert (
        thenar("keys", "statements", tmp_path / "x.json", "--data", make_node(tmp_path / "fresh"), "--json").code == 4
    )
    with hold(new):
        assert thenar("keys", "hear", tmp_path / "far.json", "--data", new, "--json").code == 12

    async def kept() -> int:
        async with open_journal(new) as journal:
            return len(await journal.statements())

    assert trio.run(kept) == 1
