"""What a file is, told from its content, without reading all of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from thenar.adapters.media.isolated import read_head
from thenar.adapters.media.recording import Limits, StreamInfo


@dataclass(frozen=True, slots=True)
class Probe:
    """A file's format and modality, its streams, and a sentence for people."""

    format: str
    modality: str
    bytes: int
    streams: tuple[StreamInfo, ...]
    notes: tuple[str, ...]

    @property
    def summary(self) -> str:
        """One line: format, modality and the streams with their units."""
        parts = [f"{info.name} {info.count}×{info.axes} {info.units}" for info in self.streams[:6]]
        more = f" and {len(self.streams) - 6} more" if len(self.streams) > 6 else ""
        return f"{self.format.upper()}, {self.modality}: {', '.join(parts)}{more}"


def probe(path: Path, *, limits: Limits | None = None, layout: Path | None = None) -> Probe:
    """Name what a file holds. Raises BadInput when it is of no known format, malformed or over the limits."""
    found = read_head(path, limits=limits, layout=layout)
    return Probe(found.head.format, found.head.modality, path.stat().st_size, found.head.streams, tuple(found.notes))
