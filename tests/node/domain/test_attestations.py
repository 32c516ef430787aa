"""What robots say of nodes they measured, and how far a robot goes by it."""

from __future__ import annotations

import math

import pytest

from thenar.domain.ids import AssetId, PeerId
from thenar.domain.reflex.attestations import LEAST_CALLS, Attestation, attest, expected, read_attestation
from thenar.domain.reflex.choice import Record
from thenar.errors import BadInput

MODEL = AssetId("0x" + "5e" * 32)
NEAR = PeerId("a near node")
SAID = Attestation(NEAR, MODEL, 4_000, 60, 0)


def measured(seconds: float, times: int, failed: int = 0) -> Record:
    record = Record()
    for _ in range(times):
        record.took(seconds)
    for _ in range(failed):
        record.missed()
    return record


def test_an_attestation_reads_as_it_was_said():
    assert read_attestation(SAID.body()) == SAID
    assert read_attestation({"what": "bread"}) is None


@pytest.mark.parametrize(
    "change",
    [
        {"peer": ""},
        {"peer": "x" * 129},
        {"median_us": 0},
        {"median_us": -1},
        {"median_us": 60_000_001},
        {"calls": LEAST_CALLS - 1},
        {"failed": 61},
        {"failed": "0"},
        {"model": "0x12"},
    ],
)
def test_a_bad_attestation_is_refused(change):
    with pytest.raises(BadInput):
        read_attestation(SAID.body() | change)


def test_nobody_attests_what_he_hardly_measured():
    assert attest(NEAR, MODEL, measured(0.004, LEAST_CALLS - 1)) is None

    said = attest(NEAR, MODEL, measured(0.004, 40, failed=2))

    assert said is not None
    assert (said.median_us, said.failed) == (4_000, 2)
    assert read_attestation(said.body()) == said


def test_ones_own_measurement_counts_before_witnesses_and_those_before_the_nodes_word():
    slow, fast = Attestation(NEAR, MODEL, 30_000, 60, 0), Attestation(NEAR, MODEL, 3_000, 60, 0)

    assert expected(measured(0.01, 20), [fast], 100) == (False, pytest.approx(0.01))
    assert expected(Record(), [fast, slow, slow], 100) == (False, 0.03)
    assert expected(Record(), [], 100) == (True, 0.0001)
    assert expected(Record(), [], 0) == (True, math.inf)


def test_a_witness_who_saw_failures_makes_a_node_slower():
    failing = Attestation(NEAR, MODEL, 4_000, 60, 30)

    assert expected(Record(), [failing], 0)[1] > 3 * expected(Record(), [SAID], 0)[1]
