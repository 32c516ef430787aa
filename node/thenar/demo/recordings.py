"""What is published in the story: a grasp and a room recorded here and now, or the files somebody names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import trio

from thenar.adapters.simulation import Recorded, record_hand, record_room
from thenar.services.ports import Progress, Tell

SEED = 7
HAND_SECONDS, BEN_SECONDS, RAYS = 6, 2, 100_000
_STATED = """\
license = "LicenseRef-Thenar-Demo"

[device]
model = "named on the command line"

[time]
start = 2026-01-01T00:00:00Z
clock = "stated"
uncertainty_us = 60000000

[place]
class = "public_interior"
cell = "8c2a1072b59d1ff"
level = 0

[consent]
subjects = ["none"]
purposes = ["train_research", "train_commercial", "evaluate", "simulate"]
biometric = false
minors = false
premises_permission = "public"
bystander_treatment = "none_present"
retention_days = 30
revocable = true
jurisdiction = "ZZ"
text = "A demonstration on a chain that is thrown away; nothing leaves this machine."

[provenance]
kind = "captured"
"""


@dataclass(slots=True)
class Take:
    """One recording of the story and what became of it."""

    owner: str
    what: str
    path: Path
    description: Path
    layout: Path | None
    asset: str = ""
    sha256: str = ""
    opened: Path | None = None

    @property
    def arguments(self) -> dict[str, object]:
        """What ``capture.add`` needs."""
        found: dict[str, object] = {"path": str(self.path), "description": str(self.description)}
        return found | ({"layout": str(self.layout)} if self.layout else {})


async def record_takes(folder: Path, captures: Sequence[Path], tell: Tell) -> list[Take]:
    """Ana's captures (the named files, else a simulated grasp and room) and one short grasp of Ben's."""
    await trio.Path(folder).mkdir()

    def hand(name: str, seed: int, seconds: int) -> Recorded:
        label = f"grasping in MuJoCo ({name})"
        return record_hand(folder / f"{name}.csv", seed=seed, seconds=seconds, progress=_telling(tell, label))

    def room() -> Recorded:
        return record_room(folder / "room.pcd", seed=SEED, rays=RAYS, progress=_telling(tell, "scanning a room"))

    short = await trio.to_thread.run_sync(hand, "ben", SEED + 1, BEN_SECONDS)
    mine = _take("Ben", "short grasp, 92 touch sensors", short)
    if captures:
        return [*(_named(folder, path) for path in captures), mine]
    grasp = _take("Ana", "grasp, 92 touch sensors", await trio.to_thread.run_sync(hand, "grasp", SEED, HAND_SECONDS))
    return [grasp, _take("Ana", "scanned basement room", await trio.to_thread.run_sync(room)), mine]


def _take(owner: str, what: str, recorded: Recorded) -> Take:
    return Take(owner, what, recorded.path, recorded.sidecar, recorded.layout)


def _named(folder: Path, path: Path) -> Take:
    layout = path.with_name(f"{path.name}.layout.toml")
    return Take("Ana", path.name, path, description_for(folder, path), layout if layout.is_file() else None)


def beside(path: Path) -> Path | None:
    """The description that lies beside a file of the user's, if one does."""
    own = path.with_name(f"{path.name}.capture.toml")
    return own if own.is_file() else None


def description_for(folder: Path, path: Path) -> Path:
    """The description of a file of the user's: its own when that lies beside it, else the demonstration's."""
    own = beside(path)
    if own is not None:
        return own
    stated = folder / f"{path.name}.capture.toml"
    stated.write_text(_STATED, encoding="utf-8")
    return stated


def _telling(tell: Tell, label: str) -> Progress:
    return lambda done, total: tell({"label": label, "done": done, "total": total})
