"""What an answer publishes of its sketch, and how a challenger's witness is written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from thenar.domain import canonical
from thenar.domain.bounty.answers import MOST_WITNESS
from thenar.domain.documents import Document
from thenar.domain.ids import Cid
from thenar.domain.records import from_value, to_value
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import PlaceSketch, seen_share, verify
from thenar.domain.scoring.plugins import plugin_for, units
from thenar.domain.scoring.report import SHOWN, Verdict, novelty_of
from thenar.domain.scoring.transform import Transform
from thenar.errors import BadInput

MOST_SKETCH: Final = 16 * 1024 * 1024
"""Bytes of a sketch that are fetched: a million cells."""


@dataclass(frozen=True, slots=True)
class SketchNote(Document):
    """Which file is the sketch of an asset, under which rules. The answer on chain names this note by its digest.

    ``gesture`` is the file of a gesture's trace, where the answer names a beacon.
    """

    noun: ClassVar[str] = "note about a sketch"
    most: ClassVar[int] = 1_024

    asset: str
    modality: str
    rules: str
    sketch: str
    bytes: int
    gesture: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.bytes <= MOST_SKETCH:
            raise BadInput(f"a sketch has 1 to {MOST_SKETCH:,} bytes, not {self.bytes:,}")
        Cid.parse(self.sketch)
        if self.gesture is not None:
            Cid.parse(self.gesture)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a sketch is worth beside an older one under one witness, and what they share, in basis points."""

    verdict: Verdict
    novelty: int
    shared: int


def encode_witness(transform: Transform) -> bytes:
    """A transform as canonical JSON."""
    return canonical.encode(to_value(transform))


def decode_witness(data: bytes) -> Transform:
    """A transform from canonical JSON. Raises BadInput for anything else."""
    value = canonical.decode_object(data, limit=MOST_WITNESS)
    shift = value.get("shift_mm")
    if not isinstance(shift, list) or len(shift) != len("xyz"):
        raise BadInput("a witness moves along three axes")
    return from_value(Transform, value, "the witness")


def judge(new: PlaceSketch, old: PlaceSketch, witness: Transform) -> Judged:
    """How a scan stands to an older one when laid on it as stated; the same on every machine."""
    rule = plugin_for("spatial").rule
    match = verify(new, old, witness)
    verdict = rule.verdict(match.likeness)
    seen = seen_share(new, [match.seen]) if verdict in SHOWN else 0
    return Judged(verdict, novelty_of(rule, units(new), [match.likeness], seen).bp, match.likeness.shared_bp)


def decode_sketch(data: bytes) -> PlaceSketch:
    """A sketch of a place from its bytes. Raises BadInput."""
    return PlaceSketch.decode(data, RULES.spatial)
