"""Real captured files decode to what their makers recorded. Skipped, with the reason, where they are absent."""

from __future__ import annotations

import numpy as np
import pypcd4
from recordings import decoded, sample

from thenar.adapters.media import Limits, read
from thenar.adapters.media.formats import sniff


def test_room_scans_equal_an_independent_decoder() -> None:
    for name, points in (("pcl_room_scan1.pcd", 112_586), ("pcl_room_scan2.pcd", 112_624)):
        path = sample(name)

        found = np.array(decoded(path).values["points"])

        expected = pypcd4.PointCloud.from_path(path).numpy(("x", "y", "z"))
        assert found.shape == (points, 3)
        assert np.array_equal(found, np.rint(expected.astype(np.float64) * 1_000_000).astype(np.int64))
        extent = np.ptp(found, axis=0) / 1_000_000
        assert 10 < extent[0] < 40
        assert 2 < extent[2] < 6


def test_fingertip_readings_are_raw_counts_of_three_times_24_electrodes() -> None:
    found = decoded(sample("biotacsp_bts3v2_palm_45.csv"))

    assert found.head.modality == "tactile"
    assert [info.count for info in found.head.streams] == [24, 24, 24]
    values = np.concatenate([np.array(rows) for rows in found.values.values()], axis=1)
    assert values.shape == (2_133, 72)
    assert (values.min(), values.max()) == (5, 3696)
    assert all(info.units == "[arb'U]" and info.scale_den == 1 for info in found.head.streams)


def test_inertial_log_has_its_clock_units_and_gravity() -> None:
    found = decoded(sample("xio_imu_sensor_data.csv"))

    assert found.head.modality == "imu"
    assert [info.units for info in found.head.streams] == ["deg/s", "[g]", "uT"]
    times = np.array(found.times["accelerometer"])
    assert len(times) == 13_514
    assert 135.2e9 < times[-1] < 135.4e9
    assert np.diff(times).max() == 30_200_000 or 30e6 < np.diff(times).max() < 30.4e6
    magnitude = np.linalg.norm(np.array(found.values["accelerometer"]) / 1_000_000, axis=1)
    assert abs(np.median(magnitude) - 0.994) < 0.01


def test_teleoperation_episodes_are_joined_in_order() -> None:
    found = decoded(sample("robosuite_SawyerLift_demo.hdf5"))

    assert found.head.modality == "trajectory"
    assert {name: len(rows) for name, rows in found.values.items()}["states"] == 1_058 + 837
    assert {info.name: info.count for info in found.head.streams}["states"] == 34
    assert "2 episodes follow one another in each stream" in found.notes


def test_airborne_scan_keeps_every_point_and_its_clock() -> None:
    path = sample("laspy_autzen_trim.laz")

    with read(path) as recording:
        blocks = list(recording)

    points = np.concatenate([block.values for block in blocks if block.stream == 0])
    assert points.shape == (110_000, 3)
    assert points[:, 0].min() == 636_001_760_000
    assert {info.name for info in recording.head.streams} >= {"points", "intensity", "classification", "colour"}


def test_samples_are_told_by_content() -> None:
    formats = {
        "pcl_room_scan1.pcd": "pcd",
        "biotacsp_bts3v2_palm_45.csv": "csv",
        "robosuite_SawyerLift_demo.hdf5": "hdf5",
        "laspy_autzen_trim.laz": "laz",
    }
    assert {name: sniff(sample(name), Limits()) for name in formats} == formats
