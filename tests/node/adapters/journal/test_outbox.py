"""What becomes of an intent, as it is read back: signed, mined, displaced, ended, and ended for nothing after all."""

from __future__ import annotations

from pathlib import Path

from thenar.adapters.journal import SqliteJournal, open_journal
from thenar.domain.ids import Address, TxHash
from thenar.domain.sending import Call, Failure, Intent, Mined, SendState, Signed

CALL = Call(Address("0x" + "aa" * 20), b"\x01\x02", 7)
REVERTED = Failure("too early", "KeyExchange_TooEarly", ("7",))


def signed(nonce: int) -> Signed:
    return Signed(TxHash(f"0x{nonce:064x}"), nonce, b"raw %d" % nonce, 21_000, 2**70, 5, 9)


def mined(attempt: Signed, block: int = 10, *, succeeded: bool = True) -> Mined:
    return Mined(attempt.tx_hash, block, f"0x{block:064x}", succeeded, 21_000, 2**80)


async def found(journal: SqliteJournal, key: str) -> Intent:
    intent = await journal.intent(key)
    assert intent is not None
    return intent


async def mine(journal: SqliteJournal, key: str, nonce: int, block: int = 10, *, succeeded: bool = True) -> None:
    await journal.remember_intent(key, CALL)
    await journal.note_signed(key, signed(nonce))
    await journal.note_mined(key, mined(signed(nonce), block, succeeded=succeeded))


async def test_an_intent_is_signed_mined_and_signed_again_when_its_block_is_gone(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.remember_intent("a", CALL)
        await journal.note_signed("a", signed(3))
        assert (await found(journal, "a")).state is SendState.SIGNED

        await journal.note_mined("a", mined(signed(3)))
        assert (await found(journal, "a")).state is SendState.MINED

        await journal.note_unmined("a")
        gone = await found(journal, "a")
        assert (gone.state, gone.mined, gone.attempts) == (SendState.SIGNED, None, (signed(3),))


async def test_a_displaced_intent_is_wanted_and_was_never_mined(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await mine(journal, "a", 3)
        await journal.note_displaced("a")

        lost = await found(journal, "a")
        assert (lost.state, lost.mined, lost.attempts) == (SendState.WANTED, None, ())


async def test_the_nonce_of_what_failed_is_spent_and_the_next_try_has_another(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await mine(journal, "a", 3, succeeded=False)
        await journal.note_failed("a", REVERTED)
        await journal.remember_intent("a", CALL)

        await journal.note_signed("a", signed(4))

        assert (await found(journal, "a")).attempts == (signed(4),)


async def test_every_transaction_is_told_oldest_first_whatever_became_of_it(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await mine(journal, "final", 0)
        await journal.note_final("final")
        await mine(journal, "failed", 1, succeeded=False)
        await journal.note_failed("failed", REVERTED)
        await journal.remember_intent("wanted", CALL)

        told = [(intent.key, intent.state) for intent in await journal.transactions()]

        assert told == [("final", SendState.FINAL), ("failed", SendState.FAILED), ("wanted", SendState.WANTED)]


async def test_what_ended_after_a_block_is_told_oldest_first_and_nothing_else(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        for nonce, block in enumerate((9, 10, 11, 12)):
            await mine(journal, f"final {block}", nonce, block)
            await journal.note_final(f"final {block}")
        await mine(journal, "failed 13", 4, 13, succeeded=False)
        await journal.note_failed("failed 13", REVERTED)
        await mine(journal, "mined 14", 5, 14)
        await journal.remember_intent("wanted", CALL)

        assert [intent.key for intent in await journal.ended_since(10)] == ["final 11", "final 12", "failed 13"]


async def test_what_ended_in_a_block_that_is_gone_is_signed_once_more_with_all_that_was_signed(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await mine(journal, "final", 0)
        await journal.note_final("final")
        await mine(journal, "failed", 1, succeeded=False)
        await journal.note_failed("failed", REVERTED)

        await journal.note_undone(["final", "failed"])

        for key, nonce in (("final", 0), ("failed", 1)):
            undone = await found(journal, key)
            assert (undone.state, undone.mined, undone.failure) == (SendState.SIGNED, None, None)
            assert undone.attempts == (signed(nonce),)


async def test_what_failed_in_a_block_that_is_gone_and_was_wanted_again_meanwhile_is_left_alone(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await mine(journal, "failed", 1, succeeded=False)
        await journal.note_failed("failed", REVERTED)
        await journal.remember_intent("failed", CALL)

        await journal.note_undone(["failed"])

        again = await found(journal, "failed")
        assert (again.state, again.attempts) == (SendState.WANTED, ())


async def test_a_nonce_displaced_before_stays_displaced_when_the_one_that_ended_is_undone(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.remember_intent("a", CALL)
        await journal.note_signed("a", signed(3))
        await journal.note_displaced("a")
        await mine(journal, "a", 4)
        await journal.note_final("a")

        await journal.note_undone(["a"])

        assert (await found(journal, "a")).attempts == (signed(4),)


async def test_what_was_given_up_lately_is_told_until_its_intent_is_mined(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        for number, key in enumerate(("old", "failed", "wanted again", "mined")):
            await mine(journal, key, number, succeeded=False)
            await journal.note_failed(key, REVERTED)
        for key in ("wanted again", "mined"):
            await journal.remember_intent(key, CALL)
        await journal.note_signed("mined", signed(7))
        at = signed(0).block
        told = [key for key, _ in await journal.given_up_since(at - 1)]
        await journal.note_mined("mined", mined(signed(7), 20))

        assert told == ["old", "failed", "wanted again", "mined"]
        assert [key for key, _ in await journal.given_up_since(at - 1)] == ["old", "failed", "wanted again"]
        assert await journal.given_up_since(at) == []


async def test_what_is_revived_is_the_only_transaction_of_its_intent(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await mine(journal, "a", 3, succeeded=False)
        await journal.note_failed("a", REVERTED)
        await mine(journal, "a", 4, succeeded=False)
        await journal.note_failed("a", REVERTED)

        await journal.note_revived("a", signed(3).tx_hash)

        revived = await found(journal, "a")
        assert (revived.state, revived.mined, revived.failure) == (SendState.SIGNED, None, None)
        assert revived.attempts == (signed(3),)
        assert await journal.next_nonce() == 5
