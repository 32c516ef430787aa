"""WorkerPool.resign and freeSeats: the branches of resign.tree."""

import pytest
from brownie import chain
from reverts import reverts_with
from system import DOLLAR
from yard import CLASS, PROBE

SEAT = 20 * DOLLAR


@pytest.fixture
def seated(pool, bob, carol):
    """Bob has three seats and carol two."""
    pool.enlist(CLASS, PROBE, 2, {"from": bob})
    pool.enlist(CLASS, PROBE, 2, {"from": carol})
    pool.enlist(CLASS, PROBE, 1, {"from": bob})


def seats(pool):
    return [str(pool.seatAt(CLASS, place)[0]) for place in range(pool.seatsOf(CLASS))]


@pytest.mark.parametrize("wanted", [0, 4])
def test_seats_one_does_not_have_cannot_be_given_up(pool, seated, bob, wanted):
    with reverts_with("WorkerPool_NotEnough", 3, wanted):
        pool.resign(CLASS, wanted, {"from": bob})


def test_the_seats_leave_the_draw_at_once(pool, seated, bob, carol):
    pool.resign(CLASS, 2, {"from": bob})

    assert sorted(seats(pool)) == sorted([str(bob), str(carol), str(carol)])


def test_whoever_moved_into_the_gap_can_still_leave(pool, seated, bob, carol):
    pool.resign(CLASS, 2, {"from": bob})

    pool.resign(CLASS, 2, {"from": carol})
    pool.resign(CLASS, 1, {"from": bob})

    assert seats(pool) == []


def test_the_stake_stays_bound_until_the_notice_has_passed(pool, nodes, seated, bob):
    tx = pool.resign(CLASS, 2, {"from": bob})

    assert nodes.nodeOf(bob)["bound"] == 3 * SEAT
    with reverts_with("WorkerPool_StillBound", tx.timestamp + pool.notice()):
        pool.freeSeats(bob, CLASS, {"from": bob})


def test_resigning_again_starts_the_notice_again(pool, seated, bob):
    pool.resign(CLASS, 1, {"from": bob})
    chain.sleep(pool.notice() - 10)

    tx = pool.resign(CLASS, 1, {"from": bob})

    assert pool.memberOf(bob, CLASS)[:3] == (1, 2, tx.timestamp + pool.notice())


def test_anybody_frees_what_has_left(pool, nodes, seated, bob, mallory):
    pool.resign(CLASS, 2, {"from": bob})
    chain.sleep(pool.notice() + 1)

    tx = pool.freeSeats(bob, CLASS, {"from": mallory})

    assert nodes.nodeOf(bob)["bound"] == SEAT
    assert pool.memberOf(bob, CLASS)[:3] == (1, 0, 0)
    assert dict(tx.events["SeatsFreed"]) == {"operator": bob, "classId": "0x" + CLASS.hex(), "freed": 2}


def test_nothing_is_freed_twice(pool, seated, bob):
    pool.resign(CLASS, 2, {"from": bob})
    chain.sleep(pool.notice() + 1)
    pool.freeSeats(bob, CLASS, {"from": bob})

    with reverts_with("WorkerPool_NothingLeaving", bob, CLASS):
        pool.freeSeats(bob, CLASS, {"from": bob})


def test_it_emits_resigned(pool, seated, bob):
    tx = pool.resign(CLASS, 2, {"from": bob})

    event = tx.events["Resigned"]
    assert (event["operator"], event["seats"], event["leaving"]) == (bob, 1, 2)
    assert event["freeAt"] == tx.timestamp + pool.notice()
