"""WorkerPool.joinGroup, admit and leaveGroup: the branches of groups.tree."""

import pytest
from brownie import ZERO_ADDRESS, chain
from reverts import reverts_with
from yard import CLASS, PROBE


@pytest.fixture
def joined(pool, bob, carol):
    """Carol belongs to bob's group."""
    pool.joinGroup(bob, {"from": carol})
    pool.admit(carol, {"from": bob})


def test_nobody_asks_himself_or_nobody(pool, bob):
    for leader in (bob, ZERO_ADDRESS):
        with reverts_with("WorkerPool_OwnGroup", bob):
            pool.joinGroup(leader, {"from": bob})


def test_everybody_is_his_own_group_at_first(pool, bob):
    assert pool.groupOf(bob) == bob


def test_asking_alone_changes_nothing(pool, bob, carol):
    tx = pool.joinGroup(bob, {"from": carol})

    assert pool.groupOf(carol) == carol
    assert dict(tx.events["GroupAsked"]) == {"operator": carol, "leader": bob}


def test_nobody_is_admitted_who_did_not_ask(pool, bob, carol, dave):
    pool.joinGroup(dave, {"from": carol})

    with reverts_with("WorkerPool_NotAsked", carol, bob):
        pool.admit(carol, {"from": bob})


def test_a_member_leads_nobody(pool, joined, bob, carol, dave):
    pool.joinGroup(carol, {"from": dave})

    with reverts_with("WorkerPool_NotLeader", carol):
        pool.admit(dave, {"from": carol})


def test_a_leader_joins_nobody(pool, joined, bob, dave):
    pool.joinGroup(dave, {"from": bob})

    with reverts_with("WorkerPool_Leads", bob, 1):
        pool.admit(bob, {"from": dave})


def test_nobody_belongs_to_two_groups(pool, joined, carol, dave):
    pool.joinGroup(dave, {"from": carol})

    with reverts_with("WorkerPool_OwnGroup", carol):
        pool.admit(carol, {"from": dave})


def test_an_admitted_operator_belongs_to_the_leader(pool, bob, carol):
    pool.joinGroup(bob, {"from": carol})

    tx = pool.admit(carol, {"from": bob})

    assert pool.groupOf(carol) == bob
    assert dict(tx.events["GroupJoined"]) == {"operator": carol, "leader": bob}


def test_an_admission_is_good_once(pool, joined, bob, carol):
    pool.leaveGroup({"from": carol})

    with reverts_with("WorkerPool_NotAsked", carol, bob):
        pool.admit(carol, {"from": bob})


def test_who_has_seats_does_not_leave_the_group(pool, joined, carol):
    """Otherwise he would leave just before he is drawn to judge it."""
    pool.enlist(CLASS, PROBE, 1, {"from": carol})

    with reverts_with("WorkerPool_HasSeats", carol, 1):
        pool.leaveGroup({"from": carol})
    pool.resign(CLASS, 1, {"from": carol})
    with reverts_with("WorkerPool_HasSeats", carol, 1):
        pool.leaveGroup({"from": carol})

    chain.sleep(pool.notice() + 1)
    pool.freeSeats(carol, CLASS, {"from": carol})
    pool.leaveGroup({"from": carol})

    assert pool.groupOf(carol) == carol


def test_who_belongs_to_none_leaves_none(pool, bob):
    with reverts_with("WorkerPool_NotAsked", bob, ZERO_ADDRESS):
        pool.leaveGroup({"from": bob})
