"""StorageProofs.answer: the branches of answer.tree."""

from reverts import reverts_with
from storing import REPLICA, next_round, pass_answer_time, seed_round
from system import DOLLAR

ANSWERS = b"\xaa" * 32


def test_an_answer_has_a_root(proofs, asked, bob):
    with reverts_with("StorageProofs_NoAnswer"):
        proofs.answer(bytes(32), {"from": bob})


def test_what_is_not_asked_is_not_answered(proofs, pledged, bob, erin):
    proofs.openRound({"from": erin})

    with reverts_with("StorageProofs_NotSeeded", proofs.currentRound()):
        proofs.answer(ANSWERS, {"from": bob})


def test_nobody_answers_late(proofs, asked, bob):
    pass_answer_time(proofs)

    with reverts_with("StorageProofs_TooLate", proofs.currentRound()):
        proofs.answer(ANSWERS, {"from": bob})


def test_a_new_pledge_is_not_asked_before_its_round(proofs, store, bob, carol, erin):
    store.pledge(proofs)
    seed_round(proofs, erin)

    for early in (bob, carol):
        with reverts_with("StorageProofs_NotPledged", early, proofs.currentRound()):
            proofs.answer(ANSWERS, {"from": early})


def test_an_answer_is_not_taken_back(proofs, answered, bob):
    with reverts_with("StorageProofs_Answered", bob, answered):
        proofs.answer(ANSWERS, {"from": bob})


def test_an_answered_round_counts(proofs, answered, bob):
    standing = proofs.standingOf(bob)

    assert (standing["latest"], standing["answered"], standing["missed"]) == (answered, 1, 0)


def test_eight_rounds_are_remembered(proofs, answered, bob, erin):
    for skipped, kept in ((2, 0b101), (6, 0b1000001), (9, 1)):
        for _ in range(skipped):
            next_round(proofs)
        seed_round(proofs, erin)
        proofs.answer(ANSWERS, {"from": bob})
        assert proofs.standingOf(bob)["answered"] == kept


def test_it_emits_storage_answered(proofs, asked, bob):
    tx = proofs.answer(ANSWERS, {"from": bob})

    said = {"node": bob, "round": proofs.currentRound(), "answers": "0x" + ANSWERS.hex()}
    assert dict(tx.events["StorageAnswered"]) == said
    assert bytes(proofs.answersOf(bob)) == ANSWERS


def test_an_answer_costs_the_same_for_a_megabyte_and_for_250_gib(world, proofs, bob, carol, erin):
    proofs.pledge(REPLICA, 2**10, 0, {"from": bob})
    proofs.pledge(REPLICA, 250 * 2**20, 20, {"from": carol})
    used = []
    for _ in range(2):
        next_round(proofs)
        seed_round(proofs, erin)
        used.append([proofs.answer(ANSWERS, {"from": who}).gas_used for who in (bob, carol)])

    assert used[0][0] == used[0][1]
    assert used[1][0] == used[1][1] <= 60_000
    assert proofs.standingOf(carol)["bond"] == 500 * DOLLAR
