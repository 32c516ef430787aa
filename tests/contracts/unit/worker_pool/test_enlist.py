"""WorkerPool.enlist: the branches of enlist.tree."""

import pytest
from nodes import COMPUTE, KEY, STORE
from reverts import reverts_with
from system import DOLLAR
from yard import CLASS, PROBE

SEAT = 20 * DOLLAR


def test_no_class_has_no_members(pool, bob):
    with reverts_with("WorkerPool_NoClass"):
        pool.enlist(bytes(32), PROBE, 1, {"from": bob})


def test_a_node_that_does_not_compute_is_refused(pool, nodes, bob, erin):
    nodes.register(KEY, STORE, 0, {"from": bob})

    for person in (bob, erin):  # erin has no node at all
        with reverts_with("WorkerPool_NotWorker", person):
            pool.enlist(CLASS, PROBE, 0, {"from": person})


def test_seats_are_for_those_who_judge(pool, nodes, bob):
    nodes.register(KEY, COMPUTE, 0, {"from": bob})

    with reverts_with("WorkerPool_NotJuror", bob):
        pool.enlist(CLASS, PROBE, 1, {"from": bob})
    pool.enlist(CLASS, PROBE, 0, {"from": bob})


def test_nobody_has_more_than_64_seats(pool, bob):
    pool.enlist(CLASS, PROBE, 40, {"from": bob})
    pool.resign(CLASS, 20, {"from": bob})

    with reverts_with("WorkerPool_TooManySeats", 65, 64):
        pool.enlist(CLASS, PROBE, 25, {"from": bob})
    pool.enlist(CLASS, PROBE, 24, {"from": bob})


def test_seats_need_free_stake(pool, nodes, bob):
    nodes.unbond(1_950 * DOLLAR - 50 * DOLLAR, {"from": bob})

    with reverts_with("NodeRegistry_Bound", 100 * DOLLAR, 6 * SEAT):
        pool.enlist(CLASS, PROBE, 6, {"from": bob})


def test_every_seat_stands_once_and_binds_its_stake(pool, nodes, bob, carol):
    tx = pool.enlist(CLASS, PROBE, 2, {"from": bob})
    pool.enlist(CLASS, PROBE, 1, {"from": carol})
    pool.enlist(CLASS, PROBE, 1, {"from": bob})

    assert [pool.seatAt(CLASS, place)[0] for place in range(pool.seatsOf(CLASS))] == [bob, bob, carol, bob]
    assert [pool.seatAt(CLASS, place)[2] for place in range(4)] == [0, 1, 0, 2]
    assert nodes.nodeOf(bob)["bound"] == 3 * SEAT
    assert pool.memberOf(bob, CLASS) == (3, 0, 0, 0, 0, tx.timestamp)


def test_classes_are_apart(pool, bob):
    pool.enlist(CLASS, PROBE, 2, {"from": bob})

    assert pool.seatsOf(b"\x01" * 32) == 0
    assert pool.memberOf(bob, b"\x01" * 32)[5] == 0


@pytest.mark.parametrize("seats", [0, 3])
def test_it_emits_enlisted(pool, bob, seats):
    tx = pool.enlist(CLASS, PROBE, seats, {"from": bob})

    event = tx.events["Enlisted"]
    assert (event["operator"], event["added"], event["seats"]) == (bob, seats, seats)
    assert (event["classId"], event["probe"]) == ("0x" + CLASS.hex(), "0x" + PROBE.hex())
