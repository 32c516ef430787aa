"""ContributionEpochs.challenge: the branches of challenge.tree."""

from dataclasses import astuple, replace

import pytest
from epoch_town import BASE, BOND
from eth_abi import encode
from eth_utils import keccak
from reverts import reverts_with
from system import DOLLAR

from thenar.domain.epochs.rules import RULES


@pytest.fixture
def other(town, root, mallory, carol):
    """Another root of the same epoch."""
    return town.root({mallory: 300, carol: 100})


def test_what_is_not_proposed_is_not_challenged(epochs, proposal, other, town, alice, carol):
    town.settle(alice, proposal)

    with reverts_with("ContributionEpochs_WrongProposal"):
        town.challenge(carol, proposal, other)


def test_only_what_was_proposed_is_challenged(town, proposal, other, carol):
    with reverts_with("ContributionEpochs_WrongProposal"):
        town.challenge(carol, replace(proposal, proposer=str(carol)), other)


def test_nothing_is_challenged_after_the_window(town, proposal, other, carol):
    town.at(proposal.until)

    with reverts_with("ContributionEpochs_TooLate", proposal.until):
        town.challenge(carol, proposal, other)


def test_a_root_of_another_epoch_refutes_nothing(town, proposal, other, carol):
    with reverts_with("ContributionEpochs_WrongEpoch", 2, 1):
        town.challenge(carol, proposal, replace(other, epoch=2))


def test_a_root_does_not_refute_itself(town, root, proposal, carol):
    with reverts_with("ContributionEpochs_SameRoot"):
        town.challenge(carol, proposal, replace(root, tree=b"\x09" * 32))


def test_no_root_above_the_pools_is_held(town, proposal, other, carol):
    with reverts_with("ContributionEpochs_OverPools", BASE + 1, BASE):
        town.challenge(carol, proposal, replace(other, total=BASE + 1))


def test_a_challenge_needs_its_bond(town, proposal, other, carol):
    town.ledger.withdraw(carol, 10_000 * DOLLAR - BOND + 1, {"from": carol})

    with reverts_with("Ledger_NotEnough", carol, BOND - 1, BOND):
        town.challenge(carol, proposal, other)


def test_jurors_of_the_rules_are_called(town, epochs, proposal, other, alice, carol):
    dispute = town.challenge(carol, proposal, other).return_value

    opening = town.system.segment_court.openingOf(dispute)
    assert bytes(opening["classId"]) == RULES.hash
    assert (opening["unit"], opening["segments"]) == (1, 1)
    assert (opening["claimant"], opening["other"]) == (alice, carol)
    assert epochs.contest()["challenger"] == carol


def test_what_jurors_vote_for_is_what_peers_compute(town, root, proposal, other, carol):
    dispute = town.challenge(carol, proposal, other).return_value

    opening = town.system.segment_court.openingOf(dispute)
    roots = [bytes(opening[name]) for name in ("claimRoot", "otherRoot")]
    spec = bytes(opening["spec"])
    assert roots == [traced(one.verdict(town.place), spec) for one in (root, other)]


def traced(leaf, spec):
    """The root of a trace of two leaves."""
    return keccak(encode(["bytes32[16]"], [[leaf, spec, *[bytes(32)] * 14]]))


def test_a_contested_root_is_neither_settled_nor_challenged(town, epochs, proposal, other, carol):
    town.challenge(carol, proposal, other)

    with reverts_with("ContributionEpochs_WrongProposal"):
        town.challenge(carol, proposal, other)
    town.at(proposal.until)
    with reverts_with("ContributionEpochs_WrongProposal"):
        epochs.settle(astuple(proposal), {"from": carol})


def test_nothing_else_is_proposed_meanwhile(town, epochs, root, proposal, other, carol):
    town.challenge(carol, proposal, other)

    with reverts_with("ContributionEpochs_Busy"):
        epochs.propose(astuple(root), {"from": carol})
    assert epochs.proposed() == "0x" + "00" * 32


def test_it_emits_root_challenged(town, epochs, proposal, other, carol):
    event = town.challenge(carol, proposal, other).events["RootChallenged"]

    assert (event["dispute"], event["challenger"]) == (1, carol)
    assert bytes(tuple(event["held"])[3]) == other.root
    assert town.ledger.lockedBy(epochs) == 2 * BOND
