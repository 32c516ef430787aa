"""StorageProofs.free: the branches of free.tree."""

from brownie import chain
from reverts import reverts_with
from storing import demanded, next_round
from system import DOLLAR


def test_who_stays_is_not_freed(proofs, pledged, bob, erin):
    for nobody in (bob, erin):
        with reverts_with("StorageProofs_NothingPledged", nobody):
            proofs.free(nobody, {"from": erin})


def test_there_is_a_round_to_report_in(proofs, pledged, bob, erin):
    proofs.retire({"from": bob})
    until = next_round(proofs)

    with reverts_with("StorageProofs_NotOver", until):
        proofs.free(bob, {"from": erin})


def test_nobody_leaves_an_open_demand_behind(proofs, pledged, answered, bob, dave, erin):
    demanded(proofs, pledged, dave)
    proofs.retire({"from": bob})
    next_round(proofs)
    next_round(proofs)

    with reverts_with("StorageProofs_DemandsOpen", bob, 1):
        proofs.free(bob, {"from": erin})


def test_anybody_frees_the_bond(proofs, pledged, bound, bob, erin):
    proofs.retire({"from": bob})
    next_round(proofs)
    next_round(proofs)

    tx = proofs.free(bob, {"from": erin})

    assert dict(tx.events["StorageFreed"]) == {"node": bob, "bond": 2 * DOLLAR}
    assert bound(bob) == 0
    assert list(proofs.standingOf(bob)) == [1, 0, 0, 0, 0, 0, 0, 0, 0]


def test_who_comes_back_begins_anew(proofs, pledged, bob, erin):
    proofs.retire({"from": bob})
    next_round(proofs)
    now = next_round(proofs)
    proofs.free(bob, {"from": erin})

    pledged.pledge(proofs)

    standing = proofs.standingOf(bob)
    assert (standing["pledges"], standing["first"], standing["until"]) == (2, now + 1, 0)


def test_a_convict_is_freed_of_nothing_and_may_come_back(proofs, params, pledged, answered, bound, bob, dave, erin):
    round_ = demanded(proofs, pledged, dave)
    chain.sleep(params.show_time + 1)
    proofs.convict(bob, round_, 0, {"from": erin})
    next_round(proofs)

    tx = proofs.free(bob, {"from": erin})
    pledged.pledge(proofs)

    assert dict(tx.events["StorageFreed"]) == {"node": bob, "bond": 0}
    assert bound(bob) == 2 * DOLLAR
