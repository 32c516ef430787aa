"""StorageProofs.pledge: the branches of pledge.tree."""

from nodes import COMPUTE, KEY
from reverts import reverts_with
from storing import REPLICA, STAKED, next_round
from system import DOLLAR

GIB = 2**20


def test_who_does_not_store_pledges_nothing(world, proofs, bob, erin):
    world.node_registry.register(KEY, COMPUTE, 0, {"from": bob})

    for stranger in (bob, erin):
        with reverts_with("StorageProofs_NotStore", stranger):
            proofs.pledge(REPLICA, 1, 0, {"from": stranger})


def test_a_pledge_has_a_root(proofs, bob):
    with reverts_with("StorageProofs_NothingPledged", bob):
        proofs.pledge(bytes(32), 1, 0, {"from": bob})


def test_a_pledge_has_leaves(proofs, bob):
    with reverts_with("StorageProofs_NothingPledged", bob):
        proofs.pledge(REPLICA, 0, 0, {"from": bob})


def test_a_pledge_is_at_most_twenty_levels_deep(proofs, bob):
    proofs.pledge(REPLICA, 1, 20, {"from": bob})

    with reverts_with("StorageProofs_TooDeep", 21):
        proofs.pledge(REPLICA, 1, 21, {"from": bob})


def test_who_is_leaving_pledges_nothing_new(proofs, pledged, bob):
    proofs.retire({"from": bob})

    with reverts_with("StorageProofs_Leaving", bob, proofs.currentRound() + 1):
        proofs.pledge(REPLICA, 1, 0, {"from": bob})


def test_more_than_the_stake_covers_is_not_pledged(proofs, params, bob):
    most = STAKED // params.gib_stake

    with reverts_with("NodeRegistry_Bound", STAKED, (most + 1) * params.gib_stake):
        proofs.pledge(REPLICA, most * GIB + 1, 5, {"from": bob})

    proofs.pledge(REPLICA, most * GIB, 5, {"from": bob})


def test_a_pledge_is_frozen_before_the_round_it_is_asked_in(proofs, store, bob):
    now = proofs.currentRound()

    store.pledge(proofs)

    standing = proofs.standingOf(bob)
    assert (standing["since"], standing["first"], standing["pledges"]) == (now + 1, now + 1, 1)
    assert tuple(proofs.pledgeOf(bob, 1)) == ("0x" + store.tree.root.hex(), 16, 2)


def test_every_gib_begun_binds_stake(proofs, params, bound, bob):
    assert [proofs.bondFor(leaves) for leaves in (1, GIB, GIB + 1)] == [2 * DOLLAR, 2 * DOLLAR, 4 * DOLLAR]
    assert proofs.bondFor(2**48 - 1) == 2**28 * params.gib_stake

    proofs.pledge(REPLICA, GIB + 1, 3, {"from": bob})

    assert (bound(bob), proofs.standingOf(bob)["bond"]) == (4 * DOLLAR, 4 * DOLLAR)


def test_a_pledge_not_asked_about_yet_is_replaced(proofs, store, bob):
    proofs.pledge(REPLICA, 1, 0, {"from": bob})

    store.pledge(proofs)

    assert proofs.standingOf(bob)["pledges"] == 1
    assert bytes(proofs.pledgeOf(bob, 1)["root"]) == store.tree.root


def test_a_larger_pledge_binds_the_difference(proofs, pledged, bound, bob):
    next_round(proofs)

    proofs.pledge(REPLICA, 3 * GIB, 3, {"from": bob})

    standing = proofs.standingOf(bob)
    assert (bound(bob), standing["bond"], standing["pledges"]) == (6 * DOLLAR, 6 * DOLLAR, 2)
    assert standing["first"] < standing["since"] == proofs.currentRound() + 1
    assert bytes(proofs.pledgeOf(bob, 1)["root"]) == pledged.tree.root


def test_a_smaller_pledge_frees_nothing(proofs, bound, bob):
    proofs.pledge(REPLICA, 3 * GIB, 3, {"from": bob})

    proofs.pledge(REPLICA, 1, 0, {"from": bob})

    assert (bound(bob), proofs.standingOf(bob)["bond"]) == (6 * DOLLAR, 6 * DOLLAR)


def test_it_emits_storage_pledged(proofs, store, bob):
    tx = store.pledge(proofs)

    assert dict(tx.events["StoragePledged"]) == {
        "node": bob,
        "root": "0x" + store.tree.root.hex(),
        "leaves": 16,
        "depth": 2,
        "number": 1,
        "since": proofs.currentRound() + 1,
        "bond": 2 * DOLLAR,
    }
