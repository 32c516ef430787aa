"""WorkClaims.claim: the branches of claim.tree."""

import pytest
from brownie import chain
from nodes import KEY
from reverts import reverts_with
from system import DOLLAR, fund
from yard import CLAIMED, CLASS, OTHER_CLASS, PROBE, WORKER_ROLES, Job


@pytest.mark.parametrize("count", [0, 1_025])
def test_a_claim_has_1_to_1024_units(claims, bounty, bob, count):
    with reverts_with("WorkClaims_BadCount", count, 1_024):
        claims.claim(bounty, count, {"from": bob})


def test_an_unknown_bounty_has_no_units(claims, bob):
    with reverts_with("ComputeBounties_Unknown", 99):
        claims.claim(99, 1, {"from": bob})


def test_who_is_not_enlisted_in_the_class_does_not_work(yard, claims, bounty, mallory):
    with reverts_with("WorkClaims_NotEnlisted", mallory, CLASS):
        claims.claim(bounty, 1, {"from": mallory})
    yard.hire(mallory, class_id=OTHER_CLASS)
    with reverts_with("WorkClaims_NotEnlisted", mallory, CLASS):
        claims.claim(bounty, 1, {"from": mallory})


def test_past_the_deadline_nobody_claims(yard, claims, alice, bob):
    bounty = yard.post(alice, Job(lasts=1_000))
    chain.sleep(1_001)

    with reverts_with("ComputeBounties_Ended", bounty):
        claims.claim(bounty, 1, {"from": bob})


def test_stake_that_is_not_there_claims_nothing(yard, claims, bounty, mallory):
    fund(yard.system.token, mallory, 100 * DOLLAR, yard.ledger)
    yard.nodes.register(KEY, WORKER_ROLES, 100 * DOLLAR, {"from": mallory})
    yard.pool.enlist(CLASS, PROBE, 4, {"from": mallory})

    with reverts_with("NodeRegistry_Bound", 20 * DOLLAR, 24 * DOLLAR):
        claims.claim(bounty, 6, {"from": mallory})


def test_everything_claimed_leaves_nothing(yard, claims, bounty, bob, carol):
    yard.claim(bounty, bob, 8)

    with reverts_with("ComputeBounties_NothingLeft", bounty):
        claims.claim(bounty, 1, {"from": carol})


def test_ranges_follow_each_other_and_the_last_is_shorter(yard, bounty, bob, carol):
    first, second = yard.claim(bounty, bob, 5), yard.claim(bounty, carol, 5)

    assert (first.units, second.units) == (range(5), range(5, 8))
    assert (first.id, second.id, yard.claims.claimCount()) == (1, 2, 2)


def test_stake_answers_for_every_unit(yard, bounty, bob):
    _, before = yard.stake(bob)

    yard.claim(bounty, bob, 5)

    assert yard.stake(bob)[1] == before + 5 * 4 * DOLLAR


def test_units_given_back_are_claimed_first(yard, claims, bounty, bob, carol):
    late = yard.claim(bounty, bob, 5)
    chain.sleep(86_401)
    claims.expire(late.id, {"from": carol})

    assert yard.bounties.returnedOf(bounty) == ((0, 5),)
    assert yard.claim(bounty, carol, 2).units == range(2)
    assert yard.claim(bounty, carol, 9).units == range(2, 5)
    assert yard.claim(bounty, carol, 9).units == range(5, 8)


def test_there_is_no_more_time_than_the_bounty_has(yard, alice, bob):
    bounty = yard.post(alice, Job(lasts=1_000))
    deadline = yard.bounties.bountyOf(bounty).dict()["deadline"]

    assert yard.course(yard.claim(bounty, bob))["deadline"] == deadline


def test_it_keeps_the_claim_and_emits_units_claimed(yard, claims, bounty, bob):
    tx = claims.claim(bounty, 3, {"from": bob})

    by = tx.timestamp + 86_400
    assert dict(tx.events["UnitsClaimed"]) == {
        "claim": 1,
        "bounty": bounty,
        "worker": bob,
        "first": 0,
        "count": 3,
        "commitBy": by,
    }
    kept = claims.claimOf(1).dict()
    course = dict(kept["course"])
    assert (kept["worker"], kept["bounty"], kept["first"]) == (bob, bounty, 0)
    assert (course["stage"], course["count"], course["bps"], course["deadline"]) == (CLAIMED, 3, 2_000, by)
