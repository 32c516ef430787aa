"""Starting a decoding process: anew, or forked from one that has everything imported already.

Importing takes far longer than decoding a small file does. A forked process is as much on its own as a new one: the
process it comes from never looks at a file, and its limits are set before it does.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, Protocol

from thenar.errors import Unavailable

_MODULE: Final = "thenar.adapters.media.child"
_SINGLE: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_IO_THREADS")


class Spawned(Protocol):
    """A process that writes frames into ``pipe``."""

    @property
    def pipe(self) -> int: ...

    def wait(self) -> int:
        """Wait for its end; its exit code, or minus the signal that ended it."""
        ...

    def end(self) -> None:
        """Kill it if it still runs, and reap it. Safe to repeat."""
        ...


class Fresh:
    """A process started anew."""

    __slots__ = ("_process", "pipe")

    def __init__(self, said: Mapping[str, Any], target: int | None) -> None:
        self._process = _start([json.dumps({**said, "target": target})], () if target is None else (target,))
        assert self._process.stdout is not None
        self.pipe = self._process.stdout.fileno()

    def wait(self) -> int:
        """Wait for its end."""
        return self._process.wait()

    def end(self) -> None:
        """Kill it if it still runs, and reap it."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None and not self._process.stdout.closed:
            self._process.stdout.close()


class Warm:
    """Processes that fork once per file, one for each thread that asks at the same time."""

    __slots__ = ("_all", "_idle", "_lock")

    def __init__(self) -> None:
        self._all: list[_Forking] = []
        self._idle: list[_Forking] = []
        self._lock = threading.Lock()

    def spawn(self, said: Mapping[str, Any], target: int | None) -> Spawned:
        """A process for one file. Raises Unavailable when none can be had."""
        with self._lock:
            server = self._idle.pop() if self._idle else None
        if server is None:
            server = _Forking()
            with self._lock:
                self._all.append(server)
        return _Forked(server, said, target, self._idle)

    def close(self) -> None:
        """End all of them."""
        for server in self._all:
            server.close()


@contextmanager
def warm() -> Iterator[Warm | None]:
    """Processes that fork, until the block ends; None where the system has no handles of processes."""
    if not hasattr(os, "pidfd_open"):
        yield None
        return
    pool = Warm()
    try:
        yield pool
    finally:
        pool.close()


class _Forking:
    """A process that forks when told to, and the channel it is told by."""

    __slots__ = ("_process", "channel")

    def __init__(self) -> None:
        self.channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = _start(["--warm", str(theirs.fileno())], (theirs.fileno(),))

    def close(self) -> None:
        self.channel.close()
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


class _Forked:
    """One forked process. Its server is idle again once it ended."""

    __slots__ = ("_code", "_handle", "_idle", "_server", "pipe")

    def __init__(self, server: _Forking, said: Mapping[str, Any], target: int | None, idle: list[_Forking]) -> None:
        self._server, self._idle = server, idle
        self._code: int | None = None
        self.pipe, out = os.pipe()
        try:
            socket.send_fds(server.channel, [json.dumps(said).encode()], [out] if target is None else [out, target])
            _, handles, _, _ = socket.recv_fds(server.channel, 1, 1)
            (self._handle,) = handles
        except (OSError, ValueError) as cause:
            os.close(self.pipe)
            raise Unavailable("no decoding process can be started", next_step="repeat; check free memory") from cause
        finally:
            os.close(out)

    def wait(self) -> int:
        """Wait for its end."""
        if self._code is None:
            told = self._server.channel.recv(4)
            self._code = int.from_bytes(told, "big", signed=True) if len(told) == 4 else -signal.SIGKILL
            os.close(self._handle)
            os.close(self.pipe)
            if len(told) == 4:
                self._idle.append(self._server)
        return self._code

    def end(self) -> None:
        """Kill it if it still runs, and reap it."""
        if self._code is None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            self.wait()


def _start(arguments: list[str], passed: tuple[int, ...]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", _MODULE, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=passed,
        env=_environment(),
        cwd="/",
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH") if name in os.environ}
    kept |= dict.fromkeys(_SINGLE, "1")
    return kept | {
        "PYTHONPATH": os.pathsep.join(part for part in sys.path if part),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HDF5_PLUGIN_PATH": "/nonexistent",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "HOME": "/nonexistent",
    }
