"""The stories behind the duties about runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from thenar.domain.duties import DutyKind
from thenar.domain.ids import RunId
from thenar.services.perform import Story
from thenar.services.runs import ordering, running
from thenar.services.runs.home import Home


def stories(home: Home) -> dict[DutyKind, Story]:
    """The story of each kind of duty about runs."""

    def on_run(story: Callable[[Home, RunId], Awaitable[None]]) -> Story:
        return lambda duty: story(home, RunId(int(duty.subject.split("/")[0])))

    return {
        DutyKind.RUN_PROGRAM: on_run(running.run_program),
        DutyKind.SETTLE_RUN: on_run(running.settle_run),
        DutyKind.TAKE_OUTPUT: on_run(ordering.take_output),
        DutyKind.REFUND_RUN: on_run(ordering.refund_run),
    }
