"""StorageProofs.show: the branches of show.tree."""

from dataclasses import replace

import pytest
from brownie import chain
from brownie.exceptions import VirtualMachineError
from reverts import reverts_with
from storing import Bytes, Store, as_call, demanded, next_round, seed_round
from system import DOLLAR

from thenar.domain.storage.pledges import PledgedRoot, answer_of, positions, verify


@pytest.fixture
def round_(proofs, pledged, answered, dave):
    """The round whose answers 0 to 7 Dave demanded."""
    for place in range(8):
        demanded(proofs, pledged, dave, place)
    return answered


@pytest.fixture
def right(pledged, asked):
    """The right answer to challenge 0."""
    return pledged.shown(asked, 0)


@pytest.fixture
def position(pledged, asked):
    return positions(asked, pledged.address, pledged.tree.leaves)[0]


def test_what_was_not_demanded_is_not_shown(proofs, answered, right, bob):
    with reverts_with("StorageProofs_NotDemanded", bob, answered, 0):
        proofs.show(bob, answered, 0, as_call(right), {"from": bob})


def test_an_answer_is_shown_once(proofs, round_, right, bob):
    proofs.show(bob, round_, 0, as_call(right), {"from": bob})

    with reverts_with("StorageProofs_NotDemanded", bob, round_, 0):
        proofs.show(bob, round_, 0, as_call(right), {"from": bob})


def test_nobody_shows_late(proofs, params, round_, right, bob):
    show_by = proofs.demandOf(bob, round_, 0)["showBy"]
    chain.sleep(params.show_time + 1)

    with reverts_with("StorageProofs_ShowTimeOver", show_by):
        proofs.show(bob, round_, 0, as_call(right), {"from": bob})


def test_a_leaf_has_at_most_1024_bytes(proofs, round_, right, bob):
    for leaf in (b"", bytes(1025)):
        with reverts_with("StorageProofs_BadLeaf", len(leaf)):
            proofs.show(bob, round_, 0, as_call(replace(right, leaf=leaf)), {"from": bob})


def test_only_the_last_leaf_is_short(proofs, round_, right, bob):
    short = replace(right, leaf=bytes(1023), index=0, leaves=2)

    with reverts_with("StorageProofs_BadLeaf", 1023):
        proofs.show(bob, round_, 0, as_call(short), {"from": bob})


def test_another_leaf_is_no_answer(proofs, pledged, asked, round_, right, position, bob):
    asked_for = positions(asked, pledged.address, pledged.tree.leaves)
    other = next(at for at in range(1, 8) if asked_for[at] != position)

    with reverts_with("StorageProofs_NotAtPosition", position):
        proofs.show(bob, round_, 0, as_call(pledged.shown(asked, other)), {"from": bob})


def test_a_leaf_beyond_its_replica_is_no_answer(proofs, round_, right, position, bob):
    beyond = replace(right, leaf=bytes(1024), index=right.leaves)

    with reverts_with("StorageProofs_NotAtPosition", position):
        proofs.show(bob, round_, 0, as_call(beyond), {"from": bob})


def test_another_tree_is_no_answer(proofs, round_, right, position, bob):
    lied = [
        replace(right, sums=(right.sums[0] + 1, *right.sums[1:])),
        replace(right, sums=(2**96 - 1, *right.sums[1:])),
        replace(right, siblings=(b"\x01" * 32, *right.siblings[1:])),  # beside the last of three lies nothing
        replace(right, place=right.place ^ 1),
    ]

    for one in lied:
        with reverts_with("StorageProofs_NotAtPosition", position):
            proofs.show(bob, round_, 0, as_call(one), {"from": bob})


def test_a_proof_of_another_shape_is_no_answer(proofs, round_, right, position, bob):
    lied = [
        replace(right, siblings=right.siblings[:-1]),
        replace(right, sums=(*right.sums, 0)),
        replace(right, place=right.place + 4),
    ]

    for one in lied:
        with reverts_with("StorageProofs_NotAtPosition", position):
            proofs.show(bob, round_, 0, as_call(one), {"from": bob})


def test_other_bytes_are_no_answer(proofs, round_, right, bob):
    lied = [replace(right, leaf=bytes(len(right.leaf))), replace(right, path=(bytes(32), *right.path[1:]))]

    for one in lied:
        with reverts_with("StorageProofs_NotInReplica", right.replica, right.index):
            proofs.show(bob, round_, 0, as_call(one), {"from": bob})


def test_a_late_download_does_not_save_a_false_answer(proofs, pledged, asked, bob, dave):
    """Bob answered without the bytes and fetches them once they are demanded."""
    pledged.lose()
    pledged.answer(proofs)
    pledged.lost = set()
    now = demanded(proofs, pledged, dave)
    right = pledged.shown(asked, 0)

    with reverts_with("StorageProofs_OtherAnswer", 0, answer_of(asked, pledged.address, 0, right.leaf)):
        proofs.show(bob, now, 0, as_call(right), {"from": bob})


def test_the_bond_is_the_nodes_whoever_shows(world, proofs, params, round_, right, bob, erin):
    proofs.show(bob, round_, 0, as_call(right), {"from": erin})

    assert world.ledger.balanceOf(bob) == 100 * DOLLAR + params.demand_bond
    assert world.ledger.balanceOf(erin) == 0
    assert proofs.standingOf(bob)["demands"] == 7


def test_it_emits_answer_shown(proofs, round_, right, bob):
    tx = proofs.show(bob, round_, 0, as_call(right), {"from": bob})

    assert dict(tx.events["AnswerShown"]) == {"node": bob, "round": round_, "place": 0}


def test_all_eight_answers_can_be_shown(proofs, pledged, asked, round_, bob):
    for place in range(8):
        proofs.show(bob, round_, place, as_call(pledged.shown(asked, place)), {"from": bob})

    assert proofs.standingOf(bob)["demands"] == 0


def test_chain_and_node_judge_alike(proofs, pledged, asked, round_, right, bob):
    tree, answers = pledged.tree, bytes(proofs.answersOf(bob))
    known = {"seed": asked, "node": pledged.address, "challenge": 0, "answers": answers}
    on_chain = PledgedRoot(tree.root, tree.leaves, tree.depth)
    tried = [
        right,
        replace(right, leaf=right.leaf[:-1]),
        replace(right, leaf=bytes(len(right.leaf))),
        replace(right, index=right.index + 1),
        replace(right, leaves=right.leaves + 1),
        replace(right, place=right.place ^ 1),
        replace(right, place=right.place + 4),
        replace(right, sums=right.sums[:-1]),
        replace(right, sums=(2**96 - 1, *right.sums[1:])),
        replace(right, beside=right.beside[:-1]),
        replace(right, path=(*right.path, bytes(32))),
    ]

    said = [verify(one, pledged=on_chain, **known) for one in tried]
    accepted = []
    for one in tried:
        try:
            proofs.show.call(bob, round_, 0, as_call(one), {"from": bob})
            accepted.append(True)
        except VirtualMachineError:
            accepted.append(False)

    assert said == accepted == [True] + [False] * (len(tried) - 1)


def test_the_last_leaf_may_be_short(proofs, bob, dave, erin):
    store = Store(bob, [Bytes.random(4, 1, 700), Bytes.random(5, 1, 1)])
    store.pledge(proofs)
    next_round(proofs)
    seed = seed_round(proofs, erin)
    store.answer(proofs)

    for place in range(8):
        now = demanded(proofs, store, dave, place)
        proofs.show(bob, now, place, as_call(store.shown(seed, place)), {"from": bob})

    assert proofs.standingOf(bob)["demands"] == 0
