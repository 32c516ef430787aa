"""The journal: all or nothing, once, and found again."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import trio
from any_fact import ANY_FACT, KINDS, placed, values
from hypothesis import given, settings
from hypothesis import strategies as st

from thenar.adapters.journal import codec, open_journal
from thenar.domain.duties import Duty, DutyKind
from thenar.domain.facts import At, NodeLeft
from thenar.domain.ids import Address, TxHash
from thenar.domain.sending import Call, Failure, Mined, SendState, Signed
from thenar.errors import BadConfig, Conflict, Corrupt
from thenar.services.ports import Batch

CALL = Call(Address("0x" + "aa" * 20), b"\x01\x02", 7)
OTHER = Call(Address("0x" + "bb" * 20), b"\x03")


def block_hash(block: int, fork: int = 0) -> str:
    return f"0x{fork:032x}{block:032x}"


def batch(block: int, facts: int = 1, fork: int = 0) -> Batch:
    made = [
        NodeLeft(At(block, index, block_hash(block, fork), TxHash("0x" + "11" * 32)), Address("0x" + "cc" * 20))
        for index in range(facts)
    ]
    return Batch(block, block, block_hash(block, fork), tuple(made))


def row_of(fact: Any, body: str) -> tuple[str, str, int, int, str, str]:
    at = fact.at
    return type(fact).__name__, body, at.block, at.log_index, at.block_hash, at.tx_hash


def duty(subject: str, block: int, **more: int) -> Duty:
    return Duty(DutyKind.PIN_ASSET, subject, block, **more)


def signed(nonce: int, name: str = "01") -> Signed:
    return Signed(TxHash("0x" + name * 32), nonce, b"raw" + name.encode(), 21_000, 2**70, 5, 9)


def mined(attempt: Signed, succeeded: bool = True) -> Mined:
    return Mined(attempt.tx_hash, 10, block_hash(10), succeeded, 21_000, 2**80)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=4, deadline=None)
def test_every_fact_reads_back_as_it_was_spelled(kind: type[Any], data: st.DataObject) -> None:
    fact = data.draw(values(kind))

    found = codec.read_page([row_of(fact, codec.spell(fact))])

    assert found == [fact]
    assert repr(found) == repr([fact])  # flags and enums, not numbers that equal them


def test_a_damaged_row_is_corrupt() -> None:
    for kind, body in (
        ("NodeLeft", "{}"),
        ("NodeLeft", "{"),
        ("Unknown", "{}"),
        ("NodeLeft", "[]"),
        ("NodeLeft", "1,2"),
    ):
        with pytest.raises(Corrupt):
            codec.read_page([(kind, body, 1, 0, block_hash(1), "0x" + "11" * 32)])


async def test_facts_duties_and_cursor_survive_together(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.take_in(batch(5, facts=2), [duty("0xaa", 5), duty("0xbb", 5, not_before=99)])

    async with open_journal(tmp_path) as journal:
        assert await journal.cursor() == 5
        assert await journal.block_hash(5) == block_hash(5)
        assert [fact.at.log_index for fact in await journal.facts()] == [0, 1]
        assert [(d.subject, d.not_before) for d in await journal.open_duties()] == [("0xaa", 0), ("0xbb", 99)]


async def test_a_batch_taken_in_twice_changes_nothing(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.take_in(batch(5), [duty("0xaa", 5)])
        await journal.take_in(batch(5), [duty("0xaa", 5)])

        assert len(await journal.facts()) == 1
        assert len(await journal.open_duties()) == 1


async def test_a_gap_between_batches_is_refused_and_nothing_is_kept_of_it(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.take_in(batch(5), [])

        with pytest.raises(Conflict):
            await journal.take_in(batch(7), [duty("0xaa", 7)])

        assert await journal.cursor() == 5
        assert not await journal.open_duties()


async def test_rewinding_drops_facts_and_the_duties_they_gave(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        for block in (5, 6, 7):
            await journal.take_in(batch(block), [duty(f"0x{block}", block)])
        await journal.finish(duty("0x7", 7))

        await journal.rewind(5)
        await journal.take_in(batch(6, fork=1), [duty("0x6b", 6)])
        await journal.take_in(batch(7, fork=1), [duty("0x7", 7)])

        assert [fact.at.block_hash for fact in await journal.facts()] == [
            block_hash(5),
            block_hash(6, 1),
            block_hash(7, 1),
        ]
        assert [d.subject for d in await journal.open_duties()] == ["0x5", "0x6b", "0x7"]


@pytest.mark.parametrize("end", ["done", "refused"])
async def test_what_ended_by_blocks_that_are_gone_is_open_again(tmp_path: Path, end: str) -> None:
    async def ended(journal: Any, one: Duty) -> None:
        await (journal.finish(one) if end == "done" else journal.fail(one, "too late"))

    async with open_journal(tmp_path) as journal:
        await journal.take_in(batch(5), [duty("early", 5), duty("late", 5), duty("open", 5)])
        await ended(journal, duty("early", 5))
        await journal.take_in(batch(6), [])
        await journal.take_in(batch(7), [])
        await ended(journal, duty("late", 5))

        await journal.rewind(7)
        untouched = [d.subject for d in await journal.open_duties()]
        await journal.rewind(6)

        assert untouched == ["open"]
        assert [d.subject for d in await journal.open_duties()] == ["late", "open"]
        await journal.rewind(5)
        assert [d.subject for d in await journal.open_duties()] == ["late", "open"], "it ended before block 6"


async def test_rewinding_to_a_block_never_taken_in_is_refused_whole(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.take_in(batch(5), [])

        with pytest.raises(Conflict):
            await journal.rewind(3)

        assert await journal.cursor() == 5


async def test_old_block_hashes_are_forgotten_but_enough_stay(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        for block in range(1, 301):
            await journal.take_in(batch(block, facts=0), [])

        assert await journal.block_hash(1) is None
        assert await journal.block_hash(300 - 255) == block_hash(45)
        assert await journal.cursor() == 300


async def test_a_failed_duty_is_open_again_when_it_is_to_be_retried_and_a_done_one_is_not(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.take_in(batch(5, 5), [duty("0xaa", 5), duty("0xbb", 5)])
        await journal.fail(duty("0xaa", 5), "the asset is gone")
        await journal.finish(duty("0xbb", 5))

        for one in ("0xaa", "0xbb"):
            await journal.reopen(duty(one, 5))

        assert await journal.open_duties() == [duty("0xaa", 5)]
        assert await journal.failed_duties() == []


async def test_a_failed_duty_stays_failed_and_says_why(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.take_in(batch(5), [duty("0xaa", 5)])

        await journal.fail(duty("0xaa", 5), "the asset is gone")

        assert not await journal.open_duties()
        assert await journal.failed_duties() == [(duty("0xaa", 5), "the asset is gone")]


async def test_a_postponed_duty_keeps_count(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.take_in(batch(5), [duty("0xaa", 5)])

        counts = [await journal.postpone(duty("0xaa", 5), at, "busy") for at in (50, 60)]

        assert counts == [1, 2]
        assert [d.not_before for d in await journal.open_duties()] == [60]


async def test_a_second_process_is_refused(tmp_path: Path) -> None:
    async with open_journal(tmp_path):
        with pytest.raises(Conflict) as refused:
            async with open_journal(tmp_path):
                pass

    assert refused.value.next_step
    async with open_journal(tmp_path):
        pass  # the lock went with its holder


async def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    async with open_journal(tmp_path):
        pass
    with sqlite3.connect(tmp_path / "journal.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    before = (tmp_path / "journal.sqlite").read_bytes()

    with pytest.raises(BadConfig):
        async with open_journal(tmp_path):
            pass

    assert (tmp_path / "journal.sqlite").read_bytes() == before


async def test_a_file_that_is_no_database_is_corrupt(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"not a database at all" * 500)

    with pytest.raises(Corrupt):
        async with open_journal(tmp_path):
            pass


async def test_writes_wait_for_the_disk(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        settings_found = [await journal._one(f"PRAGMA {name}") for name in ("journal_mode", "synchronous")]

    assert settings_found == [("wal",), (2,)]


async def test_the_guard_lets_a_statement_be_repeated_but_not_changed(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.guard_statement("delivery", "deal 1", b"one")
        await journal.guard_statement("delivery", "deal 1", b"one")
        await journal.guard_statement("delivery", "deal 2", b"two")

    async with open_journal(tmp_path) as journal:
        with pytest.raises(Conflict):
            await journal.guard_statement("delivery", "deal 1", b"two")


async def test_small_values_are_remembered_by_name(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.put("key/b", b"1")
        await journal.put("key/a", b"2")
        await journal.put("kez", b"3")
        await journal.put("key/b", b"4")

        assert await journal.get("key/b") == b"4"
        assert await journal.get("nothing") is None
        assert await journal.names("key/") == ["key/a", "key/b"]


@settings(max_examples=60, deadline=None)
@given(
    names=st.sets(st.text("ab/\x7f\u00ff\U0001f600", max_size=4)), prefix=st.text("ab/\x7f\u00ff\U0001f600", max_size=2)
)
def test_names_with_a_prefix_are_those_that_begin_with_it(names: set[str], prefix: str) -> None:
    async def found() -> Sequence[str]:
        with tempfile.TemporaryDirectory() as folder:
            async with open_journal(Path(folder)) as journal:
                await journal.put_all(dict.fromkeys(names, b""))
                return await journal.names(prefix)

    assert trio.run(found) == sorted(name for name in names if name.startswith(prefix))


async def test_names_are_found_without_reading_all_there_are(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        seen: list[str] = []
        journal._db.set_trace_callback(seen.append)
        await journal.names("key/")
        journal._db.set_trace_callback(None)
        plan = journal._db.execute(f"EXPLAIN QUERY PLAN {seen[-1]}").fetchall()

    assert [row[3] for row in plan] == ["SEARCH remembered USING PRIMARY KEY (name>? AND name<?)"]


def _on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("journal.sqlite*"))


async def test_what_is_forgotten_is_in_no_file_of_the_journal(tmp_path: Path) -> None:
    secret, kept = b"a key that was bought once", b"a key of somebody else"
    async with open_journal(tmp_path) as journal:
        await journal.put("key/one", secret)
        await journal.put("key/two", kept)
        assert secret in _on_disk(tmp_path)

        await journal.forget(["key/one", "key/never"])

        assert await journal.get("key/one") is None
        assert await journal.get("key/two") == kept
        assert secret not in _on_disk(tmp_path)


async def test_an_intent_is_wanted_once_per_key(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        first = await journal.remember_intent("mint 1", CALL)
        again = await journal.remember_intent("mint 1", CALL)

        assert first == again and first.state is SendState.WANTED
        assert len(await journal.open_intents()) == 1
        with pytest.raises(Conflict):
            await journal.remember_intent("mint 1", OTHER)


async def test_an_intent_goes_from_wanted_to_final_and_stays_there(tmp_path: Path) -> None:
    attempt = signed(3)
    async with open_journal(tmp_path) as journal:
        await journal.remember_intent("mint 1", CALL)
        await journal.note_signed("mint 1", attempt)
        await journal.note_mined("mint 1", mined(attempt))
        await journal.note_final("mint 1")

    async with open_journal(tmp_path) as journal:
        found = await journal.remember_intent("mint 1", CALL)
        assert found.state is SendState.FINAL
        assert found.mined == mined(attempt) and found.attempts == (attempt,)
        assert await journal.next_nonce() == 4
        assert not await journal.open_intents()


async def test_a_nonce_never_carries_a_second_intent(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.remember_intent("a", CALL)
        await journal.remember_intent("b", OTHER)
        await journal.note_signed("a", signed(3, "01"))

        with pytest.raises(Conflict):
            await journal.note_signed("b", signed(3, "02"))
        with pytest.raises(Conflict):
            await journal.note_signed("a", signed(4, "03"))
        await journal.note_signed("a", signed(3, "04"))  # a replacement of its own

        assert [i.key for i in await journal.open_intents() if i.attempts] == ["a"]


async def test_a_displaced_intent_may_be_signed_under_a_new_nonce(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.remember_intent("a", CALL)
        await journal.note_signed("a", signed(3, "01"))

        await journal.note_displaced("a")
        await journal.note_signed("a", signed(4, "02"))

        found = await journal.intent("a")
        assert found is not None and [attempt.nonce for attempt in found.attempts] == [4]


async def test_a_failed_intent_is_wanted_again_when_asked_again(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.remember_intent("a", CALL)
        await journal.note_failed("a", Failure("too early", "KeyExchange_TooEarly", ("7",)))
        failed = await journal.intent("a")

        again = await journal.remember_intent("a", OTHER)

        assert failed is not None and failed.failure == Failure("too early", "KeyExchange_TooEarly", ("7",))
        assert again.state is SendState.WANTED and again.call == OTHER and again.failure is None


@given(ANY_FACT)
@settings(max_examples=15, deadline=None)
def test_any_fact_survives_the_file(tmp_path_factory, fact) -> None:
    async def there_and_back(folder: Path) -> object:
        made = placed(fact, 5, 0, block_hash(5))
        async with open_journal(folder) as journal:
            await journal.take_in(Batch(5, 5, block_hash(5), (made,)), [])
        async with open_journal(folder) as journal:
            return made, *(await journal.facts())

    made, found = trio.run(there_and_back, tmp_path_factory.mktemp("journal"))
    assert found == made
