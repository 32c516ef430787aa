"""What a browser may look at of an asset: to everybody what its owner published, the recording only to who opens it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import trio

from thenar.adapters import media
from thenar.adapters.web import View
from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.captures import known_asset, open_known
from thenar.commands.naming import named_asset
from thenar.directory import workspace
from thenar.domain.bounty.answers import AnswerStage, ask_of
from thenar.domain.bounty.visibility import is_public
from thenar.domain.card import Card
from thenar.domain.catalog import AnswerRecord, AssetRecord
from thenar.domain.ids import AssetId
from thenar.domain.manifest import Manifest
from thenar.domain.protocols import spell
from thenar.domain.scoring.signals import Recorded
from thenar.domain.scoring.spatial import points_of
from thenar.domain.showing import cloud_of, shell_of, stream_of
from thenar.domain.sketch import sketch_of
from thenar.errors import BadInput, Refused, ThenarError, Unavailable
from thenar.services.answer import KEY_PURPOSES
from thenar.services.keep import fetch_description
from thenar.services.records import key_held

PATIENCE: Final = 5.0
"""Seconds others have to tell what they published."""
MOST_BYTES: Final = 128_000_000
"""Bytes of a recording that is opened for a picture."""
STREAMS: Final = 16
_ASSET: Final = {"type": "string", "pattern": "^0[xX][0-9a-fA-F]{64}$"}
_LIMITS: Final = media.Limits(bytes=MOST_BYTES, memory=1 << 30, seconds=60)


def views_of(node: Node) -> dict[str, View]:
    """Views by name; one recording is opened at a time."""
    turn = trio.Lock()

    async def content(asset: str) -> dict[str, object]:
        async with turn:
            return await content_view(node, asset)

    return {
        "looks": View(
            "What may be seen of an asset before it is licensed, and whether this node can open it",
            lambda asset: look_view(node, asset),
            {"asset": "digest", "opens": "flag", "why": "text", "sketch": "object or null", "shell": "object or null"},
            _ASSET,
        ),
        "contents": View(
            "What is in a capture that this node owns or has a license of, thinned for drawing",
            content,
            {"asset": "digest", "modality": "text", "cloud": "object or null", "streams": "objects", "notes": "texts"},
            _ASSET,
        ),
    }


async def look_view(node: Node, asset: str) -> dict[str, object]:
    """The published card and shell of an asset; nothing of a private place. Raises BadInput, NotFound."""
    record = known_asset(node, arg.asset({"asset": asset}))
    opens = await _opens(node, record)
    found: dict[str, object] = {"sketch": None, "shell": None}

    async def bring(name: str) -> None:
        try:
            found[name] = await (_sketch(node, record) if name == "sketch" else _shell(node, record.id))
        except ThenarError:  # nobody gives it now: the page says so
            found[name] = None

    with trio.move_on_after(PATIENCE):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(bring, "sketch")
            nursery.start_soon(bring, "shell")
    why = "" if opens else "only its owner and who holds a license of it see more"
    return {"asset": record.id, "opens": opens, "why": why, **found}


async def content_view(node: Node, asset: str) -> dict[str, object]:
    """A capture opened here, made small. Raises Refused without a key, BadInput for what is no recording."""
    record = known_asset(node, arg.asset({"asset": asset}))
    if not await _opens(node, record):
        raise Refused(
            f"this node has no license of {record.id}", next_step=f"`thenar license buy {record.id}`, then look again"
        )
    description = await _description(node, record)
    if not isinstance(description, Manifest):
        raise BadInput("only captures can be looked at", next_step="`thenar capture fetch` writes the file")
    if description.files[0].bytes > MOST_BYTES:
        raise Refused(f"it has more than {MOST_BYTES:,} bytes", next_step="`thenar capture fetch` writes the file")
    with workspace(node.directory) as folder:
        path = await open_known(node, record.id, record, folder / description.files[0].name, _silent)
        recorded, notes = await trio.to_thread.run_sync(_read, path, description)
    return await trio.to_thread.run_sync(lambda: _content(record.id, recorded, notes))


def _read(path: Path, description: Manifest) -> tuple[Recorded, list[str]]:
    try:
        recorded, notes = media.read_recorded(path, limits=_LIMITS, modality=description.modality)
        return recorded, list(notes)
    except BadInput:
        if not path.name.endswith(".csv"):
            raise
    span = description.time.end_ns - description.time.start_ns
    layout = media.write_layout(path, description.streams, span)
    recorded, notes = media.read_recorded(path, layout=layout, limits=_LIMITS, modality=description.modality)
    return recorded, ["columns are drawn in the order of the manifest's streams, without units", *notes]


def _content(asset: AssetId, recorded: Recorded, notes: list[str]) -> dict[str, object]:
    cloud = None
    if recorded.modality == "spatial":
        points, _ = points_of(recorded)
        cloud = cloud_of(points)
    streams = [] if cloud else [stream_of(signal) for signal in recorded.signals[:STREAMS] if len(signal.values)]
    return {"asset": asset, "modality": recorded.modality, "cloud": cloud, "streams": streams, "notes": notes}


async def _opens(node: Node, record: AssetRecord) -> bool:
    """Whether this account owns it, holds its key, or may ask for it today."""
    if record.owner == node.me or await key_held(node.journal, node.sealer, record.id) is not None:
        return True
    try:
        now = (await node.chain.head()).timestamp
    except Unavailable:  # without the chain's time no license can be told to run
        return False
    return any(node.belief.catalog.is_allowed(record.id, node.me, purpose, now) for purpose in KEY_PURPOSES)


async def _description(node: Node, record: AssetRecord) -> Manifest | Card:
    named = await named_asset(node, {"asset": record.id})
    holders = await node.holders(record.id)
    return await fetch_description(named.commitment, store=node.store, holders=holders, peers=node.peers)


async def _sketch(node: Node, record: AssetRecord) -> dict[str, object]:
    return spell(sketch_of(record.id, await _description(node, record)))


async def _shell(node: Node, asset: AssetId) -> dict[str, object] | None:
    """The scan in cubes of 400 mm where an answer about a public place published its sketch, else None."""
    answer = _answered(node, asset)
    if answer is None:
        return None
    sketch = await node.bounty_desk.sketch(answer)
    return await trio.to_thread.run_sync(shell_of, sketch)


def _answered(node: Node, asset: AssetId) -> AnswerRecord | None:
    catalog = node.belief.catalog
    for answer in catalog.answers.values():
        is_shown = answer.shown is not None and answer.shown.asset == asset and answer.stage is not AnswerStage.REFUTED
        if is_shown and is_public(catalog.asks[ask_of(answer.id)].ask):
            return answer
    return None


def _silent(_: dict[str, object]) -> None:
    """Progress nobody waits for."""
