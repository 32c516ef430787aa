"""What a buyer does with a delivered key: unwrap it, open what it should open, and complain when it does not.

A wrong key of a whole file is proved by its commitment. Everything else, a wrong key of a part or garbage under a right
key, is proved by one leaf: the contract opens it with the delivered key and compares it with what was promised.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import trio

from thenar.domain.actions import DisputeChunk, DisputeKey
from thenar.domain.catalog import SaleRecord
from thenar.domain.ids import AssetId
from thenar.domain.keytree import key_commit
from thenar.domain.licenses import Stage
from thenar.domain.openings import LeafOpening
from thenar.domain.parts import WHOLE_FILE, chunk_key_in, chunks_of
from thenar.errors import Corrupt, Refused, Unavailable
from thenar.services.belief import Belief
from thenar.services.disputes import Promise, find_bad_leaf, open_chunk
from thenar.services.keep import Kept, keep_asset
from thenar.services.licensing import Trade, sale
from thenar.services.members import commitment_of
from thenar.services.ports import Journal, Peers, Progress, Store, Wrapped
from thenar.services.records import bought_key, part_key, remember_key, remember_part_key
from thenar.services.retrieve import sealed_of


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where bought files come from and the most bytes one may have."""

    store: Store
    journal: Journal
    peers: Peers
    belief: Belief
    limit: int

    async def keep(self, asset: AssetId, progress: Progress | None = None) -> Kept:
        """Bring everything of an asset here and check it against the chain. Raises as keep_asset does."""
        return await keep_asset(
            asset,
            journal=self.journal,
            store=self.store,
            peers=self.peers,
            belief=self.belief,
            limit=self.limit,
            progress=progress,
        )


async def fetch_before_paying(
    shelf: Shelf, asset: AssetId, *, patience: float, progress: Progress | None = None
) -> Promise:
    """Have every sealed byte and the list of leaves here before money moves: with them any garbage can be proved.

    Waits up to ``patience`` seconds for somebody who holds the asset. Raises Unavailable, Corrupt when what comes is
    not what the asset committed to, Refused when its description names no list of leaves.
    """
    deadline = trio.current_time() + patience
    while True:
        try:
            kept = await shelf.keep(asset, progress)
        except Unavailable:
            if trio.current_time() >= deadline:
                raise
            await trio.sleep(1)
        else:
            return Promise.of(kept.description, kept.commitment)


async def check_key(trade: Trade, deal_id: str) -> None:
    """Buyer: unwrap the delivered key and keep it; a file's key that is not the committed one is disputed at once.

    A node that was away while the sale settled keeps the key all the same. Raises Corrupt when that one is wrong.
    """
    found = sale(trade.belief.catalog, deal_id)
    if found.stage not in (Stage.DELIVERED, Stage.SETTLED) or found.delivery is None:
        return
    key, secret, shared = await _unwrapped(trade, found)
    commitment = await commitment_of(found.deal.asset, trade.journal, trade.belief)
    if found.deal.range != WHOLE_FILE:
        await remember_part_key(trade.journal, found.deal.asset, found.deal.range, key)
    elif key_commit(key) == commitment.key_commit:
        await remember_key(trade.journal, found.deal.asset, key)
    elif found.stage is Stage.SETTLED:
        raise Corrupt(f"sale {deal_id} settled with a wrong key before this node looked at it")
    else:
        _refuse_others_deals(trade, found)
        dispute = DisputeKey(found.deal, found.delivery, commitment, secret, *shared)
        await trade.outbox.send(f"dispute:{deal_id}", dispute)


async def open_or_complain(trade: Trade, shelf: Shelf, deal_id: str, folder: Path) -> None:
    """Buyer: open what was bought, once its key was checked; a leaf that is garbage is disputed while there is time.

    Raises Unavailable before the key was checked, Corrupt when the file cannot be opened and nothing can be proved.
    """
    found = sale(trade.belief.catalog, deal_id)
    if found.stage is Stage.REFUNDED:
        return
    asset, part = found.deal.asset, found.deal.range
    key = await (part_key(trade.journal, asset, part) if part else bought_key(trade.journal, asset))
    if key is None:
        raise Unavailable(f"the key of {asset} has not been checked yet")
    kept = await shelf.keep(asset)
    await trio.Path(folder).mkdir(parents=True, exist_ok=True)
    try:
        await _open(trade, shelf, kept, key, part, folder)
    except Corrupt as broken:
        opening = await _bad_leaf(trade, shelf, kept, key, part)
        if opening is None or found.stage is not Stage.DELIVERED:
            raise
        await dispute_leaf(trade, found, opening, broken.message)


async def dispute_leaf(trade: Trade, found: SaleRecord, opening: LeafOpening, reason: str) -> None:
    """Show the contract a leaf that the delivered key does not open to what was promised. Raises Reverted."""
    if found.delivery is None:
        raise Refused(f"nothing was delivered for sale {found.deal_id.hex()}, so nothing can be wrong: {reason}")
    _refuse_others_deals(trade, found)
    _, secret, shared = await _unwrapped(trade, found)
    commitment = await commitment_of(found.deal.asset, trade.journal, trade.belief)
    dispute = DisputeChunk(found.deal, found.delivery, commitment, secret, *shared, opening)
    await trade.outbox.send(f"dispute-leaf:{found.deal_id.hex()}", dispute)


async def evidence_of(trade: Trade, shelf: Shelf, deal_id: str) -> DisputeKey | DisputeChunk | None:
    """What a buyer can show against a delivery: the wrong key, a leaf it does not open, or nothing.

    For a buyer whose wallet signs elsewhere; the one-time secret in it is good for this sale alone. Raises NotFound,
    Refused before a delivery or after the sale ended, Unavailable while the sealed bytes cannot be had.
    """
    found = sale(trade.belief.catalog, deal_id)
    if found.stage is not Stage.DELIVERED or found.delivery is None:
        raise Refused(
            f"sale {deal_id} is {found.stage.name.lower()}: only a delivered key can be complained about",
            next_step="wait for the key; without one the money comes back by itself",
        )
    key, secret, shared = await _unwrapped(trade, found)
    asset, part = found.deal.asset, found.deal.range
    commitment = await commitment_of(asset, trade.journal, trade.belief)
    if part == WHOLE_FILE and key_commit(key) != commitment.key_commit:
        return DisputeKey(found.deal, found.delivery, commitment, secret, *shared)
    opening = await _bad_leaf(trade, shelf, await shelf.keep(asset), key, part)
    if opening is None:
        return None
    return DisputeChunk(found.deal, found.delivery, commitment, secret, *shared, opening)


def _refuse_others_deals(trade: Trade, found: SaleRecord) -> None:
    if found.deal.buyer != trade.me:
        raise Refused(
            f"sale {found.deal_id.hex()} brought something wrong, and only its buyer {found.deal.buyer} can say so",
            next_step=f"open the wallet's page and complain before the unix second {found.deadline}",
        )


async def _open(trade: Trade, shelf: Shelf, kept: Kept, key: bytes, part: int, folder: Path) -> None:
    name = kept.description.files[0].name
    if part == WHOLE_FILE:
        expected = sealed_of(kept.description)
        await trade.sealer.open(key, shelf.store.read(kept.sealed), expected=expected, into=folder / name)
        return
    promise = Promise.of(kept.description, kept.commitment)
    held = chunks_of(part, promise.layout.chunks)
    target = trio.Path(folder) / f"{name}.{held.start}-{held.stop - 1}"
    temporary = target.with_name(f".{target.name}.part")
    try:
        async with await temporary.open("wb") as out:
            for chunk in held:
                chunk_key = chunk_key_in(key, part, chunk, promise.layout.chunks)
                plain = await open_chunk(promise, chunk, chunk_key, store=shelf.store, sealer=trade.sealer)
                await out.write(plain)
        await temporary.replace(target)
    finally:
        with trio.CancelScope(shield=True), suppress(FileNotFoundError):  # after success the name is gone already
            await temporary.unlink()


async def _bad_leaf(trade: Trade, shelf: Shelf, kept: Kept, key: bytes, part: int) -> LeafOpening | None:
    promise = Promise.of(kept.description, kept.commitment)
    count = promise.layout.chunks
    return await find_bad_leaf(
        promise,
        lambda chunk: chunk_key_in(key, part, chunk, count),
        store=shelf.store,
        sealer=trade.sealer,
        chunks=chunks_of(part, count),
    )


async def _unwrapped(trade: Trade, found: SaleRecord) -> tuple[bytes, int, tuple[int, int]]:
    """The delivered key, this sale's one-time secret, and the point both sides can work out."""
    seed = await trade.journal.get(f"sale-key/{found.deal.key_x.to_bytes(32, 'big').hex()}")
    if seed is None or found.delivery is None:
        raise Refused("this node did not make the one-time key of this sale", next_step="use the node that bought it")
    secret, _ = trade.wrapper.one_time_key(seed)
    wrapped = Wrapped(found.delivery.wrapped, found.delivery.ephemeral_point)
    key = trade.wrapper.unwrap(wrapped, secret, found.deal_id)
    shared = trade.wrapper.shared_point(found.delivery.ephemeral_point, secret)
    point = int.from_bytes(shared[:32], "big"), int.from_bytes(shared[32:], "big")
    return key, int.from_bytes(secret, "big"), point
