"""What a cheated buyer's node finds by itself, and what it shows."""

from __future__ import annotations

import hashlib
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from captures import make_manifest
from neighbours import Neighbours
from sealed_bytes import SealedBytes

from thenar.adapters.ipfs.embedded import EmbeddedStore, open_embedded
from thenar.adapters.vault.seal import FileSealer
from thenar.domain import merkle
from thenar.domain.assets import AssetKind, Commitment
from thenar.domain.ids import Address
from thenar.domain.keytree import key_commit
from thenar.domain.openings import CHUNK_BYTES
from thenar.errors import Corrupt, Refused
from thenar.services.disputes import Promise, fetch_leaves, find_bad_leaf, open_chunk
from thenar.services.keep import fetch_promise
from thenar.services.ports import Sealed, Stored, one_part

ROOT = bytes(range(32))
SEALER = FileSealer(bytes(32))
PLAIN = random.Random(4).randbytes(2 * CHUNK_BYTES + 5000)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    async with open_embedded(tmp_path / "store", quota=1 << 30, exchange=Neighbours({})) as opened:
        yield opened


async def put(store: EmbeddedStore, file: SealedBytes) -> Promise:
    """A file and its list of leaves as a seller publishes them."""
    sealed = await store.add(one_part(b"".join(file.chunks)))
    leaves = await store.add(one_part(b"".join(file.promised)))
    made = Commitment(
        author=Address("0x" + "11" * 20),
        kind=AssetKind.CAPTURE,
        size=file.size,
        cipher_root=merkle.root(file.sealed),
        plain_root=merkle.root(file.promised),
        key_commit=bytes(32),
        manifest_digest=bytes(32),
        manifest_hash=bytes(32),
    )
    return Promise(sealed.root, leaves.root, file.layout, made)


@pytest.mark.parametrize("at", [0, 1023, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 4999])
async def test_one_garbled_byte_is_found_and_shown_under_both_roots(store: EmbeddedStore, at: int) -> None:
    file = SealedBytes.of(PLAIN, ROOT, {at: bytes([PLAIN[at] ^ 0x20])})
    promise = await put(store, file)

    found = await find_bad_leaf(promise, file.chunk_key, store=store, sealer=SEALER)

    assert found == file.opening(at // CHUNK_BYTES, at % CHUNK_BYTES // 1024)


async def test_nothing_is_found_in_an_honest_file(store: EmbeddedStore) -> None:
    file = SealedBytes.of(PLAIN, ROOT)

    assert await find_bad_leaf(await put(store, file), file.chunk_key, store=store, sealer=SEALER) is None


async def test_a_wrong_key_makes_the_first_leaf_bad(store: EmbeddedStore) -> None:
    file = SealedBytes.of(PLAIN, ROOT)

    found = await find_bad_leaf(await put(store, file), lambda _: bytes(32), store=store, sealer=SEALER)

    assert found == file.opening(0, 0)


async def test_only_the_chunks_that_were_bought_are_judged(store: EmbeddedStore) -> None:
    file = SealedBytes.of(PLAIN, ROOT, {5: b"garbage"})
    promise = await put(store, file)

    assert await find_bad_leaf(promise, file.chunk_key, store=store, sealer=SEALER, chunks=(1, 2)) is None
    assert await find_bad_leaf(promise, file.chunk_key, store=store, sealer=SEALER, chunks=(1, 0)) is not None


async def test_a_chunk_opens_alone_and_is_held_against_the_list(store: EmbeddedStore) -> None:
    file = SealedBytes.of(PLAIN, ROOT, {CHUNK_BYTES + 2000: b"garbage"})
    promise = await put(store, file)

    whole = await open_chunk(promise, 0, file.chunk_key(0), store=store, sealer=SEALER)

    assert whole == PLAIN[:CHUNK_BYTES]
    with pytest.raises(Corrupt, match="leaf 1 of chunk 1"):
        await open_chunk(promise, 1, file.chunk_key(1), store=store, sealer=SEALER)


async def test_a_list_that_is_not_under_the_plain_root_is_refused_and_let_go(store: EmbeddedStore) -> None:
    file = SealedBytes.of(PLAIN, ROOT)
    promise = await put(store, file)
    lies = [
        b"".join(file.promised[:-1]),
        b"".join(file.promised[1:] + file.promised[:1]),
        b"".join(file.promised) + b"!",
    ]

    for lie in lies:
        listed = await store.add(one_part(lie))
        with pytest.raises(Corrupt, match="list of leaves"):
            await fetch_leaves(replace(promise, leaves=listed.root), store)
    await fetch_leaves(promise, store)

    assert promise.leaves in await store.pins()


async def test_a_wrong_tag_keeps_nobody_from_what_was_paid_for(store: EmbeddedStore, tmp_path: Path) -> None:
    """The leaves are right, so no contract would find fault: then the node must open the file."""
    honest = SealedBytes.of(PLAIN, ROOT)
    spoiled = replace(honest, chunks=(honest.chunks[0], honest.chunks[1][:-1] + b"\x00", honest.chunks[2]))
    made = await put(store, spoiled)
    expected = Sealed(
        stored=Stored(made.sealed, 0, 0),
        size=len(PLAIN),
        content_hash=hashlib.sha256(PLAIN).digest(),
        cipher_root=made.commitment.cipher_root,
        plain_root=made.commitment.plain_root,
        key_commit=key_commit(ROOT),
        chunks=3,
    )

    await SEALER.open(ROOT, store.read(made.sealed), expected=expected, into=tmp_path / "out")

    assert (tmp_path / "out").read_bytes() == PLAIN


async def test_what_a_buyer_needs_before_paying_is_fetched_and_checked(town) -> None:  # type: ignore[no-untyped-def]
    ana, ben = await town.person("ana"), await town.person("ben")
    made = await ana.publish(PLAIN)
    await ben.hear_of(made.asset, ana)

    promise = await fetch_promise(made.asset, journal=ben.journal, store=ben.store, peers=ben.peers, belief=ben.belief)

    assert promise.leaves in await ben.store.pins()
    assert promise.sealed not in await ben.store.pins()
    assert promise.list_bytes == 32 * promise.layout.plain_leaves


def test_an_asset_without_a_list_is_not_to_be_paid_for() -> None:
    with pytest.raises(Refused, match="no list of leaves"):
        Promise.of(make_manifest(), None)  # type: ignore[arg-type]
