"""Copies of other people's sealed assets: heard of, fetched, verified, pinned, offered to others."""

from __future__ import annotations

from dataclasses import dataclass

from thenar.domain.assets import Commitment
from thenar.domain.card import Card, check_description, decode_description
from thenar.domain.ids import AssetId, Cid, PeerId
from thenar.domain.leaves import LEAF_BYTES
from thenar.domain.manifest import LIMIT, Manifest
from thenar.domain.merkle import RootBuilder, leaf_hash
from thenar.domain.segments import MAX_RUN
from thenar.errors import Corrupt, NotFound, Refused, Unavailable
from thenar.services.ask import ask_each, ask_manifest, ask_segment
from thenar.services.belief import Belief
from thenar.services.disputes import Promise, fetch_leaves
from thenar.services.holders import known_holders
from thenar.services.members import Library, member_row, members_of, record_of
from thenar.services.ports import AEAD_TAG, Journal, Peers, Progress, Store, one_part
from thenar.services.records import held, remember_held

SEALED_OVERHEAD = 1.02
"""A sealed file's DAG is larger than its plaintext: one tag per chunk, inner nodes."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy that was verified and pinned."""

    asset: AssetId
    manifest: Cid
    sealed: Cid
    description: Manifest | Card
    commitment: Commitment


async def keep_asset(
    asset: AssetId,
    *,
    journal: Journal,
    store: Store,
    peers: Peers,
    belief: Belief,
    limit: int,
    progress: Progress | None = None,
) -> Kept:
    """Bring an asset's description and sealed blocks here, check every hash against the chain and pin them.

    Raises NotFound for an unknown asset, Refused above ``limit`` bytes, Corrupt when anything disagrees with the
    chain, Unavailable while nobody who holds it is known.
    """
    record = await record_of(asset, journal, belief)
    if record is None:
        raise NotFound(f"no asset {asset} as of block {belief.block}", next_step="check the id, or wait for the chain")
    holders = await _holders(asset, record.commitment.batch, journal, peers)
    try:
        description = await fetch_description(record.commitment, store=store, holders=holders, peers=peers)
        file = description.files[0]
        if file.bytes > limit:
            raise Refused(f"{asset} has {file.bytes} bytes; this node keeps at most {limit} per asset")
        sealed, size = Cid.parse(file.cid), int(file.bytes * SEALED_OVERHEAD) + 1024 * 1024
        await _take_small(record.commitment, description, sealed, store=store, peers=peers, holders=holders)
        await store.fetch(sealed, holders, limit=size, progress=progress)
        if description.enc.leaves is not None:
            await fetch_leaves(Promise.of(description, record.commitment), store, holders)
    except NotFound as cause:
        await peers.announce("want", {"asset": asset})
        raise Unavailable(f"no known holder of {asset} has all of it now; asked for others") from cause
    await check_cipher_root(store, sealed, description.enc.leaf, record.commitment.cipher_root)
    await remember_held(journal, asset, record.commitment.manifest_cid, sealed)
    return Kept(asset, record.commitment.manifest_cid, sealed, description, record.commitment)


async def keep_batch(batch: AssetId, library: Library, *, limit: int) -> None:
    """Bring a batch's list and every member of at most ``limit`` bytes here. What is here is not fetched again.

    Raises as keep_asset does.
    """
    _, members = await members_of(batch, library)
    await library.journal.put_all(dict(member_row(member, index) for index, member in enumerate(members.all(batch))))
    for member in members.all(batch):
        asset = member.asset_id
        if member.size > limit or await held(library.journal, asset) is not None:
            continue
        await keep_asset(
            asset,
            journal=library.journal,
            store=library.store,
            peers=library.peers,
            belief=library.belief,
            limit=limit,
        )


async def fetch_promise(asset: AssetId, *, journal: Journal, store: Store, peers: Peers, belief: Belief) -> Promise:
    """Bring an asset's description and its list of leaves here and check both: what a buyer must have before paying.

    Raises as keep_asset does, and Refused when the description names no list.
    """
    record = await record_of(asset, journal, belief)
    if record is None:
        raise NotFound(f"no asset {asset} as of block {belief.block}", next_step="check the id, or wait for the chain")
    holders = await _holders(asset, record.commitment.batch, journal, peers)
    try:
        description = await fetch_description(record.commitment, store=store, holders=holders, peers=peers)
        promise = Promise.of(description, record.commitment)
        await fetch_leaves(promise, store, holders)
    except NotFound as cause:
        await peers.announce("want", {"asset": asset})
        raise Unavailable(f"no known holder of {asset} has its list of leaves now; asked for others") from cause
    return promise


async def fetch_description(
    commitment: Commitment, *, store: Store, holders: tuple[PeerId, ...] = (), peers: Peers | None = None
) -> Manifest | Card:
    """An asset's description from this store or its holders, checked against the asset's commitment.

    With ``peers`` the holders are asked for it directly first, which takes one round trip.
    """
    cid = commitment.manifest_cid
    if peers is not None and holders and not await _is_here(store, cid):
        found = await ask_each(holders, lambda peer: ask_manifest(peers, peer, commitment), "manifest")
        if found is not None:
            await _add(store, cid, found[1])
    await store.fetch(cid, holders, limit=LIMIT)
    data = b"".join([part async for part in store.read(cid)])
    description = decode_description(data)
    if description.keccak != commitment.manifest_hash or description.owner != commitment.author:
        raise Corrupt("the description is not the one the asset was minted with")
    check_description(
        description,
        size=commitment.size,
        cipher_root=commitment.cipher_root,
        plain_root=commitment.plain_root,
        key_commit=commitment.key_commit,
    )
    return description


async def _take_small(
    commitment: Commitment,
    description: Manifest | Card,
    sealed: Cid,
    *,
    store: Store,
    peers: Peers,
    holders: tuple[PeerId, ...],
) -> None:
    """Ask for a sealed file of one segment in one round trip; what does not come is fetched as blocks."""
    count = -(-(description.files[0].bytes + AEAD_TAG * description.enc.chunks) // LEAF_BYTES)
    if count > MAX_RUN or not holders or await _is_here(store, sealed):
        return
    found = await ask_each(holders, lambda peer: ask_segment(peers, peer, commitment, 0, count), "segment")
    if found is not None and found[1].size == count:
        await _add(store, sealed, found[1].data)


async def _is_here(store: Store, root: Cid) -> bool:
    try:
        async for _ in store.read(root, length=1):
            return True
    except NotFound:
        return False
    return True


async def _add(store: Store, expected: Cid, data: bytes) -> None:
    """Store bytes that a peer gave, unless they are not what the CID names."""
    stored = await store.add(one_part(data))
    if stored.root != expected:
        await store.unpin(stored.root)


async def check_cipher_root(store: Store, sealed: Cid, leaf: int, expected: bytes) -> None:
    """Read a sealed file once and compare its Merkle root. Raises Corrupt, after unpinning it."""
    builder, rest = RootBuilder(), b""
    async for part in store.read(sealed):
        data = rest + part
        whole = len(data) - len(data) % leaf
        builder.extend(leaf_hash(data[at : at + leaf]) for at in range(0, whole, leaf))
        rest = data[whole:]
    if rest:
        builder.append(leaf_hash(rest))
    if builder.root() != expected:
        await store.unpin(sealed)
        raise Corrupt(f"the sealed file {sealed} does not hash to the root its asset was minted with")


async def _holders(asset: AssetId, batch: AssetId, journal: Journal, peers: Peers) -> tuple[PeerId, ...]:
    """Who announced an asset, or the batch it came in."""
    holders = await known_holders(asset, journal, peers) or await known_holders(batch, journal, peers)
    if not holders and await held(journal, asset) is None:
        await peers.announce("want", {"asset": asset})
        raise Unavailable(f"nobody has announced {asset} yet; asked for it")
    return holders
