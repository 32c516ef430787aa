"""`thenar init` may be killed at every change it makes to the disk: asked again, it goes on to a whole node."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from thenar.adapters.vault.keyring import ACCOUNT_FILE, CHEAP, open_keyring
from thenar.cli.whole_node import make_node
from thenar.client import Common
from thenar.config import load
from thenar.directory import KEYS, clear_leftovers

CHANGES = ("open", "os.mkdir", "os.rename")
WHOLE = {".gitignore", "keys/account.json", "keys/password", "keys/secrets.box", "thenar.toml"}


def made(folder: Path) -> None:
    """What `thenar init --yes --rpc …` does."""
    make_node(Common(folder, as_json=True), {"chain_rpc": "http://127.0.0.1:9"}, by_chance=True, cost=CHEAP)


def killed_at(change: int, folder: Path) -> bool:
    """Init in a child that is killed as it begins a change; False when it came to its end before."""
    child = os.fork()
    if child == 0:
        begun = 0

        def count(event: str, about: tuple[object, ...]) -> None:
            nonlocal begun
            if event in CHANGES and str(about[0]).startswith(str(folder)):
                begun += 1
                if begun == change:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        made(folder)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.fixture(autouse=True)
def no_password(monkeypatch):
    monkeypatch.delenv("THENAR_PASSWORD", raising=False)


def test_init_asked_again_makes_a_whole_node_wherever_it_was_killed(tmp_path):
    change = 1
    while killed_at(change, tmp_path / str(change)):
        folder = tmp_path / str(change)
        if not (folder / KEYS / ACCOUNT_FILE).exists():
            made(folder)
        clear_leftovers(folder)

        config, _ = load(folder, environment={})
        open_keyring(folder / KEYS, (folder / KEYS / "password").read_text().strip())
        assert config.chain_rpc == "http://127.0.0.1:9"
        assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == WHOLE
        change += 1
    assert change > 12
