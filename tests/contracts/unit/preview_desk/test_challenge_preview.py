"""Asking for a preview."""

from __future__ import annotations

from dataclasses import replace

import pytest
from previews import ASKED, FEE, prepare
from reverts import reverts_with
from sales import FIELD, ORDER, point
from sealed_bytes import SealedBytes
from system import contract, deploy_system


def test_the_fee_is_held_and_the_preview_announced(shown, system, bob):
    before = system.ledger.lockedBy(shown.desk)

    preview = shown.ask(count=3)

    stage, _, kept = shown.desk.previewOf(shown.made.id, bob)
    preview_id = preview.id(shown.desk)
    assert stage == ASKED
    assert bytes(kept) == preview_id[:26] + bytes(6)
    assert bytes(shown.desk.previewIdOf(preview.call)) == preview_id
    assert system.ledger.lockedBy(shown.desk) == before + FEE


def test_everything_is_in_the_event(shown, bob):
    sent = shown.desk.challengePreview(shown.made.call, 2, FEE, *point(shown.secret), {"from": bob})

    event = sent.events["PreviewAsked"]
    assert event["challenger"] == bob
    assert event["preview"][5:] == (sent.block_number, 5, 2, FEE)


def test_a_preview_may_be_free(shown, system):
    before = system.ledger.lockedBy(shown.desk)

    shown.ask(fee=0)

    assert system.ledger.lockedBy(shown.desk) == before


@pytest.mark.parametrize("count", [0, 6, 257])
def test_a_count_outside_the_file_is_refused(shown, bob, count):
    with reverts_with("PreviewDesk_BadCount", count, 5):
        shown.desk.challengePreview(shown.made.call, count, FEE, *point(shown.secret), {"from": bob})


def test_more_than_256_chunks_are_refused(system, shown, alice, bob):
    big = replace(shown.made, size=300 * 262_128)
    system.asset_registry.mint(big.call, 0, 0, "0x" + "00" * 20, b"", {"from": alice})

    with reverts_with("PreviewDesk_BadCount", 257, 300):
        shown.desk.challengePreview(big.call, 257, FEE, *point(shown.secret), {"from": bob})


@pytest.mark.parametrize("chunks", [2**32, 2**32 + 1])
def test_a_file_of_more_chunks_than_can_be_drawn_is_refused(system, shown, alice, bob, chunks):
    """A seller who claimed 2^32 + 1 chunks would be asked for the first one only, whatever the block said."""
    vast = replace(shown.made, size=chunks * 262_128)
    system.asset_registry.mint(vast.call, 0, 0, "0x" + "00" * 20, b"", {"from": alice})

    with reverts_with("PreviewDesk_BadCount", 1, chunks):
        shown.desk.challengePreview(vast.call, 1, FEE, *point(shown.secret), {"from": bob})


@pytest.mark.parametrize(("x", "y"), [(0, 0), (1, 1), (ORDER, 1), (1, FIELD)])
def test_a_number_pair_that_is_no_point_is_refused(shown, bob, x, y):
    with reverts_with("PreviewDesk_BadPoint", x, y):
        shown.desk.challengePreview(shown.made.call, 1, FEE, x, y, {"from": bob})


def test_the_owner_previews_nothing(shown, alice):
    with reverts_with("PreviewDesk_OwnAsset", alice):
        shown.desk.challengePreview(shown.made.call, 1, FEE, *point(shown.secret), {"from": alice})


def test_a_second_preview_of_the_same_asset_is_refused(shown, bob):
    shown.ask()

    with reverts_with("PreviewDesk_AlreadyRunning", shown.made.id, bob):
        shown.desk.challengePreview(shown.made.call, 1, FEE, *point(shown.secret), {"from": bob})


def test_an_asset_without_sealed_bytes_is_refused(shown, bob):
    unsealed = replace(shown.made, size=0, cipher_root=bytes(32), plain_root=bytes(32), key_commit=bytes(32))

    with reverts_with("PreviewDesk_NothingSealed", unsealed.id):
        shown.desk.challengePreview(unsealed.call, 1, FEE, *point(shown.secret), {"from": bob})


def test_an_asset_nobody_minted_is_refused(shown, bob):
    unknown = replace(shown.made, manifest_hash=b"\x01" * 32)

    with reverts_with("AssetRegistry_Unknown", unknown.id):
        shown.desk.challengePreview(unknown.call, 1, FEE, *point(shown.secret), {"from": bob})


def test_a_token_that_keeps_a_part_is_refused(deployer, alice, bob):
    token = contract("FeeOnTransferToken").deploy(100, {"from": deployer})
    world = deploy_system(deployer, token)
    shown = prepare(world, SealedBytes.of(b"something to look at", bytes(range(32))), alice, bob)

    with reverts_with("PreviewDesk_ShortPaid", FEE - FEE // 100, FEE):
        shown.ask(count=1)
    assert world.ledger.lockedBy(shown.desk) == 0
