"""Bytes any language can make again: each 256 KiB chunk repeats SHA-256 of its start offset in decimal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

CHUNK = 262_144


def pattern(size: int) -> Iterator[bytes]:
    """Yield ``size`` patterned bytes in chunks of 256 KiB."""
    for start in range(0, size, CHUNK):
        word = hashlib.sha256(str(start).encode()).digest()
        yield (word * (CHUNK // 32))[: size - start]
