"""What is scanned in the story of a missing room: a simulated one, or the files somebody names.

Nobody can scan a real room again for the story. With one file its owner and the witness scan a simulated room beside
it, and that is what the witness speaks for; with two the second must be an honest re-scan of the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thenar.adapters.media import load_sidecar, read_recorded
from thenar.adapters.simulation import record_room
from thenar.demo.recordings import beside, description_for
from thenar.domain.bounty.visibility import PUBLIC
from thenar.domain.scoring.report import Verdict, percent
from thenar.errors import BadInput
from thenar.services.scoring import Earlier, Scored, score

SEED, RAYS = 7, 60_000
LEAST_QUALITY: Final = 3_000
"""Basis points the story's bounty asks for."""
MOST_FILES: Final = 2
_SPATIAL: Final = "spatial"


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan of the story and what is said about it."""

    path: Path
    description: Path

    @property
    def arguments(self) -> dict[str, object]:
        """What ``capture.add`` needs."""
        return {"path": str(self.path), "description": str(self.description)}


def simulated(folder: Path, visit: int = 0) -> Scan:
    """A simulated room, cast ray by ray; another visit is another person with another scanner."""
    folder.mkdir(parents=True, exist_ok=True)
    made = record_room(folder / "room.pcd", seed=SEED, visit=visit, rays=RAYS)
    return Scan(made.path, made.sidecar)


def named(folder: Path, path: Path) -> Scan:
    """A file of the user's, with its own description when that lies beside it, else the demonstration's."""
    folder.mkdir(parents=True, exist_ok=True)
    return Scan(path, description_for(folder, path))


def check(captures: Sequence[Path]) -> None:
    """See that files can play the story before anything starts.

    Raises BadInput for what is no scan, too poor, of a place whose sketch is not published, or no re-scan.
    """
    if len(captures) > MOST_FILES:
        raise BadInput(
            f"the story has place for a scan and a re-scan of the same place, not for {len(captures)} files",
            next_step="name one or two",
        )
    earlier: list[Earlier] = []
    for path in captures:
        scored = _scored(path, earlier)
        earlier.append(Earlier(path.name, scored.sketch))
        if scored.earlier and scored.earlier[0].verdict is not Verdict.AGAIN:
            raise BadInput(
                f"{path.name} is no re-scan of {captures[0].name}: {scored.earlier[0].reason}",
                next_step="name a scan of the same place from other stands, or only one file",
            )


def _scored(path: Path, earlier: Sequence[Earlier]) -> Scored:
    recorded, _ = read_recorded(path)
    if recorded.modality != _SPATIAL:
        raise BadInput(f"{path.name} is {recorded.modality}, and the story is about a scanned room")
    _check_place(path)
    scored = score(recorded, earlier)
    if scored.quality.bp < LEAST_QUALITY:
        raise BadInput(
            f"{path.name} has a quality of {percent(scored.quality.bp)}; the story's bounty asks for "
            f"{percent(LEAST_QUALITY)}",
            next_step=f"`thenar capture score {path.name}` says why",
        )
    return scored


def _check_place(path: Path) -> None:
    own = beside(path)
    kind = load_sidecar(path, own).place.kind if own else PUBLIC[0]
    if kind not in PUBLIC:
        raise BadInput(
            f"{path.name} shows a {kind}, and the story publishes the sketch of what is scanned",
            next_step=f"name a scan of a place of these classes: {', '.join(PUBLIC)}",
        )
