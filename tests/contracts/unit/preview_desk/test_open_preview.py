"""Handing over the keys of the drawn chunks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from brownie import chain
from previews import FEE, OPENED, Opened
from reverts import ANY, reverts_with
from sales import point


def opening(shown, preview, opened=None):
    opened = opened or shown.wrap(preview, shown.keys(preview))
    return preview.call, opened.call


def test_the_keys_are_kept_as_a_hash_and_announced(shown, bob):
    preview = shown.ask()
    opened = shown.wrap(preview, shown.keys(preview))

    sent = shown.desk.openPreview(*opening(shown, preview, opened), {"from": shown.seller})

    stage, deadline, kept = shown.desk.previewOf(shown.made.id, bob)
    assert (stage, deadline) == (OPENED, sent.timestamp + shown.desk.disputeWindow())
    assert bytes(kept) == opened.agreement(preview.id(shown.desk))
    assert sent.events["PreviewOpened"]["opened"][0] == "0x" + opened.seed.hex()


def test_the_bond_comes_from_the_sellers_account(shown, system, alice):
    preview = shown.ask()
    before = system.ledger.balanceOf(alice)

    shown.open(preview)

    assert system.ledger.balanceOf(alice) == before - shown.desk.bondFor(FEE)
    assert shown.desk.bondFor(0) > 0


def test_a_seller_without_the_bond_cannot_open(shown, system, alice):
    preview = shown.ask()
    system.ledger.withdraw(alice, system.ledger.balanceOf(alice), {"from": alice})

    with reverts_with("Ledger_NotEnough", alice, 0, shown.desk.bondFor(FEE)):
        shown.desk.openPreview(*opening(shown, preview), {"from": alice})


def test_a_stranger_cannot_open(shown, alice, carol):
    preview = shown.ask()

    with reverts_with("PreviewDesk_NotSeller", alice, carol):
        shown.desk.openPreview(*opening(shown, preview), {"from": carol})


@pytest.mark.parametrize("count", [0, 2, 4])
def test_another_number_of_keys_is_refused(shown, count):
    preview = shown.ask(count=3)
    opened = replace(shown.wrap(preview, shown.keys(preview)), wrapped=(bytes(32),) * count)

    with reverts_with("PreviewDesk_WrongCount", count, 3):
        shown.desk.openPreview(preview.call, opened.call, {"from": shown.seller})


def test_an_ephemeral_that_is_no_point_is_refused(shown):
    preview = shown.ask()
    opened = replace(shown.wrap(preview, shown.keys(preview)), ephemeral_x=5, ephemeral_y=6)

    with reverts_with("PreviewDesk_BadPoint", 5, 6):
        shown.desk.openPreview(preview.call, opened.call, {"from": shown.seller})


def test_keys_for_chunks_drawn_otherwise_are_refused(shown):
    """What a reorganisation would do: the seller wrapped keys for a block that is no more. It costs him no bond."""
    preview = shown.ask()
    opened = shown.wrap(preview, shown.keys(preview))
    stale = replace(opened, seed=b"\x01" * 32)

    with reverts_with("PreviewDesk_WrongSeed", opened.seed, stale.seed):
        shown.desk.openPreview(preview.call, stale.call, {"from": shown.seller})


def test_other_words_than_the_agreed_ones_are_refused(shown):
    preview = shown.ask()
    opened = shown.wrap(preview, shown.keys(preview))

    with reverts_with("PreviewDesk_WrongPreview", ANY, ANY):
        shown.desk.openPreview(replace(preview, count=2).call, opened.call, {"from": shown.seller})


def test_a_preview_is_opened_once(shown):
    preview = shown.ask()
    shown.open(preview)

    with reverts_with("PreviewDesk_WrongStage", preview.id(shown.desk), OPENED):
        shown.desk.openPreview(*opening(shown, preview), {"from": shown.seller})


def test_nothing_is_drawn_before_the_block_is_there(shown, bob):
    """The asking block itself draws nothing: whoever asks cannot know what he will see."""
    sent = shown.desk.challengePreview(shown.made.call, 3, FEE, *point(shown.secret), {"from": bob})
    preview = replace(shown.ask_words(3, FEE), asked_in=sent.block_number)

    with reverts_with("PreviewDesk_NoSeed", sent.block_number + 1):
        shown.desk.openPreview(
            preview.call, Opened(bytes(32), *point(7), (bytes(32),) * 3).call, {"from": shown.seller}
        )


def test_nothing_is_drawn_once_the_block_is_forgotten(shown):
    preview = shown.ask()
    words = opening(shown, preview)
    chain.mine(257)

    with reverts_with("PreviewDesk_NoSeed", preview.asked_in + 1):
        shown.desk.openPreview(*words, {"from": shown.seller})


def test_the_seed_is_the_hash_of_the_next_block_and_the_id(shown):
    preview = shown.ask()
    chain.mine(3)

    assert bytes(shown.desk.seedOf(preview.call)) == preview.seed(shown.desk)
