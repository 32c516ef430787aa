"""WorkerPool.credit, fault and unseat: the branches of judges.tree."""

import pytest
from reverts import reverts_with
from system import DOLLAR, as_sender
from yard import CLASS, PROBE

SEAT = 20 * DOLLAR


@pytest.fixture
def seated(pool, bob):
    """Bob has two seats."""
    pool.enlist(CLASS, PROBE, 2, {"from": bob})
    return bob


def scored(pool, claims, person, times):
    for _ in range(times):
        pool.credit(person, CLASS, claims)


@pytest.mark.parametrize("verb", ["credit", "discredit", "fault"])
def test_nobody_else_changes_a_record(pool, bob, mallory, verb):
    with reverts_with("WorkerPool_NotJudge", mallory):
        getattr(pool, verb)(bob, CLASS, {"from": mallory})


def test_nobody_else_takes_a_seat(pool, seated, mallory):
    with reverts_with("WorkerPool_NotJudge", mallory):
        pool.unseat(seated, CLASS, True, {"from": mallory})


def test_a_claim_that_stood_adds_one(pool, claims, bob):
    tx = pool.credit(bob, CLASS, claims)

    assert pool.memberOf(bob, CLASS)[3:5] == (1, 0)
    assert dict(tx.events["ScoreChanged"]) == {
        "operator": bob,
        "classId": "0x" + CLASS.hex(),
        "score": 1,
        "fault": False,
    }


def test_a_claim_that_did_not_stand_is_taken_back(pool, claims, bob):
    scored(pool, claims, bob, 3)

    tx = pool.discredit(bob, CLASS, claims)

    assert pool.memberOf(bob, CLASS)[3:5] == (2, 0)
    assert (tx.events["ScoreChanged"]["score"], tx.events["ScoreChanged"]["fault"]) == (2, False)


def test_from_no_record_nothing_is_taken(pool, claims, bob):
    tx = pool.discredit(bob, CLASS, claims)

    assert pool.memberOf(bob, CLASS)[3] == 0
    assert "ScoreChanged" not in tx.events


@pytest.mark.parametrize(("before", "after"), [(0, 0), (1, 0), (3, 2), (10, 6)])
def test_a_fault_takes_a_third(pool, claims, bob, before, after):
    scored(pool, claims, bob, before)

    tx = pool.fault(bob, CLASS, claims)

    assert pool.memberOf(bob, CLASS)[3:5] == (after, tx.timestamp)
    assert tx.events["ScoreChanged"]["fault"]


def test_a_fault_in_one_class_says_nothing_about_another(pool, claims, bob):
    pool.fault(bob, CLASS, claims)

    assert pool.memberOf(bob, b"\x01" * 32)[4] == 0


def test_in_probation_all_is_audited(pool, claims, bob):
    scored(pool, claims, bob, 9)

    assert pool.auditBps(bob, CLASS, 500) == 10_000


@pytest.mark.parametrize(("score", "job", "expected"), [(10, 500, 2_000), (30, 500, 666), (30, 5_000, 5_000)])
def test_a_record_lowers_the_audited_part_to_that_of_the_job(pool, claims, bob, score, job, expected):
    scored(pool, claims, bob, score)

    assert pool.auditBps(bob, CLASS, job) == expected


def test_staying_away_costs_a_twentieth_of_a_seat(world, pool, nodes, claims, seated):
    tx = pool.unseat(seated, CLASS, False, claims)

    assert world.ledger.lockedBy(world.work_claims) == SEAT // 20
    assert nodes.nodeOf(seated)["stake"] == 2_000 * DOLLAR - SEAT // 20
    assert nodes.nodeOf(seated)["bound"] == SEAT
    assert pool.seatsOf(CLASS) == 1
    event = tx.events["SeatLost"]
    assert (event["operator"], event["convicted"], event["taken"]) == (seated, False, SEAT // 20)
    assert (event["seats"], event["leaving"]) == (1, 0)


def test_being_wrong_costs_the_whole_seat(world, pool, nodes, seated):
    pool.unseat(seated, CLASS, True, as_sender(world.claim_disputes))

    assert world.ledger.lockedBy(world.claim_disputes) == SEAT
    assert nodes.nodeOf(seated)["stake"] == 2_000 * DOLLAR - SEAT


def test_a_resigned_seat_still_answers(world, pool, nodes, claims, seated):
    pool.resign(CLASS, 2, {"from": seated})

    pool.unseat(seated, CLASS, True, claims)

    assert pool.memberOf(seated, CLASS)[:2] == (0, 1)
    assert nodes.nodeOf(seated)["bound"] == SEAT


def test_who_has_no_seat_left_loses_nothing(world, pool, claims, seated):
    for _ in range(3):
        pool.unseat(seated, CLASS, True, claims)

    assert world.ledger.lockedBy(world.work_claims) == 2 * SEAT
    assert pool.seatsOf(CLASS) == 0
