"""WorkClaims.expire: the branches of expire.tree."""

from brownie import chain
from reverts import reverts_with
from system import DOLLAR
from yard import CLASS, COMMITTED, DRAWN, EXPIRED, REVEALED, Job

STAKE = 4 * 4 * DOLLAR


def test_a_worker_has_his_time(yard, claims, bounty, bob):
    work = yard.claim(bounty, bob)

    with reverts_with("WorkClaims_TooEarly", yard.course(work)["deadline"]):
        claims.expire(work.id, {"from": bob})


def test_who_waits_for_the_draw_or_the_auditor_does_not_expire(yard, claims, bounty, bob, mallory):
    work = yard.claim(bounty, bob)
    yard.commit(work)
    chain.sleep(90_000)
    with reverts_with("WorkClaims_WrongStage", work.id, COMMITTED):
        claims.expire(work.id, {"from": mallory})

    yard.draw(work)
    chain.sleep(90_000)
    with reverts_with("WorkClaims_WrongStage", work.id, DRAWN):
        claims.expire(work.id, {"from": mallory})


def test_what_is_shown_never_expires(yard, claims, bounty, bob, mallory):
    work = yard.to_revealed(bounty, bob)
    chain.sleep(90_000)

    with reverts_with("WorkClaims_WrongStage", work.id, REVEALED):
        claims.expire(work.id, {"from": mallory})


def test_who_commits_nothing_loses_a_tenth(yard, claims, ledger, bounty, alice, bob, mallory):
    stake, bound = yard.stake(bob)
    work = yard.claim(bounty, bob)
    chain.sleep(90_000)

    tx = claims.expire(work.id, {"from": mallory})

    penalty = STAKE // 10
    assert ledger.balanceOf(alice) == penalty
    assert yard.stake(bob) == (stake - penalty, bound)
    assert (yard.stage(work), yard.pool.memberOf(bob, CLASS)[4]) == (EXPIRED, 0)
    assert dict(tx.events["ClaimExpired"]) == {"claim": work.id, "worker": bob, "penalty": penalty}


def test_who_hides_what_is_audited_loses_all_of_it(yard, claims, ledger, bounty, alice, bob, mallory):
    """Otherwise a liar whose lie is drawn would keep silent and pay a tenth."""
    stake, bound = yard.stake(bob)
    work = yard.to_drawn(bounty, bob, lies=[0])
    yard.audit(work)
    chain.sleep(3_601)

    tx = claims.expire(work.id, {"from": mallory})

    assert yard.stake(bob) == (stake - STAKE, bound)
    assert (ledger.balanceOf(yard.auditor(work)), ledger.balanceOf(alice)) == (STAKE // 2, STAKE // 2)
    assert yard.pool.memberOf(bob, CLASS)[4] == tx.timestamp
    assert tx.events["ClaimExpired"]["penalty"] == STAKE


def test_who_shows_nothing_that_nobody_audits_loses_a_tenth(
    yard, claims, bounty, bob, carol, dave, erin, frank, mallory
):
    for person in (carol, dave, erin, frank):
        yard.pool.resign(CLASS, 1, {"from": person})
    stake, _ = yard.stake(bob)
    work = yard.to_drawn(bounty, bob)
    chain.sleep(3_601)

    claims.expire(work.id, {"from": mallory})

    assert yard.stake(bob)[0] == stake - STAKE // 10


def test_the_units_are_open_again(yard, claims, bounty, bob, carol):
    work = yard.claim(bounty, bob)
    chain.sleep(90_000)

    claims.expire(work.id, {"from": carol})

    assert yard.bounties.bountyOf(bounty).dict()["progress"]["running"] == 0
    assert yard.claim(bounty, carol).units == work.units


def test_nothing_expires_twice(yard, claims, bounty, bob):
    work = yard.claim(bounty, bob)
    chain.sleep(90_000)
    claims.expire(work.id, {"from": bob})

    with reverts_with("WorkClaims_WrongStage", work.id, EXPIRED):
        claims.expire(work.id, {"from": bob})


def test_who_staked_nothing_loses_nothing(yard, claims, ledger, alice, bob, mallory):
    stake, bound = yard.stake(bob)
    work = yard.claim(yard.post(alice, Job(audit_bps=10_000, stake=0)), bob)
    chain.sleep(90_000)

    tx = claims.expire(work.id, {"from": mallory})

    assert tx.events["ClaimExpired"]["penalty"] == 0
    assert (yard.stage(work), yard.stake(bob), ledger.balanceOf(alice)) == (EXPIRED, (stake, bound), 0)
