"""Stories played with real processes; skipped, with a reason, only where a tool of the set-up is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def processes_naming(text: str) -> list[int]:
    """The ids of running processes whose command line holds ``text``, except this one."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if text in line:
                found.append(int(entry.name))
    return found


@pytest.fixture
def running_in():
    """Ask which processes still work in a folder."""
    return lambda folder: processes_naming(str(folder))
