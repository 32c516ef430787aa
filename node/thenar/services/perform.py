"""Duties become deeds: each story runs until it is done, refused or worth trying later."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import trio
from trio_typing import TaskStatus

from thenar.domain.duties import LONG, Duty, DutyKind
from thenar.errors import Corrupt, Poor, Refused, Reverted, Unavailable
from thenar.services.belief import Belief
from thenar.services.ports import Chain, Head, Journal

log = logging.getLogger(__name__)

Story = Callable[[Duty], Awaitable[None]]

BACKOFF = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Seconds between tries of a duty whose dependency is unavailable."""


@dataclass(slots=True)
class _Tries:
    failures: int = 0
    not_before: float = 0.0
    running: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is done at once and how careful the node is."""

    at_once: int = 8
    pins_at_once: int = 2
    long_at_once: int = 2
    runs_at_once: int = 1
    checks_at_once: int = 2
    deep_confirmations: int = 2
    deadline: float = 600.0
    look_every: float = 0.5


@dataclass(frozen=True, slots=True)
class _Lanes:
    """Keeping copies, computing and comparing are slow; handing over keys, revealing and disputing have deadlines.

    A claim may run for days: programs over captures of one's own, which are paid by the hour, do not wait for it.
    """

    quick: trio.CapacityLimiter
    pins: trio.CapacityLimiter
    long: trio.CapacityLimiter
    runs: trio.CapacityLimiter
    checks: trio.CapacityLimiter

    def of(self, kind: DutyKind) -> trio.CapacityLimiter:
        """Where a kind of duty waits for its turn."""
        apart = {DutyKind.PIN_ASSET: self.pins, DutyKind.RUN_PROGRAM: self.runs, DutyKind.CHECK_ANSWER: self.checks}
        return apart.get(kind) or (self.long if kind in LONG else self.quick)


@dataclass(slots=True)
class Performer:
    """Runs the stories of open duties; owns their retries. State that must survive lies in the journal."""

    chain: Chain
    journal: Journal
    belief: Belief
    stories: Mapping[DutyKind, Story]
    pace: Pace
    _tries: dict[str, _Tries] = field(default_factory=dict)

    async def run(self, *, task_status: TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Look for open duties for ever and perform each in a task of its own."""
        lanes = _Lanes(
            trio.CapacityLimiter(self.pace.at_once),
            trio.CapacityLimiter(self.pace.pins_at_once),
            trio.CapacityLimiter(self.pace.long_at_once),
            trio.CapacityLimiter(self.pace.runs_at_once),
            trio.CapacityLimiter(self.pace.checks_at_once),
        )
        async with trio.open_nursery() as nursery:
            task_status.started()
            while True:
                await self._start_ready(nursery, lanes)
                with trio.move_on_after(self.pace.look_every):
                    await self.belief.changed()

    async def _start_ready(self, nursery: trio.Nursery, lanes: _Lanes) -> None:
        # What ended before the journal is read is not open in it any more; what ends during this look may be.
        self._tries = {key: tries for key, tries in self._tries.items() if not tries.ended}
        rewinds, duties = self.belief.rewinds, await self.journal.open_duties()
        if not duties:
            return
        try:
            head = await self.chain.head()
        except Unavailable:
            return
        for duty in duties:
            tries = self._tries.setdefault(duty.key, _Tries())
            if not (tries.running or tries.ended) and self._is_ready(duty, tries, head):
                tries.running = True
                nursery.start_soon(self._perform, duty, tries, lanes.of(duty.kind), rewinds)

    def _is_ready(self, duty: Duty, tries: _Tries, head: Head) -> bool:
        deep_enough = not duty.deep or head.block >= duty.block + self.pace.deep_confirmations
        return deep_enough and head.timestamp >= duty.not_before and trio.current_time() >= tries.not_before

    async def _perform(self, duty: Duty, tries: _Tries, limiter: trio.CapacityLimiter, rewinds: int) -> None:
        """Tell a duty's story. ``rewinds`` is as of before the duty was read: what it speaks of may be gone since."""
        async with limiter:
            try:
                with trio.fail_after(math.inf if duty.kind in LONG else self.pace.deadline):
                    await self.stories[duty.kind](duty)
            except (Unavailable, Poor, trio.TooSlowError) as cause:
                # An empty purse can be filled; a sale that is not disputed or settled is lost.
                self._later(duty, tries, str(cause) or "its deadline passed")
            except (Refused, Corrupt) as cause:
                if _is_early(cause):
                    self._later(duty, tries, cause.message)
                else:
                    await self._end(duty, tries, rewinds, cause)
            except LookupError:
                if self.belief.rewinds == rewinds:
                    raise
                self._later(duty, tries, "what it speaks of is gone with the blocks it was in")
            else:
                await self._end(duty, tries, rewinds)

    async def _end(self, duty: Duty, tries: _Tries, rewinds: int, refused: Refused | Corrupt | None = None) -> None:
        """Write the end of a duty down, unless a reorganisation came while its story was told."""
        if self.belief.rewinds != rewinds:
            self._later(duty, tries, "the chain was reorganised meanwhile")
            return
        if refused is None:
            log.info("duty done", extra={"duty": duty.key})
            await self.journal.finish(duty)
        else:
            log.warning("duty refused", extra={"duty": duty.key, "reason": refused.message})
            await self.journal.fail(duty, refused.message)
        tries.ended = True

    def _later(self, duty: Duty, tries: _Tries, reason: str) -> None:
        wait = BACKOFF[min(tries.failures, len(BACKOFF) - 1)]
        tries.failures, tries.not_before, tries.running = tries.failures + 1, trio.current_time() + wait, False
        log.info("duty postponed", extra={"duty": duty.key, "seconds": wait, "reason": reason})


def _is_early(cause: Refused | Corrupt) -> bool:
    """Whether the chain only says that it is too early.

    A duty's time has come by the newest block; the endpoint's next answer may be of an older one, and a reorganisation
    may put what was sent into one.
    """
    return isinstance(cause, Reverted) and cause.name.endswith("_TooEarly")
