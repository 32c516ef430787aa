"""Scans are judged: copies are refused however they were turned, honest recordings are paid."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_copies import Copy, cropped, jittered, nudged, plane, thinned, tiles, warped, witness
from labelled_rooms import Ints, Room, Scan, anywhere, evenly, refurnished, room, scan

from thenar.domain.scoring import spatial
from thenar.domain.scoring.integers import BP, ONE, TURN, cos_sin, pack, root, unpack
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import Laid, PlaceSketch, Tile, descriptors_apart, verify, verify_tiles
from thenar.domain.scoring.plugins import plugin_for
from thenar.domain.scoring.report import Novelty, Verdict
from thenar.domain.scoring.search import search
from thenar.domain.scoring.signals import Recorded, Signal
from thenar.domain.scoring.transform import SAME, Transform
from thenar.errors import BadInput

PLUGIN = plugin_for("spatial")
RAYS = 20_000


def recorded(points: Ints) -> Recorded:
    return Recorded("spatial", (Signal("points", "point", "m", Fraction(1, 1000), points, axes=3),))


def sketched(points: Ints) -> PlaceSketch:
    return PlaceSketch.of(points, RULES.spatial)


@pytest.fixture(scope="module")
def place() -> Room:
    return room(np.random.default_rng(5))


@pytest.fixture(scope="module")
def first(place: Room) -> Scan:
    return scan(place, np.random.default_rng(6), rays=RAYS, style="tripod")


def judged(copy: Copy, old: Scan) -> Novelty:
    """What a scan is paid under the witness of whoever knows how it was made."""
    match = PLUGIN.verify_duplicate(recorded(copy.points), sketched(old.points), witness(copy, old.points))
    return PLUGIN.novelty(recorded(copy.points), [match])


def thinned_witness(copy: Copy, old: Scan) -> Transform:
    """What a challenger states who knows how a thinned copy was made, and looks where it fits best."""
    return nudged(sketched(copy.points), sketched(old.points), witness(copy, old.points))


def searched(points: Ints, old: Scan) -> Novelty:
    """What a scan is paid under the witness this node's search finds."""
    there = sketched(old.points)
    match = PLUGIN.verify_duplicate(recorded(points), there, PLUGIN.search(recorded(points), there))
    return PLUGIN.novelty(recorded(points), [match])


DRAW = np.random.default_rng(7)
CHANGES = {
    "exact": lambda p: plane(p, DRAW),
    "jittered": lambda p: jittered(plane(p, DRAW), DRAW, 20),
    "turned and moved": lambda p: plane(p, DRAW, turn=True),
    "mirrored": lambda p: plane(p, DRAW, turn=True, mirror=True),
    "cropped": lambda p: plane(cropped(p, DRAW, 0.5), DRAW, turn=True),
    "scaled": lambda p: plane(p, DRAW, turn=True, scale=(1.15, 1.15, 1.15)),
    "stretched along its axes": lambda p: plane(p, DRAW, turn=True, scale=(1.2, 0.85, 1.1)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_copy_is_refused_however_it_was_changed(change: str, first: Scan) -> None:
    found = judged(CHANGES[change](first.points), first)

    assert (found.bp, found.verdicts, found.witnesses) == (0, (Verdict.COPY,), ())


@pytest.mark.parametrize("size", [25, 50, 75, 100])
@pytest.mark.parametrize("mirror", [False, True], ids=["turned", "mirrored"])
def test_a_copy_thinned_to_an_even_density_is_refused(size: int, mirror: bool, first: Scan) -> None:
    draw = np.random.default_rng(size)
    copy = thinned(jittered(plane(first.points, draw, turn=True, mirror=mirror), draw, 5), size)

    match = PLUGIN.verify_duplicate(recorded(copy.points), sketched(first.points), thinned_witness(copy, first))

    assert PLUGIN.novelty(recorded(copy.points), [match]).verdicts == (Verdict.COPY,)


def test_two_scans_from_three_evenly_set_stands_each_are_the_same_room_recorded_again(place: Room) -> None:
    draw = np.random.default_rng(31)
    one = scan(place, draw, rays=RAYS, style="tripod", stands=evenly(place, draw))
    other = scan(place, draw, rays=RAYS, style="tripod", stands=evenly(place, draw, one.stands))
    x, y, z = (int(n) for n in other.points.min(axis=0) - one.points.min(axis=0))

    match = PLUGIN.verify_duplicate(recorded(other.points), sketched(one.points), Transform.made(shift_mm=(x, y, z)))
    found = PLUGIN.novelty(recorded(other.points), [match])

    assert (found.verdicts, found.witnesses) == ((Verdict.AGAIN,), (0,))
    assert 0 < found.bp < BP


def test_an_honest_scan_thinned_by_its_exporter_is_the_same_room_recorded_again(place: Room, first: Scan) -> None:
    draw = np.random.default_rng(32)
    raw = scan(place, draw, rays=RAYS, style="tripod", stands=anywhere(place, draw, first.stands)).points
    again = thinned(plane(raw, draw), 50).points

    assert searched(again, first).verdicts == (Verdict.AGAIN,)


def test_a_stretched_witness_below_a_copy_lowers_nothing(place: Room, first: Scan) -> None:
    draw = np.random.default_rng(33)
    again = scan(place, draw, rays=RAYS, style="walk")
    x, y, z = (int(n) for n in again.points.min(axis=0) - first.points.min(axis=0))
    new, old = recorded(again.points), sketched(first.points)

    paid = {}
    for scale in (BP, 10_100):
        stated = Transform.made(scale_bp=(scale, BP, BP), shift_mm=(x, y, z))
        match = PLUGIN.verify_duplicate(new, old, stated)
        assert match.likeness.shared_bp > RULES.spatial.copy.same_bp
        paid[scale] = PLUGIN.novelty(new, [match])

    assert (paid[BP].bp < BP, paid[BP].verdicts) == (True, (Verdict.AGAIN,))
    assert (paid[10_100].bp, paid[10_100].verdicts, paid[10_100].witnesses) == (BP, (Verdict.OTHER,), ())


@settings(deadline=None, max_examples=200)
@given(st.integers(0, TURN - 1), st.booleans(), st.sampled_from([9_000, 9_990, BP, 10_010, 12_000]), st.integers(0, 2))
def test_only_what_changes_lengths_stretches(turn: int, mirror: bool, scale: int, axis: int) -> None:
    scales = tuple(scale if at == axis else BP for at in range(3))

    stated = Transform.made(turn, mirror=mirror, scale_bp=(scales[0], scales[1], scales[2]))

    assert stated.stretches == (scale != BP)


@pytest.mark.parametrize("change", ["turned and moved", "mirrored"])
def test_the_search_finds_by_itself_that_a_scan_was_turned_or_mirrored(change: str, first: Scan) -> None:
    assert searched(CHANGES[change](first.points).points, first).copied


def test_an_honest_scan_of_the_same_room_is_paid_in_part_and_is_a_witness(place: Room, first: Scan) -> None:
    draw = np.random.default_rng(8)
    again = scan(refurnished(place, draw, 0.3), draw, rays=RAYS, style="walk")

    found = searched(again.points, first)

    assert 0 < found.bp < BP
    assert (found.verdicts, found.witnesses) == ((Verdict.AGAIN,), (0,))


def test_another_room_is_paid_in_full_and_is_no_witness(first: Scan) -> None:
    draw = np.random.default_rng(9)
    other = scan(room(draw), draw, rays=RAYS)

    found = searched(other.points, first)

    assert (found.bp, found.witnesses) == (BP, ())


def test_a_copy_in_pieces_too_small_to_compare_is_paid_nothing(first: Scan) -> None:
    corner = first.points.min(axis=0)
    piece = first.points[(first.points < corner + 900).all(axis=1)]

    found = PLUGIN.novelty(recorded(piece), [])

    assert found.bp == 0
    assert "too small" in found.reason


def test_a_splice_is_refused_tile_by_tile_when_each_names_the_scan_it_came_from(first: Scan) -> None:
    draw = np.random.default_rng(10)
    other = scan(room(draw), draw, rays=RAYS, style="tripod")
    wide = RULES.spatial.tile_mm
    left = first.points[first.points[:, 0] < first.points[:, 0].min() + wide]
    right = other.points[other.points[:, 0] > other.points[:, 0].max() - wide]
    far = int(left[:, 0].min()) + wide - int(right[:, 0].min())
    joined = np.concatenate([left, right + np.array([far, 0, 0])])
    new, olds = sketched(joined), [sketched(first.points), sketched(other.points)]
    maps = (Copy(joined, lambda at: at), Copy(joined, lambda at: at - np.array([far, 0, 0])))
    laid = {
        tile: Laid(int(tile[0] > 0), witness(maps[int(tile[0] > 0)], (first, other)[int(tile[0] > 0)].points))
        for tile in tiles(maps[0], first.points, new)
    }

    whole = verify(new, olds[0], witness(maps[0], first.points)).likeness
    by_tiles = verify_tiles(new, olds, laid)

    assert by_tiles.shared_bp > whole.shared_bp
    assert RULES.spatial.tiles_rule.verdict(by_tiles) is Verdict.COPY


def test_a_bent_copy_escapes_one_transform_and_is_refused_tile_by_tile(first: Scan) -> None:
    copy = warped(plane(first.points, np.random.default_rng(11), turn=True), np.random.default_rng(12), 500)
    new, old = sketched(copy.points), sketched(first.points)

    whole = verify(new, old, witness(copy, first.points)).likeness
    by_tiles = verify_tiles(new, [old], tiles(copy, first.points, new))

    assert RULES.spatial.copy.verdict(whole) is not Verdict.COPY
    assert RULES.spatial.tiles_rule.verdict(by_tiles) is Verdict.COPY


def test_tiles_of_one_scan_that_come_apart_are_no_witness(first: Scan) -> None:
    new = sketched(first.points)
    torn = {Tile((0, 0)): Laid(0, SAME), Tile((1, 0)): Laid(0, Transform.made(shift_mm=(2_000, 0, 0)))}

    with pytest.raises(BadInput, match="come apart by 2000 mm"):
        verify_tiles(new, [new], torn)


def test_the_descriptor_of_a_turned_mirrored_and_moved_copy_stays_a_candidate(first: Scan) -> None:
    copy = plane(first.points, np.random.default_rng(13), turn=True, mirror=True)

    apart = descriptors_apart(sketched(copy.points).descriptor(), sketched(first.points).descriptor())

    assert apart <= RULES.spatial.descriptor_bp


def test_a_sketch_survives_its_bytes_and_damaged_bytes_are_refused(first: Scan) -> None:
    sketch = sketched(first.points)
    data = sketch.encode()

    assert PlaceSketch.decode(data, RULES.spatial).root == sketch.root
    swapped = data[:-32] + data[-16:] + data[-32:-16]
    for bad in (data[:-1], b"x" + data[1:], swapped, data[: len(data) % 16 + 7]):
        with pytest.raises(BadInput):
            PlaceSketch.decode(bad, RULES.spatial)


def test_where_a_scan_lies_in_its_file_changes_nothing(first: Scan) -> None:
    moved = first.points + np.array([1_000_000, -2_000_000, 400])

    assert sketched(moved).root == sketched(first.points).root
    assert spatial.quality(recorded(moved), RULES.spatial) == spatial.quality(recorded(first.points), RULES.spatial)


def test_a_room_scores_well_and_dust_and_solid_blocks_score_nothing(first: Scan) -> None:
    draw = np.random.default_rng(14)
    dust = draw.integers(0, 30_000, (4_000, 3))
    solid = draw.integers(0, 3_000, (200_000, 3))

    assert PLUGIN.quality(recorded(first.points)).bp > 5_000
    assert [PLUGIN.quality(recorded(points)).bp for points in (dust, solid)] == [0, 0]


def test_a_scan_tilted_on_its_side_loses_its_floor(first: Scan) -> None:
    tilted = np.stack([first.points[:, 0], (first.points[:, 1] + first.points[:, 2]) * 7 // 10,
                       (first.points[:, 2] - first.points[:, 1]) * 7 // 10], axis=1)  # fmt: skip

    def floor(points: Ints) -> int:
        return next(part.bp for part in PLUGIN.quality(recorded(points)).parts if part.name == "level floor")

    assert floor(tilted) < floor(first.points) // 2


def test_feet_and_metres_of_the_same_scan_score_the_same() -> None:
    feet = Signal(
        "points", "point", "[ft_i]", Fraction(1, 1000), np.array([[0, 0, 0], [10_000, 10_000, 10_000]]), axes=3
    )

    points, _ = spatial.points_of(Recorded("spatial", (feet,)))

    assert points.tolist() == [[0, 0, 0], [3048, 3048, 3048]]


def test_points_without_a_unit_of_length_are_refused() -> None:
    bare = Signal("points", "point", "1", Fraction(1), np.zeros((3, 3), dtype=np.int64), axes=3)

    with pytest.raises(BadInput, match="no points with a unit of length"):
        PLUGIN.quality(Recorded("spatial", (bare,)))


@pytest.mark.parametrize("scale", [(7_900, BP, BP), (BP, 12_600, BP), (BP, BP, 7_900)])
def test_a_transform_that_stretches_too_much_is_refused(scale: tuple[int, int, int]) -> None:
    with pytest.raises(BadInput, match="may stretch"):
        Transform.made(12_345, mirror=True, scale_bp=scale)


def test_a_shear_that_stretches_a_diagonal_too_much_is_refused() -> None:
    Transform(ONE, ONE // 5, 0, ONE, BP, (0, 0, 0))
    with pytest.raises(BadInput, match="may stretch"):
        Transform(ONE, ONE, 0, ONE, BP, (0, 0, 0))


@settings(deadline=None, max_examples=200)
@given(st.integers(0, TURN - 1))
def test_turns_are_the_cosine_and_sine_to_the_last_bit_but_one(turn: int) -> None:
    c, s = cos_sin(turn)

    assert abs(c - ONE * math.cos(2 * math.pi * turn / TURN)) < 1
    assert abs(s - ONE * math.sin(2 * math.pi * turn / TURN)) < 1


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 2**62 - 1), min_size=1, max_size=50))
def test_roots_are_the_whole_square_roots(squares: list[int]) -> None:
    assert root(np.array(squares, dtype=np.int64)).tolist() == [math.isqrt(n) for n in squares]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(*[st.integers(-(2**20) + 1, 2**20 - 1)] * 3), min_size=1, max_size=50))
def test_packed_cells_come_back_and_sort_as_cells_do(cells: list[tuple[int, int, int]]) -> None:
    packed = pack(np.array(cells, dtype=np.int64))

    assert unpack(packed).tolist() == [list(cell) for cell in cells]
    assert [cells[at] for at in np.argsort(packed, kind="stable")] == sorted(cells)


def test_a_search_may_be_given_a_scan_that_fits_nowhere(first: Scan) -> None:
    line = np.stack(
        [np.arange(0, 60_000, 10), np.zeros(6_000, dtype=np.int64), np.zeros(6_000, dtype=np.int64)], axis=1
    )

    assert isinstance(search(sketched(line), sketched(first.points)), Transform)
