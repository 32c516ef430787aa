"""Accusations that an answer is not the model's: numbers held together, verdicts, evidence, the catalog and duties."""

from __future__ import annotations

import hashlib
import math
import struct
from dataclasses import replace

import pytest
from chain_facts import ANA, BEN, CHIDI, at
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import facts as f
from thenar.domain.catalog import Catalog, apply
from thenar.domain.duties import DutyKind, Me, react
from thenar.domain.ids import AssetId, DisputeId
from thenar.domain.reflex.accusations import NUDGED, Accused, beside, class_of, leaf_of
from thenar.domain.reflex.answers import Answered, Answers, Window
from thenar.domain.reflex.channels import CONVICTED, Service
from thenar.domain.reflex.evidence import Evidence
from thenar.domain.reflex.numbers import are_apart, is_near, number_at, wrong_place
from thenar.domain.work.disputes import Opening, Ruling
from thenar.errors import BadInput

MODEL = AssetId("0x" + "5e" * 32)
FELT = struct.pack("<3f", 0.5, -2.0, 0.0)
SAID = struct.pack("<2f", 0.25, 0.5)
FLOATS = st.floats(width=32)


def number(value: float) -> bytes:
    """A number as it travels."""
    return struct.pack("<f", value)


def evidence(said: bytes = SAID, place: int = 1, charged: float = 0.75) -> Evidence:
    """Ben's node answered; the model gives something else at a place."""
    window = Window(7, [Answered.of(b"other", b"thing"), Answered.of(FELT, said)])
    answers = Answers(BEN, MODEL, 3, 7, 2, b"\x0a" * 32, window.root)
    return Evidence(window.shown(1, answers, b"\x51" * 65), FELT, said, place, number(charged))


ACCUSED = evidence().accused
OPENING = Opening(class_of(MODEL), ACCUSED.id, 0, 1, b"\x01" * 32, b"\x02" * 32, BEN, CHIDI, CHIDI)
ACCUSING = f.CallAccused(at(5), ACCUSED.id, CHIDI, ACCUSED, b"\x0a" * 32, FELT, 40, 9_000)
STARTED = f.ServiceStarted(at(1), BEN, MODEL, Service(1_000, 5, 300_000, 0))


def judged(ruling: Ruling, dispute: int = 0) -> f.CallJudged:
    return f.CallJudged(at(9), ACCUSED.id, DisputeId(dispute), BEN, MODEL, ruling, 500, 250, 250)


def fold(*facts: f.Fact) -> Catalog:
    catalog = Catalog()
    for fact in facts:
        apply(catalog, fact)
    return catalog


@given(FLOATS, FLOATS)
def test_what_is_apart_is_never_near(one, other):
    assert not (are_apart(number(one), number(other)) and is_near(number(one), number(other)))


@given(FLOATS)
def test_a_number_is_near_itself_and_not_apart(one):
    assert is_near(number(one), number(one))
    assert not are_apart(number(one), number(one))


@given(st.floats(-(2.0**100), 2.0**100, width=32), st.floats(-(2.0**-20), 2.0**-20))
def test_what_a_machine_rounds_is_near(one, part):
    assert is_near(number(one), number(one * (1 + part)))


def test_an_answer_is_wrong_where_it_is_apart_from_everything_that_was_computed():
    found = [struct.pack("<2f", 0.25, 0.75), struct.pack("<2f", 0.25, 0.5)]

    assert wrong_place(SAID, found[:1]) == 1
    assert wrong_place(SAID, found) is None
    assert number_at(SAID, 1) == number(0.5)


def test_a_juror_finds_for_what_is_near_and_else_for_what_he_computed():
    node, accuser = number(0.5), number(0.75)

    def verdict(*values: float) -> bytes:
        return ACCUSED.verdict([struct.pack("<2f", 0.0, value) for value in values])

    assert verdict(0.7501) == leaf_of(1, accuser) == ACCUSED.other_leaf
    assert verdict(0.5001) == leaf_of(1, node) == ACCUSED.claim_leaf
    assert (
        verdict(0.7501, 0.5001) == ACCUSED.claim_leaf
    )  # where the policy jumps an honest node may land on either side
    assert verdict(0.6) == leaf_of(1, number(0.6))
    assert verdict(math.nan) == leaf_of(1, number(math.nan))


def test_observations_beside_one_are_the_same_for_everybody_and_no_further_than_rounding():
    rows = beside(FELT)

    assert rows == beside(FELT)
    assert (rows[0], len(rows)) == (FELT, 1 + NUDGED)
    assert len(set(rows)) > 4  # three numbers can be moved in eight ways, and some are drawn twice
    for row in rows[1:]:
        for given_, moved in zip(struct.unpack("<3f", FELT), struct.unpack("<3f", row), strict=True):
            assert 0 < abs(given_ - moved) <= 2**-19 * max(1, abs(given_))


@given(st.lists(FLOATS, min_size=1, max_size=5))
def test_whatever_was_asked_has_neighbours(values):
    observation = struct.pack(f"<{len(values)}f", *values)

    assert all(len(row) == len(observation) for row in beside(observation))


def test_evidence_reads_as_it_was_kept():
    kept = evidence()

    assert Evidence.decode(kept.encode()) == kept
    assert kept.accused == Accused(
        BEN,
        MODEL,
        hashlib.sha256(FELT).digest(),
        hashlib.sha256(SAID).digest(),
        1,
        number(0.5),
        number(0.75),
    )
    for spoilt in (b"{}", b"[]", kept.encode().replace(b'"numbers":[3', b'"numbers":["x"')):
        with pytest.raises(BadInput):
            Evidence.decode(spoilt)


def test_an_accused_node_calls_a_jury_and_its_accuser_has_it_condemned():
    def duties(who):
        found = react(fold(ACCUSING), ACCUSING, Me(who, pins_for_others=False))
        return [(one.kind, one.subject, one.not_before) for one in found]

    subject = f"{ACCUSED.id.hex()}/9000"
    assert duties(BEN) == [(DutyKind.DEFEND_CALL, subject, 0)]
    assert duties(CHIDI) == [(DutyKind.CONDEMN_CALL, subject, 9_000)]
    assert duties(ANA) == []


def test_a_conviction_takes_the_service_and_an_acquittal_does_not():
    opened = f.CaseOpened(at(6), DisputeId(4), OPENING, 100)
    defended = f.CallDefended(at(6), ACCUSED.id, DisputeId(4))
    before = (STARTED, ACCUSING, opened, defended)

    guilty, right, void = (fold(*before, judged(ruling, 4)) for ruling in (Ruling.OTHER, Ruling.CLAIM, Ruling.VOID))

    assert guilty.services[BEN, MODEL] == Service(0, 5, 300_000, CONVICTED)
    assert right.services[BEN, MODEL] == void.services[BEN, MODEL] == STARTED.service
    assert guilty.accusations[ACCUSED.id].ruling is Ruling.OTHER
    assert guilty.cases[DisputeId(4)].accusation == ACCUSED.id
    assert guilty.cases[DisputeId(4)].to_jurors == 250
    assert react(guilty, judged(Ruling.OTHER, 4), Me(BEN, pins_for_others=False)) == ()


def test_a_service_that_ended_meanwhile_is_not_convicted():
    ended = f.ServiceEnded(at(8), BEN, MODEL, 1_000)

    assert (BEN, MODEL) not in fold(STARTED, ACCUSING, ended, judged(Ruling.OTHER)).services


def test_after_a_void_the_same_thing_can_be_accused_anew():
    again = replace(ACCUSING, at=at(12), accuser=ANA)

    found = fold(STARTED, ACCUSING, judged(Ruling.VOID), again).accusations[ACCUSED.id]

    assert (found.accuser, found.ruling, found.dispute) == (ANA, Ruling.NONE, None)
