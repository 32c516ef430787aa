"""Duties become deeds: once each, later when something is away, never after they ended. Time is virtual."""

from __future__ import annotations

import math

import pytest
import trio
from fakes import FakeChain

from thenar.domain.duties import Duty, DutyKind
from thenar.errors import Corrupt, Poor, Refused, Reverted, Unavailable
from thenar.services.belief import Belief
from thenar.services.perform import BACKOFF, Pace, Performer

PIN = Duty(DutyKind.PIN_ASSET, "0xaa", 5)
SETTLE = Duty(DutyKind.SETTLE_SALE, "bb", 5, not_before=2_000)
DELIVER = Duty(DutyKind.DELIVER_KEY, "cc", 9, deep=True)
CHECK = Duty(DutyKind.CHECK_KEY, "dd", 5)


class Book:
    """The duties of a journal, on paper."""

    def __init__(self, *duties: Duty) -> None:
        self.open = list(duties)
        self.done: list[Duty] = []
        self.failed: list[tuple[Duty, str]] = []

    async def open_duties(self) -> list[Duty]:
        found = list(self.open)
        await trio.lowlevel.checkpoint()
        return found

    async def finish(self, duty: Duty) -> None:
        await trio.lowlevel.checkpoint()
        self.open.remove(duty)
        self.done.append(duty)

    async def fail(self, duty: Duty, reason: str) -> None:
        self.open.remove(duty)
        self.failed.append((duty, reason))


class Deed:
    """A story that does what it is told and remembers when it ran."""

    def __init__(self, *outcomes: Exception | float | None) -> None:
        self.outcomes = list(outcomes)
        self.ran_at: list[float] = []
        self.at_once = self.most_at_once = 0

    async def __call__(self, _: Duty) -> None:
        self.ran_at.append(trio.current_time())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            outcome = self.outcomes.pop(0) if self.outcomes else None
            await trio.sleep(outcome if isinstance(outcome, float) else 0)
            if isinstance(outcome, Exception):
                raise outcome
        finally:
            self.at_once -= 1


async def perform(book: Book, deed: Deed, *, chain: FakeChain | None = None, seconds: float = 400.0, **pace) -> Belief:
    belief = Belief()
    stories = dict.fromkeys(DutyKind, deed)
    with trio.move_on_after(seconds):
        await Performer(chain or FakeChain(), book, belief, stories, Pace(**pace)).run()
    return belief


def pauses(deed: Deed) -> list[float]:
    return [later - earlier for earlier, later in zip(deed.ran_at, deed.ran_at[1:], strict=False)]


async def test_what_is_done_is_written_down_and_not_done_again(autojump_clock):
    book, deed = Book(PIN), Deed()

    await perform(book, deed)

    assert book.done == [PIN]
    assert len(deed.ran_at) == 1


@pytest.mark.parametrize("problem", [Refused("they may not"), Corrupt("a hash disagrees")])
async def test_what_is_refused_or_corrupt_fails_with_its_reason(autojump_clock, problem):
    book, deed = Book(PIN), Deed(problem)

    await perform(book, deed)

    assert book.failed == [(PIN, problem.message)]
    assert len(deed.ran_at) == 1


async def test_what_the_chain_calls_too_early_is_tried_again(autojump_clock):
    book = Book(SETTLE)
    deed = Deed(Reverted("too early", name="KeyExchange_TooEarly", values=(2_001,)))

    await perform(book, deed, chain=FakeChain(timestamp=2_000))

    assert book.done == [SETTLE]
    assert len(deed.ran_at) == 2


@pytest.mark.parametrize("end", [None, Refused("it is over"), KeyError(3)])
async def test_a_story_during_which_the_chain_is_reorganised_is_told_again(autojump_clock, end):
    book, told, belief = Book(SETTLE), [], Belief()

    async def deed(_: Duty) -> None:
        told.append(trio.current_time())
        if len(told) == 1:
            belief.doubt()
            if end is not None:
                raise end

    with trio.move_on_after(60.0):
        await Performer(FakeChain(timestamp=2_000), book, belief, dict.fromkeys(DutyKind, deed), Pace()).run()

    assert len(told) == 2
    assert (book.done, book.failed) == ([SETTLE], [])


async def test_what_a_duty_speaks_of_may_be_gone_before_its_story_begins(autojump_clock):
    told, belief = [], Belief()

    class Rewound(Book):
        async def open_duties(self) -> list[Duty]:
            found = await super().open_duties()
            if not told:
                belief.restart()
            return found

    async def deed(_: Duty) -> None:
        told.append(trio.current_time())
        if len(told) == 1:
            raise KeyError(3)

    book = Rewound(SETTLE)
    with trio.move_on_after(60.0):
        await Performer(FakeChain(timestamp=2_000), book, belief, dict.fromkeys(DutyKind, deed), Pace()).run()

    assert (book.done, book.failed) == ([SETTLE], [])


@pytest.mark.parametrize("problem", [Unavailable("away"), Poor("an empty purse")])
async def test_what_may_work_later_is_tried_with_growing_pauses(autojump_clock, problem):
    book, deed = Book(CHECK), Deed(*[problem] * 9)

    await perform(book, deed)

    assert book.done == [CHECK]
    expected = [*BACKOFF, BACKOFF[-1], BACKOFF[-1]]
    assert all(math.isclose(took, wanted, abs_tol=0.6) for took, wanted in zip(pauses(deed), expected, strict=True))


async def test_a_story_past_its_deadline_is_stopped_and_tried_later(autojump_clock):
    book, deed = Book(PIN), Deed(1e6)

    await perform(book, deed, deadline=30.0)

    assert book.done == [PIN]
    assert math.isclose(pauses(deed)[0], 30 + BACKOFF[0], abs_tol=0.6)


@pytest.mark.parametrize("bug", [ZeroDivisionError(), KeyError(3)])
async def test_a_bug_stops_the_performer(autojump_clock, bug):
    with pytest.raises(ExceptionGroup) as caught:
        await perform(Book(PIN), Deed(bug))

    assert caught.group_contains(type(bug))


async def test_a_duty_waits_for_its_chain_time(autojump_clock):
    book, deed, chain = Book(SETTLE), Deed(), FakeChain(timestamp=1_999)

    await perform(book, deed, chain=chain, seconds=20)
    assert deed.ran_at == []
    chain.timestamp = 2_000
    await perform(book, deed, chain=chain, seconds=20)

    assert book.done == [SETTLE]


async def test_a_deep_duty_waits_for_more_confirmations(autojump_clock):
    book, deed, chain = Book(DELIVER), Deed(), FakeChain(block=11)

    await perform(book, deed, chain=chain, seconds=20, deep_confirmations=3)
    assert deed.ran_at == []
    chain.block = 12
    await perform(book, deed, chain=chain, seconds=20, deep_confirmations=3)

    assert book.done == [DELIVER]


async def test_a_duty_has_one_task_however_long_it_takes(autojump_clock):
    book, deed = Book(PIN), Deed(90.0)

    await perform(book, deed, look_every=0.1)

    assert len(deed.ran_at) == 1


async def test_a_duty_that_ends_while_the_chain_is_asked_is_not_begun_again(autojump_clock):
    class SlowChain(FakeChain):
        async def head(self):
            await trio.sleep(2)
            return await super().head()

    book, deed = Book(CHECK), Deed(1.0)

    await perform(book, deed, chain=SlowChain(), seconds=60)

    assert len(deed.ran_at) == 1
    assert book.done == [CHECK]


async def test_copies_do_not_hold_up_a_sale(autojump_clock):
    pins = [Duty(DutyKind.PIN_ASSET, f"0x{number}", 5) for number in range(20)]
    book, slow, quick = Book(*pins, CHECK), Deed(*[300.0] * 20), Deed()
    stories = dict.fromkeys(DutyKind, quick) | {DutyKind.PIN_ASSET: slow}

    with trio.move_on_after(10):
        await Performer(FakeChain(), book, Belief(), stories, Pace(pins_at_once=2)).run()

    assert book.done == [CHECK]
    assert slow.most_at_once == 2


async def test_work_for_strangers_does_not_hold_up_what_runs_at_home(autojump_clock):
    claims = [Duty(DutyKind.DO_WORK, str(number), 5) for number in range(4)]
    runs = [Duty(DutyKind.RUN_PROGRAM, str(number), 5) for number in range(3)]
    book, days, run = Book(*claims, *runs), Deed(*[200_000.0] * 4), Deed(700.0, 700.0, 700.0)
    stories = dict.fromkeys(DutyKind, days) | {DutyKind.RUN_PROGRAM: run}

    with trio.move_on_after(3_000):
        await Performer(FakeChain(), book, Belief(), stories, Pace()).run()

    assert set(book.done) == set(runs)
    assert (run.most_at_once, days.most_at_once) == (1, 2)


async def test_nothing_is_done_while_the_chain_is_away_and_everything_when_it_is_back(autojump_clock):
    book, deed, chain = Book(CHECK), Deed(), FakeChain(down=True)

    await perform(book, deed, chain=chain, seconds=30)
    assert deed.ran_at == []
    chain.down = False
    await perform(book, deed, chain=chain, seconds=5)

    assert book.done == [CHECK]


async def test_the_chain_is_left_alone_when_there_is_nothing_to_do(autojump_clock):
    chain = FakeChain()

    await perform(Book(), Deed(), chain=chain, seconds=60)

    assert chain.heads_asked == 0
