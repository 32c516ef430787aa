"""One pair of hands of a fleet: an executor of its own on some machine of the operator, asked from elsewhere.

Nothing here knows how it is reached. Whoever makes one may only ask it from one thread at a time; the executor lives on
a thread of its own, because bubblewrap ends its child when the thread that started it ends.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import trio

from thenar import errors
from thenar.adapters.compute.executor import Lent
from thenar.adapters.compute.frames import Segment
from thenar.adapters.compute.offering import Offering, open_executor
from thenar.domain.work.jobs import JobSpec
from thenar.errors import Refused, ThenarError, Unavailable
from thenar.services.ports import Plan

Said: TypeAlias = tuple[str, str, list[tuple[int, bytes, bytes]]]
"""The name of an error, or nothing; what it says; units, checkpoints and outputs of what was made."""

STARTING: Final = 300.0
"""Seconds in which a hand has run its probes."""
_OPEN: Final = 8
"""Jobs whose files are kept on a hand's disk."""


class Hand:
    """Works in the classes that its own machine's probes pass, and in no other."""

    def __init__(self, lent: Lent) -> None:
        self._started, self._plans = threading.Event(), dict[bytes, Plan]()
        self._classes = frozenset[bytes]()
        threading.Thread(target=trio.run, args=(self._live, lent), daemon=True).start()
        if not self._started.wait(STARTING):
            raise Unavailable(f"a hand of the fleet has not run its probes within {STARTING:.0f} s")

    async def _live(self, lent: Lent) -> None:
        async with open_executor(lent) as executor:
            self._executor: Offering = executor
            self._token = trio.lowlevel.current_trio_token()
            self._classes = frozenset(one.class_id for one in (await executor.capabilities()).classes)
            with tempfile.TemporaryDirectory(prefix="thenar-hand-") as name:
                self._folder = Path(name)
                self._started.set()
                await trio.sleep_forever()

    def open(self, data: bytes, files: Mapping[str, bytes]) -> Said:
        """Take in a job: its spec and what it reads."""
        return self._told(self._prepare, data, files)

    def advance(self, digest: bytes, units: Sequence[int], at: Sequence[bytes], until: int) -> Said:
        """Run units of an open job until an index, from checkpoints, or all of them from their starts."""
        return self._told(self._advance, digest, units, at, until)

    async def _prepare(self, data: bytes, files: Mapping[str, bytes]) -> list[Segment]:
        spec = JobSpec.decode(data)
        if spec.class_id not in self._classes:
            raise Refused(f"a machine of the fleet does not pass the probe of class {spec.class_id.hex()}")
        folder = self._folder / spec.digest.hex()
        folder.mkdir(exist_ok=True)
        for name in spec.assets:
            (folder / name).write_bytes(files[name])
        self._plans[spec.digest] = await self._executor.prepare(spec, {name: folder / name for name in spec.assets})
        while len(self._plans) > _OPEN:
            del self._plans[next(iter(self._plans))]
        return []

    async def _advance(self, digest: bytes, units: Sequence[int], at: Sequence[bytes], until: int) -> list[Segment]:
        if digest not in self._plans:
            raise Unavailable("this hand of the fleet has not been given the job")
        return await self._executor.advance(self._plans[digest], units, at, until)

    def _told(self, act: Callable[..., Awaitable[list[Segment]]], *given: object) -> Said:
        try:
            made = trio.from_thread.run(act, *given, trio_token=self._token)
        except ThenarError as failure:
            return type(failure).__name__, failure.message, []
        return "", "", [(each.unit, each.checkpoint, each.output) for each in made]


def heard(said: Said) -> list[Segment]:
    """What a hand made. Raises the error it met."""
    name, message, made = said
    if name:
        raise getattr(errors, name)(message)
    return [Segment(*each) for each in made]
