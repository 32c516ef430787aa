"""WordDisputes.accuse: the branches of accuse.tree."""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest
from capture_town import COMMON, IMU, RULES, STREET
from eth_abi import encode
from eth_utils import keccak
from false_words import BOND, COUNTED, DISPUTED, WINDOW, accuse, counted
from reverts import reverts_with
from system import DOLLAR
from witnesses import LAID

from thenar.domain.bounty.witnessing import overlap_leaf
from thenar.domain.ids import AssetId
from thenar.domain.work.disputes import Phase


def raw(asset):
    """An asset id as an error prints it."""
    return bytes.fromhex(asset[2:])


def test_a_charge_is_a_fifth_below_the_word(town, word, carol):
    assert word.overlap == 5_300

    with reverts_with("WordDisputes_TooClose", 4_241, 5_300):
        accuse(town, word, 4_241, carol)
    accuse(town, word, 4_240, carol)


@pytest.mark.parametrize("other", [{"capture": AssetId("0x" + "07" * 32)}, {"witness": "0x" + "07" * 20}])
def test_what_was_not_counted_is_not_accused(town, word, carol, other):
    never = replace(word, **other)

    with reverts_with("WitnessBook_WrongStage", raw(never.capture), never.witness, 0, COUNTED):
        accuse(town, never, 0, carol)


@pytest.mark.parametrize("other", [{"overlap": 9_000}, {"laid": LAID + b" "}, {"nonce": 1}, {"scan": "0x" + "07" * 32}])
def test_only_what_was_said_is_accused(town, word, carol, other):
    with reverts_with("WitnessBook_OtherWord", raw(word.capture), word.witness):
        accuse(town, replace(word, **other), 0, carol)


def test_nobody_accuses_after_the_window(town, book, word, carol, disputes):
    until = book.wordOf(word.capture, word.witness)["until"]
    town.at(until)

    with reverts_with("WitnessBook_TooLate", until):
        disputes.accuse(astuple(word), 0, {"from": carol})


def test_a_word_is_accused_once_at_a_time(town, word, carol, dave):
    accuse(town, word, 0, carol)

    with reverts_with("WitnessBook_WrongStage", raw(word.capture), word.witness, DISPUTED, COUNTED):
        accuse(town, word, 0, dave)


@pytest.mark.parametrize("asked", [{"place_class": COMMON}, {"place_class": STREET, "modality": IMU}])
def test_what_is_sealed_is_not_judged_in_public(town, alice, bob, carol, asked):
    hidden, _ = counted(town, town.post(alice, **asked), bob, f"xenia {asked}")

    with reverts_with("WitnessBook_Sealed", raw(hidden.capture)):
        accuse(town, hidden, 0, carol)


def test_an_accusation_needs_its_bond(town, word, carol):
    town.ledger.withdraw(carol, town.ledger.balanceOf(carol), {"from": carol})

    with reverts_with("Ledger_NotEnough", carol, 0, BOND):
        accuse(town, word, 0, carol)


def test_a_jury_of_the_rules_is_called_at_once(town, word, carol, frank):
    case = accuse(town, word, 1_200, carol)

    assert case.phase is Phase.DRAWING
    case.draw(frank)
    assert case.phase is Phase.VOTING and len(case.panel) == 7
    now = case.now
    assert (bytes(now["claimNode"]), bytes(now["otherNode"])) == (overlap_leaf(5_300), overlap_leaf(1_200))
    assert now["matter"] == 4


def test_neither_side_nor_who_captured_judges(town, word, wanda, bob, carol):
    case = accuse(town, word, 7, carol)

    class_id, spec, unit, segments, *_, claimant, other, requester = case.opening
    assert (bytes(class_id), unit, segments) == (RULES, 0, 1)
    assert (claimant, other, requester) == (wanda, carol, bob)
    values = (raw(word.capture), raw(word.scan), word.witness, word.overlap, word.laid, word.nonce)
    assert bytes(spec) == keccak(encode(("(bytes32,bytes32,address,uint16,bytes,uint256)", "uint16"), (values, 7)))


def test_the_window_stops_while_the_court_sits(town, book, word, carol):
    until = book.wordOf(word.capture, word.witness)["until"]

    accuse(town, word, 0, carol)

    held = book.wordOf(word.capture, word.witness)
    assert (held["stage"], held["until"], held["weight"]) == (DISPUTED, until - town.now, 3_000)
    assert 0 < held["until"] <= WINDOW


def test_it_emits_word_accused(town, word, wanda, carol, disputes):
    held = town.ledger.balanceOf(carol)
    town.later(1)

    tx = disputes.accuse(astuple(word), 12, {"from": carol})

    told = tx.events["WordAccused"]
    assert (told["dispute"], told["capture"], told["witness"], told["accuser"]) == (1, word.capture, wanda, carol)
    assert (told["charged"], told["bond"]) == (12, BOND)
    assert town.ledger.balanceOf(carol) == held - BOND
    assert disputes.disputeOf(1) == (word.capture, wanda, carol)


def test_the_bond_is_what_it_was_built_with(town, disputes):
    assert disputes.wordBond() == BOND == 50 * DOLLAR
