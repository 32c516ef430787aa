"""What a worker says about the units of a claim once they are revealed: the record ``thenar.work/1``.

The SHA-256 of its canonical bytes is the digest on chain; they fit one raw IPFS block, whose CID is that digest. For
each unit it names the root of its trace, a file with the trace's leaves (32 bytes each, then the bytes of the last
checkpoint) and a file with what came out. The last checkpoint's header ends the running hash of all output, so whoever
has these files can hold every byte against the root on chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from thenar.domain import canonical
from thenar.domain.description import require
from thenar.domain.ids import RAW, Cid, ClaimId
from thenar.domain.membertree import MemberTree
from thenar.domain.records import from_value, to_value
from thenar.domain.work.bounties import MAX_COUNT
from thenar.domain.work.checkpoints import NO_OUTPUT, Checkpoint, Status, chain
from thenar.domain.work.trace import TraceTree
from thenar.errors import BadInput, Corrupt

SCHEMA: Final = "thenar.work/1"
LIMIT: Final = 256 * 1024
"""Bytes of a record: one IPFS block."""
LAST_CHECKPOINT: Final = 20 * 1024
"""Bytes the last checkpoint of a unit may take."""
LEAF: Final = 32
_LENGTH: Final = 4
_ENDS: Final = frozenset(int(status) for status in Status)
_HEX: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class WorkRecord:
    """The units of a claim in order, column by column."""

    schema: str
    claim: int
    first: int
    roots: tuple[str, ...]
    traces: tuple[str, ...]
    outputs: tuple[str, ...]
    status: tuple[int, ...]
    work: tuple[int, ...]

    def __post_init__(self) -> None:
        require(self.schema == SCHEMA, f"the record's schema is not {SCHEMA}")
        columns = (self.traces, self.outputs, self.status, self.work)
        require(0 < len(self.roots) <= MAX_COUNT, f"a record has 1 to {MAX_COUNT} units")
        require(all(len(column) == len(self.roots) for column in columns), "the record's columns differ in length")
        require(all(len(root) == 64 and _HEX.issuperset(root) for root in self.roots), "a root has 64 hex digits")
        for text in (*self.traces, *self.outputs):
            Cid.parse(text)
        require(all(status in _ENDS for status in self.status), "a unit ends OK, FAILED or LIMIT")
        require(all(work >= 0 for work in self.work), "work is not negative")

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a record. Raises BadInput."""
        return from_value(cls, canonical.decode_object(data, limit=LIMIT), "the work's record")

    def encode(self) -> bytes:
        """The canonical bytes."""
        return canonical.encode(to_value(self))

    @property
    def cid(self) -> Cid:
        """The block these bytes are."""
        return Cid.of(RAW, hashlib.sha256(self.encode()).digest())

    @property
    def trace_roots(self) -> tuple[bytes, ...]:
        """The root of every unit's trace, in order."""
        return tuple(bytes.fromhex(root) for root in self.roots)

    @property
    def tree(self) -> MemberTree:
        """The tree whose root is revealed on chain."""
        return MemberTree.build(self.trace_roots)

    def check(self, claim: ClaimId, units: range, root: bytes) -> None:
        """Raise Corrupt unless this is the record of a claim, of all its units, under its root."""
        if (self.claim, self.first, len(self.roots)) != (claim, units.start, len(units)) or self.tree.root != root:
            raise Corrupt(f"the record is not what was revealed of claim {claim}")


def trace_file(leaves: bytes, last: bytes) -> bytes:
    """A unit's trace as it is stored: the leaves, then the last checkpoint."""
    return leaves + last


def read_leaves(data: bytes, segments: int, root: bytes) -> tuple[TraceTree, bytes]:
    """A stored trace, held against its root, and the bytes of its last checkpoint. Raises Corrupt."""
    cut = LEAF * (segments + 1)
    try:
        tree, last = TraceTree.of(data[:cut]), data[cut:]
    except BadInput as cause:
        raise Corrupt(f"that is no trace of {segments} segments: {cause.message}") from cause
    ends = tree.count == segments + 1 and tree.node(0, segments) == hashlib.sha256(last).digest()
    if not ends or tree.root != root:
        raise Corrupt("the trace is not the one under its root")
    return tree, last


def read_trace(data: bytes, segments: int, root: bytes) -> tuple[TraceTree, Checkpoint]:
    """A stored trace and its last checkpoint. Raises Corrupt."""
    tree, last = read_leaves(data, segments, root)
    try:
        return tree, Checkpoint.decode(last)
    except BadInput as cause:
        raise Corrupt(f"that is no trace of {segments} segments: {cause.message}") from cause


def frames(data: bytes) -> Iterator[bytes]:
    """The frames of a file: four bytes of length, big-endian, then so many bytes. Raises Corrupt for half of one."""
    at = 0
    while at < len(data):
        end = at + _LENGTH + int.from_bytes(data[at : at + _LENGTH], "big")
        if at + _LENGTH > len(data) or end > len(data):
            raise Corrupt("a file of frames ends within one")
        yield data[at + _LENGTH : end]
        at = end


def check_output(pieces: Sequence[bytes], last: Checkpoint) -> None:
    """Raise Corrupt unless these outputs of the segments are what the last checkpoint's running hash ends.

    A unit that FAILED or hit a LIMIT has no output from then on.
    """
    running, through = NO_OUTPUT, 0
    while through < len(pieces) and (last.status is Status.OK or running != last.output):
        running, through = chain(running, pieces[through]), through + 1
    if running != last.output or any(pieces[through:]):
        raise Corrupt("the output is not what the trace ends with")
