"""What an interruption comes to, also while a process still imports what it needs."""

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 130
SAID = "interrupted: what was sent is in the journal; run the command again, or let the node go on\n"


def interrupted() -> int:
    """Say it on standard error; the exit code."""
    sys.stderr.write(SAID)
    return INTERRUPTED


def hold_back() -> None:
    """Let an interruption wait until the program that takes this process over can answer it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def end_when_interrupted() -> None:
    """End at once by an interruption: nothing is open yet. One that this process was told to ignore stays ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def as_usual() -> None:
    """Let an interruption be an exception again."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(*_: object) -> None:
    os.write(2, SAID.encode())  # straight out: an exception in the middle of an import may be taken for a broken module
    os._exit(INTERRUPTED)
