"""ContributionEpochs.propose: the branches of propose.tree."""

from dataclasses import astuple, replace

from brownie import chain
from epoch_town import BASE, BOND, WINDOW
from eth_abi import encode
from eth_utils import keccak
from reverts import reverts_with
from system import DOLLAR

PROPOSAL = "((uint32,uint8,uint96,bytes32,bytes32),address,uint40)"


def test_a_running_epoch_has_no_root(town, epochs, alice, bob):
    root = town.root({bob: 1}, epoch=1)

    with reverts_with("ContributionEpochs_WrongEpoch", 1, 0):
        epochs.propose(astuple(root), {"from": alice})


def test_only_the_newest_closed_epoch_is_proposed(town, epochs, root, alice):
    town.close(alice)

    with reverts_with("ContributionEpochs_WrongEpoch", 1, 2):
        epochs.propose(astuple(root), {"from": alice})


def test_a_root_is_not_zero(epochs, root, alice):
    with reverts_with("ContributionEpochs_BadRoot", bytes(32), root.depth):
        epochs.propose(astuple(replace(root, root=bytes(32))), {"from": alice})


def test_a_tree_has_twenty_levels_at_most(epochs, root, alice):
    with reverts_with("ContributionEpochs_BadRoot", root.root, 21):
        epochs.propose(astuple(replace(root, depth=21)), {"from": alice})
    epochs.propose(astuple(replace(root, depth=20)), {"from": alice})


def test_no_root_is_above_the_pools(epochs, root, alice):
    with reverts_with("ContributionEpochs_OverPools", BASE + 1, BASE):
        epochs.propose(astuple(replace(root, total=BASE + 1)), {"from": alice})
    epochs.propose(astuple(replace(root, total=BASE)), {"from": alice})


def test_a_settled_epoch_is_proposed_no_more(town, epochs, root, proposal, alice):
    town.settle(alice, proposal)

    with reverts_with("ContributionEpochs_Settled", 1):
        epochs.propose(astuple(root), {"from": alice})


def test_one_root_is_proposed_at_a_time(town, epochs, root, proposal, carol, alice):
    with reverts_with("ContributionEpochs_Busy"):
        epochs.propose(astuple(root), {"from": carol})

    town.settle(alice, proposal)
    town.close(alice)
    epochs.propose(astuple(town.root({carol: 7})), {"from": carol})


def test_a_proposal_needs_its_bond(town, epochs, root, alice):
    town.ledger.withdraw(alice, 10_000 * DOLLAR - BOND + 1, {"from": alice})

    with reverts_with("Ledger_NotEnough", alice, BOND - 1, BOND):
        epochs.propose(astuple(root), {"from": alice})


def test_it_is_kept_as_a_hash(town, epochs, proposal, alice):
    assert epochs.proposed() == "0x" + keccak(encode([PROPOSAL], [astuple(proposal)])).hex()
    assert town.ledger.lockedBy(epochs) == BOND
    assert town.ledger.balanceOf(alice) == 10_000 * DOLLAR - BOND


def test_it_emits_root_proposed(epochs, root, alice):
    event = epochs.propose(astuple(root), {"from": alice}).events["RootProposed"]

    assert (event["proposer"], event["until"]) == (alice, chain[-1].timestamp + WINDOW)
    assert tuple(event["root"])[:3] == (root.epoch, root.depth, root.total)
    assert [bytes(one) for one in tuple(event["root"])[3:]] == [root.root, root.tree]
