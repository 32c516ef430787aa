"""ContributionEpochs.resolve: the branches of resolve.tree."""

import pytest
from epoch_town import BOND, BURNT, FOR_CLAIM, FOR_OTHER, VOID
from eth_abi import encode
from eth_utils import keccak
from reverts import reverts_with
from system import DOLLAR, as_sender

HELD = 10_000 * DOLLAR


@pytest.fixture
def other(town, root, mallory):
    """Another root of the same epoch."""
    return town.root({mallory: 400})


@pytest.fixture
def dispute(town, proposal, other, carol):
    """Carol holds the other root against Alice's."""
    return town.challenge(carol, proposal, other).return_value


def kept(root):
    """What is kept of a settled root."""
    return "0x" + keccak(encode(["bytes32", "uint256", "uint256"], [root.root, root.total, root.depth])).hex()


def test_nobody_rules_but_the_court(epochs, dispute, mallory):
    with reverts_with("ContributionEpochs_NotCourt", mallory):
        epochs.resolve(dispute, FOR_OTHER, True, {"from": mallory})


@pytest.mark.parametrize("unknown", [0, 7])
def test_no_unknown_dispute_is_resolved(town, epochs, proposal, unknown):
    with reverts_with("ContributionEpochs_Unknown", unknown):
        epochs.resolve(unknown, FOR_OTHER, True, as_sender(town.system.segment_court))


def test_a_dispute_is_resolved_once(town, dispute, carol):
    town.rule(dispute, FOR_OTHER, carol)

    with reverts_with("ContributionEpochs_Unknown", dispute):
        town.rule(dispute, FOR_OTHER, carol)


def test_a_right_root_is_settled_and_its_challenger_pays(town, epochs, root, dispute, alice, carol):
    tx = town.rule(dispute, FOR_CLAIM, alice)

    assert epochs.settledRoot() == kept(root)
    assert epochs.sums()["settled"] == 1
    assert town.ledger.balanceOf(alice) == HELD + BOND // 2
    assert town.ledger.balanceOf(carol) == HELD - BOND
    assert town.ledger.lockedBy(town.system.segment_court) == BOND // 4 == tx.return_value
    assert town.ledger.balanceOf(BURNT) == BOND // 4
    assert town.ledger.lockedBy(epochs) == 0
    event = tx.events["RootJudged"]
    assert (event["dispute"], event["epoch"], event["ruling"]) == (dispute, 1, FOR_CLAIM)


def test_what_no_jury_judged_pays_no_juror(town, dispute, alice):
    tx = town.rule(dispute, FOR_CLAIM, alice, judged=False)

    assert tx.return_value == 0
    assert town.ledger.balanceOf(BURNT) == BOND // 2


def test_a_wrong_root_costs_its_bond_and_the_right_one_counts(town, epochs, other, dispute, alice, carol, mallory):
    town.rule(dispute, FOR_OTHER, carol)

    assert epochs.settledRoot() == kept(other)
    assert town.ledger.balanceOf(alice) == HELD - BOND
    assert town.ledger.balanceOf(carol) == HELD + BOND // 2
    town.claim(carol, town.leaf(other, mallory))
    assert town.token.balanceOf(mallory) == 400


def test_a_void_costs_both_a_tenth_and_opens_the_epoch(town, epochs, root, dispute, alice, carol):
    tx = town.rule(dispute, VOID, carol)

    assert epochs.settledRoot() == "0x" + "00" * 32
    assert town.ledger.balanceOf(alice) == town.ledger.balanceOf(carol) == HELD - BOND // 10
    assert town.ledger.balanceOf(BURNT) == BOND // 5
    assert tx.return_value == 0
    assert tx.events["RootJudged"]["burnt"] == BOND // 5
    town.propose(alice, root)
