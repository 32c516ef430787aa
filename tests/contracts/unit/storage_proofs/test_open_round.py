"""StorageProofs.openRound: the branches of open_round.tree."""

from brownie import chain, web3
from reverts import reverts_with
from storing import next_round


def test_a_seeded_round_is_not_opened_again(proofs, asked, erin):
    with reverts_with("StorageProofs_Seeded", proofs.currentRound()):
        proofs.openRound({"from": erin})


def test_the_seed_is_not_drawn_twice(proofs, params, erin):
    tx = proofs.openRound({"from": erin})
    named = tx.block_number + params.draw_delay
    web3.provider.make_request("anvil_mine", [hex(params.draw_delay + 255)])

    with reverts_with("StorageProofs_RoundOpen", proofs.currentRound(), named):
        proofs.openRound({"from": erin})


def test_a_round_is_opened_in_its_first_quarter(proofs, params, erin):
    now = next_round(proofs)
    chain.sleep(params.round_length // 4 + 1)

    with reverts_with("StorageProofs_TooLate", now):
        proofs.openRound({"from": erin})


def test_a_lost_seed_is_named_again(proofs, params, erin):
    proofs.openRound({"from": erin})
    web3.provider.make_request("anvil_mine", [hex(params.draw_delay + 256)])

    tx = proofs.openRound({"from": erin})

    assert proofs.roundOf(proofs.currentRound())["seedBlock"] == tx.block_number + params.draw_delay
    chain.mine(params.draw_delay)
    proofs.seedRound({"from": erin})


def test_the_seed_comes_from_a_block_to_come(proofs, params, erin):
    tx = proofs.openRound({"from": erin})
    chain.mine(params.draw_delay)
    proofs.seedRound({"from": erin})

    named = tx.block_number + params.draw_delay
    assert bytes(proofs.roundOf(proofs.currentRound())["seed"]) == bytes(web3.eth.get_block(named)["hash"])


def test_it_emits_round_opened(proofs, params, erin):
    tx = proofs.openRound({"from": erin})

    said = {"round": proofs.currentRound(), "seedBlock": tx.block_number + params.draw_delay}
    assert dict(tx.events["RoundOpened"]) == said
