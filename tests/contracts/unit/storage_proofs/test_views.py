"""StorageProofs: its views and what it refuses to be built with."""

import pytest
from reverts import reverts_with
from storing import next_round
from system import DOLLAR, contract


def test_terms_are_those_of_the_deployment(proofs, params):
    start, *rest = proofs.terms()

    assert start > 0
    assert rest == [params.round_length, params.answer_time, params.show_time, params.demand_bond]


def test_rounds_are_counted_from_one(proofs):
    assert proofs.currentRound() == 1

    assert next_round(proofs) == 2 == proofs.currentRound()


def test_it_emits_storage_terms(world, deployer):
    times, money = (3_600, 900, 600), (DOLLAR, 2 * DOLLAR)

    tx = contract("StorageProofs").deploy(world.ledger, world.node_registry, *times, 2, *money, {"from": deployer}).tx

    said = dict(tx.events["StorageTerms"])
    assert said.pop("start") == tx.timestamp
    assert tuple(said.values()) == (*times, *money)


@pytest.mark.parametrize("times", [(86_400, 0, 60), (3_600, 901, 60), (3_600, 900, 3_601)])
def test_times_that_leave_no_time_are_refused(world, deployer, times):
    length, answer, show = times

    with reverts_with("StorageProofs_BadTimes", length, answer, show):
        contract("StorageProofs").deploy(
            world.ledger, world.node_registry, length, answer, show, 2, DOLLAR, DOLLAR, {"from": deployer}
        )
