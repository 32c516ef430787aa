"""The command that describes captures, or writes them, in other people's formats."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import trio

from thenar.adapters import media
from thenar.adapters.exports import lerobot
from thenar.adapters.exports.cells import outline
from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.captures import known_asset, open_known
from thenar.directory import workspace
from thenar.domain.exporting import croissant, stac
from thenar.domain.exporting.described import Described
from thenar.domain.ids import AssetId
from thenar.domain.manifest import Manifest
from thenar.domain.scoring.signals import Recorded
from thenar.errors import BadInput, NotFound, Unavailable
from thenar.services.keep import fetch_description
from thenar.services.ports import Tell

FORMATS: Final = ("stac", "croissant", "lerobot")


async def export(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Describe captures as STAC or Croissant, or write those this node can open as a LeRobot data set."""
    wanted, folder = arg.text(arguments, "format"), Path(arg.text(arguments, "into"))
    if wanted not in FORMATS:
        raise BadInput(f"{wanted[:40]!r} is no format", next_step=f"use one of: {', '.join(FORMATS)}")
    assets = arg.assets(arguments, "assets")
    if not assets:
        raise BadInput("name the captures to export", next_step="`thenar capture list` shows them")
    await trio.to_thread.run_sync(_require_empty, folder)
    captures = [await _described(node, asset) for asset in assets]
    if wanted == "lerobot":
        written = await _lerobot(node, arguments, captures, folder, tell)
    else:
        made = _described_as(wanted, captures)
        written = await trio.to_thread.run_sync(_write, folder, made)
    return {"format": wanted, "into": str(folder), "captures": len(captures), "files": written}


def _require_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is not an empty folder", next_step="name a new one")


def _described_as(wanted: str, captures: Sequence[Described]) -> dict[str, dict[str, object]]:
    if wanted == "croissant":
        return {croissant.FILE: croissant.document(captures)}
    return stac.documents(captures, {cell: outline(cell) for cell in {one.cell for one in captures} if cell})


async def _described(node: Node, asset: AssetId) -> Described:
    """A capture with its manifest. Raises NotFound, BadInput for what is no capture, Unavailable."""
    record = known_asset(node, asset)
    try:
        found = await fetch_description(
            record.commitment, store=node.store, holders=await node.holders(asset), peers=node.peers
        )
    except NotFound as cause:
        raise Unavailable(f"nobody gives the manifest of {asset} now") from cause
    if not isinstance(found, Manifest):
        raise BadInput(f"{asset} is no capture", next_step="captures are exported; models and results are fetched")
    return Described(asset, found, record.commitment.manifest_cid)


async def _lerobot(
    node: Node, arguments: arg.Arguments, captures: Sequence[Described], folder: Path, tell: Tell
) -> list[str]:
    task, fps = arg.text(arguments, "task", "unspecified"), arg.number(arguments, "fps", 0, high=lerobot.MOST_FPS)
    layout = arg.existing_file(arguments, "layout") if arguments.get("layout") else None
    episodes = []
    with workspace(node.directory) as opened:
        for number, one in enumerate(captures):
            target = opened / f"{number}-{one.manifest.files[0].name}"
            path = await open_known(node, one.asset, known_asset(node, one.asset), target, tell)
            tell({"label": f"reading {path.name}", "done": number, "total": len(captures)})
            recorded = await trio.to_thread.run_sync(_read, path, layout, one.manifest.modality)
            episodes.append(lerobot.Episode(task, recorded))
        robot = captures[0].manifest.device.model
        await trio.to_thread.run_sync(lambda: lerobot.write(folder, episodes, fps=fps or None, robot=robot))
    return [path.relative_to(folder).as_posix() for path in lerobot.files_of(folder)]


def _read(path: Path, layout: Path | None, modality: str) -> Recorded:
    return media.read_recorded(path, layout=layout, modality=modality)[0]


def _write(folder: Path, documents: dict[str, dict[str, object]]) -> list[str]:
    for name, document in documents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return sorted(documents)
