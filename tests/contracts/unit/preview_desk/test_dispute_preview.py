"""Showing that what was handed over does not open what was promised."""

from __future__ import annotations

from dataclasses import replace

import pytest
from brownie import chain
from previews import FEE, REFUTED
from reverts import ANY, reverts_with
from sales import point

from thenar.domain.previews import number_at

GAS_OF_A_DISPUTE = 265_000  # 22,000 of it for the first entry in the challenger's account


def dispute(shown, preview, opened, position=0, place=4, **other):
    """Dispute the leaf at ``place`` of the chunk drawn at ``position``; leaf 4 is the garbled one."""
    return shown.dispute(preview, opened, position, place, **other)


@pytest.mark.parametrize("position", [0, 2])
def test_garbage_costs_the_seller_his_bond(garbled, system, bob, position):
    preview = garbled.ask()
    opened = garbled.open(preview)
    before = system.ledger.balanceOf(bob)

    sent = dispute(garbled, preview, opened, position)

    assert system.ledger.balanceOf(bob) == before + FEE + garbled.desk.bondFor(FEE)
    assert sent.events["PreviewEnded"]["how"] == REFUTED
    assert garbled.desk.previewOf(garbled.made.id, bob)[0] == 0


def test_a_wrong_key_costs_the_seller_his_bond(shown, system, bob):
    preview = shown.ask()
    keys = shown.keys(preview)
    opened = shown.open(preview, shown.wrap(preview, (keys[0], b"\x01" * 32, keys[2])))
    before = system.ledger.balanceOf(bob)

    dispute(shown, preview, opened, position=1, place=0)

    assert system.ledger.balanceOf(bob) == before + FEE + shown.desk.bondFor(FEE)


def test_keys_in_another_order_are_wrong_keys(shown):
    preview = shown.ask(count=2)
    opened = shown.open(preview, shown.wrap(preview, shown.keys(preview)[::-1]))

    sent = dispute(shown, preview, opened, position=0, place=0)

    assert sent.events["PreviewEnded"]["how"] == REFUTED


def test_a_good_leaf_cannot_be_disputed(shown):
    preview = shown.ask()
    opened = shown.open(preview)
    chunk = number_at(opened.seed, 5, 1)

    with reverts_with("PreviewDesk_LeafIsGood", chunk, 0):
        dispute(shown, preview, opened, position=1, place=0, asked_only=True)


def test_a_good_leaf_of_a_garbled_chunk_cannot_be_disputed(garbled):
    preview = garbled.ask()
    opened = garbled.open(preview)

    with reverts_with("PreviewDesk_LeafIsGood", ANY, 3):
        dispute(garbled, preview, opened, place=3, asked_only=True)


def test_a_chunk_that_was_not_drawn_there_cannot_be_disputed(garbled):
    preview = garbled.ask()
    opened = garbled.open(preview)
    first, second = (number_at(opened.seed, 5, position) for position in (0, 1))

    with reverts_with("PreviewDesk_WrongChunk", first, second):
        dispute(garbled, preview, opened, chunk=second)


def test_a_position_that_was_not_drawn_is_refused(garbled):
    preview = garbled.ask(count=2)
    opened = garbled.open(preview)

    with reverts_with("PreviewDesk_WrongCount", 2, 2):
        dispute(garbled, preview, opened, position=2)


def test_another_secret_is_refused(garbled):
    preview = garbled.ask()
    opened = garbled.open(preview)
    position, secret, x, y = garbled.reveal(opened, 0)

    with reverts_with("PreviewDesk_WrongSecret"):
        dispute(garbled, preview, opened, reveal=(position, secret + 1, x, y))


def test_another_shared_point_is_refused(garbled):
    preview = garbled.ask()
    opened = garbled.open(preview)
    position, secret, _, _ = garbled.reveal(opened, 0)

    with reverts_with("PreviewDesk_WrongSharedPoint"):
        dispute(garbled, preview, opened, reveal=(position, secret, *point(3)))


def test_another_commitment_is_refused(garbled, shown):
    preview = garbled.ask()
    opened = garbled.open(preview)

    with reverts_with("PreviewDesk_WrongCommitment", garbled.made.id, shown.made.id):
        dispute(garbled, preview, opened, made=shown.made)


def test_other_keys_than_those_handed_over_are_refused(shown):
    preview = shown.ask()
    opened = shown.open(preview)
    forged = replace(opened, wrapped=(b"\x02" * 32, *opened.wrapped[1:]))

    with reverts_with("PreviewDesk_WrongPreview", ANY, ANY):
        dispute(shown, preview, opened, forged=forged)


def test_a_stranger_cannot_dispute(garbled, bob, carol):
    preview = garbled.ask()
    opened = garbled.open(preview)

    with reverts_with("PreviewDesk_NotChallenger", bob, carol):
        dispute(garbled, preview, opened, sender=carol)


def test_at_the_deadline_it_is_too_late(garbled, bob):
    preview = garbled.ask()
    opened = garbled.open(preview)
    deadline = garbled.desk.previewOf(garbled.made.id, bob)[1]
    chain.sleep(garbled.desk.disputeWindow() + 1)

    with reverts_with("PreviewDesk_TooLate", deadline):
        dispute(garbled, preview, opened)


def test_what_was_refuted_pays_nobody_again(garbled):
    preview = garbled.ask()
    opened = garbled.open(preview)
    dispute(garbled, preview, opened)

    with reverts_with("PreviewDesk_WrongStage", preview.id(garbled.desk), 0):
        garbled.desk.closePreview(preview.call, opened.call, {"from": garbled.seller})


def test_a_dispute_stays_within_its_budget(garbled):
    preview = garbled.ask()
    opened = garbled.open(preview)

    assert dispute(garbled, preview, opened).gas_used <= GAS_OF_A_DISPUTE
