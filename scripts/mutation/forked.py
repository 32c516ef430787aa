"""Judge in a child: what a wrong does to a process, hanging and dying included, stays there."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

PROCESSOR_SECONDS = 600
"""What one judgement may use of the processor when nothing is said."""


def verdict(judge: Callable[[], str], seconds: float, log: Path, processor: int = PROCESSOR_SECONDS) -> str:
    """Run ``judge`` in a forked child and return what it says; empty when no test noticed anything.

    What the child prints goes to ``log``. A child that takes longer than ``seconds``, or ``processor`` seconds of the
    processor, or dies, has noticed. The second tells a loop that never ends, however busy the machine is.
    """
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
        _speak(judge, writes, log)
    os.close(writes)
    try:
        said = _hear(reads, seconds)
    finally:
        os.close(reads)
        _end(child)
    return said


def apart(work: Callable[[], None]) -> None:
    """Do something in a child and wait for it; what it started and left behind ends with it.

    Raises RuntimeError when the child failed.
    """
    child = os.fork()
    if child == 0:
        os.setsid()
        code = 1
        try:
            work()
            code = 0
        finally:
            if code:
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if status:
        raise RuntimeError("what was done apart failed; it said why above")


def _speak(judge: Callable[[], str], writes: int, log: Path) -> None:
    with log.open("wb") as kept:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os.dup2(kept.fileno(), 1)
        os.dup2(kept.fileno(), 2)
        said = ""
        try:
            said = judge()
        finally:
            noticed = sys.exc_info()[1]
            if noticed is not None:
                traceback.print_exc()
                said = f"{type(noticed).__name__}: {noticed}"
            sys.stdout.flush()
            os.write(writes, b"\0" + said.encode()[:2_000])
            os._exit(0)


def _hear(reads: int, seconds: float) -> str:
    """What the child said. A byte comes before its words, so that silence is told from a child that died."""
    ready, _, _ = select.select([reads], [], [], seconds)
    if not ready:
        return "it did not end in time"
    said = os.read(reads, 4_096)
    return said[1:].decode(errors="replace") if said else "the process died"


def _end(child: int) -> None:
    """End the child, and whatever it started, and wait for it."""
    for _ in range(50):
        if os.waitpid(child, os.WNOHANG)[0]:
            break
        time.sleep(0.02)
    else:
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
