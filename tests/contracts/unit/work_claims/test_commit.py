"""WorkClaims.commit: the branches of commit.tree."""

import pytest
from brownie import chain
from reverts import reverts_with
from yard import CLAIMED, COMMITTED, NONE


@pytest.fixture
def work(yard, bounty, bob):
    return yard.claim(bounty, bob)


def test_nobody_commits_to_what_nobody_claimed(claims, bob):
    with reverts_with("WorkClaims_WrongStage", 9, NONE):
        claims.commit(9, b"\x01" * 32, {"from": bob})


def test_nobody_commits_for_another(claims, work, carol):
    with reverts_with("WorkClaims_NotWorker", work.id, carol):
        claims.commit(work.id, b"\x01" * 32, {"from": carol})


def test_nobody_commits_to_nothing(claims, work, bob):
    with reverts_with("WorkClaims_NoCommitment"):
        claims.commit(work.id, bytes(32), {"from": bob})


def test_nobody_commits_twice(yard, claims, work, bob):
    yard.commit(work)

    with reverts_with("WorkClaims_WrongStage", work.id, COMMITTED):
        claims.commit(work.id, b"\x01" * 32, {"from": bob})


def test_late_work_is_refused(yard, claims, work, bob):
    deadline = yard.course(work)["deadline"]
    chain.sleep(86_401)

    with reverts_with("WorkClaims_TooLate", deadline):
        claims.commit(work.id, b"\x01" * 32, {"from": bob})
    assert yard.stage(work) == CLAIMED


def test_it_keeps_the_commitment_and_the_block_that_draws(yard, claims, work, bob):
    tx = claims.commit(work.id, b"\x01" * 32, {"from": bob})

    course = yard.course(work)
    assert (course["stage"], course["committedAt"]) == (COMMITTED, tx.timestamp)
    assert course["drawBlock"] == tx.block_number + 2
    assert yard.state(work)["root"] == "0x" + "01" * 32
    assert dict(tx.events["WorkCommitted"]) == {
        "claim": work.id,
        "commitment": "0x" + "01" * 32,
        "drawBlock": tx.block_number + 2,
    }
