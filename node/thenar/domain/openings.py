"""One leaf of a sealed file with its place under both roots: what a dispute about bytes shows.

Twin of contracts/types/Leaves.sol and of the layout in contracts/libraries/BadLeaf.sol. Sizes are bytes of plaintext
of the whole file; ``place`` counts leaves within a chunk from 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from thenar.domain.leaves import LEAF_BYTES
from thenar.domain.merkle import RootBuilder
from thenar.errors import BadInput

CHUNK_BYTES = 262_128
"""Plaintext of a whole chunk: with its tag it fills one IPFS leaf."""
TAG_BYTES = 16
LEAVES_PER_CHUNK = 256
BLOCKS_PER_LEAF = LEAF_BYTES // 64
"""ChaCha20 blocks in a leaf. The data of a chunk begins in block 1."""


@dataclass(frozen=True, slots=True)
class LeafOpening:
    """A sealed leaf and the plaintext leaf promised at its place, each with its RFC 9162 path."""

    chunk: int
    place: int
    ciphertext: bytes
    sealed_path: tuple[bytes, ...]
    plain_leaf: bytes
    plain_path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the leaves of a sealed file of ``size`` bytes lie."""

    size: int

    @property
    def chunks(self) -> int:
        """AEAD chunks; an empty file has one empty chunk."""
        return max(1, -(-self.size // CHUNK_BYTES))

    @property
    def plain_leaves(self) -> int:
        """Leaves under the plain root."""
        return LEAVES_PER_CHUNK * (self.chunks - 1) + max(1, _leaves(self._last))

    @property
    def sealed_leaves(self) -> int:
        """Leaves under the cipher root; at most one more, when the last tag spills over."""
        return LEAVES_PER_CHUNK * (self.chunks - 1) + _leaves(self._last + TAG_BYTES)

    def chunk_plain(self, chunk: int) -> int:
        """Plaintext bytes in a chunk. Raises BadInput."""
        if not 0 <= chunk < self.chunks:
            raise BadInput(f"there is no chunk {chunk} among {self.chunks}")
        return self._last if chunk == self.chunks - 1 else CHUNK_BYTES

    def leaves_of(self, chunk: int) -> int:
        """Plaintext leaves in a chunk. Raises BadInput."""
        return max(1, _leaves(self.chunk_plain(chunk)))

    def index(self, chunk: int, place: int) -> int:
        """The leaf's number in both trees. Raises BadInput when it is outside the file or wholly in the tag."""
        if not 0 <= place < self.leaves_of(chunk):
            raise BadInput(f"chunk {chunk} has no plaintext leaf {place}")
        return LEAVES_PER_CHUNK * chunk + place

    def sealed_part(self, chunk: int, place: int) -> slice:
        """Where the sealed leaf lies in its sealed chunk. Raises BadInput."""
        self.index(chunk, place)
        start = place * LEAF_BYTES
        return slice(start, min(start + LEAF_BYTES, self.chunk_plain(chunk) + TAG_BYTES))

    def plain_part(self, chunk: int, place: int) -> slice:
        """Where the leaf's plaintext lies in its chunk. Raises BadInput."""
        self.index(chunk, place)
        start = place * LEAF_BYTES
        return slice(start, min(start + LEAF_BYTES, self.chunk_plain(chunk)))

    @property
    def _last(self) -> int:
        return self.size - CHUNK_BYTES * (self.chunks - 1)


class PathBuilder:
    """The RFC 9162 path of leaf ``index`` among ``size``, from leaf hashes given in order. Memory is O(log² size)."""

    __slots__ = ("_builders", "_index", "_leaf", "_next", "_order")

    def __init__(self, index: int, size: int) -> None:
        """Start. Raises BadInput when there is no such leaf."""
        if not 0 <= index < size:
            raise BadInput(f"there is no leaf {index} in a tree of {size}")
        self._index, self._next, self._leaf = index, 0, b""
        spans = _siblings(index, size)
        self._order = [start for start, _ in spans]  # from the leaf up
        self._builders = [(start, stop, RootBuilder()) for start, stop in sorted(spans)]  # from left to right

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Take the next leaf hashes."""
        first, after = self._next, self._next + len(leaves)
        if first <= self._index < after:
            self._leaf = leaves[self._index - first]
        for start, stop, builder in self._builders:
            if start < after and stop > first:
                builder.extend(leaves[max(0, start - first) : stop - first])
        self._next = after

    def finish(self) -> tuple[bytes, tuple[bytes, ...]]:
        """The leaf's hash and its path, once all leaves were given."""
        roots = {start: builder.root() for start, _, builder in self._builders}
        return self._leaf, tuple(roots[start] for start in self._order)


def _siblings(index: int, size: int) -> list[tuple[int, int]]:
    """The runs of leaves whose roots make up the path of ``index``, from the leaf up (RFC 9162, section 2.1.3.1)."""
    spans: list[tuple[int, int]] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + (1 << ((high - low - 1).bit_length() - 1))
        if index < middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    return spans[::-1]


def _leaves(length: int) -> int:
    return -(-length // LEAF_BYTES)
