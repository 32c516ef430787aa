"""Previews: some chunks, drawn by lot, opened to somebody who thinks of buying, and held against what was promised."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import trio

from thenar.domain import canonical
from thenar.domain.actions import ChallengePreview, ClosePreview, DisputePreview, ExpirePreview, OpenPreview
from thenar.domain.catalog import Catalog, PreviewRecord
from thenar.domain.ids import AssetId
from thenar.domain.keccak import keccak256
from thenar.domain.keytree import chunk_key
from thenar.domain.openings import LeafOpening
from thenar.domain.previews import MAX_COUNT, OpenedKeys, Preview, Reveal, Stage, drawn, fresh_share, wrapping_context
from thenar.errors import BadInput, NotFound, Refused, Reverted, Unavailable
from thenar.services.disputes import Promise, find_bad_leaf, open_chunk
from thenar.services.keep import fetch_promise, keep_asset
from thenar.services.licensing import PATIENCE, Trade, approve
from thenar.services.once import take_exit
from thenar.services.ports import Peers, Store, Wrapped
from thenar.services.records import key_held, refuse_strangers

TAKEN = ("PreviewDesk_WrongStage",)
"""What the chain says of a preview that somebody ended."""
HASHES = 256
"""Blocks whose hash the chain can still read."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a seller's node shows by itself: the smallest fee in token units, the largest part of a file for everybody
    together."""

    min_fee: int = 0
    max_share: float = 0.1


@dataclass(frozen=True, slots=True)
class Viewing:
    """The ports a preview story needs."""

    trade: Trade
    store: Store
    peers: Peers
    policy: Policy
    limit: int  # bytes of the largest file fetched

    async def promise(self, asset: AssetId) -> Promise:
        """An asset's list of leaves, fetched and checked."""
        trade = self.trade
        return await fetch_promise(
            asset, journal=trade.journal, store=self.store, peers=self.peers, belief=trade.belief
        )


def preview_of(catalog: Catalog, preview_id: str) -> PreviewRecord:
    """The preview behind a duty's subject. Raises NotFound."""
    found = catalog.previews.get(bytes.fromhex(preview_id))
    if found is None:
        raise NotFound(f"no preview {preview_id}", next_step="`thenar preview list` shows yours")
    return found


async def challenge(viewing: Viewing, asset: AssetId, count: int, fee: int) -> PreviewRecord:
    """Ask to see ``count`` chunks of an asset for a fee and wait until the chain confirms it.

    The list of leaves is fetched and checked first: without it a false opening could not be shown.
    Raises NotFound, BadInput for a count outside the file, Poor.
    """
    trade = viewing.trade
    promise = await viewing.promise(asset)
    if not 1 <= count <= min(promise.layout.chunks, MAX_COUNT):
        raise BadInput(
            f"{asset} has {promise.layout.chunks} chunks; a preview shows 1 to {min(promise.layout.chunks, MAX_COUNT)}"
        )
    if fee:
        await approve(trade, fee)
    key_x = 0

    async def ask(label: str) -> ChallengePreview:
        nonlocal key_x
        seed = hashlib.sha256(f"thenar.preview/1/{asset}/{label}".encode()).digest()
        _, point = trade.wrapper.one_time_key(seed)
        await trade.journal.put(f"preview-key/{point[:32].hex()}", seed)
        key_x = int.from_bytes(point[:32], "big")
        return ChallengePreview(promise.commitment, count, fee, key_x, int.from_bytes(point[32:], "big"))

    await trade.once.send_made(f"preview/{asset}", ask, trade.request)

    def asked(catalog: Catalog) -> PreviewRecord | None:
        return next((p for p in catalog.previews.values() if p.preview.key_x == key_x), None)

    return await trade.belief.until(asked, seconds=PATIENCE, what="the asking for a preview")


async def open_asked(viewing: Viewing, preview_id: str) -> None:
    """Seller: hand over the drawn chunks' keys, as far as this node's policy goes. Raises Refused beyond it."""
    trade = viewing.trade
    found = preview_of(trade.belief.catalog, preview_id)
    if found.stage is not Stage.ASKED:
        return
    preview = found.preview
    await refuse_strangers(trade.journal, preview.asset, preview.challenger)
    if preview.fee < viewing.policy.min_fee:
        raise Refused(f"a fee of {preview.fee} units is below the {viewing.policy.min_fee} of this node's settings")
    root_key = await key_held(trade.journal, trade.sealer, preview.asset)
    if root_key is None:
        raise Refused(f"this node has no key to {preview.asset}", next_step="restore the keyring it was sealed with")
    seed = keccak256(await trade.chain.block_hash(preview.asked_in + 1) + found.preview_id)
    chunks = drawn(seed, preview)
    await _note_shown(viewing, preview, chunks)
    keys = [chunk_key(root_key, chunk, preview.chunks) for chunk in chunks]
    contexts = [wrapping_context(found.preview_id, position) for position in range(preview.count)]
    wrapped = trade.wrapper.wrap_each(keys, preview.point, contexts)
    x, y = (int.from_bytes(part, "big") for part in (wrapped.ephemeral[:32], wrapped.ephemeral[32:]))
    try:
        await trade.outbox.send(
            f"open-preview:{preview_id}:{seed.hex()}", OpenPreview(preview, OpenedKeys(seed, x, y, wrapped.blobs))
        )
    except Reverted as refused:
        if refused.name == "PreviewDesk_WrongSeed":
            raise Unavailable("the chain was reorganised and drew other chunks") from refused
        if refused.name == "PreviewDesk_NoSeed" and (await trade.chain.head()).block <= preview.asked_in + 1 + HASHES:
            raise Unavailable("the block that draws is not one the chain looks back to yet") from refused
        raise


async def _note_shown(viewing: Viewing, preview: Preview, chunks: tuple[int, ...]) -> None:
    """Remember what is about to be shown, before it is: asking under many names shows no more than asking under one."""
    name = f"shown/{preview.asset}"
    before = canonical.decode(await viewing.trade.journal.get(name) or b"[]", limit=1 << 24)
    shown = [chunk for chunk in before if isinstance(chunk, int)] if isinstance(before, list) else []
    share, allowed = fresh_share(shown, chunks, preview.chunks), viewing.policy.max_share
    if share > allowed:
        raise Refused(
            f"{share:.0%} of {preview.asset} would be open to strangers; this node allows {allowed:.0%}",
            next_step="raise preview.max_share in the settings to show more",
        )
    await viewing.trade.journal.put(name, canonical.encode(sorted({*shown, *chunks})))


async def check_opened(viewing: Viewing, preview_id: str, folder: Path) -> None:
    """Challenger: open the drawn chunks into a folder; a false one is shown to the chain, which pays the fee back."""
    trade = viewing.trade
    found = preview_of(trade.belief.catalog, preview_id)
    if found.stage is not Stage.OPENED or found.opened is None:
        return
    preview, opened = found.preview, found.opened
    await keep_asset(
        preview.asset,
        journal=trade.journal,
        store=viewing.store,
        peers=viewing.peers,
        belief=trade.belief,
        limit=viewing.limit,
    )
    promise, secret = await viewing.promise(preview.asset), await _one_time_secret(trade, preview)
    await trio.Path(folder).mkdir(parents=True, exist_ok=True)
    for position, chunk in enumerate(drawn(opened.seed, preview)):
        wrapped = Wrapped(opened.wrapped[position], opened.ephemeral_point)
        keys = {chunk: trade.wrapper.unwrap(wrapped, secret, wrapping_context(found.preview_id, position))}
        bad = await find_bad_leaf(
            promise, keys.__getitem__, store=viewing.store, sealer=trade.sealer, chunks=tuple(keys)
        )
        if bad is not None:
            shared = trade.wrapper.shared_point(opened.ephemeral_point, secret)
            await _dispute(trade, found, promise, _reveal(position, secret, shared), bad)
            return
        plain = await open_chunk(promise, chunk, keys[chunk], store=viewing.store, sealer=trade.sealer)
        await trio.Path(folder / f"chunk-{chunk:06d}").write_bytes(plain)


def _reveal(position: int, secret: bytes, shared: bytes) -> Reveal:
    x, y = int.from_bytes(shared[:32], "big"), int.from_bytes(shared[32:], "big")
    return Reveal(position, int.from_bytes(secret, "big"), x, y)


async def _dispute(trade: Trade, found: PreviewRecord, promise: Promise, reveal: Reveal, bad: LeafOpening) -> None:
    if found.opened is not None:
        shown = DisputePreview(found.preview, found.opened, promise.commitment, reveal, bad)
        await trade.outbox.send(f"dispute-preview:{found.preview_id.hex()}", shown)


async def _one_time_secret(trade: Trade, preview: Preview) -> bytes:
    seed = await trade.journal.get(f"preview-key/{preview.key_x.to_bytes(32, 'big').hex()}")
    if seed is None:
        raise Refused("this node did not make the one-time key of this preview", next_step="use the node that asked")
    secret, _ = trade.wrapper.one_time_key(seed)
    return secret


async def close_opened(viewing: Viewing, preview_id: str) -> None:
    """Seller: take fee and bond once nobody can dispute any more."""
    found = preview_of(viewing.trade.belief.catalog, preview_id)
    if found.stage is Stage.OPENED and found.opened is not None:
        await take_exit(
            viewing.trade.outbox, f"close-preview:{preview_id}", ClosePreview(found.preview, found.opened), TAKEN
        )


async def expire_asked(viewing: Viewing, preview_id: str) -> None:
    """Challenger: take the fee back once the seller can no longer open. Raises Unavailable before."""
    trade = viewing.trade
    found = preview_of(trade.belief.catalog, preview_id)
    if found.stage is not Stage.ASKED:
        return
    last = found.preview.asked_in + 1 + HASHES
    if (await trade.chain.head()).block <= last:
        raise Unavailable(f"the seller can open the preview until block {last}")
    await take_exit(trade.outbox, f"expire-preview:{preview_id}", ExpirePreview(found.preview), TAKEN)
