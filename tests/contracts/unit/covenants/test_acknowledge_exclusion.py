"""Covenants.acknowledgeExclusion: the branches of acknowledge_exclusion.tree."""

import pytest
from assets import digest
from batches import commit
from reverts import reverts_with

ROOT = digest("what is left out")


@pytest.fixture
def withdrawn(system, capture, alice):
    """Alice withdrew consent."""
    return system.asset_registry.revokeAll(capture, ROOT, {"from": alice})


def test_only_its_owner_speaks_for_a_model(covenants, child, capture, withdrawn, alice):
    with reverts_with("Covenants_NotOwner", child.id, alice):
        covenants.acknowledgeExclusion(child.id, capture, ROOT, {"from": alice})


def test_a_capture_leaves_nothing_out(covenants, capture, withdrawn, alice):
    with reverts_with("Covenants_NotDerived", capture):
        covenants.acknowledgeExclusion(capture, capture, ROOT, {"from": alice})


def test_an_unknown_asset_is_not_left_out(covenants, child, carol):
    with reverts_with("AssetRegistry_Unknown", digest("nothing")):
        covenants.acknowledgeExclusion(child.id, digest("nothing"), ROOT, {"from": carol})


def test_there_must_be_something_to_leave_out(covenants, child, capture, carol):
    with reverts_with("Covenants_NothingWithdrawn", capture):
        covenants.acknowledgeExclusion(child.id, capture, ROOT, {"from": carol})


def test_what_was_said_is_kept(covenants, child, capture, withdrawn, carol):
    tx = covenants.acknowledgeExclusion(child.id, capture, ROOT, {"from": carol})

    assert tuple(covenants.acknowledgedOf(child.id, capture)) == ("0x" + ROOT.hex(), 1, tx.timestamp)


def test_saying_it_again_replaces_it(system, covenants, child, capture, withdrawn, alice, carol):
    covenants.acknowledgeExclusion(child.id, capture, ROOT, {"from": carol})
    system.asset_registry.revokeAll(capture, bytes(32), {"from": alice})

    tx = covenants.acknowledgeExclusion(child.id, capture, bytes(32), {"from": carol})

    assert tuple(covenants.acknowledgedOf(child.id, capture)) == ("0x" + "00" * 32, 2, tx.timestamp)


def test_it_emits_exclusion_acknowledged(covenants, child, capture, withdrawn, carol):
    event = covenants.acknowledgeExclusion(child.id, capture, ROOT, {"from": carol}).events["ExclusionAcknowledged"]

    ids = {"model": "0x" + child.id.hex(), "asset": "0x" + capture.hex()}
    assert dict(event) == ids | {"consentEpoch": 1, "exclusionRoot": "0x" + ROOT.hex()}


def test_a_batch_leaves_nothing_out(system, covenants, capture, withdrawn, bob):
    batch = commit(system.asset_registry, bob)

    with reverts_with("Covenants_NotDerived", batch.id):
        covenants.acknowledgeExclusion(batch.id, capture, ROOT, {"from": bob})
