"""What other nodes ask this one directly, answered from what it holds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import trio

from thenar.domain import protocols
from thenar.domain.assets import Purpose
from thenar.domain.card import decode_description
from thenar.domain.catalog import AssetRecord
from thenar.domain.ids import Address, AssetId, Cid, PeerId
from thenar.domain.leaves import LEAF_BYTES, sealed_leaves
from thenar.domain.segments import CHUNK_BYTES, CHUNK_LEAVES, Outline, Outliner
from thenar.domain.sketch import sketch_of
from thenar.errors import BadInput, NotFound, Refused, Unavailable
from thenar.services.licensing import Trade
from thenar.services.ports import SignerOf, Store
from thenar.services.records import held, key_held, outline_of, refuse_strangers, remember_outline

Answer = Callable[[PeerId, dict[str, object]], Awaitable[dict[str, object]]]

OUTLINED: Final = 1 << 30
"""Bytes of a sealed file read through to answer the first segment request; larger ones go over bitswap."""
SEGMENTS_AT_ONCE: Final = 4
"""Segments read from disk at the same time: 1 MiB each, thrice in memory while they are spelled."""
KEY_PURPOSES: Final = tuple(purpose for purpose in Purpose if purpose is not Purpose.COMPUTE_ONLY)
"""A licensee who may only compute where the data lies gets no key."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers requests. ``registered`` must not block; ``deep`` is how many more blocks a license needs for a key."""

    trade: Trade
    store: Store
    me: PeerId
    registered: Callable[[PeerId], bool]
    signer_of: SignerOf
    deep: int = 0
    _segments: trio.CapacityLimiter = field(default_factory=lambda: trio.CapacityLimiter(SEGMENTS_AT_ONCE))
    _outlining: trio.Lock = field(default_factory=trio.Lock)

    @property
    def by_protocol(self) -> Mapping[str, Answer]:
        """Who answers what."""
        return {
            protocols.MANIFEST: self.manifest,
            protocols.KEY: self.key,
            protocols.SEGMENTS: self.segments,
            protocols.SKETCH: self.sketch,
        }

    async def manifest(self, _: PeerId, request: dict[str, object]) -> dict[str, object]:
        """The bytes of an asset's description. Raises NotFound when it is not held here."""
        asked = protocols.read(protocols.AssetRequest, request, "the request")
        record = self._record(AssetId(asked.asset))
        return protocols.spell(protocols.ManifestAnswer(protocols.to_text(await self._description(record))))

    async def sketch(self, _: PeerId, request: dict[str, object]) -> dict[str, object]:
        """What a card about an asset shows. Raises NotFound when it is not held here."""
        asked = protocols.read(protocols.AssetRequest, request, "the request")
        record = self._record(AssetId(asked.asset))
        return protocols.spell(sketch_of(record.id, decode_description(await self._description(record))))

    async def segments(self, asker: PeerId, request: dict[str, object]) -> dict[str, object]:
        """A run of sealed leaves with its proof.

        Raises Refused for askers that are not registered, NotFound when it is not held here, BadInput for a run
        outside the file.
        """
        asked = protocols.read(protocols.SegmentRequest, request, "the request")
        if not self.registered(asker):
            raise Refused("segments are for registered peers; fetch blocks instead")
        record = self._record(AssetId(asked.asset))
        _, sealed = await self._places(record.id)
        async with self._segments:
            known = await self._outline(record, sealed)
            stop = asked.first + asked.count
            if stop > known.leaves:
                raise BadInput(f"the sealed file has {known.leaves} leaves")
            data, path = await self._run(sealed, known, asked.first, stop)
        text, proof = protocols.to_text(data), protocols.to_text(b"".join(path))
        return protocols.spell(protocols.SegmentAnswer(text, known.leaves, proof))

    async def key(self, asker: PeerId, request: dict[str, object]) -> dict[str, object]:
        """The root key of an asset sealed or owned here, wrapped for whoever holds a license of it.

        Raises Refused without one, for another buyer's marked copy, or when the request is not its account's;
        Unavailable while it is too fresh.
        """
        asked = protocols.read(protocols.KeyRequest, request, "the request")
        record, account = self._record(AssetId(asked.asset)), Address(asked.account)
        head = await self.trade.chain.head()
        if abs(head.timestamp - asked.at) > protocols.CLOCKS_APART:
            raise Refused(f"the request is not of now: {asked.at} where the chain says {head.timestamp}")
        chain = self.trade.chain.chain_id
        digest = protocols.key_digest(
            record.id, account, asked.point, asked.at, chain=chain, asker=asker, answerer=self.me
        )
        if self.signer_of(digest, bytes.fromhex(asked.signature)) != account:
            raise Refused(f"the request is not signed by {account}")
        self._check_licensed(record, account, head.block, head.timestamp)
        await refuse_strangers(self.trade.journal, record.id, account)
        root_key = await key_held(self.trade.journal, self.trade.sealer, record.id)
        if root_key is None or self.trade.me not in (record.owner, record.author):
            raise NotFound(f"no key of {record.id} is handed out here")
        wrapped = self.trade.wrapper.wrap(root_key, asked.point, digest)
        return protocols.spell(protocols.KeyAnswer(wrapped.blob.hex(), wrapped.ephemeral.hex()))

    def _record(self, asset: AssetId) -> AssetRecord:
        found = self.trade.belief.catalog.assets.get(asset)
        if found is None:
            raise NotFound(f"no asset {asset} as of block {self.trade.belief.block}")
        return found

    async def _description(self, record: AssetRecord) -> bytes:
        manifest, _ = await self._places(record.id)
        return b"".join([part async for part in self.store.read(manifest)])

    async def _places(self, asset: AssetId) -> tuple[Cid, Cid]:
        places = await held(self.trade.journal, asset)
        if places is None:
            raise NotFound(f"{asset} is not held here")
        return places

    def _check_licensed(self, record: AssetRecord, account: Address, block: int, now: int) -> None:
        """A key cannot be taken back: the license must stand some blocks deeper than facts are believed."""
        catalog = self.trade.belief.catalog
        if not any(catalog.is_allowed(record.id, account, purpose, now) for purpose in KEY_PURPOSES):
            raise Refused(f"{account} holds no license of {record.id} today")
        since = catalog.licensed_since(record.id, account)
        if block < since + self.deep:
            raise Unavailable(f"the license stands in block {since}; ask again {self.deep} blocks later")

    async def _outline(self, record: AssetRecord, sealed: Cid) -> Outline:
        known = await outline_of(self.trade.journal, record.id)
        if known is not None:
            return known
        async with self._outlining:
            taker, taken = Outliner(), 0
            async for part in self.store.read(sealed):
                taken += len(part)
                if taken > OUTLINED:
                    raise Refused(f"the sealed file of {record.id} is too large to prove on request; fetch blocks")
                taker.take(part)
            made = taker.finish()
        await remember_outline(self.trade.journal, record.id, made)
        return made

    async def _run(self, sealed: Cid, known: Outline, first: int, stop: int) -> tuple[bytes, tuple[bytes, ...]]:
        """The bytes of leaves ``first`` to ``stop - 1`` and their proof; reads the chunks they lie in."""
        low, high = first // CHUNK_LEAVES, (stop - 1) // CHUNK_LEAVES
        length = (high + 1 - low) * CHUNK_BYTES
        parts = [part async for part in self.store.read(sealed, offset=low * CHUNK_BYTES, length=length)]
        data = b"".join(parts)
        edges = {
            chunk: sealed_leaves(data[(chunk - low) * CHUNK_BYTES : (chunk - low + 1) * CHUNK_BYTES])
            for chunk in (low, high)
        }
        start = first * LEAF_BYTES - low * CHUNK_BYTES
        return data[start : start + (stop - first) * LEAF_BYTES], known.prove(first, stop, edges)
