"""The ways out of a preview that nobody disputes."""

from __future__ import annotations

from brownie import chain
from previews import BLOCKS_TO_EXPIRY, EXPIRED, FEE, OPENED, PAID
from reverts import reverts_with


def wait_out(shown):
    chain.sleep(shown.desk.disputeWindow() + 1)


def test_an_honest_seller_is_paid_and_has_the_bond_back(shown, system, alice, carol):
    before = system.ledger.balanceOf(alice)
    preview = shown.ask()
    opened = shown.open(preview)
    wait_out(shown)

    sent = shown.desk.closePreview(preview.call, opened.call, {"from": carol})

    assert system.ledger.balanceOf(alice) == before + FEE
    assert sent.events["PreviewEnded"]["how"] == PAID


def test_a_free_preview_gives_the_bond_back(shown, system, alice):
    before = system.ledger.balanceOf(alice)
    preview = shown.ask(fee=0)
    opened = shown.open(preview)
    wait_out(shown)

    shown.desk.closePreview(preview.call, opened.call, {"from": alice})

    assert system.ledger.balanceOf(alice) == before


def test_closing_within_the_window_is_refused(shown, alice, bob):
    preview = shown.ask()
    opened = shown.open(preview)
    deadline = shown.desk.previewOf(shown.made.id, bob)[1]

    with reverts_with("PreviewDesk_TooEarly", deadline):
        shown.desk.closePreview(preview.call, opened.call, {"from": alice})


def test_a_closed_preview_can_be_asked_again(shown, alice):
    preview = shown.ask()
    opened = shown.open(preview)
    wait_out(shown)
    shown.desk.closePreview(preview.call, opened.call, {"from": alice})

    assert shown.ask().id(shown.desk) != preview.id(shown.desk)


def test_what_nobody_opened_is_given_back_by_anybody(shown, system, bob, carol):
    before = system.ledger.balanceOf(bob)
    preview = shown.ask()
    chain.mine(BLOCKS_TO_EXPIRY)

    sent = shown.desk.expirePreview(preview.call, {"from": carol})

    assert system.ledger.balanceOf(bob) == before + FEE
    assert sent.events["PreviewEnded"]["how"] == EXPIRED


def test_a_free_preview_expires(shown, system, bob):
    before = system.ledger.balanceOf(bob)
    preview = shown.ask(fee=0)
    chain.mine(BLOCKS_TO_EXPIRY)

    shown.desk.expirePreview(preview.call, {"from": bob})

    assert system.ledger.balanceOf(bob) == before


def test_expiring_while_the_seller_can_open_is_refused(shown, bob):
    """One block after the other: as long as the seller can open nobody can expire, and then at once."""
    preview = shown.ask()
    chain.mine(BLOCKS_TO_EXPIRY - 3)

    with reverts_with("PreviewDesk_TooEarly", preview.asked_in + BLOCKS_TO_EXPIRY):
        shown.desk.expirePreview(preview.call, {"from": bob})
    assert any(bytes(shown.desk.seedOf(preview.call)))


def test_an_opened_preview_does_not_expire(shown, bob):
    preview = shown.ask()
    shown.open(preview)
    chain.mine(BLOCKS_TO_EXPIRY)

    with reverts_with("PreviewDesk_WrongStage", preview.id(shown.desk), OPENED):
        shown.desk.expirePreview(preview.call, {"from": bob})


def test_a_position_beyond_the_file_has_no_chunk(shown):
    with reverts_with("PreviewDesk_BadCount", 5, 5):
        shown.desk.chunkAt(bytes(32), 5, 5)
    assert sorted(shown.desk.chunkAt(bytes(32), 5, position) for position in range(5)) == [0, 1, 2, 3, 4]
