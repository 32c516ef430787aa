"""What the node's process holds of the machine. Each of these stands still in a healthy node, whatever it has done."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import trio

_PROC = Path("/proc/self")


def holds() -> dict[str, object]:
    """Threads and tasks that live; where the system tells, as Linux does, also open files and bytes in memory."""
    found: dict[str, object] = {
        "threads": threading.active_count(),
        "tasks": trio.lowlevel.current_statistics().tasks_living,
    }
    if _PROC.is_dir():
        found["open_files"] = sum(1 for _ in (_PROC / "fd").iterdir())
        found["resident"] = int((_PROC / "statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return found
