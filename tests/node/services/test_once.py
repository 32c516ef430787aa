"""What a person asks for is sent once: across repeats, crashes, equal and different wishes at the same time."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import trio
from chain_facts import ANA
from fakes import FakeChain, FakeOutbox
from hypothesis import given, settings
from hypothesis import strategies as st

from thenar.adapters.journal import open_journal
from thenar.domain.actions import TakeOwn, Withdraw
from thenar.errors import Conflict, Late, Poor, Reverted
from thenar.services.once import PATIENCE, Once

FIVE, SEVEN = Withdraw(ANA, 5), Withdraw(ANA, 7)


class Crash(BaseException):
    """The process dies."""


@pytest.fixture
async def journal(tmp_path):
    async with open_journal(tmp_path) as opened:
        yield opened


@pytest.fixture
def outbox():
    return FakeOutbox(FakeChain(), ANA)


async def test_asking_twice_sends_twice(journal, outbox):
    once = Once(journal, outbox)

    first, second = await once.send("pay", FIVE), await once.send("pay", FIVE)

    assert first != second
    assert len(outbox.sent) == 2


async def test_the_same_request_id_sends_once_for_ever(journal, outbox):
    once = Once(journal, outbox)

    answers = {await once.send("pay", FIVE, "invoice 1") for _ in range(3)}

    assert len(answers) == len(outbox.sent) == 1


async def test_a_request_id_cannot_stand_for_something_else(journal, outbox):
    once = Once(journal, outbox)
    await once.send("pay", FIVE, "invoice 1")

    with pytest.raises(Conflict):
        await once.send("pay", SEVEN, "invoice 1")


async def test_a_crash_between_sending_and_hearing_its_end_sends_once(journal, outbox):
    outbox.crash.append(Crash())
    with pytest.raises(Crash):
        await Once(journal, outbox).send("pay", FIVE)

    receipt = await Once(journal, outbox).send("pay", FIVE)

    assert list(outbox.receipts.values()) == [receipt]


async def test_a_crash_does_not_keep_people_from_asking_for_something_else(journal, outbox):
    outbox.crash.append(Crash())
    with pytest.raises(Crash):
        await Once(journal, outbox).send("pay", FIVE)

    await Once(journal, outbox).send("pay", SEVEN)

    assert outbox.actions == [FIVE, SEVEN]


async def test_equal_wishes_at_the_same_time_are_two_wishes(journal, outbox):
    once = Once(journal, outbox)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(once.send, "pay", FIVE)
        nursery.start_soon(once.send, "pay", FIVE)

    assert outbox.actions == [FIVE, FIVE]


async def test_what_the_chain_refused_is_asked_anew_under_the_next_number(journal, outbox):
    once = Once(journal, outbox)
    outbox.refuse.append(Reverted("no", name="Ledger_No"))
    with pytest.raises(Reverted):
        await once.send("own/a", TakeOwn("0xa"))

    await once.send("own/a", TakeOwn("0xa"))

    assert list(outbox.sent) == ["own/a:000000001"]


async def test_what_nobody_could_pay_for_keeps_its_number(journal, outbox):
    once = Once(journal, outbox)
    outbox.refuse.append(Poor("no gas"))
    with pytest.raises(Poor):
        await once.send("pay", FIVE)

    await once.send("pay", FIVE)

    assert list(outbox.sent) == ["pay:000000000"]


async def test_who_waits_too_long_is_told_so(autojump_clock, tmp_path):
    async with open_journal(tmp_path) as journal:
        outbox = FakeOutbox(FakeChain(), ANA, stuck=True)
        began = trio.current_time()

        with pytest.raises(Late) as caught:
            await Once(journal, outbox).send("pay", FIVE)

    assert trio.current_time() - began == pytest.approx(PATIENCE, abs=1)
    assert "again" in str(caught.value.next_step)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from([FIVE, SEVEN]), st.booleans()), max_size=8))
def test_however_often_it_crashes_every_finished_wish_was_sent_exactly_once(wishes):
    async def live(folder) -> None:
        async with open_journal(folder) as journal:
            outbox = FakeOutbox(FakeChain(), ANA)
            finished = set()
            for action, crashes in wishes:
                if crashes:
                    outbox.crash.append(Crash())
                try:
                    receipt = await Once(journal, outbox).send("pay", action)
                except Crash:
                    continue
                finally:
                    outbox.crash.clear()
                assert receipt not in finished
                finished.add(receipt)
            assert len(finished) <= len(outbox.sent) <= len(wishes)

    with tempfile.TemporaryDirectory() as folder:
        trio.run(live, Path(folder))


@pytest.mark.parametrize("request_id", [None, "invoice 1"])
async def test_what_is_asked_again_after_a_crash_was_asked_when_it_was_asked_first(journal, outbox, request_id):
    outbox.crash.append(Crash())
    once = Once(journal, outbox)
    first = await once.asked_at("pay", 100, request_id)
    with pytest.raises(Crash):
        await once.send("pay", FIVE, request_id)

    again = Once(journal, outbox)

    assert (first, await again.asked_at("pay", 900, request_id)) == (100, 100)
    assert await again.was_asked("pay", request_id)


@pytest.mark.parametrize("request_id", [None, "invoice 1"])
async def test_what_was_refused_before_it_was_sent_is_asked_anew(journal, outbox, request_id):
    once = Once(journal, outbox)
    await once.asked_at("pay", 100, request_id)

    assert not await once.was_asked("pay", request_id)
    assert await once.asked_at("pay", 900, request_id) == 900


async def test_what_is_asked_for_anew_is_asked_now(journal, outbox):
    once = Once(journal, outbox)
    await once.asked_at("pay", 100)
    await once.send("pay", FIVE)

    assert not await once.was_asked("pay")
    assert (await once.asked_at("pay", 900), await once.asked_at("pay", 950, "invoice 2")) == (900, 950)
