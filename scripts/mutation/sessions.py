"""Collect tests once, and run them in a fresh child for every wrong: most of a short test run is getting ready."""

from __future__ import annotations

import math
import resource
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from mutation import forked

LEAST_PROCESSOR = 5
"""Seconds of the processor that any judgement may use."""
PHASES = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
Put = Callable[[], None]
"""Puts a wrong into the child it is called in."""


class Session:
    """A pytest plugin: instead of running what was collected it hands itself to ``work``, which judges as it likes."""

    def __init__(self, work: Callable[[Session], None], seconds: float, log: Path, processor: int = 0) -> None:
        self._work, self._seconds, self._log = work, seconds, log
        self._processor = processor
        self.unchanged: Put = lambda: None
        """Puts the source as it is in place, made as the wrongs are made; a test that fails with it notices nothing."""
        self._items: Sequence[Any] = ()
        self._failed: list[str] = []
        self._sound: dict[str, bool] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self) -> None:
        """Let properties say that they fail and not look for the smallest way to: nobody reads it here."""
        quick = hypothesis.settings(hypothesis.settings.default, phases=PHASES, derandomize=True, database=None)
        hypothesis.settings.register_profile("mutation", parent=quick)
        hypothesis.settings.load_profile("mutation")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        """Take the place of the loop over all tests."""
        self._items = session.items
        self._work(self)
        return True

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Remember what failed, in the child."""
        if report.failed:
            self._failed.append(report.nodeid)

    def noticed(self, put: Put, first: Iterable[str] = ()) -> str:
        """The first test that fails with the wrong in place and passes without; empty when there is none.

        The tests and the files of tests in ``first`` come first, in their order.
        """
        ranks = {name: rank for rank, name in reversed(list(enumerate(first)))}

        def rank(item: Any) -> int:
            return min(ranks.get(name, len(ranks)) for name in (item.nodeid, item.nodeid.split("::")[0]))

        items = sorted(self._items, key=rank)
        while True:
            said = self._asked(put, items)
            found = [one for one in items if one.nodeid == said]
            if not found or self._is_sound(found[0]):
                return said
            items = [one for one in items if one is not found[0]]

    def _asked(self, put: Put, items: Sequence[Any]) -> str:
        if not self._processor:
            self._processor = forked.PROCESSOR_SECONDS
            self._processor = self._fair(lambda: self._asked(self.unchanged, self._items))
        return forked.verdict(lambda: self._run(put, items), self._seconds, self._log, self._processor)

    def _fair(self, unchanged: Callable[[], object]) -> int:
        """What a judgement may use: some times what all tests take of the source as it is."""
        before = _used()
        unchanged()
        return max(LEAST_PROCESSOR, math.ceil(3 * (_used() - before)))

    def _is_sound(self, item: Any) -> bool:
        """Whether a test passes on the source as it is; asked once for each test that ever noticed something."""
        if item.nodeid not in self._sound:
            self._sound[item.nodeid] = not self._asked(self.unchanged, [item])
        return self._sound[item.nodeid]

    def _run(self, put: Put, items: Sequence[Any]) -> str:
        put()
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._failed:
                return self._failed[0]
        return ""


def _used() -> float:
    """Seconds of the processor that children took that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
