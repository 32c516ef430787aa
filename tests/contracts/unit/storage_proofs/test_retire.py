"""StorageProofs.retire: the branches of retire.tree."""

from reverts import reverts_with
from storing import next_round, seed_round


def test_who_pledged_nothing_does_not_retire(proofs, bob):
    with reverts_with("StorageProofs_NothingPledged", bob):
        proofs.retire({"from": bob})


def test_nobody_retires_twice(proofs, pledged, bob):
    proofs.retire({"from": bob})

    with reverts_with("StorageProofs_Leaving", bob, proofs.currentRound() + 1):
        proofs.retire({"from": bob})


def test_the_running_round_is_still_answered(proofs, pledged, asked, bob):
    proofs.retire({"from": bob})

    pledged.answer(proofs)

    assert proofs.standingOf(bob)["answered"] == 1


def test_the_next_round_asks_no_more(proofs, pledged, bob, erin):
    proofs.retire({"from": bob})
    now = next_round(proofs)
    seed_round(proofs, erin)

    with reverts_with("StorageProofs_NotPledged", bob, now):
        pledged.answer(proofs)


def test_it_emits_storage_retired(proofs, pledged, bob):
    tx = proofs.retire({"from": bob})

    assert dict(tx.events["StorageRetired"]) == {"node": bob, "until": proofs.currentRound() + 1}
