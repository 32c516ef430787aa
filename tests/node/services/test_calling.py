"""A robot's calls: the best node first, a hedge in time, failover within a period, its own reflex at last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import trio

from thenar.domain.reflex.choice import Record
from thenar.services.reflex.calling import LATEST_HEDGE, SAMPLE_EVERY, Caller, Source
from thenar.services.reflex.route import Asked

PERIOD = 0.02


@dataclass
class PaperRoute:
    """A line on which answers take as long as they are told to; None never comes, below 0 is a failure at once."""

    name: str
    nursery: trio.Nursery
    takes: Callable[[int], float | None]
    price: int = 100
    alive: bool = True
    asked: int = 0
    record: Record = field(default_factory=Record)
    sampled: list[bytes] = field(default_factory=list)
    asked_again: int = 0

    def ask(self, observation: bytes, done: Callable[[Asked], None]) -> Asked:
        call = Asked(observation, trio.current_time(), done)
        seconds, self.asked = self.takes(self.asked), self.asked + 1
        if seconds is not None and seconds < 0:
            self._end(call, None)
        elif seconds is not None:
            self.nursery.start_soon(self._later, call, seconds)
        return call

    def sample(self, observation: bytes, action: bytes) -> None:
        assert action
        self.sampled.append(observation)

    def ask_again(self) -> None:
        self.asked_again += 1

    async def _later(self, call: Asked, seconds: float) -> None:
        await trio.sleep(seconds)
        self._end(call, self.name.encode())

    def _end(self, call: Asked, action: bytes | None) -> None:
        call.action = action
        if action is None:
            self.record.missed()
        else:
            self.record.took(trio.current_time() - call.began)
        call.done(call)


def known(route: PaperRoute, latency: float) -> PaperRoute:
    for _ in range(20):
        route.record.took(latency)
    return route


async def test_the_near_node_answers_and_nobody_else_is_asked(autojump_clock, nursery) -> None:
    near = known(PaperRoute("near", nursery, lambda _: 0.001), 0.001)
    far = known(PaperRoute("far", nursery, lambda _: 0.008), 0.008)
    caller = Caller([far, near], PERIOD)

    acted = await caller.act(b"felt")

    assert (acted.action, acted.source) == (b"near", Source.FIRST)
    assert (near.asked, far.asked) == (1, 0)


async def test_a_second_node_is_asked_before_the_deadline(autojump_clock, nursery) -> None:
    near = known(PaperRoute("near", nursery, lambda _: None), 0.001)
    far = known(PaperRoute("far", nursery, lambda _: 0.004), 0.004)
    caller = Caller([near, far], PERIOD)

    acted = await caller.act(b"felt")

    assert (acted.action, acted.source) == (b"far", Source.HEDGE)
    assert acted.seconds <= LATEST_HEDGE * PERIOD + 0.004 + 1e-6
    assert caller.tally.hedged == 1


async def test_a_failure_is_followed_by_the_next_node_at_once(autojump_clock, nursery) -> None:
    near = known(PaperRoute("near", nursery, lambda _: -1), 0.001)
    far = known(PaperRoute("far", nursery, lambda _: 0.004), 0.004)
    caller = Caller([near, far], PERIOD)

    acted = await caller.act(b"felt")

    assert (acted.action, acted.seconds) == (b"far", pytest.approx(0.004))


async def test_a_dead_node_is_not_asked_again(autojump_clock, nursery) -> None:
    near = known(PaperRoute("near", nursery, lambda _: 0.001), 0.001)
    far = known(PaperRoute("far", nursery, lambda _: 0.004), 0.004)
    caller = Caller([near, far], PERIOD)
    await caller.act(b"felt")
    near.alive = False

    assert (await caller.act(b"felt")).source is Source.FIRST
    assert (near.asked, far.asked) == (1, 1)


async def test_its_own_reflex_acts_when_nobody_is_in_time(autojump_clock, nursery) -> None:
    near = known(PaperRoute("near", nursery, lambda _: None), 0.001)
    far = known(PaperRoute("far", nursery, lambda _: 0.5), 0.004)
    caller = Caller([near, far], PERIOD, lambda observation: b"own " + observation)

    acted = await caller.act(b"felt")

    assert (acted.action, acted.source, acted.seconds) == (b"own felt", Source.LOCAL, pytest.approx(PERIOD))
    assert caller.tally.local == 1
    assert near.record.failed > 0.9
    assert far.record.failed > 0.9


async def test_without_a_reflex_the_last_action_is_held(autojump_clock, nursery) -> None:
    near = known(PaperRoute("near", nursery, lambda number: 0.001 if number == 0 else -1), 0.001)
    caller = Caller([near], PERIOD)
    first = await caller.act(b"felt")

    assert (await caller.act(b"felt")).action == first.action == b"near"


async def test_without_any_node_it_does_not_wait(autojump_clock) -> None:
    caller = Caller([], PERIOD, lambda _: b"own")
    began = trio.current_time()

    assert (await caller.act(b"felt")).action == b"own"
    assert trio.current_time() == began


async def test_a_node_that_grows_slow_is_passed_over(autojump_clock, nursery) -> None:
    near = known(PaperRoute("near", nursery, lambda _: 0.019), 0.001)
    far = known(PaperRoute("far", nursery, lambda _: 0.004), 0.004)
    caller = Caller([near, far], PERIOD)

    for _ in range(200):
        await caller.act(b"felt")
        await trio.sleep(PERIOD)

    before = near.asked
    await caller.act(b"felt")
    assert near.asked == before


async def test_one_call_in_a_hundred_is_sampled_and_an_earlier_one_asked_again(autojump_clock, nursery) -> None:
    near = known(PaperRoute("near", nursery, lambda _: 0.001), 0.001)
    far = known(PaperRoute("far", nursery, lambda _: 0.004), 0.004)
    caller = Caller([near, far], PERIOD)

    for number in range(3 * SAMPLE_EVERY):
        await caller.act(bytes([number % 251]))

    assert [sample[0] for sample in near.sampled] == [number % 251 for number in (0, SAMPLE_EVERY, 2 * SAMPLE_EVERY)]
    assert near.asked_again == 3
    assert far.sampled == []
