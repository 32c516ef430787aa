"""Copies of other people's sealed assets: heard of, fetched, verified, pinned, offered to others."""

from __future__ import annotations

from dataclasses import dataclass

from thenar.domain.assets import Commitment
from thenar.domain.card import Card, check_description, decode_description
from thenar.domain.ids import AssetId, Cid, PeerId
from thenar.domain.manifest import LIMIT, Manifest
from thenar.domain.merkle import RootBuilder, leaf_hash
from thenar.errors import Corrupt, NotFound, Refused, Unavailable
from thenar.services.belief import Belief
from thenar.services.ports import Journal, Peers, Progress, Store
from thenar.services.records import held, remember_held, sources

SEALED_OVERHEAD = 1.02
"""A sealed file's DAG is larger than its plaintext: one tag per chunk, inner nodes."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy that was verified and pinned."""

    asset: AssetId
    manifest: Cid
    sealed: Cid
    description: Manifest | Card


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
    record = belief.catalog.assets.get(asset)
    if record is None:
        raise NotFound(f"no asset {asset} as of block {belief.block}", next_step="check the id, or wait for the chain")
    holders = await _holders(asset, journal, peers)
    try:
        description = await fetch_description(record.commitment, store=store, holders=holders)
        file = description.files[0]
        if file.bytes > limit:
            raise Refused(f"{asset} has {file.bytes} bytes; this node keeps at most {limit} per asset")
        sealed, size = Cid.parse(file.cid), int(file.bytes * SEALED_OVERHEAD) + 1024 * 1024
        await store.fetch(sealed, holders, limit=size, progress=progress)
    except NotFound as cause:
        await peers.announce("want", {"asset": asset})
        raise Unavailable(f"no known holder of {asset} has all of it now; asked for others") from cause
    await check_cipher_root(store, sealed, description.enc.leaf, record.commitment.cipher_root)
    await remember_held(journal, asset, record.commitment.manifest_cid, sealed)
    return Kept(asset, record.commitment.manifest_cid, sealed, description)


async def fetch_description(
    commitment: Commitment, *, store: Store, holders: tuple[PeerId, ...] = ()
) -> Manifest | Card:
    """An asset's description from this store or its holders, checked against the asset's commitment."""
    cid = commitment.manifest_cid
    await store.fetch(cid, holders, limit=LIMIT)
    data = b"".join([part async for part in store.read(cid)])
    description = decode_description(data)
    if description.keccak != commitment.manifest_hash or description.owner != commitment.author:
        raise Corrupt("the description is not the one the asset was minted with")
    check_description(
        description,
        cipher_root=commitment.cipher_root,
        plain_root=commitment.plain_root,
        key_commit=commitment.key_commit,
    )
    return description


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


async def _holders(asset: AssetId, journal: Journal, peers: Peers) -> tuple[PeerId, ...]:
    known = await sources(journal, asset)
    for source in known:
        peers.learn(source.peer, source.addresses)
    holders = tuple(source.peer for source in known if source.peer != peers.me)
    if not holders and await held(journal, asset) is None:
        await peers.announce("want", {"asset": asset})
        raise Unavailable(f"nobody has announced {asset} yet; asked for it")
    return holders
