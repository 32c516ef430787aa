"""Words of witnesses before the court: who accuses, what jurors vote for, each verb one transaction."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from capture_town import Case, Town
from courts import Trace
from system import DOLLAR
from witnesses import lodge, paid, person, word_of

from thenar.domain.bounty.witnessing import Attestation, overlap_leaf
from thenar.domain.work.trace import TraceTree

STAKE, BOND, WINDOW = 20 * DOLLAR, 50 * DOLLAR, 14 * 86_400
COUNTED, DISPUTED, FREED, STRUCK = 1, 2, 3, 4
CLAIM, OTHER, NEITHER = 1, 2, 3


def counted(town: Town, bounty: int, contributor: Any, label: str, **changes: Any) -> tuple[Attestation, Any]:
    """A capture, a later scan of a new witness, and his word about them, counted; the word and the witness."""
    witness = person(town, label)
    answers = paid(town, bounty, contributor, f"{label}: capture"), paid(town, bounty, witness, f"{label}: scan")
    word = word_of(town, *answers, witness, **changes)
    town.later(1)
    lodge(town, word, label, answers, witness)
    return word, witness


def accuse(town: Town, word: Attestation, charged: int, by: Any) -> Case:
    """Bring a word before the court."""
    town.later(1)
    tx = town.system.word_disputes.accuse(astuple(word), charged, {"from": by})
    opened = tx.events["CaseOpened"]
    spec = bytes(opened["opening"]["spec"])
    traces = [Trace((b"", b""), TraceTree.build([overlap_leaf(one), spec])) for one in (word.overlap, charged)]
    case = Case(town.system.segment_court, *traces, word.witness, by, None, opening_=tuple(opened["opening"]))
    case.id, case.level = int(opened["dispute"]), 0
    return case


def judged(town: Town, word: Attestation, by: Any, votes: list[int], charged: int = 0) -> tuple[Case, Any]:
    """Accuse, let the jury vote as told, and carry out; returns the case and the last transaction."""
    case = accuse(town, word, charged, by)
    case.judge(by, votes)
    return case, case.close(by)
