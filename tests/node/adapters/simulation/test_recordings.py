"""Simulated captures are physics, not noise: contacts happen, points lie on things, seeds repeat."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from thenar.adapters.media import describe, read
from thenar.adapters.simulation import Recorded, record_hand, record_room
from thenar.adapters.simulation.room import HEIGHT_M, LENGTH_M, LEVEL, WIDTH_M
from thenar.errors import BadInput

pytest.importorskip("mujoco", reason="MuJoCo is not installed (extra: demo)")
pytest.importorskip("gymnasium_robotics", reason="gymnasium-robotics is not installed (extra: demo)")


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record_hand(tmp_path_factory.mktemp("hand") / "hand.csv", seed=7, seconds=6)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record_room(tmp_path_factory.mktemp("room") / "room.pcd", seed=7, rays=60_000)


def stream(recorded: Recorded, name: str) -> np.ndarray:
    with read(recorded.path) as recording:
        wanted = [info.name for info in recording.head.streams].index(name)
        return np.concatenate([block.values for block in recording if block.stream == wanted])


def test_hand_feels_the_egg_with_many_sensors_and_plausible_forces(hand: Recorded) -> None:
    touch = stream(hand, "touch")

    assert touch.shape == (600, 92)
    assert touch.min() >= 0
    assert 1_000 < touch.max() < 100_000  # millinewtons: between a nudge and ten kilograms
    assert (touch.max(axis=0) > 0).sum() >= 15
    assert (touch > 0).sum(axis=1).max() >= 6


def test_hand_closes_and_opens(hand: Recorded) -> None:
    touch, joints = stream(hand, "touch"), stream(hand, "joints")

    contacts = (touch > 0).sum(axis=1)
    assert contacts.max() - contacts.min() >= 4
    assert np.ptp(joints, axis=0).max() > 500_000  # some joint moves by more than half a radian
    assert np.abs(joints).max() < 3_200_000


def test_hand_is_described_with_its_sensors_rate_and_units(hand: Recorded, tmp_path: Path) -> None:
    draft = describe(hand.path, workspace=tmp_path)

    touch = next(stream for stream in draft.streams if stream.name == "touch")
    assert (touch.count, touch.rate_mhz, touch.units, touch.scale_num, touch.scale_den) == (92, 100_000, "N", 1, 1000)
    assert draft.modality == "tactile"
    assert draft.stated.provenance.simulation is not None
    assert draft.stated.provenance.simulation.seed == 7


def test_room_has_floor_walls_ceiling_and_furniture(room: Recorded) -> None:
    x, y, z = (stream(room, "points") / 1_000_000).T

    near = 0.02
    assert (np.abs(z) < near).mean() > 0.10
    assert (np.abs(z - HEIGHT_M) < near).mean() > 0.10
    for side, half in ((x, LENGTH_M / 2), (y, WIDTH_M / 2)):
        for sign in (-1, 1):
            assert (np.abs(side - sign * half) < near).mean() > 0.02
    inside = (np.abs(x) < LENGTH_M / 2 - 0.05) & (np.abs(y) < WIDTH_M / 2 - 0.05) & (z > 0.05) & (z < HEIGHT_M - 0.05)
    assert inside.mean() > 0.03
    assert np.abs(x).max() < LENGTH_M / 2 + near
    assert z.min() > -near


def test_room_is_described_with_its_level_and_pose(room: Recorded, tmp_path: Path) -> None:
    draft = describe(room.path, workspace=tmp_path)

    assert draft.modality == "spatial"
    assert draft.stated.place.level == LEVEL
    assert draft.stated.frame.gravity_aligned
    assert draft.stated.frame.rotation_e9 == (0, 0, 0, 10**9)
    assert draft.streams[0].samples > 50_000


def test_same_seed_makes_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    rooms = [record_room(tmp_path / f"{i}.pcd", seed=s, rays=2_000).path.read_bytes() for i, s in enumerate((1, 1, 2))]
    hands = [record_hand(tmp_path / f"{i}.csv", seed=s, seconds=1).path.read_bytes() for i, s in enumerate((1, 1, 2))]

    assert rooms[0] == rooms[1] != rooms[2]
    assert hands[0] == hands[1] != hands[2]


def test_progress_reaches_its_end(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    record_hand(tmp_path / "h.csv", seed=1, seconds=2, progress=lambda done, total: seen.append((done, total)))
    record_room(tmp_path / "r.pcd", seed=1, rays=5_000, progress=lambda done, total: seen.append((done, total)))

    assert (200, 200) in seen
    assert (5_000, 5_000) in seen


def test_impossible_orders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        record_hand(tmp_path / "h.csv", seed=1, seconds=0)
    with pytest.raises(BadInput):
        record_room(tmp_path / "r.pcd", seed=-1)
    with pytest.raises(BadInput):
        record_room(tmp_path / "r.pcd", seed=1, rays=10)
