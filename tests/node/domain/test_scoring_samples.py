"""Real captures are judged: each as a copy of itself is refused, the honest re-scan of a room is paid in part."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from labelled_copies import Copy, nudged, plane, thinned, witness
from labelled_rooms import Ints
from labelled_scans import SPATIAL_COPIES
from recordings import sample

from thenar.adapters.media import read_recorded
from thenar.domain.scoring.integers import BP
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.playing import Played
from thenar.domain.scoring.plugins import plugin_for
from thenar.domain.scoring.report import Novelty, Verdict
from thenar.domain.scoring.signals import Recorded
from thenar.domain.scoring.spatial import points_of

ROOMS = ("pcl_room_scan1.pcd", "pcl_room_scan2.pcd")
SPATIAL = plugin_for("spatial")


@cache
def recorded(path: Path) -> Recorded:
    return read_recorded(path)[0]


def moved(of: Recorded, points: Ints) -> Recorded:
    return Recorded("spatial", (replace(of.signals[0], values=points * 1000),))


def judged(new: Recorded, copy: Copy, old: Recorded) -> Novelty:
    there = SPATIAL.sketch(old)
    stated = nudged(SPATIAL.sketch(new), there, witness(copy, points_of(old)[0]))
    match = SPATIAL.verify_duplicate(new, there, stated)
    return SPATIAL.novelty(new, [match])


BENT = "bent by half a metre"  # refused tile by tile


@pytest.mark.parametrize("kind", [kind for kind in SPATIAL_COPIES if kind != BENT])
def test_a_changed_copy_of_a_real_scan_is_refused(kind: str) -> None:
    old = recorded(sample(ROOMS[0]))
    copy = SPATIAL_COPIES[kind](points_of(old)[0], np.random.default_rng(2))

    found = judged(moved(old, copy.points), copy, old)

    assert (found.bp, found.verdicts) == (0, (Verdict.COPY,))


@pytest.mark.parametrize("size", [25, 50, 75, 100])
def test_a_real_honest_rescan_that_was_thinned_is_still_the_same_room_recorded_again(size: int) -> None:
    first, second = (recorded(sample(name)) for name in ROOMS)
    there = SPATIAL.sketch(first)
    lies = SPATIAL.search(second, there)
    thin = moved(second, thinned(Copy(points_of(second)[0], lambda at: at), size).points)

    stated = nudged(SPATIAL.sketch(thin), there, lies)
    found = SPATIAL.novelty(thin, [SPATIAL.verify_duplicate(thin, there, stated)])

    assert (found.verdicts, found.witnesses) == ((Verdict.AGAIN,), (0,))


def test_a_real_scan_turned_and_moved_is_found_to_be_a_copy() -> None:
    old = recorded(sample(ROOMS[0]))
    new = moved(old, plane(points_of(old)[0], np.random.default_rng(3), turn=True).points)
    there = SPATIAL.sketch(old)

    match = SPATIAL.verify_duplicate(new, there, SPATIAL.search(new, there))

    assert SPATIAL.novelty(new, [match]).copied


def test_the_honest_rescan_of_a_real_room_is_paid_in_part_and_is_a_witness() -> None:
    first, second = (recorded(sample(name)) for name in ROOMS)
    there = SPATIAL.sketch(first)

    found = SPATIAL.novelty(second, [SPATIAL.verify_duplicate(second, there, SPATIAL.search(second, there))])

    assert 2_000 < found.bp < 8_000
    assert (found.verdicts, found.witnesses) == ((Verdict.AGAIN,), (0,))
    assert all(SPATIAL.quality(scan).bp > 5_000 for scan in (first, second))


def test_another_real_place_is_paid_in_full() -> None:
    room, land = recorded(sample(ROOMS[0])), recorded(sample("laspy_autzen_trim.laz"))
    there = SPATIAL.sketch(room)

    found = SPATIAL.novelty(land, [SPATIAL.verify_duplicate(land, there, SPATIAL.search(land, there))])

    assert (found.bp, found.verdicts) == (BP, (Verdict.OTHER,))
    assert isinstance(there, PlaceSketch)


@pytest.mark.parametrize(
    ("name", "modality"),
    [
        ("biotacsp_bts3v2_palm_45.csv", "tactile"),
        ("xio_imu_sensor_data.csv", "imu"),
        ("robosuite_SawyerLift_demo.hdf5", "trajectory"),
    ],
)
def test_a_real_recording_in_time_is_a_copy_of_itself_and_its_halves_are_not_of_each_other(
    name: str, modality: str
) -> None:
    whole, plugin = recorded(sample(name)), plugin_for(modality)
    assert whole.modality == modality
    middle = len(whole.signals[0].values) // 2
    halves = []
    for part in (slice(0, middle), slice(middle + 50, None)):
        halves.append(
            Recorded(modality, tuple(
                replace(s, values=s.values[part], times=None if s.times is None else s.times[part])
                for s in whole.signals
            ))
        )  # fmt: skip
    cut = plugin.verify_duplicate(halves[0], plugin.sketch(whole), Played())
    other = plugin.verify_duplicate(halves[1], plugin.sketch(halves[0]), Played())

    assert plugin.novelty(halves[0], [cut]).copied
    assert plugin.novelty(halves[1], [other]).bp == BP
    assert plugin.quality(whole).bp > 5_000
