"""Running something that may crash the interpreter, in a copy of it."""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
import traceback
from collections.abc import Callable
from contextlib import ExitStack

from thenar.errors import BadInput


def outcome(work: Callable[[], object], *, seconds: int = 20, memory: int = 4 << 30) -> str:
    """Run ``work`` in a forked process: "done", "refused", "crashed: SIGNAL" or "bug: traceback"."""
    into, out = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(into)
        _confine(seconds, memory)
        os.write(out, _said(work).encode()[-4000:])
        os._exit(0)
    os.close(out)
    with os.fdopen(into, "rb") as said:
        text = said.read().decode()
    _, status = os.waitpid(child, 0)
    return f"crashed: {signal.Signals(os.WTERMSIG(status)).name}" if os.WIFSIGNALED(status) else text


def _confine(seconds: int, memory: int) -> None:
    faulthandler.disable()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _said(work: Callable[[], object]) -> str:
    said: list[str] = []

    def note(kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        if isinstance(error, BadInput):
            said.append("refused" if error.message else "bug: a refusal without a sentence")
        elif error is not None and not isinstance(error, Exception):
            said.append(f"crashed: {type(error).__name__}")  # a Rust decoder's panic
        elif error is not None:
            said.append("bug: " + "".join(traceback.format_exception(error)))
        return True

    with ExitStack() as stack:
        stack.push(note)
        work()
    return said[0] if said else "done"
