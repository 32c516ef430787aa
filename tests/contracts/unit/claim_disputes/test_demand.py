"""ClaimDisputes.demand, show and lapse: the branches of demand.tree."""

import pytest
from brownie import chain
from reverts import reverts_with
from system import DOLLAR
from yard import BURNT, DISPUTED, DRAWN, FOR_CLAIM, REVEALED, SLASHED, forged

BOND = DOLLAR
STAKE = 4 * 4 * DOLLAR


@pytest.fixture
def demanded(disputes, work, grace):
    """Grace wants to see place 1."""
    disputes.demand(work.id, 1, {"from": grace})
    return work


def test_a_place_beyond_the_claim_cannot_be_demanded(disputes, work, grace):
    with reverts_with("ClaimDisputes_NoPlace", 4, 4):
        disputes.demand(work.id, 4, {"from": grace})


def test_work_that_is_not_shown_cannot_be_demanded(yard, disputes, bounty, bob, grace):
    work = yard.to_drawn(bounty, bob)

    with reverts_with("WorkClaims_WrongStage", work.id, DRAWN):
        disputes.demand(work.id, 0, {"from": grace})


def test_after_the_window_nothing_is_demanded(yard, disputes, work, grace):
    until = yard.course(work)["deadline"]
    chain.sleep(7_201)

    with reverts_with("WorkClaims_TooLate", until):
        disputes.demand(work.id, 0, {"from": grace})


def test_a_demand_needs_its_bond(ledger, disputes, work, mallory):
    with reverts_with("Ledger_NotEnough", mallory, 0, BOND):
        disputes.demand(work.id, 0, {"from": mallory})


def test_a_place_is_demanded_once(disputes, work, grace):
    disputes.demand(work.id, 1, {"from": grace})

    with reverts_with("ClaimDisputes_AlreadyDemanded", work.id, 1):
        disputes.demand(work.id, 1, {"from": grace})
    disputes.demand(work.id, 2, {"from": grace})


def test_the_bond_is_locked_and_pay_waits(yard, ledger, disputes, work, grace):
    tx = disputes.demand(work.id, 1, {"from": grace})

    assert ledger.lockedBy(disputes) == BOND
    assert yard.course(work)["demands"] == 1
    assert disputes.demandOf(work.id, 1) == (grace, tx.timestamp + 1_800)
    event = tx.events["PlaceDemanded"]
    assert (event["claim"], event["place"], event["by"], event["bond"]) == (work.id, 1, grace, BOND)
    assert event["showBy"] == tx.timestamp + 1_800


def test_what_nobody_demanded_needs_not_be_shown(yard, disputes, work, bob):
    with reverts_with("ClaimDisputes_NotDemanded", work.id, 1):
        disputes.show(work.id, 1, *yard.proof(work, 1), {"from": bob})


def test_another_trace_does_not_answer(yard, disputes, demanded, bob):
    _, path = yard.proof(demanded, 1)

    with reverts_with("ClaimDisputes_NotMember", demanded.tree.root, 1):
        disputes.show(demanded.id, 1, forged(1), path, {"from": bob})


def test_whoever_shows_it_has_the_bond(yard, ledger, disputes, demanded, mallory):
    tx = disputes.show(demanded.id, 1, *yard.proof(demanded, 1), {"from": mallory})

    assert ledger.balanceOf(mallory) == BOND
    assert yard.course(demanded)["demands"] == 0
    shown = tx.events["PlaceShown"]
    assert shown["trace"] == "0x" + demanded.traces[1].hex()
    assert [bytes(sibling) for sibling in shown["path"]] == list(demanded.tree.prove(1))
    with reverts_with("ClaimDisputes_NotDemanded", demanded.id, 1):
        disputes.show(demanded.id, 1, *yard.proof(demanded, 1), {"from": mallory})


def test_there_is_time_to_look_at_what_was_shown_at_last(yard, disputes, work, bob, grace):
    chain.sleep(7_000)
    disputes.demand(work.id, 1, {"from": grace})
    chain.sleep(1_000)

    tx = disputes.show(work.id, 1, *yard.proof(work, 1), {"from": bob})

    assert yard.course(work)["deadline"] == tx.timestamp + 1_800


def test_a_late_answer_is_none(yard, disputes, demanded, bob):
    by = disputes.demandOf(demanded.id, 1)[1]
    chain.sleep(1_801)

    with reverts_with("ClaimDisputes_TooLate", by):
        disputes.show(demanded.id, 1, *yard.proof(demanded, 1), {"from": bob})


def test_a_demand_has_its_time(disputes, demanded, grace):
    with reverts_with("ClaimDisputes_TooEarly", disputes.demandOf(demanded.id, 1)[1]):
        disputes.lapse(demanded.id, 1, {"from": grace})


def test_what_is_not_shown_is_wrong(yard, ledger, disputes, demanded, bob, grace, mallory):
    before, stake = ledger.balanceOf(grace), yard.stake(bob)[0]
    chain.sleep(1_801)

    tx = disputes.lapse(demanded.id, 1, {"from": mallory})

    assert yard.stage(demanded) == SLASHED
    assert yard.stake(bob)[0] == stake - STAKE
    assert tx.events["DemandLapsed"]["convicted"]
    pot = STAKE + 20 * DOLLAR  # the auditor vouched for all of it, and his seat falls with it
    assert ledger.balanceOf(grace) - before == BOND + pot // 2
    assert ledger.balanceOf(BURNT) == pot - pot // 2


def test_the_bond_comes_back_when_the_claim_fell_otherwise(yard, ledger, disputes, rule, work, grace):
    before = ledger.balanceOf(grace)
    disputes.demand(work.id, 1, {"from": grace})
    tx = disputes.challenge(work.id, 0, *yard.proof(work, 0), forged(0), {"from": grace})
    rule(tx.return_value, 3)

    disputes.lapse(work.id, 1, {"from": grace})

    assert ledger.balanceOf(grace) == before
    assert ledger.lockedBy(disputes) == 0


def test_while_the_court_sits_no_demand_lapses(yard, disputes, work, grace):
    disputes.demand(work.id, 1, {"from": grace})
    disputes.challenge(work.id, 0, *yard.proof(work, 0), forged(0), {"from": grace})
    chain.sleep(1_801)

    with reverts_with("ClaimDisputes_NotRevealed", work.id, 5):
        disputes.lapse(work.id, 1, {"from": grace})
    assert yard.stage(work) != REVEALED


def test_what_is_shown_while_the_court_sits_leaves_time_afterwards(yard, disputes, rule, work, bob, grace):
    chain.sleep(7_000)
    disputes.demand(work.id, 1, {"from": grace})
    tx = disputes.challenge(work.id, 0, *yard.proof(work, 0), forged(0), {"from": grace})
    assert yard.course(work)["deadline"] < 1_800  # seconds left when the clock was stopped

    disputes.show(work.id, 1, *yard.proof(work, 1), {"from": bob})

    assert (yard.stage(work), yard.course(work)["demands"]) == (DISPUTED, 0)
    assert yard.course(work)["deadline"] == 1_800
    ruled = rule(tx.return_value, FOR_CLAIM)
    assert yard.course(work)["deadline"] == ruled.timestamp + 1_800
