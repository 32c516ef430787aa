"""StorageProofs.seedRound: the branches of seed_round.tree."""

from brownie import chain, web3
from reverts import reverts_with
from storing import next_round, seed_round


def test_a_round_is_opened_before_it_is_seeded(proofs, erin):
    with reverts_with("StorageProofs_NotOpen", proofs.currentRound()):
        proofs.seedRound({"from": erin})


def test_a_seed_stays(proofs, erin):
    seed_round(proofs, erin)

    with reverts_with("StorageProofs_Seeded", proofs.currentRound()):
        proofs.seedRound({"from": erin})


def test_the_named_block_comes_first(proofs, params, erin):
    tx = proofs.openRound({"from": erin})
    named = tx.block_number + params.draw_delay
    chain.mine(params.draw_delay - 1)

    with reverts_with("StorageProofs_TooEarly", named):
        proofs.seedRound({"from": erin})


def test_a_round_is_seeded_in_its_first_half(proofs, params, erin):
    now = next_round(proofs)
    proofs.openRound({"from": erin})
    chain.sleep(params.round_length // 2)
    chain.mine(params.draw_delay)

    with reverts_with("StorageProofs_TooLate", now):
        proofs.seedRound({"from": erin})


def test_a_lost_hash_seeds_nothing(proofs, params, erin):
    tx = proofs.openRound({"from": erin})
    named = tx.block_number + params.draw_delay
    web3.provider.make_request("anvil_mine", [hex(params.draw_delay + 257)])

    with reverts_with("StorageProofs_SeedLost", proofs.currentRound(), named):
        proofs.seedRound({"from": erin})


def test_every_round_has_a_seed_of_its_own(proofs, erin):
    first = seed_round(proofs, erin)
    next_round(proofs)

    assert seed_round(proofs, erin) != first


def test_the_time_to_answer_begins(proofs, params, erin):
    proofs.openRound({"from": erin})
    chain.mine(params.draw_delay)

    tx = proofs.seedRound({"from": erin})

    event, round_ = tx.events["RoundSeeded"], proofs.roundOf(proofs.currentRound())
    assert event["answerBy"] == round_["answerBy"] == tx.timestamp + params.answer_time
    assert (event["round"], event["seed"]) == (proofs.currentRound(), round_["seed"])
