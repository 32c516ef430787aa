"""WorkerPool.draw: the branches of draw.tree."""

import hashlib
from collections import Counter

import pytest
from brownie import chain
from system import DOLLAR
from yard import CLASS, PROBE

FAR = 2**40 - 1


def seed(number):
    return hashlib.sha256(b"seed %d" % number).digest()


@pytest.fixture(scope="module")
def seated(pool, bob, carol, dave):
    """Bob has one seat, carol two and dave three: six of eight places."""
    for person, seats in ((bob, 1), (carol, 2), (dave, 3)):
        pool.enlist(CLASS, PROBE, seats, {"from": person})


def test_a_class_without_seats_draws_nobody(pool, seated):
    assert pool.draw(b"\x01" * 32, seed(0), 3, FAR, []) == ()


def test_a_seed_draws_the_same_every_time(pool, seated):
    assert pool.draw(CLASS, seed(1), 2, FAR, []) == pool.draw(CLASS, seed(1), 2, FAR, [])


def test_nobody_is_drawn_twice(pool, seated, bob, carol, dave):
    for number in range(20):
        drawn = pool.draw(CLASS, seed(number), 3, FAR, [])

        assert len(set(drawn)) == len(drawn) and set(drawn) <= {bob, carol, dave}


def test_fewer_are_drawn_than_there_are_groups(pool, seated, bob, carol):
    pool.joinGroup(bob, {"from": carol})
    pool.admit(carol, {"from": bob})

    assert all(len(pool.draw(CLASS, seed(number), 7, FAR, [])) == 2 for number in range(5))


def test_no_party_judges_and_nobody_of_its_group(pool, seated, bob, carol, dave):
    pool.joinGroup(bob, {"from": carol})
    pool.admit(carol, {"from": bob})

    for number in range(10):
        assert pool.draw(CLASS, seed(number), 1, FAR, [carol]) == (dave,)
        assert pool.draw(CLASS, seed(number), 1, FAR, [bob, dave]) == ()


def test_chances_are_those_of_the_stake(pool, seated, bob, carol, dave):
    """240 draws: 40, 80 and 120 are expected; six standard deviations either way."""
    drawn = Counter(pool.draw(CLASS, seed(number), 1, FAR, [])[0] for number in range(240))

    for person, expected in ((bob, 40), (carol, 80), (dave, 120)):
        assert abs(drawn[person] - expected) < 6 * (expected * (1 - expected / 240)) ** 0.5


def test_a_seat_taken_after_it_began_is_not_drawn(pool, seated, bob, carol, dave):
    began = chain[-1].timestamp + 1
    chain.sleep(10)
    pool.enlist(CLASS, PROBE, 40, {"from": bob})

    for number in range(10):
        assert pool.draw(CLASS, seed(number), 1, began, [carol, dave]) in ((bob,), ())
        assert pool.draw(CLASS, seed(number), 1, 0, []) == ()


def test_new_seats_move_nobody(pool, seated, deployer, bob):
    """Who knows the seed gains nothing by taking seats: the same people are drawn as before."""
    began = chain[-1].timestamp + 1
    before = [pool.draw(CLASS, seed(number), 1, began, []) for number in range(20)]
    chain.sleep(10)

    pool.enlist(CLASS, PROBE, 2, {"from": bob})

    assert [pool.draw(CLASS, seed(number), 1, began, []) for number in range(20)] == before


def test_an_auditor_is_of_neither_group(pool, seated, alice, bob, carol, dave):
    pool.joinGroup(alice, {"from": dave})
    pool.admit(dave, {"from": alice})

    drawn = {pool.drawAuditor(CLASS, seed(number), bob, alice, 500, FAR)[0] for number in range(10)}

    assert drawn == {carol}
    for number in range(5):
        assert pool.drawAuditor(CLASS, seed(number), bob, bob, 500, FAR)[0] in (carol, dave)


def test_a_seat_binds_the_same_stake_for_everybody(pool, nodes, bob):
    before = nodes.nodeOf(bob)["bound"]

    pool.enlist(CLASS, PROBE, 3, {"from": bob})

    assert pool.seatStake() == 20 * DOLLAR
    assert nodes.nodeOf(bob)["bound"] - before == 3 * pool.seatStake()
