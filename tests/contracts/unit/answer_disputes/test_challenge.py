"""AnswerDisputes.challenge: the branches of challenge.tree."""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest
from assets import commitment
from capture_town import CHILDREN, COMMITTED, DISPUTED, REVEALED, RULES, call, copied, overrated
from eth_abi import encode
from eth_utils import keccak
from reverts import reverts_with
from system import DOLLAR

from thenar.domain.bounty.answers import Charge, score_leaf
from thenar.domain.ids import AssetId
from thenar.domain.work.disputes import Phase


def raw(asset):
    """An asset id as an error prints it."""
    return bytes.fromhex(asset[2:])


@pytest.mark.parametrize("changes", [{"quality": 10_001}, {"novelty": 10_001, "quality": 1}])
def test_a_charge_never_raises_a_score(town, honest, copy, carol, changes):
    charge = replace(copied(town.shown[honest][0]), **changes)

    with reverts_with("AnswerDisputes_BadCharge"):
        town.challenge(copy, carol, charge)


def test_novelty_is_denied_by_naming_what_is_copied(town, copy, carol):
    with reverts_with("AnswerDisputes_BadCharge"):
        town.challenge(copy, carol, replace(overrated(town.shown[copy][0], 10_000), novelty=0))


def test_a_charge_lowers_the_score_by_a_fifth(town, honest, carol):
    shown = town.shown[honest][0]

    with reverts_with("AnswerDisputes_TooClose", 8_001 * 10_000, 10_000 * 10_000):
        town.challenge(honest, carol, overrated(shown, 8_001))
    town.challenge(honest, carol, overrated(shown, 8_000))


def test_a_witness_has_a_bound(town, honest, copy, carol):
    charge = copied(town.shown[honest][0])

    with reverts_with("AnswerDisputes_BadCharge"):
        town.challenge(copy, carol, replace(charge, witness=bytes(4_097)))
    town.challenge(copy, carol, replace(charge, witness=bytes(4_096)))


def test_a_younger_asset_is_no_prior(town, honest, copy, carol):
    """Mallory cannot turn it round: her copy is younger than what it copies."""
    mine, hers = town.shown[honest][0], town.shown[copy][0]

    with reverts_with("AnswerDisputes_NotOlder", raw(hers.asset), raw(mine.asset)):
        town.challenge(honest, carol, copied(hers))


def test_a_commitment_makes_an_asset_older(town, bounty, alice, bob, carol, mallory):
    """Bob commits before he mints; who copies what he then publishes is younger, though minted in the same hour."""

    made = commitment(bob, "late")
    shown = replace(town.show(bob, "unused"), asset=AssetId("0x" + made.id.hex()))
    mine = town.commit(bounty, bob, shown)
    town.later(60)
    copying = town.show(mallory, "copy")
    town.later(60)
    town.system.asset_registry.mint(made.call, 0, 0, "0x" + "00" * 20, b"", {"from": bob})
    hers = town.commit(bounty, mallory, copying)
    town.reveal(mine, bob)
    town.reveal(hers, mallory)

    with reverts_with("AnswerDisputes_NotOlder", raw(copying.asset), raw(shown.asset)):
        town.challenge(mine, carol, copied(copying))
    assert town.bounties.since(shown.asset) == town.bounties.answerOf(mine)["committedAt"]
    town.challenge(hers, carol, copied(shown))


def test_an_asset_is_no_copy_of_itself(town, honest, carol):
    shown = town.shown[honest][0]

    with reverts_with("AnswerDisputes_NotOlder", raw(shown.asset), raw(shown.asset)):
        town.challenge(honest, carol, copied(shown))


def test_what_is_not_shown_is_not_challenged(town, bounty, honest, mallory, carol):
    answer = town.commit(bounty, mallory, town.show(mallory, "copy"))

    with reverts_with("CaptureBounties_WrongStage", answer, COMMITTED, REVEALED):
        town.challenge(answer, carol, copied(town.shown[honest][0]))


def test_only_what_was_shown_is_challenged(town, honest, copy, carol):
    other, charge = replace(town.shown[copy][0], cell=CHILDREN[1]), copied(town.shown[honest][0])

    with reverts_with("CaptureBounties_WrongProof", copy):
        town.disputes.challenge(copy, call(other), astuple(charge), {"from": carol})


def test_nothing_is_challenged_after_the_window(town, honest, copy, carol):
    until = town.bounties.answerOf(copy)["until"]
    shown, charge = call(town.shown[copy][0]), astuple(copied(town.shown[honest][0]))
    town.at(until)

    with reverts_with("CaptureBounties_TooLate", until):
        town.disputes.challenge(copy, shown, charge, {"from": carol})


def test_a_challenge_needs_its_bond(town, honest, copy, carol):
    town.ledger.withdraw(carol, town.ledger.balanceOf(carol), {"from": carol})

    with reverts_with("Ledger_NotEnough", carol, 0, 50 * DOLLAR):
        town.challenge(copy, carol, copied(town.shown[honest][0]))


def test_a_jury_is_called_at_once(town, honest, copy, carol, frank):
    case = town.challenge(copy, carol, copied(town.shown[honest][0]))

    assert case.phase is Phase.DRAWING
    case.draw(frank)
    assert case.phase is Phase.VOTING and len(case.panel) == 7
    now = case.now
    assert (bytes(now["claimNode"]), bytes(now["otherNode"])) == (score_leaf(10_000, 10_000), score_leaf(10_000, 0))
    assert now["matter"] == 1


def test_neither_party_nor_sponsor_judges(town, honest, copy, alice, carol, mallory):
    case = town.challenge(copy, carol, copied(town.shown[honest][0]))

    class_id, spec, unit, segments, *_, claimant, other, requester = case.opening
    assert (bytes(class_id), unit, segments) == (RULES, copy, 1)
    assert (claimant, other, requester) == (mallory, carol, alice)
    shown, charge = town.shown[copy][0], copied(town.shown[honest][0])
    kinds = ("uint64", "(bytes32,uint64,int16,uint16,uint16,address,bytes32,uint64)", "(bytes32,uint16,uint16,bytes)")
    values = (copy, (raw(shown.asset), *astuple(shown)[1:]), (raw(charge.prior), *astuple(charge)[1:]))
    assert bytes(spec) == keccak(encode(kinds, values))


def test_a_disputed_answer_is_neither_settled_nor_challenged(town, honest, copy, carol, dave):
    shown, charge = call(town.shown[copy][0]), copied(town.shown[honest][0])
    until = town.bounties.answerOf(copy)["until"]
    town.challenge(copy, carol, charge)

    assert town.stage(copy) == DISPUTED
    assert town.bounties.answerOf(copy)["until"] == until - town.now
    with reverts_with("CaptureBounties_WrongStage", copy, DISPUTED, REVEALED):
        town.challenge(copy, dave, charge)
    town.at(until)
    with reverts_with("CaptureBounties_WrongStage", copy, DISPUTED, REVEALED):
        town.bounties.settle(copy, shown, {"from": dave})


def test_it_emits_answer_disputed(town, honest, copy, carol):
    charge: Charge = copied(town.shown[honest][0])
    held = town.ledger.balanceOf(carol)
    town.later(1)
    tx = town.disputes.challenge(copy, call(town.shown[copy][0]), astuple(charge), {"from": carol})

    said = tx.events["AnswerDisputed"]
    assert (said["dispute"], said["answer"], said["challenger"]) == (1, copy, carol)
    assert (said["charge"]["novelty"], said["bond"]) == (0, 50 * DOLLAR)
    assert bytes(said["charge"]["witness"]) == charge.witness
    assert town.ledger.balanceOf(carol) == held - 50 * DOLLAR
    assert town.disputes.challengeBond() == 50 * DOLLAR
    assert town.disputes.disputeOf(1) == (copy, carol, town.shown[copy][0].asset)
