"""CaptureBounties.reveal: the branches of reveal.tree."""

from __future__ import annotations

from dataclasses import replace

import h3
import pytest
from assets import MODEL, write_terms
from brownie import chain
from capture_town import (
    AREA,
    CELL,
    CHILDREN,
    COMMITTED,
    DAY,
    REVEALED,
    SALT,
    SOFT,
    call,
    cell_at,
    key_of,
    vouch,
)
from devices import device_domain, register
from eth_utils import keccak
from reverts import reverts_with

from thenar.domain.bounty.cells import siblings_of
from thenar.domain.ids import Address, AssetId, TermsId

NOTHING = (b"", ())  # neither a device nor a place on a list


def shown_late(town, bounty, who, shown, signature=b""):
    """Commit to exactly this and show it."""
    return town.reveal(town.commit(bounty, who, shown), who, signature)


def test_an_answer_is_shown_once(town, revealed, bob):
    with reverts_with("CaptureBounties_WrongStage", revealed, REVEALED, COMMITTED):
        town.reveal(revealed, bob)
    with reverts_with("CaptureBounties_WrongStage", revealed + 1, 0, COMMITTED):
        town.bounties.reveal(revealed + 1, call(town.shown[revealed][0]), SALT, NOTHING, {"from": bob})


def test_an_answer_is_not_shown_too_late(town, committed, bob):
    until = town.bounties.answerOf(committed)["until"]
    town.at(until)

    with reverts_with("CaptureBounties_TooLate", until):
        town.bounties.reveal(committed, call(town.shown[committed][0]), SALT, NOTHING, {"from": bob})


@pytest.mark.parametrize(
    "changes",
    [
        {"asset": AssetId("0x" + "12" * 32)},
        {"cell": CELL ^ 1 << 20},
        {"level": 1},
        {"quality": 9_999},
        {"novelty": 9_999},
        {"device": Address("0x" + "12" * 20)},
        {"sketch": b"\x12" * 32},
        {"beacon": 4},
    ],
)
def test_nothing_else_is_shown_than_was_committed_to(town, committed, bob, changes):
    shown, salt = town.shown[committed]

    with reverts_with("CaptureBounties_WrongProof", committed):
        town.bounties.reveal(committed, call(replace(shown, **changes)), salt, NOTHING, {"from": bob})
    with reverts_with("CaptureBounties_WrongProof", committed):
        town.bounties.reveal(committed, call(shown), b"\x01" * 32, NOTHING, {"from": bob})


def test_a_number_that_is_no_cell_is_refused(town, bounty, bob):
    no_cell = CELL | 7 << 3 * (15 - 9)

    with reverts_with("CaptureBounties_Elsewhere", no_cell, 0):
        shown_late(town, bounty, bob, town.show(bob, "hall", cell=no_cell))


@pytest.mark.parametrize("resolution", [8, 10])
def test_a_cell_of_another_resolution_is_refused(town, bounty, bob, resolution):
    cell = cell_at(resolution)

    with reverts_with("CaptureBounties_Elsewhere", cell, 0):
        shown_late(town, bounty, bob, town.show(bob, "hall", cell=cell))


def test_a_cell_beside_the_area_is_refused(town, bounty, bob):
    beside = next(one for one in h3.grid_disk(h3.int_to_str(AREA), 1) if h3.str_to_int(one) != AREA)
    cell = h3.str_to_int(h3.cell_to_center_child(beside, 9))

    with reverts_with("CaptureBounties_Elsewhere", cell, 0):
        shown_late(town, bounty, bob, town.show(bob, "hall", cell=cell))


@pytest.mark.parametrize("level", [-3, 6])
def test_a_level_that_is_not_asked_for_is_refused(town, bounty, bob, level):
    with reverts_with("CaptureBounties_Elsewhere", CELL, level):
        shown_late(town, bounty, bob, town.show(bob, "hall", level=level))


def test_touch_has_no_cell(town, alice, bob):
    bounty = town.post(alice, **SOFT)

    with reverts_with("CaptureBounties_Elsewhere", CELL, 0):
        shown_late(town, bounty, bob, town.show(bob, "grasp", cell=CELL))
    shown_late(town, bounty, bob, town.show(bob, "another grasp", cell=0))


def test_anothers_asset_is_refused(town, bounty, bob, carol):
    shown = town.show(carol, "hall")

    with reverts_with("CaptureBounties_NotOwner", bytes.fromhex(shown.asset[2:]), bob):
        shown_late(town, bounty, bob, shown)


def test_a_model_is_no_capture(town, bounty, bob):
    shown = town.show(bob, "hall", kind=MODEL)

    with reverts_with("CaptureBounties_NotCapture", bytes.fromhex(shown.asset[2:])):
        shown_late(town, bounty, bob, shown)


def test_other_terms_are_refused(town, alice, bob):
    terms = write_terms(town.system.terms_book, alice)
    bounty = town.post(alice, terms=TermsId(terms))
    shown = town.show(bob, "hall")

    with reverts_with("CaptureBounties_WrongTerms", bytes.fromhex(shown.asset[2:])):
        shown_late(town, bounty, bob, shown)
    shown_late(town, bounty, bob, town.show(bob, "hall on terms", terms=terms))


def test_an_asset_answers_once(town, bounty, revealed, alice, bob):
    other, shown = town.post(alice), town.shown[revealed][0]

    with reverts_with("CaptureBounties_Answered", bytes.fromhex(shown.asset[2:]), revealed):
        shown_late(town, other, bob, shown)
    assert town.bounties.answerWith(shown.asset) == revealed


@pytest.mark.parametrize("score", [(5_999, 10_000), (10_001, 10_000), (10_000, 0), (10_000, 10_001)])
def test_a_score_out_of_range_is_refused(town, bounty, bob, score):
    quality, novelty = score

    with reverts_with("CaptureBounties_BadScore", quality, novelty):
        shown_late(town, bounty, bob, town.show(bob, "hall", quality=quality, novelty=novelty))


def listed(town, sponsor, count):
    """A bounty over some cells of the area, CELL among them, and the list."""
    cells = tuple(sorted({CELL, *[one for one in CHILDREN if one != CELL][: count - 1]}))
    return town.post(sponsor, cells=cells), cells


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8])
def test_every_cell_on_the_list_counts(town, alice, bob, count):
    bounty, cells = listed(town, alice, count)

    for cell in cells:
        answer = town.commit(bounty, bob, town.show(bob, f"{count} {cell}", cell=cell))
        town.reveal(answer, bob, beside=siblings_of(cells, cell))
        assert town.stage(answer) == REVEALED


def test_a_cell_that_is_not_on_the_list_is_refused(town, alice, bob):
    bounty, cells = listed(town, alice, 3)
    other = next(one for one in CHILDREN if one not in cells)
    answer = town.commit(bounty, bob, town.show(bob, "beside", cell=other))

    for beside in (siblings_of(cells, cells[0]), siblings_of(cells, cells[2]), ()):
        with reverts_with("CaptureBounties_Elsewhere", other, 0):
            town.reveal(answer, bob, beside=beside)


def test_a_place_on_a_list_is_proved_for_its_own_cell(town, alice, bob):
    bounty, cells = listed(town, alice, 4)
    answer = town.commit(bounty, bob, town.show(bob, "hall", cell=cells[0]))

    for beside in (siblings_of(cells, cells[2]), siblings_of(cells, cells[0])[:1], ()):
        with reverts_with("CaptureBounties_Elsewhere", cells[0], 0):
            town.reveal(answer, bob, beside=beside)


def test_a_gesture_that_is_asked_for_is_missed(town, alice, bob):
    bounty = town.post(alice, needs_gesture=True)

    with reverts_with("CaptureBounties_NoGesture"):
        shown_late(town, bounty, bob, town.show(bob, "hall"))
    number = town.light(bob)
    shown_late(town, bounty, bob, town.show(bob, "hall with a gesture", beacon=number))


def test_a_beacon_that_nobody_lit_is_refused(town, bounty, bob):
    with reverts_with("CaptureBounties_BadBeacon", 4_000, 0):
        shown_late(town, bounty, bob, town.show(bob, "hall", beacon=4_000))


def test_a_beacon_lit_after_the_commitment_is_refused(town, bounty, bob):
    every = int(town.system.beacon_book.every())
    coming = (len(chain) + 3 + every) // every * every  # minting and committing take two blocks
    answer = town.commit(bounty, bob, town.show(bob, "hall", beacon=coming))
    chain.mine(coming - len(chain) + 1)
    town.later(1)
    lit = town.system.beacon_book.light(coming, {"from": bob}).timestamp

    with reverts_with("CaptureBounties_BadBeacon", coming, lit):
        town.reveal(answer, bob)


@pytest.mark.parametrize("over", [0, 1])
def test_a_beacon_is_no_older_than_a_capture_may_be(town, alice, bob, over):
    bounty, number = town.post(alice, max_age=DAY), town.light(bob)
    lit = town.system.beacon_book.beaconOf(number)["litAt"]
    shown = town.show(bob, "hall", beacon=number)
    town.now = chain[-1].timestamp
    answer = town.commit(bounty, bob, shown, seconds=lit + DAY + over - town.now)

    if over:
        with reverts_with("CaptureBounties_TooOld", DAY + 1, DAY):
            town.reveal(answer, bob)
    else:
        town.reveal(answer, bob)
        assert town.stage(answer) == REVEALED


def test_without_a_beacon_the_age_is_for_a_jury(town, alice, bob):
    bounty = town.post(alice, max_age=1)

    answer = town.commit(bounty, bob, town.show(bob, "hall"))
    town.reveal(answer, bob)

    assert town.stage(answer) == REVEALED


def registered(town, owner, label):
    """A good device of somebody's."""
    device, registry = key_of(label), town.system.device_registry
    register(registry, owner, device, device_domain(chain.id, registry))
    return device


def test_a_needed_device_is_missed(town, alice, bob):
    bounty = town.post(alice, needs_device=True)

    with reverts_with("CaptureBounties_BadDevice", "0x" + "00" * 20):
        shown_late(town, bounty, bob, town.show(bob, "hall"))


def test_a_device_that_is_not_good_vouches_for_nothing(town, bounty, bob):
    stranger, retired = key_of("unknown scanner"), registered(town, bob, "old scanner")
    town.system.device_registry.retire(retired.address, {"from": bob})

    for device in (stranger, retired):
        shown = town.show(bob, device.address, device=Address(device.address))
        with reverts_with("CaptureBounties_BadDevice", device.address):
            shown_late(town, bounty, bob, shown, vouch(town.bounties, device, bounty, shown.asset, bob))


def test_a_devices_word_is_good_for_one_answer(town, bounty, alice, bob, carol):
    device, other = registered(town, bob, "scanner"), town.post(alice)
    shown = town.show(bob, "hall", device=Address(device.address))
    answer = town.commit(bounty, bob, shown)
    elsewhere = AssetId("0x" + keccak(b"elsewhere").hex())

    words = [
        vouch(town.bounties, device, other, shown.asset, bob),
        vouch(town.bounties, device, bounty, elsewhere, bob),
        vouch(town.bounties, device, bounty, shown.asset, carol),
        vouch(town.ledger, device, bounty, shown.asset, bob),
        vouch(town.bounties, key_of("another scanner"), bounty, shown.asset, bob),
    ]
    for word in words:
        with reverts_with("CaptureBounties_BadDevice", device.address):
            town.reveal(answer, bob, word)


@pytest.mark.parametrize("is_needed", [False, True])
def test_a_good_device_vouches_for_an_answer(town, alice, bob, is_needed):
    bounty, device = town.post(alice, needs_device=is_needed), registered(town, bob, "scanner")
    shown = town.show(bob, "hall", device=Address(device.address))
    answer = town.commit(bounty, bob, shown)

    town.reveal(answer, bob, vouch(town.bounties, device, bounty, shown.asset, bob))

    assert town.stage(answer) == REVEALED


def test_what_was_shown_is_kept_as_a_hash(town, revealed, bob):
    shown = town.shown[revealed][0]

    assert bytes(town.bounties.answerOf(revealed)["proof"]) == keccak(shown.encoded)


def test_anybody_who_knows_an_answer_shows_it(town, committed, carol):
    town.reveal(committed, carol)

    assert town.bounties.answerOf(committed)[0] != carol
    assert town.stage(committed) == REVEALED


def test_it_emits_answer_revealed(town, committed, bob):
    tx = town.reveal(committed, bob)

    said, shown = tx.events["AnswerRevealed"], town.shown[committed][0]
    assert (said["answer"], said["asset"], said["until"]) == (committed, shown.asset, tx.timestamp + 3 * DAY)
    assert (said["shown"]["cell"], said["shown"]["quality"]) == (CELL, 10_000)
