"""``thenar capture score``: what a recording would count for, told on this machine before anything is uploaded."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import trio
import typer

from thenar.adapters import media
from thenar.cli import render, rollout
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common
from thenar.client import Common, run_command
from thenar.domain.scoring.glimpse import Probed
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.playing import AS_IT_IS, Played
from thenar.domain.scoring.plugins import Witness, plugin_for
from thenar.domain.scoring.report import percent
from thenar.domain.scoring.signals import Recorded
from thenar.domain.scoring.transform import Transform
from thenar.errors import BadInput
from thenar.services.ports import Tell
from thenar.services.scoring import Compared, Earlier, Scored
from thenar.services.scoring import score as score_story

_SKETCH: Final = b"thenar.sketch."
_LATER: Final = "told for a bounty: name it with --bounty"


def score(
    path: Annotated[Path, typer.Argument(help="PCD, PLY, LAS/LAZ, E57, CSV, HDF5, MCAP or Parquet.")],
    against: Annotated[
        list[Path] | None, typer.Option(help="An earlier recording, or its sketch, to compare with. Repeat for more.")
    ] = None,
    stretched: Annotated[
        bool, typer.Option("--stretched", help="Also look for scaled copies and other speeds: ten times the work.")
    ] = False,
    layout: Annotated[Path | None, typer.Option(help="What the columns of a CSV, HDF5 or Parquet mean (TOML).")] = None,
    modality: Annotated[str | None, typer.Option(help="spatial, tactile, trajectory or imu, if not as read.")] = None,
    sketch: Annotated[
        Path | None, typer.Option(help="Write the sketch here, to compare later recordings with.")
    ] = None,
    files: Annotated[
        Path | None, typer.Option(help="Folder of a job's files, to run a unit of `thenar job fetch` again.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw pictures into this folder.")] = None,
    bounty: Annotated[int | None, typer.Option(help="Also have your node tell what this bounty would pay.")] = None,
    cell: Annotated[str | None, typer.Option(help="H3 cell, of the resolution the bounty counts; places only.")] = None,
    level: Annotated[str, typer.Option(help="Floor; the ground is 0.")] = "0",
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Tell quality and novelty of a recording with every reason; nothing leaves this machine.

    With --bounty your node is asked what it would add to the coverage and be paid, beside what others have shown.

    Example: thenar capture score room.pcd --against older.pcd --plot pictures
    """
    if bounty is None and cell is not None:
        raise BadInput("a cell is for a bounty", next_step="name it with --bounty NUMBER")
    with render.progress(quiet=as_json) as tell:
        recorded, notes = _recorded(path, layout, modality, files, tell)
        earlier = [_earlier(one, recorded.modality, layout, tell) for one in against or []]
        made = score_story(recorded, earlier, stretched=stretched, say=lambda said: tell(_label(said)))
        if sketch is not None:
            sketch.write_bytes(made.sketch.encode())
        drawn = [] if plot is None else _draw(plot, recorded, made)
        told = _view(path, made, notes, drawn)
        if bounty is not None:
            asked = {"bounty": bounty, "path": str(path.expanduser().resolve()), "cell": cell, "level": level}
            told |= _worth(common(data, as_json, password_file), asked, tell)
    render.answer(told, as_json=as_json)


def _worth(common: Common, asked: dict[str, object], tell: Tell) -> dict[str, object]:
    """What a bounty would pay, told by the node, which knows what others have shown; nothing is published."""
    given = {key: value for key, value in asked.items() if value is not None}
    worth = trio.run(run_command, common, "bounty.answer", {**given, "dry": True}, tell)
    told = {key: worth[key] for key in ("coverage", "price", "bond")}
    return told | {"for_bounty": {key: worth[key] for key in ("bounty", "novelty", "why", "compared_with")}}


def _label(said: str) -> dict[str, object]:
    return {"label": said, "done": 0, "total": 0}


def _recorded(
    path: Path, layout: Path | None, modality: str | None, files: Path | None, tell: Tell
) -> tuple[Recorded, tuple[str, ...]]:
    """A recording, or a unit that was run elsewhere; the engine is loaded for that alone."""
    if rollout.is_rollout(path.expanduser()):
        tell(_label(f"running {path.name} again" if files else f"reading {path.name}"))
        return rollout.read(path.expanduser(), files)
    return _read(path, layout, modality, tell)


def _read(path: Path, layout: Path | None, modality: str | None, tell: Tell) -> tuple[Recorded, tuple[str, ...]]:
    tell(_label(f"reading {path.name}"))
    return media.read_recorded(path.expanduser(), layout=layout, modality=modality)


def _earlier(path: Path, modality: str, layout: Path | None, tell: Tell) -> Earlier:
    """An earlier recording's sketch, read or made. Raises BadInput."""
    try:
        with path.expanduser().open("rb") as source:
            start = source.read(len(_SKETCH))
            if start == _SKETCH:
                return Earlier(path.name, plugin_for(modality).decode(start + source.read()))
    except OSError as cause:
        raise BadInput(f"cannot read {path.name}: {cause.strerror}", next_step="check the path") from cause
    recorded, _ = _read(path, layout, modality, tell)
    return Earlier(path.name, plugin_for(modality).sketch(recorded))


def _view(path: Path, made: Scored, notes: Sequence[str], drawn: Sequence[Path]) -> dict[str, object]:
    parts = [{"part": p.name, "score": percent(p.bp), "why": p.reason} for p in made.quality.parts]
    return {
        "file": path.name,
        "modality": made.modality,
        "quality": percent(made.quality.bp),
        "novelty": percent(made.novelty.bp),
        "contribution": percent(made.contribution_bp),
        "why": made.novelty.reason,
        "quality_bp": made.quality.bp,
        "novelty_bp": made.novelty.bp,
        "contribution_bp": made.contribution_bp,
        "copy": made.novelty.copied,
        "witness_for": [made.earlier[at].name for at in made.novelty.witnesses],
        "holds": _probed_view(made.probed),
        "preview": [f"{shown.name} {shown.value:,} {shown.unit}" for shown in made.preview],
        "parts": parts,
        "earlier": [_compared_view(one) for one in made.earlier],
        "sketch": {"size": made.size, "root": "0x" + made.sketch.root.hex()},
        "rules": made.rules,
        "coverage": _LATER,
        "price": _LATER,
        "pictures": [str(picture) for picture in drawn],
        "notes": list(notes),
    }


def _probed_view(probed: Probed) -> str:
    return f"{probed.stream}: {probed.readings:,} readings of {probed.numbers:,} numbers in {probed.units}"


def _compared_view(one: Compared) -> dict[str, object]:
    found = one.match.likeness
    return {
        "name": one.name,
        "verdict": one.verdict.value,
        "shared_bp": found.shared_bp,
        "agreement_bp": found.agreement_bp,
        "witness": _witness_text(one.witness),
        "why": one.reason,
    }


def _witness_text(witness: Witness) -> str:
    if isinstance(witness, Played):
        way = "backwards" if witness.backwards else "forwards"
        return "as it is" if witness == AS_IT_IS else f"played {way} at {percent(witness.speed_bp)} of its speed"
    return _transform_text(witness)


def _transform_text(t: Transform) -> str:
    matrix = f"plane ({t.xx} {t.xy}; {t.yx} {t.yy})/1048576"
    return f"{matrix}, height {percent(t.height_bp)}, shift {', '.join(str(n) for n in t.shift_mm)} mm"


def _draw(folder: Path, recorded: Recorded, made: Scored) -> list[Path]:
    """Draw what fits the modality; the picture library is loaded for it alone."""
    pictures: Any = importlib.import_module("thenar.adapters.pictures")
    into = folder.expanduser()
    into.mkdir(parents=True, exist_ok=True)
    drawn: list[Path] = []
    if isinstance(made.sketch, PlaceSketch):
        drawn += pictures.draw_place(into, made.sketch, [one.match.seen for one in made.earlier])
    elif made.modality == "tactile":
        drawn.append(pictures.draw_touch(into, recorded))
    else:
        drawn.append(pictures.draw_motion(into, recorded.signals))
    timing = pictures.draw_timing(into, recorded)
    return drawn if timing is None else [*drawn, timing]
