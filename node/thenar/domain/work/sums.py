"""Jobs that add up: the numbers a spec names, and what the chain is told of them.

The spec on chain is not the job's but the SHA-256 of the aggregation, 288 bytes that a contract can read; its last word
is the digest of the job's own spec, which says where the numbers are. A unit's checkpoints are what its leaves hash:
the aggregation, then each coordinate with its value. What comes out are the values, a word of 32 bytes in each segment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from thenar.domain.work import aggregates
from thenar.domain.work.aggregates import Aggregation
from thenar.domain.work.jobs import JobSpec
from thenar.domain.work.jobwork import Sum
from thenar.domain.work.trace import TraceTree
from thenar.errors import BadInput, Corrupt

MAX_WIDTH: Final = 2**20
"""Parameters of an update; their tree is built by everybody who works on it."""
_NUMBER: Final = 8


@dataclass(frozen=True, slots=True)
class Numbers:
    """An aggregation with the numbers it names."""

    told: Aggregation
    values: tuple[int, ...]
    before: tuple[int, ...]

    @classmethod
    def of(cls, spec: JobSpec, files: Mapping[str, bytes]) -> Self:
        """The numbers of a job, from its files by name. Raises BadInput for a job that is not about these."""
        work = spec.work
        if not isinstance(work, Sum):
            raise BadInput(f"{spec.kind} adds up nothing")
        values, before = unpacked(files[work.values]), tuple[int, ...]()
        if len(values) > aggregates.MAX_COUNT:
            raise BadInput(f"{len(values):,} numbers are more than the {aggregates.MAX_COUNT:,} a contract adds up")
        if work.before is None:
            told = aggregates.moments(values)
        else:
            before = unpacked(files[work.before])
            if len(before) > MAX_WIDTH:
                raise BadInput(f"{len(before):,} parameters are more than {MAX_WIDTH:,}")
            told = aggregates.evolution(spec.seed, values, before, work.rate, work.shift)
        if spec.segment != len(values):
            raise BadInput(f"the segment of a sum over {len(values):,} numbers is {len(values):,}")
        if spec.units * spec.segments < told.width:
            raise BadInput(f"{told.width:,} coordinates need more than {spec.units} units of {spec.segments} segments")
        return cls(replace(told, source=spec.digest), values, before)

    def leaf(self, at: int) -> bytes:
        """The leaf that holds a coordinate."""
        before = self.before[at] if at < len(self.before) else 0
        return aggregates.leaf(at, self.told.coordinate(at, self.values, before))

    def start(self, at: int) -> tuple[int, tuple[bytes, ...]]:
        """A coordinate as it was, and the way from it to the aggregation's ``before``; nothing beyond the width."""
        if at >= len(self.before):
            return 0, ()
        return self.before[at], aggregates.members(self.before).prove(at)


def unpacked(data: bytes) -> tuple[int, ...]:
    """The whole numbers of a file, 8 bytes each. Raises BadInput for none and for half of one."""
    if not data or len(data) % _NUMBER:
        raise BadInput(f"a file of numbers has {_NUMBER} bytes for each, not {len(data):,}")
    return tuple(int.from_bytes(data[at : at + _NUMBER], "big", signed=True) for at in range(0, len(data), _NUMBER))


def state_of(at: int, value: int) -> bytes:
    """The checkpoint that holds a coordinate: what its leaf hashes."""
    return aggregates.word(at) + aggregates.word(value)


def totals_of(pieces: Iterable[bytes]) -> tuple[int, ...]:
    """The values that came out of a unit, from its frames."""
    return tuple(int.from_bytes(piece, "big", signed=True) for piece in pieces)


def check_totals(pieces: Sequence[bytes], tree: TraceTree, unit: int) -> None:
    """Raise Corrupt unless these are the values that the leaves of a unit's trace hold."""
    segments = tree.count - 1
    leaves = [hashlib.sha256(aggregates.word(unit * segments + at) + piece).digest() for at, piece in enumerate(pieces)]
    if [tree.node(0, at + 1) for at in range(segments)] != leaves:
        raise Corrupt("the sums are not what the trace holds")
