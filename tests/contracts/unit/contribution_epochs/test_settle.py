"""ContributionEpochs.settle: the branches of settle.tree."""

from dataclasses import astuple, replace

from epoch_town import WEEK, WINDOW
from eth_abi import encode
from eth_utils import keccak
from reverts import reverts_with
from system import DOLLAR


def test_what_is_not_proposed_is_not_settled(epochs, proposal, mallory):
    with reverts_with("ContributionEpochs_WrongProposal"):
        epochs.settle(astuple(replace(proposal, until=1)), {"from": mallory})


def test_a_root_waits_for_its_window(town, epochs, proposal, alice):
    town.at(proposal.until - 1)

    with reverts_with("ContributionEpochs_TooEarly", proposal.until):
        epochs.settle(astuple(proposal), {"from": alice})


def test_an_unchallenged_root_counts_and_its_bond_is_free(town, epochs, root, proposal, alice, mallory):
    town.settle(mallory, proposal)

    kept = keccak(encode(["bytes32", "uint256", "uint256"], [root.root, root.total, root.depth]))
    assert epochs.settledRoot() == "0x" + kept.hex()
    assert epochs.sums()["settled"] == 1
    assert epochs.proposed() == "0x" + "00" * 32
    assert town.ledger.balanceOf(alice) == 10_000 * DOLLAR
    assert town.ledger.lockedBy(epochs) == 0


def test_a_root_is_settled_though_its_epoch_is_not_the_newest(town, epochs, root, alice):
    town.later(WEEK - WINDOW // 2)
    proposal = town.propose(alice, root)
    town.close(alice)

    town.settle(alice, proposal)

    assert (epochs.sums()["settled"], epochs.running()["number"]) == (1, 3)


def test_it_emits_root_settled(town, root, proposal, alice):
    event = town.settle(alice, proposal).events["RootSettled"]

    assert tuple(event["root"])[:3] == (1, root.depth, root.total)
