"""Members of batches: found by the list their batch committed to, proven without asking anybody to be believed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from thenar.domain import canonical
from thenar.domain.assets import AssetKind, BatchLeaf, Commitment
from thenar.domain.batches import LIMIT, MEMBER_BYTES, BatchCard, Members, read_member, write_member
from thenar.domain.catalog import AssetRecord
from thenar.domain.ids import AssetId, Cid, PeerId
from thenar.domain.keccak import keccak256
from thenar.errors import Corrupt, NotFound, Unavailable
from thenar.services.belief import Belief
from thenar.services.holders import ANSWER_SECONDS, ask_for_holders, known_holders
from thenar.services.ports import Journal, Peers, Store
from thenar.services.records import held, remember_held

LIST_OVERHEAD = 64 * 1024
"""Bytes the inner nodes of a list's DAG may take."""


@dataclass(frozen=True, slots=True)
class Library:
    """The ports that finding members needs."""

    journal: Journal
    store: Store
    peers: Peers
    belief: Belief


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a batch: its id, its proof and the record that stands for it, its own or its batch's."""

    asset: AssetId
    leaf: BatchLeaf
    record: AssetRecord

    @property
    def is_materialised(self) -> bool:
        """Whether it has a record of its own."""
        return self.record.id == self.asset


async def members_of(
    batch: AssetId, library: Library, *, patience: float = ANSWER_SECONDS
) -> tuple[AssetRecord, Members]:
    """A batch and its members, from this store or whoever holds the batch, checked against the chain.

    While nobody is known to hold it, somebody who does has ``patience`` seconds to speak up. Raises NotFound for what
    is no batch, Corrupt, Unavailable when nobody who holds its list is known.
    """
    record = library.belief.catalog.assets.get(batch)
    if record is None or record.kind is not AssetKind.BATCH:
        raise NotFound(f"{batch} is no batch", next_step="`thenar capture list` shows which assets are")
    holders = await _holders(batch, library, patience)
    try:
        card = await _card(record.commitment, library.store, holders)
        at, limit = Cid.parse(card.members), card.count * MEMBER_BYTES + LIST_OVERHEAD
        await library.store.fetch(at, holders, limit=limit)
    except NotFound as cause:
        await library.peers.announce("want", {"asset": batch})
        raise Unavailable(f"no known holder of the batch {batch} has its list now; asked for others") from cause
    members = Members.of(record.commitment, b"".join([part async for part in library.store.read(at)]))
    await remember_held(library.journal, batch, record.commitment.manifest_cid, at)
    return record, members


async def member_at(batch: AssetId, index: int, library: Library) -> Member:
    """The member at a place of a batch, remembered from now on. Raises as members_of does."""
    record, members = await members_of(batch, library)
    leaf = members.leaf(index, record.commitment)
    asset = leaf.leaf.asset_id
    await library.journal.put(*member_row(leaf.leaf, index))
    return Member(asset, leaf, library.belief.catalog.assets.get(asset) or record)


async def find_member(asset: AssetId, library: Library) -> Member:
    """A member by its asset id: one this node knows, else one of any batch whose list can be had.

    Raises NotFound when no batch has it.
    """
    known = await _row(library.journal, asset)
    if known is not None:
        return await member_at(known.batch, known.index, library)
    own = library.belief.catalog.assets.get(asset)
    batches = [own.commitment.batch] if own else _batches(library.belief)
    for batch in batches:
        try:
            _, members = await members_of(batch, library, patience=0)
        except (Unavailable, NotFound, Corrupt):
            continue  # somebody else's lost list must not hide a member of another batch
        index = members.find(asset, batch)
        if index is not None:
            return await member_at(batch, index, library)
    raise NotFound(
        f"no asset {asset} as of block {library.belief.block}", next_step="name a member as BATCH/INDEX, or wait"
    )


async def record_of(asset: AssetId, journal: Journal, belief: Belief) -> AssetRecord | None:
    """An asset's own record, or for a member this node knows its batch's with the member's id and commitment."""
    own = belief.catalog.assets.get(asset)
    if own is not None:
        return own
    known = await _row(journal, asset)
    batch = belief.catalog.assets.get(known.batch) if known else None
    if known is None or batch is None:
        return None
    return replace(batch, id=asset, commitment=read_member(batch.author, known.record, batch.id))


async def commitment_of(asset: AssetId, journal: Journal, belief: Belief) -> Commitment:
    """What the id of an asset or of a member this node knows commits to. Raises NotFound."""
    record = await record_of(asset, journal, belief)
    if record is None:
        raise NotFound(f"no asset {asset} as of block {belief.block}", next_step="check the id, or wait for the chain")
    return record.commitment


def member_row(member: Commitment, index: int) -> tuple[str, bytes]:
    """The journal's name and value for a member whose place in its batch was checked."""
    body = {"batch": member.batch, "index": index, "record": write_member(member).hex()}
    return f"member/{member.asset_id}", canonical.encode(body)


@dataclass(frozen=True, slots=True)
class _Row:
    batch: AssetId
    index: int
    record: bytes


async def _row(journal: Journal, asset: AssetId) -> _Row | None:
    data = await journal.get(f"member/{asset}")
    if data is None:
        return None
    match canonical.decode(data, limit=LIMIT):
        case {"batch": str(batch), "index": int(index), "record": str(record)}:
            return _Row(AssetId(batch), index, bytes.fromhex(record))
    raise Corrupt(
        f"the journal's place of the member {asset} is damaged", next_step="restore the journal from a backup"
    )


async def _card(batch: Commitment, store: Store, holders: tuple[PeerId, ...]) -> BatchCard:
    await store.fetch(batch.manifest_cid, holders, limit=LIMIT)
    data = b"".join([part async for part in store.read(batch.manifest_cid)])
    card = BatchCard.decode(data)
    if keccak256(data) != batch.manifest_hash or card.owner != batch.author or card.count != batch.size:
        raise Corrupt("the description is not the one the batch was committed with")
    return card


async def _holders(batch: AssetId, library: Library, patience: float) -> tuple[PeerId, ...]:
    holders = await known_holders(batch, library.journal, library.peers)
    if not holders and await held(library.journal, batch) is None:
        holders = await ask_for_holders(batch, library.journal, library.peers, patience=patience)
        if not holders:
            raise Unavailable(
                f"nobody has announced the batch {batch} yet; asked for it",
                next_step="try again when its owner or another holder is online",
            )
    return holders


def _batches(belief: Belief) -> list[AssetId]:
    return [record.id for record in belief.catalog.assets.values() if record.kind is AssetKind.BATCH]
