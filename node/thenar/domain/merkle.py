"""Merkle trees over SHA-256 with separate leaf and node prefixes, streamed, proved and checked.

Source: RFC 9162 sections 2.1.1 (tree), 2.1.3.1 (inclusion proof) and 2.1.3.2 (verification).
A proof is bound to the leaf's index and to the tree's size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from thenar.domain.hashes import DIGEST_BYTES, fold
from thenar.errors import BadInput

LEAF_PREFIX, NODE_PREFIX = b"\x00", b"\x01"
EMPTY_ROOT = hashlib.sha256(b"").digest()
MAX_LEAVES = 1 << 48

_sha256 = hashlib.sha256


def leaf_hash(entry: bytes) -> bytes:
    """Hash one entry as a leaf."""
    return _sha256(LEAF_PREFIX + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtree roots as their parent."""
    return _sha256(NODE_PREFIX + left + right).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """Root of a tree given its leaf hashes; the empty tree has the hash of nothing."""
    builder = RootBuilder()
    builder.extend(leaves)
    return builder.root()


class RootBuilder:
    """Takes leaf hashes in order and keeps only one subtree root per level.

    Memory is O(log n) between calls; ``extend`` also needs the leaf hashes it is given.
    """

    __slots__ = ("_count", "_stack")

    def __init__(self) -> None:
        self._count = 0
        self._stack: list[tuple[int, bytes]] = []  # (height, subtree root), heights strictly falling

    @property
    def count(self) -> int:
        """Leaves taken so far."""
        return self._count

    def append(self, leaf: bytes) -> None:
        """Take one 32-byte leaf hash."""
        self._push(0, leaf)

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Take many leaf hashes."""
        self.extend_run(b"".join(leaves))

    def extend_run(self, run: bytes) -> None:
        """Take leaf hashes that stand one after another; whole aligned parts are folded at once, which is faster.

        Raises BadInput when they are not of 32 bytes each.
        """
        count, odd = divmod(len(run), DIGEST_BYTES)
        if odd:
            raise BadInput(f"{len(run)} bytes are not a run of {DIGEST_BYTES}-byte hashes")
        start = 0
        while start < count:
            free = self._count & -self._count or MAX_LEAVES  # the largest aligned subtree that may start here
            height = min(free, count - start).bit_length() - 1
            stop = start + (1 << height)
            self._push(height, fold(run[start * DIGEST_BYTES : stop * DIGEST_BYTES]))
            start = stop

    def root(self) -> bytes:
        """The root over all leaves taken; more may be taken afterwards."""
        if not self._stack:
            return EMPTY_ROOT
        result = self._stack[-1][1]
        for _, left in reversed(self._stack[:-1]):
            result = node_hash(left, result)
        return result

    def _push(self, height: int, subtree: bytes) -> None:
        self._count += 1 << height
        stack = self._stack
        while stack and stack[-1][0] == height:
            subtree = node_hash(stack.pop()[1], subtree)
            height += 1
        stack.append((height, subtree))


def proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The siblings from leaf ``index`` up to the root. Raises BadInput when there is no such leaf."""
    if not 0 <= index < len(leaves):
        raise BadInput(f"there is no leaf {index} in a tree of {len(leaves)}")
    path: list[bytes] = []
    low, high = 0, len(leaves)
    while high - low > 1:
        middle = low + (1 << ((high - low - 1).bit_length() - 1))
        if index < middle:
            path.append(root(leaves[middle:high]))
            high = middle
        else:
            path.append(root(leaves[low:middle]))
            low = middle
    return tuple(reversed(path))


def proof_length(index: int, size: int) -> int:
    """How many siblings a proof of leaf ``index`` in a tree of ``size`` leaves has."""
    inner = (index ^ (size - 1)).bit_length()
    return inner + (index >> inner).bit_count()


def verify(expected: bytes, leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bool:
    """Whether ``leaf`` is leaf number ``index`` of the tree of ``size`` leaves with root ``expected``."""
    if not 0 <= index < size <= MAX_LEAVES or len(path) != proof_length(index, size):
        return False
    if any(len(part) != 32 for part in (expected, leaf, *path)):
        return False
    position, last, node = index, size - 1, leaf
    for sibling in path:
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and node == expected
