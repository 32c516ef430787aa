"""Attacks on proofs of storage: whoever is paid for what he does not hold, or wants others to pay for what they do."""

import random

import pytest
from assets import mint
from brownie import chain, web3
from reverts import reverts_with
from storing import CID, Bytes, Store, as_call, demanded, next_round, seed_round, storage_world
from system import DOLLAR

from thenar.domain import merkle
from thenar.domain.storage.pledges import answer_of, answers_tree, position_of, positions


@pytest.fixture(scope="module")
def world(deployer, bob, carol, dave, mallory):
    return storage_world(deployer, (bob, carol, dave, mallory))


@pytest.fixture(scope="module")
def proofs(world):
    return world.storage_proofs


@pytest.fixture
def thief(proofs, mallory, fn_isolation):
    """Mallory's pledge of 40 leaves, in the first round that asks for it."""
    made = Store(mallory, [Bytes.random(1, 25), Bytes.random(2, 15)])
    made.pledge(proofs)
    next_round(proofs)
    return made


def test_two_identities_do_not_share_one_disk(world, alice, bob, carol, mallory):
    """Whoever holds a ciphertext is one node; a second copy is another ciphertext, which the first does not give."""
    book, asset = world.replica_book, mint(world.asset_registry, alice, "kept twice")
    first, second = Bytes.random(3, 4), Bytes.random(4, 4)
    for one in (first, second):
        book.list(asset, one.held.root, one.held.leaves, CID, {"from": alice})
    book.take([first.held.root], {"from": bob})

    with reverts_with("ReplicaBook_Taken", first.held.root, bob):
        book.take([first.held.root], {"from": carol})
    held_by_thief = set(first.leaves)
    assert held_by_thief.isdisjoint(second.leaves)


def test_another_identitys_answer_is_no_answer(proofs, thief, carol, erin, dave):
    """Two nodes over the same bytes are asked for different leaves, and the same leaf answers differently."""
    twin = Store(carol, thief.disk)
    twin.pledge(proofs)
    next_round(proofs)
    seed = seed_round(proofs, erin)

    assert positions(seed, twin.address, 40) != positions(seed, thief.address, 40)
    leaf = thief.leaf(0)
    assert answer_of(seed, twin.address, 0, leaf) != answer_of(seed, thief.address, 0, leaf)


def test_hashes_kept_instead_of_leaves_answer_nothing(proofs, thief, erin, dave):
    """Mallory keeps every leaf's hash, 3 % of the data, and the whole tree above them."""
    seed = seed_round(proofs, erin)
    kept = {at: merkle.leaf_hash(thief.leaf(at)) for at in range(40)}
    asked = positions(seed, thief.address, 40)
    guessed = [answer_of(seed, thief.address, place, kept[position]) for place, position in enumerate(asked)]
    proofs.answer(answers_tree(guessed).root, {"from": thief.account})

    now = demanded(proofs, thief, dave)

    right = thief.shown(seed, 0)
    with reverts_with("StorageProofs_OtherAnswer", 0, answer_of(seed, thief.address, 0, right.leaf)):
        proofs.show(thief.account, now, 0, as_call(right), {"from": thief.account})


def test_nobody_pledges_once_he_knows_the_seed(proofs, thief, erin):
    """A pledge made after the seed is asked about in the next round, by another seed."""
    seed_round(proofs, erin)
    small = Store(thief.account, thief.disk[:1])

    small.pledge(proofs)

    standing = proofs.standingOf(thief.account)
    assert standing["since"] == proofs.currentRound() + 1
    assert bytes(proofs.pledgeOf(thief.account, 1)["root"]) == thief.tree.root


def test_the_caller_of_a_round_does_not_choose_its_seed(proofs, mallory):
    """The block is named before it exists, and naming it again takes 256 blocks in which anybody may draw."""
    next_round(proofs)
    named = proofs.openRound({"from": mallory}).block_number + 2
    for skipped in (1, 100, 153):
        web3.provider.make_request("anvil_mine", [hex(skipped)])
        with reverts_with("StorageProofs_RoundOpen", proofs.currentRound(), named):
            proofs.openRound({"from": mallory})
    proofs.seedRound({"from": mallory})

    assert bytes(proofs.roundOf(proofs.currentRound())["seed"]) == bytes(web3.eth.get_block(named)["hash"])


def test_half_a_disk_is_caught_on_the_first_day(proofs):
    """Over 2,000 seeds: with half of 4,096 leaves gone, eight challenges miss the loss once in 256 times."""
    dice, node, missed = random.Random(5), "0x" + "ab" * 20, 0
    for _ in range(2_000):
        seed = dice.randbytes(32)
        missed += all(position >= 2_048 for position in positions(seed, node, 4_096))

    assert missed <= 26  # 2,000 / 256 = 7.8; six standard deviations above


def test_who_lost_half_cannot_show_it(world, proofs, thief, erin, dave):
    """He answers all the same; whoever demands what he lost takes half of his bond."""
    thief.lose(2)
    seed = seed_round(proofs, erin)
    thief.answer(proofs)
    lost = {(root, at) for root, at in thief.lost}
    asked = [thief.tree.at(position) for position in positions(seed, thief.address, 40)]
    place = next(at for at, one in enumerate(asked) if (one.replica.root, one.index) in lost)

    now = demanded(proofs, thief, dave, place)
    shown = thief.shown(seed, place)
    with reverts_with("StorageProofs_NotInReplica", shown.replica, shown.index):
        proofs.show(thief.account, now, place, as_call(shown), {"from": thief.account})
    chain.sleep(proofs.terms()[3] + 1)
    proofs.convict(thief.account, now, place, {"from": erin})

    assert world.ledger.balanceOf(dave) == 101 * DOLLAR


def test_small_leaves_do_not_pass_for_large_ones(proofs, mallory, dave, erin):
    """A tree over leaves of one byte would pledge 1,024 times what is held."""
    tiny = Store(mallory, [Bytes(tuple(bytes([at]) for at in range(40)))])
    tiny.pledge(proofs)
    next_round(proofs)
    seed = seed_round(proofs, erin)
    tiny.answer(proofs)
    place = next(at for at in range(8) if position_of(seed, tiny.address, at, 40) != 39)
    now = demanded(proofs, tiny, dave, place)

    with reverts_with("StorageProofs_BadLeaf", 1):
        proofs.show(mallory, now, place, as_call(tiny.shown(seed, place)), {"from": mallory})


def test_demands_do_not_cost_who_holds(world, proofs, thief, erin, dave):
    """Every demand of what is held pays its holder the demander's bond."""
    seed = seed_round(proofs, erin)
    thief.answer(proofs)
    now = int(proofs.currentRound())

    for place in range(8):
        demanded(proofs, thief, dave, place)
        proofs.show(thief.account, now, place, as_call(thief.shown(seed, place)), {"from": erin})

    bond = proofs.terms()[4]
    assert world.ledger.balanceOf(thief.account) == 100 * DOLLAR + 8 * bond
    assert world.ledger.balanceOf(dave) == 100 * DOLLAR - 8 * bond


def test_an_accomplice_saves_nothing(world, proofs, thief, erin, dave):
    """Mallory lets dave convict him: half of the bond is burnt all the same, and others may demand too."""
    thief.lose()
    seed_round(proofs, erin)
    thief.answer(proofs)
    bond = proofs.standingOf(thief.account)["bond"]
    now = demanded(proofs, thief, dave)
    chain.sleep(proofs.terms()[3] + 1)

    proofs.convict(thief.account, now, 0, {"from": dave})

    assert world.ledger.balanceOf(dave) == 100 * DOLLAR + bond // 2


def test_leaving_does_not_outrun_a_conviction(proofs, thief, erin, dave):
    """Retiring, freeing and unbonding all wait for what was demanded."""
    thief.lose()
    seed_round(proofs, erin)
    thief.answer(proofs)
    demanded(proofs, thief, dave)
    proofs.retire({"from": thief.account})
    next_round(proofs)
    next_round(proofs)

    with reverts_with("StorageProofs_DemandsOpen", thief.account, 1):
        proofs.free(thief.account, {"from": thief.account})
