"""Sealing repeats itself, opening accepts exactly what was sealed, and any wrong byte leaves no file."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as libsodium_decrypt

from thenar.adapters.ipfs.embedded import EmbeddedStore, open_embedded
from thenar.adapters.vault.chunks import (
    PLAIN_BYTES,
    SEALED_BYTES,
    TAG_BYTES,
    chunk_count,
    open_chunk,
    plain_length,
    seal_chunk,
    sealed_size,
)
from thenar.adapters.vault.opening import open_range
from thenar.adapters.vault.seal import FileSealer
from thenar.domain import keytree, leaves, merkle, unixfs
from thenar.errors import BadInput, Corrupt, NotFound, Refused
from thenar.services.ports import Sealed

ANA = FileSealer(bytes(range(32)))
BIG = 1 << 30
SIZES = (0, 1, 1008, 1024, 1025, PLAIN_BYTES - 1, PLAIN_BYTES, PLAIN_BYTES + 1, 3 * PLAIN_BYTES + 1024, 5 * PLAIN_BYTES)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    async with open_embedded(tmp_path / "store", quota=BIG) as opened:
        yield opened


def capture(folder: Path, size: int, seed: int = 1) -> Path:
    path = folder / f"capture-{size}-{seed}"
    path.write_bytes(random.Random(seed).randbytes(size))
    return path


async def sealed_bytes(store: EmbeddedStore, sealed: Sealed) -> bytes:
    return b"".join([part async for part in store.read(sealed.stored.root)])


async def parts_of(data: bytes, step: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), step):
        yield data[start : start + step]


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if ".part" in path.name or path.name == "out"]


@pytest.mark.parametrize("size", SIZES)
async def test_what_was_sealed_opens_to_the_same_bytes(store: EmbeddedStore, tmp_path: Path, size: int) -> None:
    path = capture(tmp_path, size)

    sealed = await ANA.seal(path, store)
    data = await sealed_bytes(store, sealed)
    await ANA.open(ANA.root_key(sealed.content_hash), parts_of(data), expected=sealed, into=tmp_path / "out")

    assert (tmp_path / "out").read_bytes() == path.read_bytes()
    assert sealed.size == size
    assert sealed.chunks == chunk_count(size)
    assert len(data) == sealed.stored.size == sealed_size(size)
    assert sealed.content_hash == hashlib.sha256(path.read_bytes()).digest()
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0
    assert not [name for name in leftovers(tmp_path) if name != "out"]


@pytest.mark.parametrize("size", SIZES)
async def test_roots_are_those_of_a_plain_reading_of_the_rules(store: EmbeddedStore, tmp_path: Path, size: int) -> None:
    path = capture(tmp_path, size)

    sealed = await ANA.seal(path, store)
    data, plain = await sealed_bytes(store, sealed), path.read_bytes()

    cipher = [merkle.leaf_hash(data[at : at + 1024]) for at in range(0, len(data), 1024)]
    plains: list[bytes] = []
    for index in range(sealed.chunks):
        salt = keytree.chunk_salt(keytree.chunk_key(ANA.root_key(sealed.content_hash), index, sealed.chunks))
        chunk = plain[index * PLAIN_BYTES : (index + 1) * PLAIN_BYTES]
        for place, at in enumerate(range(0, len(chunk) or 1, 1024)):
            plains.append(merkle.leaf_hash(salt + place.to_bytes(4, "big") + chunk[at : at + 1024]))
    assert sealed.cipher_root == merkle.root(cipher)
    assert sealed.plain_root == merkle.root(plains)
    assert 0 <= len(cipher) - len(plains) <= 1


async def test_sealing_twice_gives_the_same_everything(store: EmbeddedStore, tmp_path: Path) -> None:
    path = capture(tmp_path, 700_000)

    assert await ANA.seal(path, store) == await ANA.seal(path, store)


async def test_sealing_gives_the_golden_roots(store: EmbeddedStore, tmp_path: Path) -> None:
    path = tmp_path / "golden"
    path.write_bytes(bytes(range(256)) * 2000)

    sealed = await ANA.seal(path, store)

    assert sealed.stored.root == "bafybeifqch7ii442gu7fcc4ssuaxkddfkz4g55hi4q6u53ssldsndsqgca"
    assert sealed.cipher_root.hex() == "f440671c299f4005e9652d19d17d841dbea5ec291dd43a7461efa9d8507e427e"
    assert sealed.plain_root.hex() == "6b1570f416fa563ed5c6ed45f98961543266e3b3f01f9559aa42da4b86ae7a12"
    assert sealed.key_commit.hex() == "ea72e0058c44ea99bb4c42fe2aae034c69c19c3c2eb13b235b3ff89687778d2e"


async def test_another_owner_gets_other_keys_and_other_bytes(store: EmbeddedStore, tmp_path: Path) -> None:
    path = capture(tmp_path, 5000)
    ben = FileSealer(bytes(32))

    ours, theirs = await ANA.seal(path, store), await ben.seal(path, store)

    assert ours.content_hash == theirs.content_hash
    assert ours.cipher_root != theirs.cipher_root
    assert ours.plain_root != theirs.plain_root
    assert ours.key_commit != theirs.key_commit


async def test_every_sealed_chunk_is_one_ipfs_leaf(store: EmbeddedStore, tmp_path: Path) -> None:
    sealed = await ANA.seal(capture(tmp_path, 2 * PLAIN_BYTES + 5), store)
    data = await sealed_bytes(store, sealed)

    for index in range(3):
        chunk = data[index * SEALED_BYTES : (index + 1) * SEALED_BYTES]
        assert await store.get(unixfs.leaf_cid(chunk)) == chunk
    assert SEALED_BYTES == unixfs.LEAF_BYTES


def sealed_chunk(key: bytes, index: int, count: int, plain: bytes) -> bytes:
    place = bytearray(len(plain) + TAG_BYTES)
    seal_chunk(key, index, count, plain, memoryview(place))
    return bytes(place)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from((0, 1, 2000, PLAIN_BYTES + 100)), st.data())
def test_no_chunk_opens_with_a_bit_flipped_anywhere(size: int, data: st.DataObject) -> None:
    key, plain = keytree.child(bytes(32), 1), bytes(min(size, PLAIN_BYTES))
    sealed = bytearray(sealed_chunk(key, 2, 5, plain))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(Corrupt):
        open_chunk(key, 2, 5, bytes(sealed))


@pytest.mark.parametrize(("index", "count"), [(1, 5), (2, 6), (2, 3), (4, 5)])
def test_a_chunk_opens_only_at_its_own_place(index: int, count: int) -> None:
    sealed = sealed_chunk(bytes(32), 2, 5, b"plain")

    with pytest.raises(Corrupt):
        open_chunk(bytes(32), index, count, sealed)
    with pytest.raises(Corrupt, match="cut short"):
        open_chunk(bytes(32), 2, 5, sealed[:15])


def test_a_chunk_is_what_libsodium_says() -> None:
    sealed = sealed_chunk(bytes(32), 2, 3, b"plain")
    bound = (2).to_bytes(8, "big") + (3).to_bytes(8, "big") + b"\x01"

    assert libsodium_decrypt(sealed, bound, bytes(23) + b"\x02", bytes(32)) == b"plain"


DAMAGE = {
    "flip first": lambda d: bytes([d[0] ^ 1]) + d[1:],
    "flip last": lambda d: d[:-1] + bytes([d[-1] ^ 128]),
    "swap chunks": lambda d: d[SEALED_BYTES : 2 * SEALED_BYTES] + d[:SEALED_BYTES] + d[2 * SEALED_BYTES :],
    "repeat chunk": lambda d: d[:SEALED_BYTES] + d[:SEALED_BYTES] + d[2 * SEALED_BYTES :],
    "drop last byte": lambda d: d[:-1],
    "drop last chunk": lambda d: d[: 2 * SEALED_BYTES],
    "drop first chunk": lambda d: d[SEALED_BYTES:],
    "append byte": lambda d: d + b"\x00",
    "append chunk": lambda d: d + d[:SEALED_BYTES],
    "nothing": lambda d: b"",
}


@pytest.mark.parametrize("damage", DAMAGE)
async def test_damaged_bytes_leave_no_file(store: EmbeddedStore, tmp_path: Path, damage: str) -> None:
    sealed = await ANA.seal(capture(tmp_path, 2 * PLAIN_BYTES + 999), store)
    data = DAMAGE[damage](await sealed_bytes(store, sealed))

    with pytest.raises(Corrupt):
        await ANA.open(ANA.root_key(sealed.content_hash), parts_of(data), expected=sealed, into=tmp_path / "out")

    assert not leftovers(tmp_path)


@pytest.mark.parametrize("field", ["size", "content_hash", "cipher_root", "plain_root", "key_commit", "chunks"])
async def test_a_broken_promise_leaves_no_file(store: EmbeddedStore, tmp_path: Path, field: str) -> None:
    sealed = await ANA.seal(capture(tmp_path, 2 * PLAIN_BYTES), store)
    data = await sealed_bytes(store, sealed)
    actual = getattr(sealed, field)
    wrong = actual + 1 if isinstance(actual, int) else bytes(32)
    promised = dataclasses.replace(sealed, **{field: wrong})

    with pytest.raises(Corrupt):
        await ANA.open(ANA.root_key(sealed.content_hash), parts_of(data), expected=promised, into=tmp_path / "out")

    assert not leftovers(tmp_path)


async def test_a_wrong_key_is_noticed_before_a_byte_is_read(store: EmbeddedStore, tmp_path: Path) -> None:
    sealed = await ANA.seal(capture(tmp_path, 10), store)

    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("nothing should be read")
        yield b""

    with pytest.raises(Corrupt, match="committed"):
        await ANA.open(bytes(32), never(), expected=sealed, into=tmp_path / "out")
    assert not leftovers(tmp_path)


async def test_opening_replaces_an_older_file_only_at_the_end(store: EmbeddedStore, tmp_path: Path) -> None:
    sealed = await ANA.seal(capture(tmp_path, PLAIN_BYTES + 1), store)
    data, out = await sealed_bytes(store, sealed), tmp_path / "out"
    out.write_bytes(b"older")

    with pytest.raises(Corrupt):
        await ANA.open(ANA.root_key(sealed.content_hash), parts_of(data[:-1]), expected=sealed, into=out)
    assert out.read_bytes() == b"older"

    await ANA.open(ANA.root_key(sealed.content_hash), parts_of(data), expected=sealed, into=out)
    assert len(out.read_bytes()) == PLAIN_BYTES + 1


async def test_a_file_written_to_while_it_is_sealed_is_refused(store: EmbeddedStore, tmp_path: Path) -> None:
    path = capture(tmp_path, 40 * PLAIN_BYTES)
    changed = False

    def meddle(done: int, total: int) -> None:
        nonlocal changed
        if not changed:
            changed = True
            with path.open("r+b") as file:
                file.seek(30 * PLAIN_BYTES)
                file.write(b"new")
            os.utime(path, ns=(1, 1))

    with pytest.raises(Refused, match="changed while"):
        await ANA.seal(path, store, progress=meddle)

    assert not await store.pins()


async def test_a_file_that_shrinks_while_it_is_sealed_is_refused(store: EmbeddedStore, tmp_path: Path) -> None:
    path = capture(tmp_path, 40 * PLAIN_BYTES)

    with pytest.raises(Refused, match="changed while"):
        await ANA.seal(path, store, progress=lambda done, total: os.truncate(path, 10))


async def test_what_is_not_a_file_is_not_found(store: EmbeddedStore, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file"):
        await ANA.seal(tmp_path / "missing", store)
    with pytest.raises(NotFound, match="no file"):
        await ANA.seal(tmp_path, store)


async def test_a_place_that_cannot_be_written_is_said_so(store: EmbeddedStore, tmp_path: Path) -> None:
    sealed = await ANA.seal(capture(tmp_path, 10), store)
    data = await sealed_bytes(store, sealed)

    with pytest.raises(BadInput, match="cannot write"):
        await ANA.open(
            ANA.root_key(sealed.content_hash), parts_of(data), expected=sealed, into=tmp_path / "missing" / "out"
        )


async def test_progress_ends_at_the_whole(store: EmbeddedStore, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = capture(tmp_path, 20 * PLAIN_BYTES)

    sealed = await ANA.seal(path, store, progress=lambda done, total: seen.append((done, total)))
    data = await sealed_bytes(store, sealed)
    assert seen == sorted(seen)
    assert seen[-1] == (sealed.size, sealed.size)

    seen.clear()
    await ANA.open(
        ANA.root_key(sealed.content_hash),
        parts_of(data),
        expected=sealed,
        into=tmp_path / "out",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == sorted(seen)
    assert seen[-1] == (sealed.size, sealed.size)


@pytest.mark.parametrize(
    ("offset", "length"),
    [(0, 1), (PLAIN_BYTES - 1, 2), (PLAIN_BYTES, PLAIN_BYTES), (3 * PLAIN_BYTES + 5, 5), (0, 4 * PLAIN_BYTES + 10)],
)
async def test_a_range_opens_with_its_own_keys_only(
    store: EmbeddedStore, tmp_path: Path, offset: int, length: int
) -> None:
    path = capture(tmp_path, 4 * PLAIN_BYTES + 10)
    sealed = await ANA.seal(path, store)
    first, last = offset // PLAIN_BYTES, (offset + length - 1) // PLAIN_BYTES
    keys = keytree.cover(ANA.root_key(sealed.content_hash), first, last + 1, sealed.chunks)

    found = [part async for part in open_range(keys, store, sealed, offset=offset, length=length)]

    assert b"".join(found) == path.read_bytes()[offset : offset + length]
    assert ANA.root_key(sealed.content_hash) not in [key.key for key in keys]


@pytest.mark.parametrize(("offset", "length"), [(-1, 2), (0, 0), (0, 11), (11, 1)])
async def test_a_range_outside_the_file_is_refused(
    store: EmbeddedStore, tmp_path: Path, offset: int, length: int
) -> None:
    sealed = await ANA.seal(capture(tmp_path, 10), store)
    keys = keytree.cover(ANA.root_key(sealed.content_hash), 0, 1, 1)

    with pytest.raises(BadInput, match="not within"):
        _ = [part async for part in open_range(keys, store, sealed, offset=offset, length=length)]


async def test_a_leaf_of_a_chunk_is_proved_under_both_roots(store: EmbeddedStore, tmp_path: Path) -> None:
    path = capture(tmp_path, 2 * PLAIN_BYTES + 3000)
    sealed = await ANA.seal(path, store)
    data = await sealed_bytes(store, sealed)
    key = keytree.chunk_key(ANA.root_key(sealed.content_hash), 1, sealed.chunks)
    index = 256 + 7

    cipher = [
        leaf for at in range(0, len(data), SEALED_BYTES) for leaf in leaves.sealed_leaves(data[at : at + SEALED_BYTES])
    ]
    leaf = merkle.leaf_hash(data[index * 1024 : (index + 1) * 1024])
    assert merkle.verify(sealed.cipher_root, leaf, index, len(cipher), merkle.proof(cipher, index))

    plain = path.read_bytes()[PLAIN_BYTES + 7 * 1024 : PLAIN_BYTES + 8 * 1024]
    salted = merkle.leaf_hash(keytree.chunk_salt(key) + (7).to_bytes(4, "big") + plain)
    assert salted == leaves.plain_leaves(keytree.chunk_salt(key), path.read_bytes()[PLAIN_BYTES : 2 * PLAIN_BYTES])[7]


@given(st.integers(0, 1 << 40))
def test_chunk_lengths_add_up(size: int) -> None:
    count = chunk_count(size)

    assert (count - 1) * PLAIN_BYTES + plain_length(count - 1, size) == size
    assert 0 <= plain_length(count - 1, size) <= PLAIN_BYTES
    assert sealed_size(size) == (count - 1) * SEALED_BYTES + plain_length(count - 1, size) + 16


def test_a_sealing_secret_has_32_bytes() -> None:
    with pytest.raises(BadInput, match="32 bytes"):
        FileSealer(b"short")
