"""A room scanned by casting rays from a handful of poses: floor, walls, furniture, occlusion and range noise.

Written as binary PCD in metres, in the room's frame: z up, floor at 0, x and y from its middle.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thenar.adapters.simulation.engine import engine
from thenar.adapters.simulation.stated import Recorded, Scene, check_seed, write_sidecar
from thenar.errors import BadInput

LENGTH_M, WIDTH_M, HEIGHT_M = 7.0, 5.0, 2.6
LEVEL: Final = -1
_NOISE_M: Final = 0.003
_REACH_M: Final = 20.0
_POSES: Final = ((-2.5, -1.6), (2.5, -1.6), (2.5, 1.6), (-2.5, 1.6), (0.0, 0.0))
_SENSOR_M: Final = 1.5
_WALL: Final = 0.05

Progress = Callable[[int, int], None]


def record_room(
    path: Path, *, seed: int, visit: int = 0, rays: int = 100_000, progress: Progress | None = None
) -> Recorded:
    """Scan a furnished basement room into a PCD with its description beside it. Repeatable: same seed, same bytes.

    Another ``visit`` is the same room seen by somebody else: from other places, in a frame of its own, with chairs and
    sofa moved. ``progress`` is called with (rays, all rays). Raises BadInput, BadConfig.
    """
    if not 1_000 <= rays <= 10_000_000:
        raise BadInput(f"{rays:,} rays is not between 1,000 and 10,000,000")
    mujoco = engine()
    draw = np.random.Generator(np.random.PCG64(check_seed(seed)))
    again = np.random.Generator(np.random.PCG64([seed, visit]))
    model = mujoco.MjModel.from_xml_string(_scene(draw, again if visit else draw))
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    stands = _stands(again) if visit else _POSES
    share, found = rays // len(stands), []
    for index, (x, y) in enumerate(stands):
        eye = np.array([x, y, _SENSOR_M]) + draw.normal(0.0, 0.05, 3)
        found.append(_scan(mujoco, model, data, eye, share, draw))
        if progress is not None:
            progress((index + 1) * share, share * len(stands))
    seen = np.concatenate(found)
    points = _in_own_frame(seen, again) if visit else seen
    write_cloud(path, points)
    scene = Scene(
        "spatial", "simulated ranging scanner", "room", LEVEL, (0, 0, 0), "furnished-basement",
        str(mujoco.__version__), seed,
    )  # fmt: skip
    return Recorded(path, write_sidecar(path, scene), None, len(points), points.size)


def write_cloud(path: Path, points: NDArray[np.floating[Any]]) -> None:
    """Write x, y, z in metres as a binary PCD."""
    path.write_bytes(_header(len(points)) + points.astype("<f4").tobytes())


def _stands(draw: np.random.Generator) -> list[tuple[float, float]]:
    """Two places a visitor stands at, near each other: what lies far from them is seen thinly."""
    return [(1.8 + draw.uniform(-0.4, 0.4), y + draw.uniform(-0.3, 0.3)) for y in (-1.6, 1.4)]


def _in_own_frame(points: NDArray[np.float64], draw: np.random.Generator) -> NDArray[np.float64]:
    """As a scanner has them that was switched on somewhere else, looking somewhere else."""
    turn = draw.uniform(0.5, 2.5)
    across = np.array([[np.cos(turn), -np.sin(turn), 0.0], [np.sin(turn), np.cos(turn), 0.0], [0.0, 0.0, 1.0]])
    moved: NDArray[np.float64] = points @ across.T + np.array([*draw.uniform(-2.0, 2.0, 2), 0.0])
    return moved


def _scan(
    mujoco: Any, model: Any, data: Any, eye: NDArray[np.float64], rays: int, draw: np.random.Generator
) -> NDArray[np.float64]:
    """Points hit by rays spread evenly over the sphere (Fibonacci lattice, turned at random)."""
    index = np.arange(rays) + 0.5
    height = 1.0 - 2.0 * index / rays
    turn = np.pi * (1.0 + 5.0**0.5) * index + draw.uniform(0.0, 2.0 * np.pi)
    around = np.sqrt(1.0 - height**2)
    ways = np.stack([around * np.cos(turn), around * np.sin(turn), height], axis=1)
    hit, reach = np.zeros(rays, dtype=np.int32), np.zeros(rays, dtype=np.float64)
    normal = None
    mujoco.mj_multiRay(
        model, data, eye, np.ascontiguousarray(ways).reshape(-1), None, 1, -1, hit, reach, normal, rays, _REACH_M
    )
    reach += draw.normal(0.0, _NOISE_M, rays)
    return np.asarray(eye + ways * reach[:, None])[hit >= 0]


def _scene(draw: np.random.Generator, moved: np.random.Generator) -> str:
    """A closed room with a table, chairs, a shelf, a sofa and a column; chairs and sofa stand where ``moved`` says."""
    half_x, half_y, top = LENGTH_M / 2, WIDTH_M / 2, HEIGHT_M
    boxes = [
        (half_x + _WALL, 0.0, top / 2, _WALL, half_y, top / 2),
        (-half_x - _WALL, 0.0, top / 2, _WALL, half_y, top / 2),
        (0.0, half_y + _WALL, top / 2, half_x, _WALL, top / 2),
        (0.0, -half_y - _WALL, top / 2, half_x, _WALL, top / 2),
        (0.0, 0.0, top + _WALL, half_x, half_y, _WALL),
    ]
    x, y = draw.uniform(-0.8, 0.8), draw.uniform(0.4, 0.8)
    boxes.append((x, y, 0.73, 0.7, 0.4, 0.02))
    boxes += [(x + a * 0.65, y + b * 0.35, 0.355, 0.025, 0.025, 0.355) for a in (-1, 1) for b in (-1, 1)]
    for side in (-1, 1):
        seat = x + side * moved.uniform(0.2, 0.5)
        boxes.append((seat, y - 0.65, 0.45, 0.2, 0.2, 0.02))
        boxes.append((seat, y - 0.84, 0.7, 0.2, 0.015, 0.25))
        boxes += [(seat + a * 0.18, y - 0.65 + b * 0.18, 0.215, 0.015, 0.015, 0.215) for a in (-1, 1) for b in (-1, 1)]
    shelf = draw.uniform(-1.0, 1.5)
    boxes += [(shelf, half_y - 0.17, 0.3 * board + 0.02, 0.5, 0.15, 0.015) for board in range(7)]
    boxes += [(shelf + side * 0.5, half_y - 0.17, 1.0, 0.015, 0.15, 1.0) for side in (-1, 1)]
    sofa = moved.uniform(-1.0, 1.0)
    boxes += [(sofa, -half_y + 0.45, 0.2, 0.9, 0.4, 0.2), (sofa, -half_y + 0.12, 0.6, 0.9, 0.1, 0.2)]
    solid = "".join(
        f'<geom type="box" pos="{a:.4f} {b:.4f} {c:.4f}" size="{d:.4f} {e:.4f} {f:.4f}"/>' for a, b, c, d, e, f in boxes
    )
    column = f'<geom type="cylinder" pos="{half_x - 0.6:.4f} 0 {top / 2:.4f}" size="0.15 {top / 2:.4f}"/>'
    floor = f'<geom type="plane" size="{half_x} {half_y} 0.1"/>'
    return f'<mujoco model="room"><worldbody>{floor}{solid}{column}</worldbody></mujoco>'


def _header(points: int) -> bytes:
    lines = (
        "# .PCD v0.7 - Point Cloud Data file format",
        "VERSION 0.7",
        "FIELDS x y z",
        "SIZE 4 4 4",
        "TYPE F F F",
        "COUNT 1 1 1",
        f"WIDTH {points}",
        "HEIGHT 1",
        "VIEWPOINT 0 0 0 1 0 0 0",
        f"POINTS {points}",
        "DATA binary",
    )
    return ("\n".join(lines) + "\n").encode("ascii")
