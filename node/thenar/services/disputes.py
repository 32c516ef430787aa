"""Bytes held against what was promised of them, leaf by leaf, and what to show a contract when one is wrong.

An asset's description names the list of its plain leaves' hashes. Whoever means to pay fetches it first and holds its
root against the plain root on chain: with that list, one wrong byte can be proved; without it nobody who was given
garbage could show what was promised instead.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import trio

from thenar.domain.assets import Commitment
from thenar.domain.card import Card
from thenar.domain.ids import Cid, PeerId
from thenar.domain.keytree import chunk_salt
from thenar.domain.leaves import plain_leaves, sealed_leaves
from thenar.domain.manifest import Manifest
from thenar.domain.merkle import RootBuilder
from thenar.domain.openings import CHUNK_BYTES, LEAVES_PER_CHUNK, TAG_BYTES, Layout, LeafOpening, PathBuilder
from thenar.errors import Corrupt, Refused
from thenar.services.ports import Sealer, Store

HASH_BYTES = 32
SEALED_CHUNK = CHUNK_BYTES + TAG_BYTES

KeyOf = Callable[[int], bytes]
"""The 32-byte key of a chunk."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Where an asset's sealed bytes and its plain leaves' hashes lie, and the roots both must have."""

    sealed: Cid
    leaves: Cid
    layout: Layout
    commitment: Commitment

    @classmethod
    def of(cls, description: Manifest | Card, commitment: Commitment) -> Promise:
        """What a description promises. Raises Refused when it names no list of leaves."""
        if description.enc.leaves is None:
            raise Refused(
                "the asset's description names no list of leaves, so no wrong byte of it could be proved",
                next_step="ask its owner to publish it again",
            )
        sealed = Cid.parse(description.files[0].cid)
        return cls(sealed, Cid.parse(description.enc.leaves), Layout(commitment.size), commitment)

    @property
    def list_bytes(self) -> int:
        """How long the list of leaves is."""
        return HASH_BYTES * self.layout.plain_leaves


async def fetch_leaves(promise: Promise, store: Store, holders: Sequence[PeerId] = ()) -> None:
    """Bring the list of leaves here and hold it against the plain root. Raises Corrupt, after unpinning it."""
    await store.fetch(promise.leaves, holders, limit=promise.list_bytes + 64 * 1024 + promise.list_bytes // 1000)
    builder, length = RootBuilder(), 0
    async with aclosing(_hashes(store, promise.leaves)) as runs:
        async for run in runs:
            length += len(run)
            builder.extend(run)
    if length != promise.layout.plain_leaves or builder.root() != promise.commitment.plain_root:
        await store.unpin(promise.leaves)
        raise Corrupt("the list of leaves is not the one under the asset's plain root")


async def find_bad_leaf(
    promise: Promise, key_of: KeyOf, *, store: Store, sealer: Sealer, chunks: Iterable[int] | None = None
) -> LeafOpening | None:
    """The first leaf of the given chunks (of all by default) that its chunk's key does not open to what was promised.

    Both files must be in the store, checked against both roots. Raises NotFound when a block is missing.
    """
    for chunk in range(promise.layout.chunks) if chunks is None else chunks:
        sealed = await read_chunk(promise, store, chunk)
        place = await _bad_place(promise, chunk, sealed, key_of(chunk), store, sealer)
        if place is not None:
            return await _opening(promise, chunk, place, sealed, store)
    return None


async def open_chunk(promise: Promise, chunk: int, key: bytes, *, store: Store, sealer: Sealer) -> bytes:
    """The plaintext of one chunk, every leaf held against the list. Raises Corrupt."""
    sealed = await read_chunk(promise, store, chunk)
    place = await _bad_place(promise, chunk, sealed, key, store, sealer)
    if place is not None:
        raise Corrupt(f"leaf {place} of chunk {chunk} is not what was promised")
    return await trio.to_thread.run_sync(sealer.bare, key, chunk, sealed)


async def read_chunk(promise: Promise, store: Store, chunk: int) -> bytes:
    """One sealed chunk from the store. Raises Corrupt when it is cut short."""
    length = promise.layout.chunk_plain(chunk) + TAG_BYTES
    found = await _read(store, promise.sealed, chunk * SEALED_CHUNK, length)
    if len(found) != length:
        raise Corrupt(f"sealed chunk {chunk} has {len(found)} of {length} bytes")
    return found


async def _bad_place(
    promise: Promise, chunk: int, sealed: bytes, key: bytes, store: Store, sealer: Sealer
) -> int | None:
    count = promise.layout.leaves_of(chunk)
    said = await _read(store, promise.leaves, chunk * LEAVES_PER_CHUNK * HASH_BYTES, count * HASH_BYTES)

    def compare() -> int | None:
        opened = plain_leaves(chunk_salt(key), sealer.bare(key, chunk, sealed))
        pairs = zip(opened, _split(said), strict=True)
        return next((place for place, (found, wanted) in enumerate(pairs) if found != wanted), None)

    return await trio.to_thread.run_sync(compare)


async def _opening(promise: Promise, chunk: int, place: int, sealed: bytes, store: Store) -> LeafOpening:
    layout, index = promise.layout, promise.layout.index(chunk, place)
    cipher, plain = PathBuilder(index, layout.sealed_leaves), PathBuilder(index, layout.plain_leaves)
    for number in range(layout.chunks):
        cipher.extend(await trio.to_thread.run_sync(sealed_leaves, await read_chunk(promise, store, number)))
    async with aclosing(_hashes(store, promise.leaves)) as runs:
        async for run in runs:
            plain.extend(run)
    _, sealed_path = cipher.finish()
    plain_leaf, plain_path = plain.finish()
    return LeafOpening(chunk, place, sealed[layout.sealed_part(chunk, place)], sealed_path, plain_leaf, plain_path)


async def _hashes(store: Store, leaves: Cid) -> AsyncGenerator[list[bytes], None]:
    rest = b""
    async for part in store.read(leaves):
        data = rest + part
        whole = len(data) - len(data) % HASH_BYTES
        yield _split(data[:whole])
        rest = data[whole:]
    if rest:
        raise Corrupt("the list of leaves ends within a hash")


async def _read(store: Store, cid: Cid, offset: int, length: int) -> bytes:
    return b"".join([part async for part in store.read(cid, offset=offset, length=length)])


def _split(data: bytes) -> list[bytes]:
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
