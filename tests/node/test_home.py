"""A data directory belongs to one account, one deployment and one store; a disk that is not mounted is no new node."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from thenar.adapters.journal import open_journal
from thenar.directory import MARK_FILE
from thenar.domain.ids import Address
from thenar.errors import BadConfig
from thenar.home import check_home, check_store

ANA, BEN = Address("0x" + "aa" * 20), Address("0x" + "bb" * 20)


def deployment(chain_id: int = 1, registry: str = "cc") -> SimpleNamespace:
    return SimpleNamespace(chain_id=chain_id, contracts={"NodeRegistry": Address("0x" + registry * 20)})


@pytest.mark.parametrize(
    ("account", "where", "said"),
    [
        (BEN, deployment(), "account"),
        (ANA, deployment(chain_id=2), "chain id"),
        (ANA, deployment(registry="dd"), "registry"),
    ],
)
async def test_a_directory_of_somebody_else_or_of_another_chain_is_refused(tmp_path, account, where, said):
    async with open_journal(tmp_path) as journal:
        await check_home(journal, ANA, deployment())
        await check_home(journal, ANA, deployment())

        with pytest.raises(BadConfig, match=said) as refused:
            await check_home(journal, account, where)

    assert refused.value.next_step


async def test_a_store_that_is_not_mounted_is_refused_and_nothing_is_written_there(tmp_path):
    store = tmp_path / "store"
    async with open_journal(tmp_path) as journal:
        await check_store(journal, tmp_path)
        shutil.rmtree(store)
        store.mkdir()

        with pytest.raises(BadConfig, match="not the store"):
            await check_store(journal, tmp_path)

    assert list(store.iterdir()) == []


async def test_another_nodes_store_is_refused(tmp_path):
    for name in ("ana", "ben"):
        (tmp_path / name).mkdir()
        async with open_journal(tmp_path / name) as journal:
            await check_store(journal, tmp_path / name)
    swap(tmp_path / "ana" / "store", tmp_path / "ben" / "store")

    async with open_journal(tmp_path / "ana") as journal:
        with pytest.raises(BadConfig):
            await check_store(journal, tmp_path / "ana")


async def test_a_journal_that_was_begun_anew_takes_the_store_it_finds(tmp_path):
    async with open_journal(tmp_path) as journal:
        await check_store(journal, tmp_path)
    name = (tmp_path / "store" / MARK_FILE).read_bytes()
    (tmp_path / "journal.sqlite").unlink()

    async with open_journal(tmp_path) as journal:
        await check_store(journal, tmp_path)

    assert (tmp_path / "store" / MARK_FILE).read_bytes() == name


def swap(one: Path, other: Path) -> None:
    one.rename(one.with_name("between"))
    other.rename(one)
    one.with_name("between").rename(other)
