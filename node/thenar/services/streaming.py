"""The seller's side of live streams: records that arrive in a folder become sealed, signed epochs.

Files whose names are ready (no leading dot, not ending in ``.part``) and greater than all before are taken in the
order of their names; a file never holds half a record. What is there when an epoch ends is that epoch.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trio

from thenar.domain import canonical, protocols
from thenar.domain.catalog import LiveRecord
from thenar.domain.ids import Address, PeerId, StreamId
from thenar.domain.live import EpochRecord, key_context
from thenar.domain.records import from_value, to_value
from thenar.errors import Conflict, NotFound, Refused, Unavailable
from thenar.services.licensing import Trade
from thenar.services.live import DESK, settle_if_running
from thenar.services.ports import Keyring, Store
from thenar.services.restored import restored_at

log = logging.getLogger(__name__)

MAX_EPOCH: Final = 1 << 28
"""Bytes of records in one epoch; what is more waits for the next."""
LIMIT: Final = 64 * 1024
KINDS: Final = {".csv": "text/csv", ".json": "application/json", ".jsonl": "application/jsonl"}


@dataclass(slots=True)
class Streaming:
    """Cuts epochs of this account's streams and answers subscribers. ``folder`` is for files while they are sealed."""

    trade: Trade
    store: Store
    keyring: Keyring
    folder: Path
    deep: int = 0
    _newest: dict[StreamId, tuple[int, str]] = field(default_factory=dict)

    async def look(self) -> None:
        """Cut every epoch that has ended and settle every subscription that has."""
        catalog = self.trade.belief.catalog
        mine = [record for record in catalog.live.values() if record.stream.seller == self.trade.me]
        if not mine:
            return
        now = (await self.trade.chain.head()).timestamp
        for record in mine:
            try:
                await self._cut(record, min(now, catalog.end_of_stream(record.id)))
                for held in list(record.subscriptions.values()):
                    if held.runs and catalog.cover_of(record.id, held.subscriber).until <= now:
                        await settle_if_running(self.trade, record, held)
            except (Refused, Unavailable) as cause:
                log.info("streaming later", extra={"stream": record.id, "reason": cause.message})

    async def _cut(self, record: LiveRecord, now: int) -> None:
        source = await source_of(self.trade, record.id)
        last, through = await self._last(record.id)
        epoch = record.stream.epoch_at(now) - 1
        if source is None or epoch <= last:
            return
        if record.stream.start_of(epoch) < await restored_at(self.trade.journal):
            return  # the node this one was restored from may have stated it; these records go into the next
        files = await trio.to_thread.run_sync(_ready, source, through)
        if not files:
            return
        try:
            await self._publish(record.id, epoch, files)
        except Conflict as cause:
            log.warning("epoch passed over", extra={"stream": record.id, "epoch": epoch, "reason": cause.message})
            self._newest[record.id] = (epoch, through)  # stated already, before a crash: these records go into the next

    async def _publish(self, stream: StreamId, epoch: int, files: Sequence[Path]) -> None:
        suffix = files[0].suffix
        path = self.folder / f"{stream}-{epoch:09d}{suffix}"
        await trio.to_thread.run_sync(_join, files, path)
        async with self.store.together() as adds:
            sealed = await self.trade.sealer.seal(path, adds)
        await trio.to_thread.run_sync(path.unlink)
        file = sealed.file(path.name, KINDS.get(suffix, "application/octet-stream"))
        record = EpochRecord(stream, epoch, (file,), sealed.encryption())
        digest = record.digest(self.trade.chain.chain_id, self.trade.chain.contract(DESK))
        start = self.trade.belief.catalog.live[stream].stream.start_of(epoch)
        await self.trade.journal.guard_statement("live epoch", f"{stream}/{epoch}", digest, start)
        signature = self.keyring.sign_digest(digest).hex()
        body = {"record": to_value(record), "signature": signature, "through": files[-1].name}
        await self.trade.journal.put(f"live/epoch/{stream}/{epoch:09d}", canonical.encode(body))
        self._newest[stream] = (epoch, files[-1].name)
        log.info("epoch streamed", extra={"stream": stream, "epoch": epoch, "bytes": file.bytes})

    async def _last(self, stream: StreamId) -> tuple[int, str]:
        """The newest epoch stated and the last file in it."""
        if stream not in self._newest:
            names = await self.trade.journal.names(f"live/epoch/{stream}/")
            self._newest[stream] = (-1, "")
            if names:
                epoch = int(names[-1].rsplit("/", 1)[1])
                data = await self.trade.journal.get(names[-1]) or b""
                self._newest[stream] = (epoch, str(canonical.decode_object(data, limit=LIMIT)["through"]))
        return self._newest[stream]

    async def epochs(self, _: PeerId, request: dict[str, object]) -> dict[str, object]:
        """What was stated about an epoch. Raises NotFound before it was."""
        asked = protocols.read(protocols.EpochRequest, request, "the request")
        return protocols.spell(await self._stated(asked.stream, asked.epoch))

    async def key(self, _: PeerId, request: dict[str, object]) -> dict[str, object]:
        """The key of an epoch for a subscriber who has paid for all of it, wrapped to his key on chain.

        Raises Refused for what is not paid for or without consent, Unavailable while it is too fresh.
        """
        asked = protocols.read(protocols.EpochKeyRequest, request, "the request")
        stream, who = StreamId(asked.stream), Address(asked.subscriber)
        catalog, head = self.trade.belief.catalog, await self.trade.chain.head()
        record = catalog.live.get(stream)
        held = record.subscriptions.get(who) if record else None
        if record is None or held is None or record.stream.seller != self.trade.me:
            raise NotFound(f"{who} does not subscribe to a stream {stream} of this account")
        if catalog.assets[record.stream.asset].consent_epoch != record.stream.consent_epoch:
            raise Refused(f"consent to stream {stream} was withdrawn")
        if not catalog.cover_of(stream, who).holds(record.stream, asked.epoch):
            raise Refused(f"epoch {asked.epoch} is not paid for")
        if head.timestamp < record.stream.start_of(asked.epoch + 1) or head.block < held.begun.block + self.deep:
            raise Unavailable(f"epoch {asked.epoch} has not ended, or the subscription is too fresh; ask again")
        stated = await self._stated(asked.stream, asked.epoch)
        root_key = self.trade.sealer.root_key(bytes.fromhex(stated.record.files[0].sha256))
        chain, desk = self.trade.chain.chain_id, self.trade.chain.contract(DESK)
        wrapped = self.trade.wrapper.wrap(
            root_key, held.point, key_context(chain, desk, stream, who, held.since, asked.epoch)
        )
        return protocols.spell(protocols.KeyAnswer(wrapped.blob.hex(), wrapped.ephemeral.hex()))

    async def _stated(self, stream: int, epoch: int) -> protocols.EpochAnswer:
        data = await self.trade.journal.get(f"live/epoch/{stream}/{epoch:09d}")
        if data is None:
            raise NotFound(f"nothing was stated about epoch {epoch} of stream {stream}")
        body = dict(canonical.decode_object(data, limit=LIMIT))
        del body["through"]
        return from_value(protocols.EpochAnswer, body, "the record")


async def set_source(trade: Trade, stream: StreamId, folder: Path) -> None:
    """Remember where the records of an own stream arrive."""
    await trade.journal.put(f"live/source/{stream}", canonical.encode({"folder": str(folder)}))


async def source_of(trade: Trade, stream: StreamId) -> Path | None:
    """Where the records of an own stream arrive, or None when this node does not feed it."""
    data = await trade.journal.get(f"live/source/{stream}")
    return None if data is None else Path(str(canonical.decode_object(data, limit=LIMIT)["folder"]))


def _ready(source: Path, through: str) -> list[Path]:
    """Files to take now, in order. Raises NotFound when the folder is gone."""
    try:
        found = sorted(path for path in source.iterdir() if path.name > through and _is_ready(path))
    except OSError as cause:
        raise NotFound(f"the source folder {source} cannot be read: {cause.strerror}") from cause
    taken: list[Path] = []
    size = 0
    for path in found:
        size += path.stat().st_size
        if taken and size > MAX_EPOCH:
            break
        taken.append(path)
    return taken if size else []


def _is_ready(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".") and path.suffix != ".part"


def _join(files: Sequence[Path], into: Path) -> None:
    into.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with into.open("wb") as target:
        for path in files:
            with path.open("rb") as source:
                shutil.copyfileobj(source, target, 1 << 20)
