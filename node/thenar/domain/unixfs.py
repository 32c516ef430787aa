"""Files as UnixFS DAGs: built while streaming, and parsed with no freedom left to the writer.

One layout only: CIDv1, SHA-256, raw leaves of 256 KiB, dag-pb nodes of at most 174 links, balanced. The shape of a
DAG follows from the file's size alone, so equal bytes have exactly one CID and a node that differs is refused.
Same CIDs as ``ipfs add --cid-version=1 --raw-leaves --chunker=size-262144``.
Sources: https://ipld.io/specs/codecs/dag-pb/spec/ and https://specs.ipfs.tech/unixfs/.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from thenar.domain.hashes import Octets, digests
from thenar.domain.ids import DAG_PB, RAW, Cid
from thenar.errors import BadInput, Corrupt

LEAF_BYTES = 262_144
WIDTH = 174
MAX_FILE_BYTES = 1 << 48
MAX_NODE_BYTES = 16_384  # 174 links of at most 58 bytes and their sizes: about 12 KB

_CID_HEAD = {RAW: bytes((1, RAW, 0x12, 32)), DAG_PB: bytes((1, DAG_PB, 0x12, 32))}
_CODEC = {head: codec for codec, head in _CID_HEAD.items()}


@dataclass(frozen=True, slots=True)
class Link:
    """A child of a node: its CID, file bytes below it (``size``) and encoded bytes below it (``total``)."""

    cid: Cid
    size: int
    total: int


@dataclass(frozen=True, slots=True)
class Node:
    """A dag-pb file node: its links in order."""

    links: tuple[Link, ...]

    @property
    def size(self) -> int:
        """File bytes below this node."""
        return sum(link.size for link in self.links)


def leaf_cid(block: Octets) -> Cid:
    """The CID of a raw leaf."""
    return Cid.of(RAW, hashlib.sha256(block).digest())


def block_cid(codec: int, block: Octets) -> Cid:
    """The CID of a block of a codec (raw or dag-pb)."""
    return Cid.of(codec, hashlib.sha256(block).digest())


def check_block(cid: Cid, block: Octets) -> None:
    """Raise Corrupt unless ``block`` hashes to ``cid``."""
    if hashlib.sha256(block).digest() != cid.digest:
        raise Corrupt(f"a block does not hash to its name {cid}")


def depth_of(size: int) -> int:
    """How many levels of nodes stand over the leaves of a file of ``size`` bytes; 0 for a single leaf."""
    if not 0 <= size <= MAX_FILE_BYTES:
        raise BadInput(f"a file has at most {MAX_FILE_BYTES} bytes, not {size}")
    levels, span = 0, LEAF_BYTES
    while span < size:
        levels, span = levels + 1, span * WIDTH
    return levels


def spans(size: int, depth: int) -> tuple[int, ...]:
    """The file bytes under each child of a node at ``depth`` (at least 1) that holds ``size`` bytes."""
    span: int = LEAF_BYTES * WIDTH ** (depth - 1)
    whole, rest = divmod(size, span)
    return (span,) * whole + ((rest,) if rest else ())


def encode_node(links: tuple[Link, ...]) -> bytes:
    """Encode a file node: links before data, sizes in file order."""
    parts: list[bytes] = []
    for link in links:
        name = _CID_HEAD[link.cid.codec] + link.cid.digest
        body = b"\x0a\x24" + name + b"\x12\x00\x18" + _varint(link.total)
        parts.append(b"\x12" + _varint(len(body)) + body)
    sizes = b"".join(b"\x20" + _varint(link.size) for link in links)
    data = b"\x08\x02\x18" + _varint(sum(link.size for link in links)) + sizes
    parts.append(b"\x0a" + _varint(len(data)) + data)
    return b"".join(parts)


def parse_node(block: bytes, *, size: int, depth: int) -> Node:
    """Parse a node that must hold ``size`` file bytes at ``depth`` in the one allowed layout. Raises Corrupt."""
    if len(block) > MAX_NODE_BYTES:
        raise Corrupt(f"a file node of {len(block)} bytes is over the limit of {MAX_NODE_BYTES}")
    wanted = spans(size, depth)
    reader = _Reader(block)
    links: list[Link] = []
    codec = DAG_PB if depth > 1 else RAW
    for span in wanted:
        reader.take(b"\x12")
        reader.varint()
        reader.take(b"\x0a\x24")
        cid = reader.cid(codec)
        reader.take(b"\x12\x00\x18")
        links.append(Link(cid, span, reader.varint()))
    node = Node(tuple(links))
    # Whatever the reader skipped (lengths, the data part, longer spellings of numbers) must be what we would write.
    if not links or len(links) > WIDTH or encode_node(node.links) != block:
        raise Corrupt("a file node is not in the layout of its size")
    return node


def size_of(block: bytes) -> int:
    """The file bytes a root node claims to hold: read first, then held against the layout. Raises Corrupt."""
    if len(block) > MAX_NODE_BYTES:
        raise Corrupt(f"a file node of {len(block)} bytes is over the limit of {MAX_NODE_BYTES}")
    reader = _Reader(block)
    while reader.peek() == 0x12:
        reader.take(b"\x12")
        reader.skip(reader.varint())
    reader.take(b"\x0a")
    reader.varint()
    reader.take(b"\x08\x02\x18")
    size = reader.varint()
    if not LEAF_BYTES < size <= MAX_FILE_BYTES:
        raise Corrupt(f"a file node claims {size} bytes")
    return size


class Builder:
    """Turns leaves, given in order, into a DAG; every finished block goes to ``emit`` at once.

    Holds at most 174 links per level. All leaves but the last have 262,144 bytes.
    """

    __slots__ = ("_blocks", "_emit", "_levels", "_short", "_size")

    def __init__(self, emit: Callable[[Cid, Octets], None]) -> None:
        self._emit = emit
        self._levels: list[list[Link]] = [[]]
        self._size = self._blocks = 0
        self._short = False

    @property
    def size(self) -> int:
        """File bytes taken so far."""
        return self._size

    @property
    def blocks(self) -> int:
        """Blocks emitted so far."""
        return self._blocks

    def leaf(self, block: Octets) -> None:
        """Take the next leaf. Raises BadInput when it is too long, or follows a short one."""
        self.leaves([block])

    def leaves(self, blocks: Sequence[Octets]) -> None:
        """Take the next leaves; hashed together they take less time. Raises BadInput as ``leaf`` does."""
        for block, digest in zip(blocks, digests(blocks), strict=True):
            length = memoryview(block).nbytes
            if self._short or length > LEAF_BYTES:
                raise BadInput("every leaf but the last has exactly 262144 bytes")
            self._short = length < LEAF_BYTES
            cid = Cid.of(RAW, digest)
            self._emit(cid, block)
            self.link(Link(cid, length, length))

    def link(self, leaf: Link) -> None:
        """Take the next leaf by its link only; its block is somebody else's care."""
        self._blocks += 1
        self._size += leaf.size
        self._add(0, leaf)

    def finish(self) -> Cid:
        """Close the DAG and return its root."""
        if not self._blocks:
            self.leaf(b"")
        level = 0
        while level < len(self._levels) - 1 or len(self._levels[level]) > 1:
            if self._levels[level]:
                self._close(level)
            level += 1
        return self._levels[level][0].cid

    def _add(self, level: int, link: Link) -> None:
        # A full level is closed only when one more link comes, so a root of exactly 174 links stays the root.
        if level == len(self._levels):
            self._levels.append([])
        if len(self._levels[level]) == WIDTH:
            self._close(level)
        self._levels[level].append(link)

    def _close(self, level: int) -> None:
        links, self._levels[level] = tuple(self._levels[level]), []
        block = encode_node(links)
        cid = block_cid(DAG_PB, block)
        self._emit(cid, block)
        self._blocks += 1
        below = Node(links)
        self._add(level + 1, Link(cid, below.size, len(block) + sum(link.total for link in links)))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


class _Reader:
    """A cursor over a block; every step past the end or off the expected bytes is Corrupt."""

    __slots__ = ("_at", "_block")

    def __init__(self, block: bytes) -> None:
        self._block, self._at = block, 0

    def peek(self) -> int:
        return self._block[self._at] if self._at < len(self._block) else -1

    def take(self, expected: bytes) -> None:
        if self._block[self._at : self._at + len(expected)] != expected:
            raise Corrupt("a file node is malformed")
        self._at += len(expected)

    def skip(self, length: int) -> None:
        self._at += length

    def cid(self, codec: int) -> Cid:
        packed = self._block[self._at : self._at + 36]
        if len(packed) != 36 or _CODEC.get(packed[:4]) != codec:
            raise Corrupt("a file node links to something other than a raw leaf or a file node")
        self._at += 36
        return Cid.of(codec, packed[4:])

    def varint(self) -> int:
        value = 0
        for shift in range(0, 63, 7):
            byte = self.peek()
            if byte < 0:
                break
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise Corrupt("a file node is malformed")
