"""CallDisputes.accuse: the branches of accuse.tree."""

from __future__ import annotations

import hashlib
import struct

import pytest
from accused import BOND, DEFENCE, OBSERVED, PLACE, RIGHT, SAID
from brownie import chain as the_chain
from reflexes import RUNTIME, sign_digest
from reverts import reverts_with
from system import DOLLAR, next_block_at

LONG = bytes(4_097)
CLOSE = struct.pack("<f", 0.5 + 2**-9)


def test_an_observation_has_a_bound(trial, carol):
    with reverts_with("CallDisputes_BadObservation", 4_097, 4_096):
        trial.accuse(carol, observed=LONG)


def test_only_what_was_asked_is_shown(trial, carol):
    other = OBSERVED[::-1]

    with reverts_with(
        "CallDisputes_NotWhatWasSigned", hashlib.sha256(OBSERVED).digest(), hashlib.sha256(other).digest()
    ):
        trial.disputes.accuse(trial.shown(), other, SAID, PLACE, RIGHT, {"from": carol})


def test_only_what_was_answered_is_shown(trial, carol):
    other = SAID[:-1] + b"\x00"

    with reverts_with("CallDisputes_NotWhatWasSigned", hashlib.sha256(SAID).digest(), hashlib.sha256(other).digest()):
        trial.disputes.accuse(trial.shown(), OBSERVED, other, PLACE, RIGHT, {"from": carol})


@pytest.mark.parametrize("place", [3, 65_535])
def test_an_answer_has_so_many_numbers(trial, carol, place):
    with reverts_with("CallDisputes_NoPlace", place, 12):
        trial.accuse(carol, place=place)


def test_only_what_the_node_signed_counts(trial, node, carol):
    fields, _, *rest = trial.shown()
    forged = (fields, sign_digest(b"\x01" * 32, b"\x02" * 32), *rest)

    with reverts_with("ReflexDesk_BadSignature", node):
        trial.disputes.accuse(forged, OBSERVED, SAID, PLACE, RIGHT, {"from": carol})


def test_an_answer_must_stand_under_its_root(trial, carol):
    fields, signature, index, *rest = trial.shown()

    with reverts_with("ReflexDesk_NotUnderRoot", fields[6], index + 1):
        trial.disputes.accuse((fields, signature, index + 1, *rest), OBSERVED, SAID, PLACE, RIGHT, {"from": carol})


def test_what_machines_round_is_no_accusation(trial, carol):
    with reverts_with("CallDisputes_TooClose", SAID[4:8], CLOSE):
        trial.accuse(carol, charged=CLOSE)


def test_a_node_is_accused_of_a_thing_once(trial, accused, carol):
    with reverts_with("CallDisputes_AlreadyAccused", accused.id):
        trial.accuse(carol)


def test_who_has_no_stake_is_not_accused(trial, accused, node, carol):
    trial.pass_window()
    trial.condemn(carol)

    with reverts_with("ReflexDesk_NotServing", node, trial.served.model):
        trial.accuse(carol)


def test_nobody_but_the_client_accuses(trial, carol, dave):
    with reverts_with("CallDisputes_NotClient", carol, dave):
        trial.accuse(dave)


def test_after_its_channel_anybody_accuses(trial, node, dave):
    trial.desk.settle(trial.channel, {"from": node})

    trial.accuse(dave)

    assert trial.disputes.accusationOf(trial.charge().id)[0] == dave


def test_an_accusation_needs_its_bond(trial, carol):
    held = trial.ledger.balanceOf(carol)
    trial.ledger.withdraw(carol, held - BOND + 1, {"from": carol})

    with reverts_with("Ledger_NotEnough", carol, BOND - 1, BOND):
        trial.accuse(carol)


def test_the_node_has_the_defence_window(trial, accused, carol):
    now = the_chain[-1].timestamp

    assert trial.disputes.accusationOf(accused.id) == (carol, now + DEFENCE)
    assert trial.ledger.balanceOf(carol) == 200 * DOLLAR - BOND


def test_another_number_is_another_accusation(trial, accused, carol):
    trial.accuse(carol, place=2)

    assert trial.ledger.lockedBy(trial.disputes) == 2 * BOND


def test_it_emits_call_accused(trial, carol):
    event = trial.accuse(carol).events["CallAccused"]

    made = trial.charge()
    assert (event["accusation"], event["accuser"], event["bond"]) == ("0x" + made.id.hex(), carol, BOND)
    accused = event["accused"]
    assert (bytes(accused["observation"]), bytes(accused["answer"])) == (made.observation, made.answer)
    assert (accused["place"], bytes(accused["claimed"]), bytes(accused["charged"])) == (PLACE, made.claimed, RIGHT)
    assert (bytes(event["runtime"]), bytes(event["observation"])) == (RUNTIME, OBSERVED)
    assert event["defendBy"] == the_chain[-1].timestamp + DEFENCE


def test_the_stake_of_who_leaves_waits_for_the_trial(trial, node, carol):
    trial.desk.retire(trial.served.model, {"from": node})
    leaves_at = trial.desk.serviceOf(node, trial.served.model)[3]
    next_block_at(leaves_at - 10)

    tx = trial.accuse(carol)

    _, _, evidence = trial.desk.windows()
    later = the_chain[-1].timestamp + evidence
    assert trial.desk.serviceOf(node, trial.served.model)[3] == later == tx.events["ServiceRetired"]["leavesAt"]
    next_block_at(leaves_at)
    with reverts_with("ReflexDesk_StillBound", later):
        trial.desk.endService(node, trial.served.model, {"from": node})


def test_an_accusation_moves_no_end_that_is_late_enough(trial, node, carol):
    trial.desk.retire(trial.served.model, {"from": node})
    leaves_at = trial.desk.serviceOf(node, trial.served.model)[3]

    tx = trial.accuse(carol)

    assert "ServiceRetired" not in tx.events
    assert trial.desk.serviceOf(node, trial.served.model)[3] == leaves_at
