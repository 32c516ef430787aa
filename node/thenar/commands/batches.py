"""Commands about batches: commit to a folder of recordings, list members, give one a record of its own."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import trio

from thenar.adapters import media
from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.captures import announce, offer_at_once
from thenar.commands.terms import terms_named
from thenar.commands.view import receipt_view
from thenar.directory import workspace
from thenar.domain.actions import SetTerms
from thenar.domain.batches import MAX_MEMBERS
from thenar.domain.ids import AssetId, TermsId, asset_id
from thenar.errors import BadInput
from thenar.services.batching import Episode, Prepared, Workshop, commit_batch, materialise
from thenar.services.members import members_of
from thenar.services.ports import Tell

PAGE: Final = 1_000
"""Members listed at once."""
_STAMP: Final = b"thenar.episode/1\x00"


async def add_batch(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Scrub, describe, seal and store every recording in a folder, commit to all of them at once and announce it."""
    folder = arg.existing_folder(arguments, "path")
    sidecar = arg.existing_file(arguments, "description") if arguments.get("description") else None
    layout = arg.existing_file(arguments, "layout") if arguments.get("layout") else None
    title = arg.text(arguments, "title", "A batch of recordings")
    terms = await terms_named(node, arguments)
    with workspace(node.directory) as room, media.warm() as warm:
        bench = _Bench(node, room, sidecar, layout, warm)
        episodes = await trio.to_thread.run_sync(lambda: bench.episodes(_recordings(folder)))
        done = await commit_batch(
            episodes,
            title,
            arg.text(arguments, "license", "LicenseRef-Thenar"),
            Workshop(node.me, node.sealer, node.store, node.journal, node.outbox, node.belief),
            progress=lambda ready, total: tell({"label": "recordings sealed", "done": ready, "total": total}),
        )
    await _name_terms(node, done.batch, terms)
    if arguments.get("price") is not None:
        await offer_at_once(node, arguments, done.batch, terms)
    await announce(node, done.batch)
    return {
        "batch": done.batch,
        "members": done.count,
        "bytes": done.bytes,
        "manifest": str(done.manifest),
        "list": str(done.members),
        "terms": terms,
        **receipt_view(done.receipt),
    }


async def materialise_member(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Give a member of an owned batch a record of its own, so that it can be sold apart from its batch."""
    batch = arg.asset(arguments, "batch")
    index = arg.number(arguments, "index", 0, high=MAX_MEMBERS - 1)
    asset, receipt = await materialise(batch, index, node.library, node.outbox, node.me)
    await announce(node, asset)
    return {"asset": asset, "batch": batch, "index": index, **receipt_view(receipt)}


async def list_members(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """The members of a batch from one place on, checked against what the batch committed to."""
    batch = arg.asset(arguments, "batch")
    first = arg.number(arguments, "first", 0, high=MAX_MEMBERS)
    record, members = await members_of(batch, node.library)
    listed = []
    for index in range(first, min(len(members), first + PAGE)):
        made = members.member(index, batch)
        own = node.belief.catalog.assets.get(made.asset_id)
        listed.append(
            {
                "index": index,
                "asset": made.asset_id,
                "bytes": made.size,
                "owner": own.owner if own else record.owner,
                "materialised": own is not None,
            }
        )
    return {"batch": batch, "count": len(members), "owner": record.owner, "members": listed}


def _recordings(folder: Path) -> list[Path]:
    """Every file in a folder and the folders below it but descriptions and hidden ones, in order of their paths."""
    found = [
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix != ".toml"
        and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    ]
    if not found:
        raise BadInput(f"there is nothing to add in {folder}", next_step="name a folder with recordings")
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Bench:
    """Where and with what recordings are described."""

    node: Node
    room: Path
    sidecar: Path | None
    layout: Path | None
    warm: media.Warm | None

    def episodes(self, paths: list[Path]) -> list[Episode]:
        """One episode for each different recording."""
        found: dict[bytes, Episode] = {}
        for path in paths:
            stamp = _stamp(path, self.sidecar, self.layout)
            found.setdefault(stamp, Episode(stamp, partial(self.prepare, path)))
        return list(found.values())

    @asynccontextmanager
    async def prepare(self, path: Path) -> AsyncIterator[Prepared]:
        """A recording's scrubbed copy and its description, for as long as the block lasts."""
        draft = await trio.to_thread.run_sync(lambda: self._describe(path))
        try:
            yield draft.path, draft
        finally:
            draft.path.unlink()

    def _describe(self, path: Path) -> media.ManifestDraft:
        return media.describe(
            path,
            self.sidecar,
            workspace=self.room,
            layout=self.layout,
            salt=self.node.keyring.place_salt,
            warm=self.warm,
        )


def _stamp(path: Path, sidecar: Path | None, layout: Path | None) -> bytes:
    """What changes with the recording, its kind, its description or its layout, and with nothing else."""
    described = [sidecar] if sidecar else [path.with_name(f"{path.name}.capture.toml"), path.with_name("capture.toml")]
    shaped = layout or path.with_name(f"{path.name}.layout.toml")
    digest = hashlib.sha256(_STAMP + path.suffix.lower().encode())
    for part in (path, next((each for each in described if each.is_file()), None), shaped):
        inner = b""
        if part is not None and part.is_file():
            with part.open("rb") as file:
                inner = hashlib.file_digest(file, "sha256").digest()
        digest.update(inner.rjust(32, b"\x00"))
    return digest.digest()


async def _name_terms(node: Node, batch: AssetId, terms: TermsId) -> None:
    """Name terms for the members' licenses: a commitment names none."""
    if node.belief.catalog.assets[batch].terms != terms:
        receipt = await node.trade.send(f"terms/{batch}/{terms}", SetTerms(asset_id(batch), terms))
        await node.trade.seen(receipt)
