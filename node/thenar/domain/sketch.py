"""What a card about an asset shows before anybody fetches it: some of its description, none of its content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from thenar.domain.card import Card
from thenar.domain.description import require
from thenar.domain.ids import AssetId, asset_id
from thenar.domain.manifest import Manifest
from thenar.domain.preview_card import Preview
from thenar.domain.records import renamed

MAX_STREAMS: Final = 32
"""Streams a sketch names; ``streams`` counts them all."""
MAX_TEXT: Final = 256


@dataclass(frozen=True, slots=True)
class StreamSketch:
    """One signal: how many sensors, numbers each, readings, millihertz, in which unit."""

    name: str
    sensors: int
    axes: int
    samples: int
    rate_mhz: int
    units: str

    def __post_init__(self) -> None:
        for text in (self.name, self.units):
            require(len(text) <= MAX_TEXT and text.isprintable(), "a stream's name or unit is malformed")


@dataclass(frozen=True, slots=True)
class Sketch:
    """A capture or derived asset in a few words. Captures have ``milliseconds``, ``place``, ``preview`` and streams."""

    asset: str
    kind: str
    what: str
    bytes: int
    license: str
    streams: int
    shown: tuple[StreamSketch, ...]
    milliseconds: int | None = None
    place: str | None = renamed("place_class", default=None)
    preview: Preview | None = None

    def __post_init__(self) -> None:
        require(asset_id(self.asset) == self.asset, "an asset id is written in lower case")
        for text in (self.kind, self.what, self.license, self.place or "-"):
            require(0 < len(text) <= MAX_TEXT and text.isprintable(), "a sketch's text is malformed")
        require(len(self.shown) <= MAX_STREAMS, f"a sketch names at most {MAX_STREAMS} streams")


def sketch_of(asset: AssetId, description: Manifest | Card) -> Sketch:
    """The sketch of an asset by its description; everybody who has that makes the same one."""
    size = description.files[0].bytes
    if isinstance(description, Card):
        return Sketch(asset, description.kind, description.title, size, description.license, 0, ())
    shown = tuple(
        StreamSketch(s.name, s.count, s.axes, s.samples, s.rate_mhz, s.units) for s in description.streams[:MAX_STREAMS]
    )
    span = (description.time.end_ns - description.time.start_ns) // 1_000_000
    return Sketch(
        asset=asset,
        kind="capture",
        what=description.modality,
        bytes=size,
        license=description.license,
        streams=len(description.streams),
        shown=shown,
        milliseconds=span,
        place=description.place.kind,
        preview=description.preview,
    )
