"""What is stated about a simulated capture: nobody was there, and which engine, scene and seed made it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thenar.errors import BadInput

_STATED: Final = """\
license = "LicenseRef-Thenar-Terms"
modality = "{modality}"

[device]
model = "{device}"

[time]
start = {start}
clock = "simulated"
uncertainty_us = 0

[place]
class = "public_interior"
cell = "8c2a1072b59d1ff"
level = {level}
z_mm = 0

[frame]
name = "{frame}"
gravity_aligned = true
position_um = [{position}]
rotation_e9 = [0, 0, 0, 1000000000]

[consent]
subjects = ["none"]
purposes = ["train_research", "train_commercial", "evaluate", "simulate"]
biometric = false
minors = false
premises_permission = "not_needed"
bystander_treatment = "none_present"
retention_days = 36500
revocable = true
jurisdiction = "ZZ"
text = "No person took part: the scene is simulated."

[provenance]
kind = "simulated"

[provenance.simulation]
engine = "mujoco"
version = "{version}"
scene = "{scene}"
seed = {seed}
deterministic = true
"""
START: Final = "2026-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording on disk, its description beside it, and its layout where the format needs one."""

    path: Path
    sidecar: Path
    layout: Path | None
    records: int
    numbers: int


@dataclass(frozen=True, slots=True)
class Scene:
    """What differs between simulated captures; position in micrometres."""

    modality: str
    device: str
    frame: str
    level: int
    position_um: tuple[int, int, int]
    scene: str
    version: str
    seed: int


def write_sidecar(capture: Path, scene: Scene) -> Path:
    """Write ``<capture>.capture.toml``."""
    path = capture.with_name(f"{capture.name}.capture.toml")
    position = ", ".join(str(part) for part in scene.position_um)
    text = _STATED.format(
        modality=scene.modality,
        device=scene.device,
        frame=scene.frame,
        level=scene.level,
        position=position,
        scene=scene.scene,
        version=scene.version,
        seed=scene.seed,
        start=START,
    )
    path.write_text(text, encoding="utf-8")
    return path


def check_seed(seed: int) -> int:
    """A seed fits 63 bits. Raises BadInput."""
    if not 0 <= seed < 2**63:
        raise BadInput(f"seed {seed} is not between 0 and 2^63 - 1")
    return seed
