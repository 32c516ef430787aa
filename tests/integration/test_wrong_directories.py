"""A node refuses a data directory that is not its own or not whole, by an exit code, and leaves every byte as it is."""

from __future__ import annotations

import shutil
import sqlite3
from functools import partial
from pathlib import Path

import pytest
import trio
from command_line import PASSWORD, in_a_process
from living import settle_in

from thenar.adapters.journal import hold
from thenar.assembly import open_node
from thenar.config import load

FOREIGN, UNMOUNTED, NEWER, OPENED = "of another account", "store not mounted", "of a newer version", "opened already"
CODES = {FOREIGN: 4, UNMOUNTED: 4, NEWER: 4, OPENED: 12}


def everything(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, and what is in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def spoil(home: Path, other: Path, how: str) -> None:
    """Make a directory wrong in one way."""
    if how == FOREIGN:
        shutil.rmtree(home / "keys")
        shutil.copytree(other / "keys", home / "keys")
    elif how == UNMOUNTED:
        shutil.rmtree(home / "store")
        (home / "store").mkdir()
    elif how == NEWER:
        with sqlite3.connect(home / "journal.sqlite") as journal:
            journal.execute("PRAGMA user_version = 9999")
        journal.close()


async def lived_in(devnet, folder: Path) -> Path:
    """The directory of a node that ran and was stopped."""
    home = await settle_in(devnet, folder)
    config, _ = load(home, environment={})
    async with open_node(home, config, PASSWORD):
        pass
    return home


@pytest.fixture
async def homes(devnet, tmp_path):
    return await lived_in(devnet, tmp_path / "ana"), await lived_in(devnet, tmp_path / "ben")


async def refused(home: Path) -> int:
    """What `thenar run` of a directory comes to: nothing changed, and a next step."""
    before = everything(home)
    run = partial(in_a_process, "run", "--data", str(home), "--json", THENAR_PASSWORD=PASSWORD)
    told = await trio.to_thread.run_sync(run)
    assert told.error["next_step"]
    assert "Traceback" not in told.err
    assert everything(home) == before
    return told.code


@pytest.mark.parametrize("how", CODES)
async def test_a_directory_that_is_not_this_nodes_is_refused_and_left_as_it_was(homes, how, record_property):
    home, other = homes
    spoil(home, other, how)

    if how == OPENED:
        with hold(home):
            code = await refused(home)
    else:
        code = await refused(home)

    record_property(f"exit code, {how}", code)
    assert code == CODES[how]
