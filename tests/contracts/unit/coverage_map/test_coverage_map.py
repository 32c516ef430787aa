"""CoverageMap: the branches of coverage_map.tree."""

from __future__ import annotations

import random

import pytest
from capture_town import AREA, CELL, CHILDREN, COMMON, DAY, SPATIAL, STREET, spot_call
from devices import ZERO_ADDRESS
from reverts import reverts_with

from thenar.domain.bounty.cells import contains, root_of, siblings_of
from thenar.domain.bounty.coverage import Coverage, Spot, half_life_of

HALL = Spot(SPATIAL, COMMON, CELL, 0)
HALF = half_life_of(COMMON)


def test_nobody_but_the_bounties_fills(coverage_map, alice):
    with reverts_with("CoverageMap_NotBounties", alice):
        coverage_map.fill(spot_call(HALL), alice, ZERO_ADDRESS, 1, {"from": alice})


def test_a_first_capture_is_counted(coverage_map, judge, alice, later):
    time = later(1)
    tx = coverage_map.fill(spot_call(HALL), alice, ZERO_ADDRESS, 7_500, {"from": judge})

    assert tx.return_value == (0, 7_500)
    said = dict(tx.events["CoverageRaised"])
    assert (said["key"], said["owner"], said["before"], said["covered"]) == ("0x" + HALL.key.hex(), alice, 0, 7_500)
    assert tuple(said["spot"])[:4] == spot_call(HALL)[:4]
    assert coverage_map.coverageAt(spot_call(HALL), time) == 7_500
    assert coverage_map.shareOf(spot_call(HALL), alice) == (7_500, time)


def test_a_raise_adds_to_what_has_faded(coverage_map, judge, alice, bob, later):
    later(1)
    coverage_map.fill(spot_call(HALL), alice, ZERO_ADDRESS, 8_000, {"from": judge})
    later(HALF)

    assert coverage_map.fill(spot_call(HALL), bob, ZERO_ADDRESS, 1_000, {"from": judge}).return_value == (4_000, 5_000)


def test_an_owner_adds_one_good_capture_in_a_half_life(coverage_map, judge, alice, bob, later):
    later(1)
    coverage_map.fill(spot_call(HALL), alice, ZERO_ADDRESS, 9_000, {"from": judge})
    later(0)
    second = coverage_map.fill(spot_call(HALL), alice, ZERO_ADDRESS, 9_000, {"from": judge}).return_value
    later(0)
    third = coverage_map.fill(spot_call(HALL), alice, ZERO_ADDRESS, 9_000, {"from": judge}).return_value

    assert (second, third) == ((9_000, 10_000), (10_000, 10_000))
    assert coverage_map.roomOf(spot_call(HALL), alice) == 0
    assert coverage_map.roomOf(spot_call(HALL), bob) == 10_000


def test_an_owner_begins_anew_after_a_half_life(coverage_map, judge, alice, later):
    later(1)
    coverage_map.fill(spot_call(HALL), alice, ZERO_ADDRESS, 10_000, {"from": judge})
    later(HALF - 1)
    early = coverage_map.fill(spot_call(HALL), alice, ZERO_ADDRESS, 10_000, {"from": judge}).return_value
    later(1)
    tx = coverage_map.fill(spot_call(HALL), alice, ZERO_ADDRESS, 10_000, {"from": judge})

    assert early[0] == early[1]
    assert tx.return_value[1] == tx.return_value[0] + 10_000
    assert coverage_map.shareOf(spot_call(HALL), alice) == (10_000, tx.timestamp)


def test_a_device_adds_one_good_capture_whoever_owns_it(coverage_map, judge, alice, bob, carol, later):
    scanner = carol
    later(1)
    coverage_map.fill(spot_call(HALL), alice, scanner, 10_000, {"from": judge})
    later(1)
    with_it = coverage_map.fill(spot_call(HALL), bob, scanner, 10_000, {"from": judge}).return_value
    later(1)
    without = coverage_map.fill(spot_call(HALL), bob, ZERO_ADDRESS, 10_000, {"from": judge}).return_value

    assert with_it[0] == with_it[1]
    assert without[1] == without[0] + 10_000


def test_the_smaller_room_counts(coverage_map, judge, alice, bob, carol, dave, later):
    later(1)
    coverage_map.fill(spot_call(HALL), alice, carol, 6_000, {"from": judge})
    later(0)
    coverage_map.fill(spot_call(HALL), alice, dave, 3_000, {"from": judge})
    later(0)

    before, after = coverage_map.fill(spot_call(HALL), alice, dave, 5_000, {"from": judge}).return_value
    assert after - before == 1_000
    assert coverage_map.shareOf(spot_call(HALL), dave)[0] == 4_000


@pytest.mark.parametrize("seed", range(3))
def test_chain_and_node_fill_alike(coverage_map, judge, alice, bob, carol, dave, later, seed):
    dice = random.Random(seed)
    spot = Spot(SPATIAL, STREET, CELL, seed)
    twin = Coverage.of(spot)

    for _ in range(25):
        owner, device = dice.choice([alice, bob]), dice.choice([None, carol, dave])
        gain = dice.randint(0, 10_000)
        time = later(dice.choice([0, 1, DAY, 30 * DAY, 120 * DAY]))
        parties = (str(owner),) if device is None else (str(owner), str(device))
        tx = coverage_map.fill(spot_call(spot), owner, device or ZERO_ADDRESS, gain, {"from": judge})
        assert tx.return_value == twin.fill(gain, parties, time)


@pytest.mark.parametrize("age", [0, 1, DAY, HALF - 1, HALF, 3 * HALF + 5, 13 * HALF - 1, 13 * HALF, 2**32])
def test_coverage_fades_to_the_time_asked_about(coverage_map, judge, alice, later, age):
    twin, time = Coverage.of(HALL), later(1)
    coverage_map.fill(spot_call(HALL), alice, ZERO_ADDRESS, 9_999, {"from": judge})
    twin.fill(9_999, (str(alice),), time)

    assert coverage_map.coverageAt(spot_call(HALL), time + age) == twin.now(time + age)


def test_a_spot_has_the_nodes_key(coverage_map):
    assert bytes(coverage_map.keyOf(spot_call(HALL))) == HALL.key


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 31, 49])
def test_a_list_has_the_nodes_root(coverage_map, count):
    cells = CHILDREN[:count]
    root = bytes(coverage_map.rootOf(cells, 9, AREA))

    assert root == root_of(cells)
    assert all(contains(root, cell, siblings_of(cells, cell)) for cell in cells)


def test_an_empty_list_has_no_root(coverage_map):
    for length in (0, 257):
        with reverts_with("CoverageMap_BadList", length):
            coverage_map.rootOf((CELL,) * length, 9, AREA)


def test_a_cell_that_does_not_fit_is_named(coverage_map):
    for cells, at in [((CHILDREN[1], CHILDREN[0]), 1), ((*CHILDREN[:2], AREA), 2), ((CELL + 1,), 0)]:
        with reverts_with("CoverageMap_BadList", at):
            coverage_map.rootOf(cells, 9, AREA)
