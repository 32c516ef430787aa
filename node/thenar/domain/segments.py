"""Runs of sealed leaves with what checks them against a cipher root.

A proof of leaves ``first`` to ``stop - 1`` of a tree of ``size`` leaves lists, from left to right, the roots of the
largest subtrees outside the run; the tree is the one of RFC 9162 section 2.1.1. A whole chunk is an aligned subtree
of 256 leaves, so the roots of the chunks and the leaves of the chunks at both ends of a run prove it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from thenar.domain import merkle
from thenar.domain.leaves import LEAF_BYTES, sealed_leaves
from thenar.errors import BadInput

CHUNK_LEAVES: Final = 256
CHUNK_BYTES: Final = CHUNK_LEAVES * LEAF_BYTES
MAX_RUN: Final = 1024
"""Leaves of one segment: 1 MiB."""
_HEAD: Final = 8
_HASH: Final = 32

Node = Callable[[int, int], bytes]
"""The root of the subtree over leaves ``low`` to ``high - 1``."""


def prove(node: Node, first: int, stop: int, size: int) -> tuple[bytes, ...]:
    """The subtree roots beside leaves ``first`` to ``stop - 1``, from left to right. Raises BadInput."""
    _check_run(first, stop, size)
    return tuple(node(low, high) for low, high in _outside(0, size, first, stop))


def verify(root: bytes, leaves: Sequence[bytes], first: int, size: int, path: Sequence[bytes]) -> bool:
    """Whether leaf hashes are leaves ``first``… of the tree of ``size`` leaves with this root."""
    stop = first + len(leaves)
    if not 0 <= first < stop <= size <= merkle.MAX_LEAVES or any(len(part) != _HASH for part in path):
        return False
    if sum(1 for _ in _outside(0, size, first, stop)) != len(path):
        return False
    return _rebuild(0, size, first, stop, leaves, iter(path)) == root


def _check_run(first: int, stop: int, size: int) -> None:
    if not 0 <= first < stop <= size:
        raise BadInput(f"leaves {first} to {stop} are not a run of {size} leaves")


def _split(low: int, high: int) -> int:
    return low + (1 << ((high - low - 1).bit_length() - 1))


def _outside(low: int, high: int, first: int, stop: int) -> Iterator[tuple[int, int]]:
    """The largest subtrees of (low, high) that hold no leaf of the run."""
    if high <= first or low >= stop:
        yield low, high
    elif not (first <= low and high <= stop):
        middle = _split(low, high)
        yield from _outside(low, middle, first, stop)
        yield from _outside(middle, high, first, stop)


def _rebuild(low: int, high: int, first: int, stop: int, leaves: Sequence[bytes], path: Iterator[bytes]) -> bytes:
    if high <= first or low >= stop:
        return next(path)
    if first <= low and high <= stop:
        return merkle.root(leaves[low - first : high - first])
    middle = _split(low, high)
    left = _rebuild(low, middle, first, stop, leaves, path)
    return merkle.node_hash(left, _rebuild(middle, high, first, stop, leaves, path))


@dataclass(frozen=True, slots=True)
class Outline:
    """A sealed file's number of leaves and the roots of its chunks: 32 bytes for every 256 KiB."""

    leaves: int
    chunks: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if self.leaves < 1 or len(self.chunks) != -(-self.leaves // CHUNK_LEAVES):
            raise BadInput(f"{self.leaves} leaves do not lie in {len(self.chunks)} chunks")

    @property
    def root(self) -> bytes:
        """The cipher root of the file."""
        return merkle.root(self.chunks)

    def encode(self) -> bytes:
        """Eight bytes of leaves, then the roots."""
        return self.leaves.to_bytes(_HEAD, "big") + b"".join(self.chunks)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read what ``encode`` wrote. Raises BadInput."""
        if len(data) < _HEAD or (len(data) - _HEAD) % _HASH:
            raise BadInput(f"an outline cannot have {len(data)} bytes")
        roots = tuple(data[at : at + _HASH] for at in range(_HEAD, len(data), _HASH))
        return cls(int.from_bytes(data[:_HEAD], "big"), roots)

    def prove(self, first: int, stop: int, edges: Mapping[int, Sequence[bytes]]) -> tuple[bytes, ...]:
        """A run's proof; ``edges`` has the leaf hashes of the chunks the run begins and ends in, by chunk index."""

        def node(low: int, high: int) -> bytes:
            chunk, within = divmod(low, CHUNK_LEAVES)
            if not within and (high == self.leaves or not high % CHUNK_LEAVES):
                return merkle.root(self.chunks[chunk : -(-high // CHUNK_LEAVES)])
            return merkle.root(edges[chunk][within : high - chunk * CHUNK_LEAVES])

        return prove(node, first, stop, self.leaves)


class Outliner:
    """Takes a sealed file's bytes in order, in parts of any size, and makes its outline."""

    __slots__ = ("_chunks", "_leaves", "_rest")

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._leaves = 0
        self._rest = b""

    def take(self, part: bytes) -> None:
        """The next bytes of the file."""
        data = self._rest + part if self._rest else part
        whole = len(data) - len(data) % CHUNK_BYTES
        for at in range(0, whole, CHUNK_BYTES):
            self._add(data[at : at + CHUNK_BYTES])
        self._rest = data[whole:]

    def finish(self) -> Outline:
        """The outline of everything taken. Raises BadInput when that was nothing."""
        if self._rest:
            self._add(self._rest)
            self._rest = b""
        return Outline(self._leaves, tuple(self._chunks))

    def _add(self, chunk: bytes) -> None:
        hashes = sealed_leaves(chunk)
        self._chunks.append(merkle.root(hashes))
        self._leaves += len(hashes)
