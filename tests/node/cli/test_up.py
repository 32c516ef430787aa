"""What `thenar up --devnet` does with a directory that has a past."""

from __future__ import annotations

import pytest

from thenar.adapters.journal import hold
from thenar.cli.up import set_aside
from thenar.directory import DEVNET
from thenar.errors import BadConfig, Conflict


def test_the_journal_of_an_earlier_local_chain_is_set_aside(tmp_path):
    set_aside(tmp_path, tmp_path / DEVNET)
    (tmp_path / "journal.sqlite").write_text("first")
    (tmp_path / "journal.sqlite-wal").write_text("log")

    set_aside(tmp_path, tmp_path / DEVNET)

    (kept,) = (tmp_path / DEVNET).glob("before-*")
    assert {path.name: path.read_text() for path in kept.iterdir()} == {
        "journal.sqlite": "first",
        "journal.sqlite-wal": "log",
    }
    assert not (tmp_path / "journal.sqlite").exists()


def test_the_journal_of_a_real_chain_stays_where_it_is(tmp_path):
    (tmp_path / "journal.sqlite").write_text("real money")

    with pytest.raises(BadConfig):
        set_aside(tmp_path, tmp_path / DEVNET)

    assert (tmp_path / "journal.sqlite").read_text() == "real money"
    assert not (tmp_path / DEVNET).exists()


def test_nothing_is_moved_under_a_running_node(tmp_path):
    (tmp_path / DEVNET).mkdir()
    (tmp_path / "journal.sqlite").write_text("in use")

    with hold(tmp_path), pytest.raises(Conflict):
        set_aside(tmp_path, tmp_path / DEVNET)

    assert (tmp_path / "journal.sqlite").read_text() == "in use"


def test_up_needs_a_chain_and_says_how_to_get_one(thenar, node, monkeypatch):
    monkeypatch.setenv("THENAR_PASSWORD", "correct horse battery staple")

    refused = thenar("up", "--data", node, "--json")

    assert refused.code == 4
    assert "thenar up --devnet" in refused.error["next_step"]
