"""A node that runs for months stays small.

glibc keeps what was freed for later: after a large answer a node looks larger for good, and one that runs for months
grows by its holes. Once a large block was freed, glibc puts blocks of that size among the small ones, which then lie
scattered around its hole. And it gives every thread a heap of its own, with holes of its own. Other C libraries need
nothing of this.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from typing import Final

import trio

EVERY_SECONDS: Final = 60.0
LARGE: Final = 128 * 1024
"""Bytes from which on a block is the system's again as soon as it is freed: where glibc begins, held there for good."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h


def _trim_of_glibc() -> Callable[[int], int] | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return None


def _mallopt_of_glibc() -> Callable[[int, int], int] | None:
    try:
        return ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return None


_trim: Final = _trim_of_glibc()
_mallopt: Final = _mallopt_of_glibc()


def arrange() -> bool:
    """Large blocks never lie among small ones, and threads share one heap. For the start of a process.

    Returns False where the C library has nothing of the kind.
    """
    wanted = {_M_MMAP_THRESHOLD: LARGE, _M_TRIM_THRESHOLD: LARGE, _M_ARENA_MAX: 1}
    return _mallopt is not None and all(_mallopt(name, value) for name, value in wanted.items())


def give_back() -> bool:
    """Give free memory back now; False where the C library knows no such thing."""
    if _trim is None:
        return False
    _trim(0)
    return True


def settle() -> None:
    """What was loaded stays for good: the collector looks at it no more. For a process that is ready and runs for long.

    Looking through all of it takes a tenth of a second in which nothing is answered, and therefore comes so seldom that
    what is left of ended connections piles up.
    """
    gc.collect()
    gc.freeze()


async def keep_small() -> None:
    """Give free memory back every minute until cancelled, on a thread of its own."""
    while _trim is not None:
        await trio.sleep(EVERY_SECONDS)
        await trio.to_thread.run_sync(give_back)
