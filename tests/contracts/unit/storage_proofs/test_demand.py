"""StorageProofs.demand: the branches of demand.tree."""

from brownie import chain
from reverts import reverts_with
from storing import REPLICA, as_call, demanded, next_round, pass_answer_time, seed_round
from system import DOLLAR


def test_there_are_eight_challenges(proofs, answered, bob, dave):
    with reverts_with("StorageProofs_NoPlace", 8):
        proofs.demand(bob, 8, {"from": dave})


def test_what_was_not_answered_is_not_demanded(proofs, asked, bob, carol, dave):
    for silent in (bob, carol):
        with reverts_with("StorageProofs_NotAnswered", silent, proofs.currentRound()):
            proofs.demand(silent, 0, {"from": dave})


def test_what_was_missed_is_not_demanded(proofs, asked, bob, dave):
    pass_answer_time(proofs)
    proofs.reportMiss(bob, proofs.currentRound(), {"from": dave})

    with reverts_with("StorageProofs_NotAnswered", bob, proofs.currentRound()):
        proofs.demand(bob, 0, {"from": dave})


def test_an_answer_is_demanded_in_its_round(proofs, answered, bob, dave):
    after = next_round(proofs)

    with reverts_with("StorageProofs_NotAnswered", bob, after):
        proofs.demand(bob, 0, {"from": dave})


def test_an_answer_is_demanded_once(proofs, pledged, answered, bob, dave, carol):
    demanded(proofs, pledged, dave, 3)

    with reverts_with("StorageProofs_AlreadyDemanded", bob, answered, 3):
        proofs.demand(bob, 3, {"from": carol})


def test_what_was_shown_is_not_demanded_again(proofs, pledged, asked, answered, bob, dave):
    demanded(proofs, pledged, dave)
    proofs.show(bob, answered, 0, as_call(pledged.shown(asked, 0)), {"from": bob})

    with reverts_with("StorageProofs_AlreadyDemanded", bob, answered, 0):
        proofs.demand(bob, 0, {"from": dave})


def test_a_demand_needs_its_bond(proofs, params, answered, bob, erin):
    with reverts_with("Ledger_NotEnough", erin, 0, params.demand_bond):
        proofs.demand(bob, 0, {"from": erin})


def test_a_demand_locks_its_bond(world, proofs, params, pledged, answered, bob, dave):
    demanded(proofs, pledged, dave)

    assert world.ledger.balanceOf(dave) == 100 * DOLLAR - params.demand_bond
    assert world.ledger.lockedBy(proofs) == params.demand_bond
    assert proofs.standingOf(bob)["demands"] == 1


def test_it_emits_answer_demanded(proofs, params, answered, bob, dave):
    tx = proofs.demand(bob, 7, {"from": dave})

    assert dict(tx.events["AnswerDemanded"]) == {
        "node": bob,
        "round": answered,
        "place": 7,
        "by": dave,
        "answers": proofs.answersOf(bob),
        "showBy": tx.timestamp + params.show_time,
    }


def test_a_demand_is_about_the_pledge_that_was_asked(proofs, pledged, asked, answered, bob, dave):
    proofs.pledge(REPLICA, 1, 0, {"from": bob})

    demanded(proofs, pledged, dave)

    assert proofs.demandOf(bob, answered, 0)["pledge"] == 1
    proofs.show(bob, answered, 0, as_call(pledged.shown(asked, 0)), {"from": bob})


def test_a_later_answer_does_not_change_what_is_demanded(proofs, pledged, asked, answered, bob, dave, erin):
    start, length = proofs.terms()[:2]
    chain.sleep(start + answered * length - chain.time() - 600)
    demanded(proofs, pledged, dave)
    next_round(proofs)
    seed_round(proofs, erin)
    proofs.answer(b"\xaa" * 32, {"from": bob})

    proofs.show(bob, answered, 0, as_call(pledged.shown(asked, 0)), {"from": bob})

    assert proofs.demandOf(bob, answered, 0)["showBy"] == 0


def test_a_reported_miss_is_no_answer_to_the_running_round(proofs, asked, bob, dave, erin):
    missed = int(proofs.currentRound())
    now = next_round(proofs)
    proofs.reportMiss(bob, missed, {"from": erin})
    assert proofs.standingOf(bob)["latest"] == now

    with reverts_with("StorageProofs_NotAnswered", bob, now):
        proofs.demand(bob, 0, {"from": dave})
