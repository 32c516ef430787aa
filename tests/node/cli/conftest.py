"""Command lines run here, away from the settings of whoever tests."""

from __future__ import annotations

import os

import pytest
from command_line import in_process, make_node

from thenar.adapters.vault import tries


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """None of this shell's settings, and a working directory of its own; a wrong password costs no time."""
    for name in [name for name in os.environ if name.startswith("THENAR_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tries, "PAUSE", 0.0)


@pytest.fixture
def thenar(capsys):
    return lambda *arguments: in_process(capsys, *arguments)


@pytest.fixture
def node(tmp_path):
    return make_node(tmp_path / "node")
