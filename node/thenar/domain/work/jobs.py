"""What a compute bounty asks for: the spec ``thenar.job/1``, checked field by field before anybody works on it.

A spec is canonical JSON of integers and strings; its SHA-256 is the digest the chain knows, and as one raw IPFS block
its CID. Numbers with a fraction are decimal strings, so that every machine reads the same double. A unit is
``segments`` segments of ``segment`` steps (or of that much fuel); a checkpoint stands at every segment's end.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from thenar.domain import canonical
from thenar.domain.ids import RAW, Cid
from thenar.domain.records import from_value, to_value
from thenar.domain.work.classes import CLASSES, TOLERANT_STEPS, DeterminismClass, T
from thenar.domain.work.jobwork import SIMULATED, SUMMED, Simulation, Work, work_of
from thenar.errors import BadInput

SCHEMA: Final = "thenar.job/1"
MAX_SPEC: Final = 64 * 1024
"""Bytes of a spec."""
MAX_UNITS: Final = 2**32 - 1
MAX_SEGMENTS: Final = 4095
"""Segments of a unit: with the state before the first step a trace has at most 4,096 leaves."""
MAX_SEGMENT: Final = 100_000
"""Steps of one segment of a simulation; a juror repeats one."""
MAX_FUEL: Final = 2_000_000_000
"""Fuel of one segment of a module."""
MAX_UNIT_STEPS: Final = 50_000_000
MAX_ASSETS: Final = 64
MAX_ASSET_BYTES: Final = 256 * 1024 * 1024
STEP_PIXELS: Final = 64
"""Pixels that take about as long as a step, for jobs that do both."""
LEAST_QUANTUM: Final = 0.0001
STATE_BYTES: Final = 16 * 1024
"""Bytes of a checkpoint that the chain takes as calldata."""

KINDS: Final = (*SIMULATED, "wasm", "data-process", SUMMED)

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_DIGEST: Final = re.compile(r"0x[0-9a-f]{64}")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BadInput(otherwise)


@dataclass(frozen=True, slots=True)
class AssetFile:
    """A file a job reads: where it is on IPFS, and what its bytes hash to."""

    cid: str
    sha256: str
    size: int

    def __post_init__(self) -> None:
        Cid.parse(self.cid)
        _require(_DIGEST.fullmatch(self.sha256) is not None, "an asset's sha256 is 0x and 64 hex digits")
        _require(0 <= self.size <= MAX_ASSET_BYTES, f"an asset has at most {MAX_ASSET_BYTES:,} bytes")

    @property
    def digest(self) -> bytes:
        """The 32-byte SHA-256 of the bytes."""
        return bytes.fromhex(self.sha256[2:])


@dataclass(frozen=True, slots=True)
class Limits:
    """What a job may take. ``output_bytes`` ends a unit with LIMIT; memory in MiB is asked before anybody claims."""

    memory_mb: int = 1024
    output_bytes: int = 64 * 1024 * 1024

    def __post_init__(self) -> None:
        _require(64 <= self.memory_mb <= 8192, "limits.memory_mb is between 64 and 8192")
        _require(0 <= self.output_bytes <= 2**32, "limits.output_bytes is between 0 and 4 GiB")


@dataclass(frozen=True, slots=True)
class JobSpec:
    """A checked spec. ``digest`` is its name on chain, ``cid`` the raw block that holds it."""

    kind: str
    class_id: bytes
    seed: int
    units: int
    segments: int
    segment: int
    work: Work
    assets: Mapping[str, AssetFile] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        _require(self.kind in KINDS, f"{self.kind!r} is not a kind of job; there are {', '.join(KINDS)}")
        _require(len(self.class_id) == 32, "a determinism class is 32 bytes")
        _require(0 <= self.seed < 2**63, "seed is between 0 and 2^63 - 1")
        _require(1 <= self.units <= MAX_UNITS, f"units is between 1 and {MAX_UNITS:,}")
        _require(1 <= self.segments <= MAX_SEGMENTS, f"segments is between 1 and {MAX_SEGMENTS:,}")
        _require(len(self.assets) <= MAX_ASSETS, f"a job names at most {MAX_ASSETS} assets")
        for name in self.assets:
            _require(_NAME.fullmatch(name) is not None, f"{name[:80]!r} is not a plain file name")
        total = sum(asset.size for asset in self.assets.values())
        _require(total <= MAX_ASSET_BYTES, f"the assets have {total:,} bytes together, {MAX_ASSET_BYTES:,} are allowed")
        self._check_segment()
        for name in self.work.files():
            _require(name in self.assets, f"work names the file {name!r}, which is not among the assets")
        self._check_class()

    def _check_segment(self) -> None:
        if isinstance(self.work, Simulation):
            _require(1 <= self.segment <= MAX_SEGMENT, f"segment is between 1 and {MAX_SEGMENT:,} steps")
            steps = self.segment * self.segments
            _require(steps <= MAX_UNIT_STEPS, f"a unit has {steps:,} steps, {MAX_UNIT_STEPS:,} are allowed")
            self.work.check(self.kind, self.segments, self.segment)
        else:
            _require(1 <= self.segment <= MAX_FUEL, f"segment is between 1 and {MAX_FUEL:,} of fuel")

    def _check_class(self) -> None:
        known = CLASSES.get(self.class_id)
        _require(
            known is None or self.kind in known.kinds,
            f"class {known.name if known else '?'} does not run {self.kind}",
        )
        if known is T and isinstance(self.work, Simulation):
            _require(self.segment <= TOLERANT_STEPS, f"a segment of class T has at most {TOLERANT_STEPS} steps")
            record = self.work.record
            _require(
                record.encoding == "none" or (record.encoding == "sparse" and float(record.quantum) >= LEAST_QUANTUM),
                f"class T records sparse whole numbers of a quantum of {LEAST_QUANTUM} or more",
            )

    @property
    def determinism(self) -> DeterminismClass | None:
        """The class, when this version of Thenar knows it."""
        return CLASSES.get(self.class_id)

    def encode(self) -> bytes:
        """The canonical bytes: the block on IPFS. Raises BadInput when they are too many."""
        data = canonical.encode(
            {
                "schema": SCHEMA,
                "kind": self.kind,
                "class": "0x" + self.class_id.hex(),
                "seed": str(self.seed),
                "units": self.units,
                "segments": self.segments,
                "segment": self.segment,
                "work": to_value(self.work),
                "assets": {name: to_value(asset) for name, asset in self.assets.items()},
                "limits": to_value(self.limits),
            }
        )
        _require(len(data) <= MAX_SPEC, f"the spec has {len(data):,} bytes, {MAX_SPEC:,} are allowed")
        return data

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read canonical bytes. Raises BadInput naming what is wrong; any other spelling of the same job is refused."""
        value = canonical.decode_object(data, limit=MAX_SPEC)
        _require(value.get("schema") == SCHEMA, f"the spec's schema is not {SCHEMA}")
        head = from_value(_Head, {key: part for key, part in value.items() if key not in ("work", "assets")}, "job")
        _require(_DIGEST.fullmatch(head.class_) is not None, "job.class is 0x and 64 hex digits")
        _require(head.kind in KINDS, f"{head.kind[:80]!r} is not a kind of job; there are {', '.join(KINDS)}")
        assets = value.get("assets")
        if not isinstance(assets, dict):
            raise BadInput("job.assets must be an object")
        made = cls(
            kind=head.kind,
            class_id=bytes.fromhex(head.class_[2:]),
            seed=_seed(head.seed),
            units=head.units,
            segments=head.segments,
            segment=head.segment,
            work=work_of(head.kind, value.get("work")),
            assets={name: from_value(AssetFile, asset, f"job.assets.{name}") for name, asset in assets.items()},
            limits=head.limits,
        )
        _require(made.encode() == data, "the spec is not in its canonical form")
        return made

    @property
    def effort(self) -> int:
        """Work of one segment: its steps; the pixels it paints and its steps in pixels; or its fuel at most."""
        images = self.work.images if isinstance(self.work, Simulation) else None
        if images is None:
            return self.segment
        return self.segment * STEP_PIXELS + self.segment // images.every * images.pixels

    @property
    def digest(self) -> bytes:
        """The 32-byte SHA-256 of the canonical bytes."""
        return hashlib.sha256(self.encode()).digest()

    @property
    def cid(self) -> Cid:
        """The CID of the raw block that holds the canonical bytes."""
        return Cid.of(RAW, self.digest)


@dataclass(frozen=True, slots=True)
class _Head:
    """The plain fields of a spec as JSON has them."""

    schema: str
    kind: str
    class_: str = field(metadata={"key": "class"})
    seed: str
    units: int
    segments: int
    segment: int
    limits: Limits


def _seed(text: str) -> int:
    _require(text.isascii() and text.isdecimal() and len(text) <= 20, "job.seed is a decimal string")
    return int(text)
