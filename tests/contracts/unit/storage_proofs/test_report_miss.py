"""StorageProofs.reportMiss: the branches of report_miss.tree."""

import pytest
from reverts import reverts_with
from storing import next_round, pass_answer_time, seed_round
from system import DOLLAR

NOBODY = "0x000000000000000000000000000000000000dEaD"


@pytest.fixture
def missed(proofs, asked):
    """A round Bob did not answer."""
    pass_answer_time(proofs)
    return int(proofs.currentRound())


def miss(proofs, erin):
    """Let a whole seeded round go by without an answer; returns it."""
    now = next_round(proofs)
    seed_round(proofs, erin)
    pass_answer_time(proofs)
    return now


def test_no_round_to_come_is_missed(proofs, missed, bob, erin):
    with reverts_with("StorageProofs_TooLate", missed + 1):
        proofs.reportMiss(bob, missed + 1, {"from": erin})


def test_a_miss_is_reported_within_eight_rounds(proofs, missed, bob, erin):
    for _ in range(8):
        next_round(proofs)

    with reverts_with("StorageProofs_TooLate", missed):
        proofs.reportMiss(bob, missed, {"from": erin})


def test_what_was_not_asked_was_not_missed(proofs, pledged, bob, erin):
    with reverts_with("StorageProofs_NotSeeded", proofs.currentRound()):
        proofs.reportMiss(bob, proofs.currentRound(), {"from": erin})


def test_there_is_still_time_to_answer(proofs, asked, bob, erin):
    with reverts_with("StorageProofs_NotOver", proofs.currentRound()):
        proofs.reportMiss(bob, proofs.currentRound(), {"from": erin})


def test_a_newcomer_missed_nothing(proofs, store, bob, carol, erin):
    store.pledge(proofs)
    seed_round(proofs, erin)
    pass_answer_time(proofs)

    for newcomer in (bob, carol):
        with reverts_with("StorageProofs_NotPledged", newcomer, proofs.currentRound()):
            proofs.reportMiss(newcomer, proofs.currentRound(), {"from": erin})


def test_who_retired_missed_nothing(proofs, pledged, bob, erin):
    proofs.retire({"from": bob})
    after = miss(proofs, erin)

    with reverts_with("StorageProofs_NotPledged", bob, after):
        proofs.reportMiss(bob, after, {"from": erin})


def test_who_answered_missed_nothing(proofs, answered, bob, erin):
    pass_answer_time(proofs)
    next_round(proofs)

    with reverts_with("StorageProofs_Answered", bob, answered):
        proofs.reportMiss(bob, answered, {"from": erin})


def test_a_miss_is_reported_once(proofs, missed, bob, erin):
    proofs.reportMiss(bob, missed, {"from": erin})

    with reverts_with("StorageProofs_Reported", bob, missed):
        proofs.reportMiss(bob, missed, {"from": erin})


def test_two_warnings_cost_nothing(proofs, missed, bound, bob, erin):
    proofs.reportMiss(bob, missed, {"from": erin})
    tx = proofs.reportMiss(bob, miss(proofs, erin), {"from": erin})

    assert dict(tx.events["AnswerMissed"]) == {
        "node": bob,
        "round": missed + 1,
        "reporter": erin,
        "misses": 2,
        "fine": 0,
    }
    assert bound(bob) == 2 * DOLLAR
    assert proofs.standingOf(bob)["until"] == 0


def test_the_third_miss_costs_a_tenth_and_ends_the_pledge(world, proofs, missed, bound, bob, erin):
    rounds = [missed, miss(proofs, erin), miss(proofs, erin)]

    for one in rounds:
        tx = proofs.reportMiss(bob, one, {"from": erin})

    assert (tx.events["AnswerMissed"]["misses"], tx.events["AnswerMissed"]["fine"]) == (3, 200_000)
    assert [world.ledger.balanceOf(who) for who in (erin, NOBODY)] == [100_000, 100_000]
    assert bound(bob) == 1_800_000 == proofs.standingOf(bob)["bond"]
    assert proofs.standingOf(bob)["until"] == rounds[2]


def test_each_further_miss_costs_a_tenth(proofs, missed, bound, bob, erin):
    rounds = [missed, miss(proofs, erin), miss(proofs, erin), miss(proofs, erin)]
    next_round(proofs)

    for one in rounds:
        proofs.reportMiss(bob, one, {"from": erin})

    assert bound(bob) == 1_620_000


def test_who_is_retiring_still_pays_for_the_third(proofs, missed, bound, bob, erin):
    rounds = [missed, miss(proofs, erin), miss(proofs, erin)]
    proofs.retire({"from": bob})

    for one in rounds:
        proofs.reportMiss(bob, one, {"from": erin})

    assert bound(bob) == 1_800_000
    assert proofs.standingOf(bob)["until"] == rounds[2] + 1


def test_misses_are_forgotten_after_eight_rounds(proofs, missed, bob, erin):
    proofs.reportMiss(bob, missed, {"from": erin})
    proofs.reportMiss(bob, miss(proofs, erin), {"from": erin})
    for _ in range(7):
        next_round(proofs)

    tx = proofs.reportMiss(bob, miss(proofs, erin), {"from": erin})

    assert tx.events["AnswerMissed"]["misses"] == 1
