"""WitnessBook: what answers for a word, and what WordDisputes may do: the branches of free.tree."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from capture_town import SEMI_PUBLIC
from false_words import COUNTED, DISPUTED, FREED, STAKE, STRUCK, WINDOW
from reverts import reverts_with
from system import DOLLAR, as_sender
from witnesses import ROLE, lodge, paid, person, word_of

from thenar.domain.bounty.witnessing import ALONE
from thenar.domain.work.disputes import Ruling


@pytest.fixture(scope="module")
def lying_open(town, alice):
    """Halls whose sketches are public."""
    return town.post(alice, days=90, budget=10_000 * DOLLAR, place_class=SEMI_PUBLIC)


@pytest.fixture(scope="module")
def answers(town, lying_open, bob, wanda):
    """Bob's capture and wanda's later scan, both paid."""
    return paid(town, lying_open, bob, "open hall"), paid(town, lying_open, wanda, "open hall again")


@pytest.fixture
def word(town, answers, wanda):
    return word_of(town, *answers, wanda)


@pytest.fixture
def counted(town, answers, word, wanda):
    """Wanda's word, counted; the transaction."""
    return lodge(town, word, "wanda", answers, wanda)


@pytest.fixture
def court(town):
    """Calls as the WordDisputes does."""
    return as_sender(town.system.word_disputes)


def raw(word) -> bytes:
    return bytes.fromhex(word.capture[2:])


def bound(town, who) -> int:
    return town.system.node_registry.nodeOf(who)["bound"]


def test_nothing_that_was_not_said_is_freed(book, word, wanda):
    with reverts_with("WitnessBook_WrongStage", raw(word), wanda, 0, COUNTED):
        book.free(word.capture, wanda, {"from": wanda})


def test_stake_stays_while_a_word_can_be_accused(town, book, word, wanda, counted):
    until = counted.timestamp + WINDOW
    town.at(until - 1)

    with reverts_with("WitnessBook_TooEarly", until):
        book.free(word.capture, wanda, {"from": wanda})


def test_stake_stays_while_the_court_sits(town, book, word, wanda, counted, court):
    book.hold(astuple(word), court)
    town.at(counted.timestamp + WINDOW)

    with reverts_with("WitnessBook_WrongStage", raw(word), wanda, DISPUTED, COUNTED):
        book.free(word.capture, wanda, {"from": wanda})
    assert bound(town, wanda) == STAKE


def test_anybody_frees_what_nobody_accused(town, book, word, wanda, counted, frank):
    town.at(counted.timestamp + WINDOW)

    tx = book.free(word.capture, wanda, {"from": frank})

    assert dict(tx.events["WordFreed"]) == {"capture": word.capture, "witness": wanda}
    assert bound(town, wanda) == 0
    with reverts_with("WitnessBook_WrongStage", raw(word), wanda, FREED, COUNTED):
        book.free(word.capture, wanda, {"from": frank})


def test_a_word_counts_for_ever(town, book, word, wanda, counted, frank):
    town.at(counted.timestamp + WINDOW)
    book.free(word.capture, wanda, {"from": frank})

    assert (book.trustOf(word.capture), book.weightOf(word.capture, wanda)) == (7_000, 3_000)


def test_only_word_disputes_holds_and_carries_out(book, word, counted, mallory):
    with reverts_with("WitnessBook_NotDisputes", mallory):
        book.hold(astuple(word), {"from": mallory})
    with reverts_with("WitnessBook_NotDisputes", mallory):
        book.carryOut(word.capture, word.witness, Ruling.OTHER, {"from": mallory})


def test_only_what_is_held_is_carried_out(book, word, wanda, counted, court):
    with reverts_with("WitnessBook_WrongStage", raw(word), wanda, COUNTED, DISPUTED):
        book.carryOut(word.capture, wanda, Ruling.OTHER, court)


def test_what_a_word_added_is_what_is_taken(town, book, lying_open, answers, word, counted, court):
    """A third word that counts what trust was missing is struck; the two before it still count."""
    for label in ("second", "third"):
        who = person(town, label, 150 * DOLLAR if label == "second" else 200 * DOLLAR)
        scan = paid(town, lying_open, who, f"scan of the {label}")
        last = word_of(town, answers[0], scan, who)
        lodge(town, last, label, (answers[0], scan), who)
    assert book.trustOf(word.capture) == 10_000

    book.hold(astuple(last), court)
    tx = book.carryOut(last.capture, last.witness, Ruling.OTHER, court)

    assert tx.return_value == (STAKE, 0)
    assert (tx.events["WordStruck"]["weight"], tx.events["WordStruck"]["trust"]) == (750, 9_250)
    assert book.trustOf(word.capture) == 9_250 == ALONE + 3_000 + 2_250
    assert book.wordOf(last.capture, last.witness)["stage"] == STRUCK


def test_a_word_answers_with_free_stake(town, lying_open, answers):
    """Five seats of 20 leave nothing of 100 that a word could answer with."""
    busy = person(town, "busy", 100 * DOLLAR, ROLE | 2 | 16)
    scan = paid(town, lying_open, busy, "scan of the busy")
    town.system.worker_pool.enlist(b"\x01" * 32, bytes(32), 5, {"from": busy})

    with reverts_with("NodeRegistry_Bound", 0, STAKE):
        lodge(town, word_of(town, answers[0], scan, busy), "busy", (answers[0], scan), busy)


def test_a_word_says_until_when_it_can_be_accused(book, word, wanda, counted):
    kept = book.wordOf(word.capture, wanda)

    assert counted.events["Witnessed"]["until"] == kept["until"] == counted.timestamp + WINDOW
    assert (kept["stage"], kept["weight"]) == (COUNTED, 3_000)
    assert tuple(book.parameters()) == (STAKE, WINDOW)


def test_who_spoke_does_not_take_his_stake_away(town, wanda, counted):
    with reverts_with("NodeRegistry_Bound", 200 * DOLLAR - STAKE, 200 * DOLLAR):
        town.system.node_registry.unbond(200 * DOLLAR, {"from": wanda})
