"""One chunk of a sealed file: 262,128 bytes of plaintext, 262,144 of ciphertext, one IPFS leaf.

XChaCha20-Poly1305-IETF (libsodium). Every chunk has its own key, from the key tree of its file, and that tree hangs
from the plaintext's hash: no key ever meets two plaintexts, so a counter is a safe nonce.
Source: https://doc.libsodium.org/secret-key_cryptography/aead/chacha20-poly1305/xchacha20-poly1305_construction
"""

from __future__ import annotations

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as _decrypt
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as _encrypt
from nacl.exceptions import CryptoError

from thenar.errors import Corrupt

PLAIN_BYTES = 262_128
TAG_BYTES = 16
SEALED_BYTES = PLAIN_BYTES + TAG_BYTES


def chunk_count(size: int) -> int:
    """Chunks of a file of ``size`` plaintext bytes; an empty file has one empty chunk."""
    return max(1, -(-size // PLAIN_BYTES))


def plain_length(index: int, size: int) -> int:
    """Plaintext bytes in chunk ``index`` of a file of ``size`` bytes."""
    return min(PLAIN_BYTES, size - index * PLAIN_BYTES)


def sealed_size(size: int) -> int:
    """Ciphertext bytes of a file of ``size`` plaintext bytes."""
    return size + TAG_BYTES * chunk_count(size)


def seal_chunk(key: bytes, index: int, count: int, plain: bytes) -> bytes:
    """Encrypt chunk ``index`` of ``count`` under its own key."""
    sealed: bytes = _encrypt(plain, _bound(index, count), _nonce(index), key)
    return sealed


def open_chunk(key: bytes, index: int, count: int, sealed: bytes) -> bytes:
    """Decrypt chunk ``index`` of ``count``. Raises Corrupt when key, place, count or any byte is not the sealed one."""
    if len(sealed) < TAG_BYTES:
        raise Corrupt(f"sealed chunk {index} is cut short")
    try:
        plain: bytes = _decrypt(sealed, _bound(index, count), _nonce(index), key)
    except CryptoError as cause:
        raise Corrupt(f"sealed chunk {index} of {count} does not open with its key") from cause
    return plain


def _nonce(index: int) -> bytes:
    return index.to_bytes(24, "big")


def _bound(index: int, count: int) -> bytes:
    """Associated data: index, count and whether this is the last chunk, so that none can be moved, added or dropped."""
    return index.to_bytes(8, "big") + count.to_bytes(8, "big") + (b"\x01" if index == count - 1 else b"\x00")
