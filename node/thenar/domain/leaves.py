"""The leaves both roots of a sealed file are made of: 1 KiB of a chunk, in order.

Leaf ``j`` of chunk ``i`` has index ``256·i + j`` in both trees: a whole chunk is 262,128 bytes of plaintext or
262,144 of ciphertext, 256 leaves either way. Only the last chunk may have one more sealed leaf than plain leaves,
when its tag spills over. An empty chunk still has one (empty) leaf.

Sealed leaf entry: the ciphertext. Plain leaf entry: salt (32 bytes) ‖ place in the chunk (4 bytes, big-endian) ‖
plaintext, so that neither a guess nor two equal leaves can be told from the hashes without the chunk's salt.
"""

from __future__ import annotations

from thenar.domain.hashes import Octets, leaf_run, split
from thenar.domain.merkle import LEAF_PREFIX

LEAF_BYTES = 1024


def sealed_run(chunk: Octets) -> bytes:
    """Leaf hashes of one chunk of ciphertext (at most 256), one after another."""
    return leaf_run(LEAF_PREFIX, chunk, False)


def plain_run(salt: bytes, chunk: Octets) -> bytes:
    """Leaf hashes of one chunk of plaintext (at most 256) under the chunk's salt, one after another."""
    return leaf_run(LEAF_PREFIX + salt, chunk, True)


def sealed_leaves(chunk: Octets) -> list[bytes]:
    """Leaf hashes of one chunk of ciphertext (at most 256)."""
    return split(sealed_run(chunk))


def plain_leaves(salt: bytes, chunk: Octets) -> list[bytes]:
    """Leaf hashes of one chunk of plaintext (at most 256 leaves) under the chunk's salt."""
    return split(plain_run(salt, chunk))
