"""Closing the door behind a process that is about to touch a stranger's job: limits first, then the filter."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass
from typing import Final

from thenar.adapters.compute import seccomp

THREADS: Final = 64
"""Threads a confined process and its user's others may have together."""
NOBODY: Final = 65534
_HANDLES: Final = 8


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a confined process may use: bytes of address space, seconds of processor time."""

    memory: int
    seconds: int


def confine(bounds: Bounds) -> None:
    """Limit this process for good; it keeps standard input, output and error. Raises BadConfig."""
    os.closerange(3, 1 << 16)
    os.umask(0o777)
    _lower(resource.RLIMIT_AS, bounds.memory)
    _lower(resource.RLIMIT_CPU, bounds.seconds)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_MEMLOCK, 0)
    _lower(resource.RLIMIT_MSGQUEUE, 0)
    _lower(resource.RLIMIT_NPROC, THREADS)
    _lower(resource.RLIMIT_NOFILE, _HANDLES)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    seccomp.install()


def _lower(which: int, wanted: int) -> None:
    _, hard = resource.getrlimit(which)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(which, (most, most))
