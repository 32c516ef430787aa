"""The subscriber's side of live streams: epochs fetched, opened and checked as they end, or the stream stopped.

A subscriber whose epoch does not come within ``grace`` of its end, or is not what its seller stated, settles by
himself: he has paid for that epoch, the grace and the time of one transaction, and has the rest back.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trio

from thenar.domain import protocols
from thenar.domain.catalog import LiveRecord, SubscriptionRecord
from thenar.domain.ids import Cid, PeerId, StreamId
from thenar.domain.keytree import key_commit
from thenar.domain.live import EpochRecord, key_context
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Unavailable
from thenar.services.ask import nodes_of
from thenar.services.licensing import Trade
from thenar.services.live import DESK, settle_if_running
from thenar.services.ports import Peers, SignerOf, Store, Wrapped
from thenar.services.records import sources
from thenar.services.retrieve import sealed_of

log = logging.getLogger(__name__)

GRACE: Final = 15
"""Seconds after its end, of the chain's time, within which an epoch must be here."""
MAX_EPOCH: Final = 1 << 28


@dataclass(slots=True)
class Receiving:
    """Receives what this account subscribes to. Opened epochs lie in ``folder``/<stream>/."""

    trade: Trade
    store: Store
    peers: Peers
    signer_of: SignerOf
    folder: Path
    grace: int = GRACE
    _next: dict[tuple[StreamId, int], int] = field(default_factory=dict)

    async def look(self) -> None:
        """Take every epoch that has ended; settle what has ended or failed."""
        mine = [(record, record.subscriptions.get(self.trade.me)) for record in self.trade.belief.catalog.live.values()]
        running = [(record, held) for record, held in mine if held is not None and held.runs]
        if not running:
            return
        now = (await self.trade.chain.head()).timestamp
        for record, held in running:
            try:
                await self._receive(record, held, now)
            except Corrupt as cause:
                await self._give_up(record, held, cause.message)
            except (Refused, Unavailable) as cause:
                log.info("receiving later", extra={"stream": record.id, "reason": cause.message})

    async def _receive(self, record: LiveRecord, held: SubscriptionRecord, now: int) -> None:
        cover = self.trade.belief.catalog.cover_of(record.id, self.trade.me)
        last = record.stream.epoch_at(cover.until)
        epoch = await self._first_wanted(record, held)
        while epoch < last and record.stream.start_of(epoch + 1) <= now:
            try:
                await self._take(record, held, epoch)
            except (Refused, Unavailable) as cause:
                if now < record.stream.start_of(epoch + 1) + self.grace:
                    return  # it may still come
                await self._give_up(record, held, f"epoch {epoch} did not come: {cause.message}")
                return
            epoch += 1
            self._next[(record.id, held.since)] = epoch
        if cover.until <= now:
            await settle_if_running(self.trade, record, held)

    async def _first_wanted(self, record: LiveRecord, held: SubscriptionRecord) -> int:
        known = (record.id, held.since)
        if known not in self._next:
            names = await self.trade.journal.names(f"live/got/{record.id}/{held.since}/")
            first = record.stream.epoch_at(held.since)
            self._next[known] = int(names[-1].rsplit("/", 1)[1]) + 1 if names else first
        return self._next[known]

    async def _give_up(self, record: LiveRecord, held: SubscriptionRecord, reason: str) -> None:
        log.warning("stream stopped", extra={"stream": record.id, "reason": reason})
        await self.trade.journal.put(f"live/why/{record.id}/{held.since}", reason[:500].encode())
        await settle_if_running(self.trade, record, held)

    async def _take(self, record: LiveRecord, held: SubscriptionRecord, epoch: int) -> None:
        """Bring one epoch here. Raises Corrupt when it is not what its seller signed, else what kept it from coming."""
        peer, stated = await self._stated(record, epoch)
        expected = sealed_of(stated)
        if expected.size > MAX_EPOCH:
            raise Corrupt(f"epoch {epoch} is said to have {expected.size} bytes")
        sealed = Cid.parse(stated.files[0].cid)
        await self.store.fetch(sealed, [peer], limit=expected.size + expected.size // 50 + 65_536)
        root_key = await self._key(record, held, epoch, peer)
        if key_commit(root_key) != expected.key_commit:
            raise Corrupt(f"the key of epoch {epoch} is not the one its seller stated")
        into = self.folder / str(record.id)
        await trio.Path(into).mkdir(parents=True, exist_ok=True)
        target = into / f"{epoch:09d}-{stated.files[0].name}"
        await self.trade.sealer.open(root_key, self.store.read(sealed), expected=expected, into=target)
        await self.store.unpin(sealed)
        await self.trade.journal.put(f"live/got/{record.id}/{held.since}/{epoch:09d}", target.name.encode())
        log.info("epoch received", extra={"stream": record.id, "epoch": epoch, "bytes": expected.size})

    async def _stated(self, record: LiveRecord, epoch: int) -> tuple[PeerId, EpochRecord]:
        """What the seller signed about an epoch, and the peer that told it."""
        asked = protocols.spell(protocols.EpochRequest(record.id, epoch))
        trouble: Refused | Unavailable = NotFound(f"no node of {record.stream.seller} is known")
        for peer in await self._sellers(record):
            try:
                answer = await self.peers.ask(peer, protocols.EPOCHS, asked)
                told = protocols.read(protocols.EpochAnswer, answer, "the record")
                self._check_signed(record, told, epoch)
            except (Refused, Unavailable) as cause:
                trouble = cause
                continue
            return peer, told.record
        raise trouble

    def _check_signed(self, record: LiveRecord, told: protocols.EpochAnswer, epoch: int) -> None:
        digest = told.record.digest(self.trade.chain.chain_id, self.trade.chain.contract(DESK))
        by = self.signer_of(digest, bytes.fromhex(told.signature))
        if by != record.stream.seller or (told.record.stream, told.record.epoch) != (record.id, epoch):
            raise BadInput(f"the record of epoch {epoch} is not signed by {record.stream.seller}")

    async def _sellers(self, record: LiveRecord) -> list[PeerId]:
        known = await sources(self.trade.journal, record.stream.asset)
        for source in known:
            self.peers.learn(source.peer, source.addresses)
        named = [*nodes_of(self.trade.belief.catalog, record.stream.seller), *(source.peer for source in known)]
        return [peer for peer in dict.fromkeys(named) if peer != self.peers.me]

    async def _key(self, record: LiveRecord, held: SubscriptionRecord, epoch: int, peer: PeerId) -> bytes:
        seed = await self.trade.journal.get(f"live-key/{held.key_x.to_bytes(32, 'big').hex()}")
        if seed is None:
            raise Refused("this node did not make the one-time key of this subscription")
        secret, _ = self.trade.wrapper.one_time_key(seed)
        asked = protocols.spell(protocols.EpochKeyRequest(record.id, self.trade.me, epoch))
        answer = protocols.read(protocols.KeyAnswer, await self.peers.ask(peer, protocols.KEY, asked), "the answer")
        chain, desk = self.trade.chain.chain_id, self.trade.chain.contract(DESK)
        context = key_context(chain, desk, record.id, self.trade.me, held.since, epoch)
        wrapped = Wrapped(bytes.fromhex(answer.wrapped), bytes.fromhex(answer.ephemeral))
        return self.trade.wrapper.unwrap(wrapped, secret, context)


async def why_stopped(trade: Trade, stream: StreamId, since: int) -> str:
    """Why this node gave up a subscription, or nothing."""
    return (await trade.journal.get(f"live/why/{stream}/{since}") or b"").decode()
