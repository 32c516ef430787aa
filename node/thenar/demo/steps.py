"""The story's steps: each has a name, a sentence, and an exit code of its own when it fails."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import trio

from thenar.errors import ThenarError
from thenar.services.ports import Tell

FIRST_EXIT_CODE = 41

STEPS = {
    "chain": "a local chain starts and the contracts are deployed",
    "nodes": "Ana, Ben and Chidi start their nodes and register them",
    "publish": "Ana seals, stores, mints and announces two captures",
    "keep": "Ben's node hears of them and keeps verified copies",
    "buy": "Chidi buys a TRAIN license of each; the keys arrive by themselves",
    "open": "Chidi's node opens what it bought: the same bytes, to the last",
    "cheat": "a seller delivers a wrong key; Chidi's node disputes and has the money back",
    "derive": "Chidi trains a model on both captures and says who shares its income",
    "pay": "a fourth party pays the model",
    "claim": "Ana and Ben claim; every unit is accounted for",
}


class StepFailed(ThenarError):
    """A step of the story failed; says which, why and what to do."""

    def __init__(self, name: str, cause: ThenarError, steps: Mapping[str, str] = STEPS) -> None:
        number = list(steps).index(name)
        super().__init__(f"step {number + 1}, {steps[name]}: {cause.message}", next_step=cause.next_step)
        self.exit_code = FIRST_EXIT_CODE + number  # type: ignore[misc]


Disturb = Callable[[str], Awaitable[None]]
"""Called beside each step with its name; what tests use to kill nodes in the middle."""


@dataclass(slots=True)
class Narrator:
    """Tells the steps as they happen and remembers how long each took."""

    say: Callable[[str], None]
    tell: Tell
    disturb: Disturb | None = None
    steps: Mapping[str, str] = field(default_factory=lambda: STEPS)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def quiet_step(self, name: str) -> Iterator[None]:
        """One step that nobody disturbs; failures leave as StepFailed."""
        number = list(self.steps).index(name) + 1
        self.say(f"[bold]{number:2}/{len(self.steps)}[/bold] {self.steps[name]}")
        began = time.monotonic()
        try:
            yield
        except* ThenarError as group:
            raise StepFailed(name, _first(group), self.steps) from group
        self.seconds[name] = round(time.monotonic() - began, 2)

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        """One step, disturbed when somebody wants to."""
        with self.quiet_step(name):
            async with trio.open_nursery() as nursery:
                if self.disturb is not None:
                    nursery.start_soon(self.disturb, name)
                yield


def _first(group: BaseExceptionGroup[ThenarError]) -> ThenarError:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
