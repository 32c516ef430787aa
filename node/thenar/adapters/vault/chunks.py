"""One chunk of a sealed file: 262,128 bytes of plaintext, 262,144 of ciphertext, one IPFS leaf.

XChaCha20-Poly1305-IETF. Every chunk has its own key, from the key tree of its file, and that tree hangs from the
plaintext's hash: no key ever meets two plaintexts, so a counter is a safe nonce. Nonces are 24 bytes and indices below
2**64, so HChaCha20 always sees 16 zeros, and what remains is ChaCha20-Poly1305 under its result: OpenSSL has that in
vector code, twice as fast as libsodium's, which the tests hold it against.
Sources: draft-irtf-cfrg-xchacha section 2.2 and 2.3; RFC 8439 section 2.8.
"""

from __future__ import annotations

import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

from thenar.domain.hashes import Octets
from thenar.errors import Corrupt

PLAIN_BYTES = 262_128
TAG_BYTES = 16
SEALED_BYTES = PLAIN_BYTES + TAG_BYTES

_ZEROS, _FIRST_BLOCK = bytes(16), (1).to_bytes(4, "little")
_BLOCK, _SUBKEY = struct.Struct("<16I"), struct.Struct("<8I")
_CONSTANTS = struct.unpack("<4I", b"expand 32-byte k")


def chunk_count(size: int) -> int:
    """Chunks of a file of ``size`` plaintext bytes; an empty file has one empty chunk."""
    return max(1, -(-size // PLAIN_BYTES))


def plain_length(index: int, size: int) -> int:
    """Plaintext bytes in chunk ``index`` of a file of ``size`` bytes."""
    return min(PLAIN_BYTES, size - index * PLAIN_BYTES)


def sealed_size(size: int) -> int:
    """Ciphertext bytes of a file of ``size`` plaintext bytes."""
    return size + TAG_BYTES * chunk_count(size)


def seal_chunk(key: bytes, index: int, count: int, plain: Octets, into: memoryview) -> None:
    """Encrypt chunk ``index`` of ``count`` under its own key into a place of its length and a tag's."""
    ChaCha20Poly1305(_subkey(key)).encrypt_into(_nonce(index), plain, _bound(index, count), into)


def open_chunk(key: bytes, index: int, count: int, sealed: bytes) -> bytes:
    """Decrypt chunk ``index`` of ``count``. Raises Corrupt when key, place, count or any byte is not the sealed one."""
    if len(sealed) < TAG_BYTES:
        raise Corrupt(f"sealed chunk {index} is cut short")
    try:
        return ChaCha20Poly1305(_subkey(key)).decrypt(_nonce(index), sealed, _bound(index, count))
    except InvalidTag as cause:
        raise Corrupt(f"sealed chunk {index} of {count} does not open with its key") from cause


def bare_chunk(key: bytes, index: int, sealed: bytes) -> bytes:
    """The bytes of chunk ``index`` under its key, whatever its tag says. Raises Corrupt when it has no room for a tag.

    For whoever holds them against the plain root: a tag proves nothing about what a seller promised.
    """
    if len(sealed) < TAG_BYTES:
        raise Corrupt(f"sealed chunk {index} is cut short")
    first = _FIRST_BLOCK + _nonce(index)  # block 0 belongs to the tag (RFC 8439, section 2.8)
    return Cipher(ChaCha20(_subkey(key), first), mode=None).decryptor().update(memoryview(sealed)[:-TAG_BYTES])


def _subkey(key: bytes) -> bytes:
    """HChaCha20 of the key and 16 zeros: eight words of a ChaCha20 block, without the input that ends the block."""
    block = Cipher(ChaCha20(key, _ZEROS), mode=None).encryptor().update(bytes(64))
    words = _BLOCK.unpack(block)
    first = ((word - constant) & 0xFFFFFFFF for word, constant in zip(words, _CONSTANTS, strict=False))
    return _SUBKEY.pack(*first, *words[12:])  # the input of the last four words was zero


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")


def _bound(index: int, count: int) -> bytes:
    """Associated data: index, count and whether this is the last chunk, so that none can be moved, added or dropped."""
    return index.to_bytes(8, "big") + count.to_bytes(8, "big") + (b"\x01" if index == count - 1 else b"\x00")
