"""Guessing a password is slow: tries on one folder of keys go one after the other, and a failed one takes its time.

The kernel's lock on the folder makes it hold for every process of this machine, and leaves nothing behind. Whoever
copied the files elsewhere is held up by what a guess costs, see ``keyring.Cost``.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from thenar.errors import Conflict, Locked

PAUSE = 1.0
"""Seconds a failed try takes at least, and keeps others waiting."""
PATIENCE = 30.0
"""Seconds to wait for the tries of others."""
_AGAIN = 0.02


@contextmanager
def one_try(folder: Path) -> Iterator[None]:
    """Try a password: alone, and no sooner done with a wrong one than after ``PAUSE``.

    Raises Conflict when others keep trying for longer than ``PATIENCE``.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _alone(handle, folder)
        began = time.monotonic()
        try:
            yield
        except Locked:
            time.sleep(max(0.0, PAUSE - (time.monotonic() - began)))
            raise
    finally:
        os.close(handle)


def _alone(handle: int, folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            if time.monotonic() > until:
                raise Conflict(
                    f"other processes keep trying passwords on {folder}", next_step="end them, then try again"
                ) from cause
            time.sleep(_AGAIN)
        else:
            return
