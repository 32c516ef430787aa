"""CaptureBounties.post: the branches of post.tree."""

from __future__ import annotations

from dataclasses import astuple, fields, replace

import pytest
from capture_town import AREA, CHILDREN, COMMON, DAY, HOME, INTERIOR, SEMI_PUBLIC, SOFT, STREET, WORKPLACE, ask, cell_at
from reverts import reverts_with
from system import DOLLAR, contract

from thenar.domain.bounty.asks import AskField
from thenar.domain.bounty.cells import root_of
from thenar.domain.ids import TermsId
from thenar.domain.place import FINEST, coarser

FINEST_OF = {STREET: 12, INTERIOR: 12, SEMI_PUBLIC: 11, COMMON: 9, WORKPLACE: 8, HOME: 7}


def unchecked(asked, **changes):
    """An ask as the contract takes it, without the node's own checks."""
    names = [field.name for field in fields(asked)]
    return tuple((dict(zip(names, astuple(asked), strict=True)) | changes)[name] for name in names)


def post_raw(town, sponsor, base=None, **changes):
    """Ask for whatever it is."""
    opened = town.later(1)
    asked = ask(opened + 10 * DAY)
    given = unchecked(replace(asked, **base) if base else asked, **changes)
    return town.bounties.post(given, {"from": sponsor})


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        (AskField.MODALITY, {"modality": 0}),
        (AskField.MODALITY, {"modality": 5}),
        (AskField.PLACE_CLASS, {"place_class": 7}),
        (AskField.AREA, {"area": AREA | 7 << 45}),
        (AskField.AREA, {"area": 5}),
        (AskField.GRAIN, {"grain": 6}),
        (AskField.GRAIN, {"grain": 10}),
        (AskField.LEVELS, {"lowest": 6}),
        (AskField.SUBJECT, {"subject": b"\x50" * 32}),
        (AskField.QUALITY, {"min_quality": 0}),
        (AskField.QUALITY, {"min_quality": 10_001}),
        (AskField.TARGET, {"target": 9_999}),
        (AskField.TARGET, {"target": 1_000_001}),
        (AskField.DEADLINE, {"deadline": 1}),
        (AskField.PRICE, {"price": 0}),
        (AskField.PRICE, {"top_price": 1}),
        (AskField.PRICE, {"slope": 0}),
        (AskField.RULES, {"rules": bytes(32)}),
        (AskField.BUDGET, {"budget": 100 * DOLLAR - 1}),
    ],
)
def test_an_ask_with_a_wrong_field_is_refused(town, alice, field, changes):
    if field is AskField.AREA and changes["area"] != 5:
        changes = {"area": AREA & ~(127 << 45) | 122 << 45}

    with reverts_with("CaptureBounties_BadAsk", field):
        post_raw(town, alice, **changes)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        (AskField.MODALITY, {"modality": 1}),
        (AskField.MODALITY, {"modality": 0}),
        (AskField.MODALITY, {"modality": 5}),
        (AskField.AREA, {"area": AREA}),
        (AskField.GRAIN, {"grain": 1}),
        (AskField.LEVELS, {"lowest": -1}),
        (AskField.LEVELS, {"highest": 1}),
        (AskField.SUBJECT, {"subject": bytes(32)}),
        (AskField.CELLS, {"cells": CHILDREN[:1]}),
    ],
)
def test_touch_is_asked_for_by_subject(town, alice, field, changes):
    with reverts_with("CaptureBounties_BadAsk", field):
        post_raw(town, alice, SOFT, **changes)
    post_raw(town, alice, SOFT)


@pytest.mark.parametrize("place_class", FINEST_OF)
def test_no_ask_counts_cells_finer_than_its_class_allows(town, alice, place_class):
    finest = FINEST_OF[place_class]
    levels = {"lowest": 0, "highest": 0, "area": cell_at(5)}

    with reverts_with("CaptureBounties_BadAsk", AskField.GRAIN):
        post_raw(town, alice, place_class=place_class, grain=finest + 1, **levels)
    post_raw(town, alice, place_class=place_class, grain=finest, **levels)
    assert finest == list(FINEST.values())[place_class - 1]


@pytest.mark.parametrize("levels", [(0, 1), (-1, 0), (1, 1)])
def test_no_ask_tells_levels_of_homes_apart(town, alice, levels):
    with reverts_with("CaptureBounties_BadAsk", AskField.LEVELS):
        post_raw(town, alice, place_class=HOME, grain=7, lowest=levels[0], highest=levels[1])


@pytest.mark.parametrize(
    ("cells", "at"),
    [
        ((CHILDREN[1], CHILDREN[0]), 1),
        ((CHILDREN[0], CHILDREN[0]), 1),
        ((CHILDREN[0], AREA), 1),
        ((cell_at(10),), 0),
        ((cell_at(9, 52.5, 13.4),), 0),
        ((5,), 0),
        (tuple(range(257)), 257),
    ],
)
def test_a_list_that_does_not_rise_in_the_area_is_refused(town, alice, cells, at):
    with reverts_with("CoverageMap_BadList", at):
        post_raw(town, alice, cells=cells)


def test_a_list_of_homes_is_no_finer_than_homes_may_be(town, alice):
    homes = {"place_class": HOME, "lowest": 0, "highest": 0, "area": coarser(AREA, 5), "grain": 7}

    with reverts_with("CoverageMap_BadList", 0):
        post_raw(town, alice, cells=(CHILDREN[0],), **homes)
    post_raw(town, alice, cells=(AREA,), **homes)


def test_a_fee_on_transfer_is_short_payment(hostile, alice):
    town = hostile("FeeOnTransferToken", 100)

    with reverts_with("CaptureBounties_ShortPaid", 990 * DOLLAR, 1_000 * DOLLAR):
        post_raw(town, alice)


def test_a_surplus_is_the_sponsors(hostile, alice):
    town = hostile("ReentrantToken")
    token = town.system.token
    token.arm(token, token.mint.encode_input(town.ledger, 50), {"from": alice})

    post_raw(town, alice)

    assert town.ledger.lockedBy(town.bounties) == 1_000 * DOLLAR
    assert town.ledger.balanceOf(alice) == 50


def test_who_posts_inside_his_payment_gains_nothing(hostile, alice):
    """The second bounty is paid by a second transfer, or not at all."""
    town = hostile("ReentrantToken")
    token = town.system.token
    actor = contract("Actor").deploy({"from": alice})
    token.mint(actor, 1_000 * DOLLAR, {"from": alice})
    actor.run(token, token.approve.encode_input(town.ledger, 2**256 - 1), {"from": alice})
    asked = astuple(ask(town.later(1) + 10 * DAY))
    again = town.bounties.post.encode_input(asked)
    token.arm(actor, actor.run.encode_input(town.bounties, again), {"from": alice})

    actor.run(town.bounties, again, {"from": alice})

    assert not token.lastWorked()
    assert town.ledger.lockedBy(town.bounties) == token.balanceOf(town.ledger) == 1_000 * DOLLAR
    assert town.bounties.askCount() == 1


def test_the_budget_is_locked(town, alice):
    held = town.system.token.balanceOf(alice)

    town.post(alice)

    assert town.ledger.lockedBy(town.bounties) == 1_000 * DOLLAR
    assert town.system.token.balanceOf(alice) == held - 1_000 * DOLLAR


def test_everything_asked_for_is_kept(town, alice):
    changes = {"needs_device": True, "terms": TermsId(3), "slope": 7, "top_price": 200 * DOLLAR, "min_quality": 1}
    changes |= {"max_age": 7 * DAY, "needs_gesture": True, "cells": CHILDREN[:5]}
    bounty = town.post(alice, **changes)

    kept = town.bounties.bountyOf(bounty).dict()
    asked = ask(kept["deadline"], **changes)
    assert kept["sponsor"] == alice and kept["openedAt"] == kept["deadline"] - 10 * DAY
    said = {"minQuality": asked.min_quality, "needsDevice": True, "topPrice": asked.top_price, "left": asked.budget}
    said |= {name: getattr(asked, name) for name in ("modality", "grain", "lowest", "highest", "area", "target")}
    said |= {name: getattr(asked, name) for name in ("slope", "price", "terms")}
    said |= {"maxAge": 7 * DAY, "needsGesture": True, "isListed": True}
    assert {name: kept[name] for name in said} == said
    assert (kept["count"], kept["next"], kept["closed"]) == (0, 0, False)
    assert bytes(kept["cells"]) == root_of(CHILDREN[:5])
    assert bytes(kept["rules"]) == asked.rules and kept["placeClass"] == asked.place_class


def test_it_emits_captures_asked(town, alice):
    tx = post_raw(town, alice)

    said = tx.events["CapturesAsked"]
    assert (said["bounty"], said["sponsor"]) == (1, alice)
    assert said["ask"]["area"] == AREA and said["ask"]["budget"] == 1_000 * DOLLAR
