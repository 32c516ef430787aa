"""StorageProofs.convict: the branches of convict.tree."""

import pytest
from brownie import chain
from reverts import reverts_with
from storing import as_call, demanded, next_round, seed_round
from system import DOLLAR

NOBODY = "0x000000000000000000000000000000000000dEaD"


@pytest.fixture
def overdue(proofs, params, pledged, answered, dave):
    """The round whose answer 0 Bob has not shown in time."""
    demanded(proofs, pledged, dave)
    chain.sleep(params.show_time + 1)
    return answered


def test_nobody_is_convicted_unasked(proofs, answered, bob, erin):
    with reverts_with("StorageProofs_NotDemanded", bob, answered, 0):
        proofs.convict(bob, answered, 0, {"from": erin})


def test_there_is_still_time_to_show(proofs, pledged, answered, bob, dave, erin):
    demanded(proofs, pledged, dave)

    with reverts_with("StorageProofs_StillTime", proofs.demandOf(bob, answered, 0)["showBy"]):
        proofs.convict(bob, answered, 0, {"from": erin})


def test_who_showed_is_not_convicted(proofs, params, pledged, asked, answered, bob, dave, erin):
    demanded(proofs, pledged, dave)
    proofs.show(bob, answered, 0, as_call(pledged.shown(asked, 0)), {"from": bob})
    chain.sleep(params.show_time + 1)

    with reverts_with("StorageProofs_NotDemanded", bob, answered, 0):
        proofs.convict(bob, answered, 0, {"from": erin})


def test_who_does_not_show_loses_the_whole_bond(world, proofs, overdue, bound, bob, dave, erin):
    proofs.convict(bob, overdue, 0, {"from": erin})

    assert world.ledger.balanceOf(dave) == 101 * DOLLAR
    assert world.ledger.balanceOf(NOBODY) == 1 * DOLLAR
    assert (bound(bob), world.ledger.lockedBy(proofs)) == (0, 0)


def test_a_convict_pledges_nothing_any_more(proofs, overdue, pledged, bob, erin):
    proofs.convict(bob, overdue, 0, {"from": erin})
    after = next_round(proofs)
    seed_round(proofs, erin)

    with reverts_with("StorageProofs_NotPledged", bob, after):
        pledged.answer(proofs)


def test_retiring_saves_nobody(proofs, overdue, bound, bob, erin):
    proofs.retire({"from": bob})
    until = proofs.standingOf(bob)["until"]

    proofs.convict(bob, overdue, 0, {"from": erin})

    assert (bound(bob), proofs.standingOf(bob)["until"]) == (0, until)


def test_a_second_conviction_brings_only_the_demanders_bond(world, proofs, params, pledged, answered, bob, carol, dave):
    demanded(proofs, pledged, dave, 0)
    demanded(proofs, pledged, carol, 1)
    chain.sleep(params.show_time + 1)
    proofs.convict(bob, answered, 0, {"from": dave})

    tx = proofs.convict(bob, answered, 1, {"from": carol})

    assert tx.events["StorageConvicted"]["taken"] == 0
    assert world.ledger.balanceOf(carol) == 100 * DOLLAR
    assert proofs.standingOf(bob)["demands"] == 0


def test_it_emits_storage_convicted(proofs, overdue, bob, dave, erin):
    tx = proofs.convict(bob, overdue, 0, {"from": erin})

    said = {"node": bob, "round": overdue, "place": 0, "by": dave, "taken": 2 * DOLLAR}
    assert dict(tx.events["StorageConvicted"]) == said
