"""From a decoded file and what its owner states to a manifest that lacks only the seal.

Nothing personal is copied from the file: its name becomes ``capture.<format>``, and header comments, serial numbers,
software names, attachments and extents stay behind. What stays in the sealed file itself is said in the notes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thenar.adapters.media.formats import MEDIA_TYPES
from thenar.adapters.media.isolated import Recording, read
from thenar.adapters.media.recording import Limits, StreamInfo, Tally
from thenar.adapters.media.sidecar import Stated, load_sidecar
from thenar.domain.description import Span, Stream
from thenar.domain.ids import Address
from thenar.domain.manifest import MAX_STREAMS, Manifest
from thenar.errors import BadInput, Corrupt
from thenar.services.ports import Sealed

_YEAR_2000_NS: Final = 946_684_800 * 10**9
_SCRUBBED: Final = "the file's own name and folders are left out of the manifest"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ManifestDraft:
    """A capture described; ``notes`` say what was left out, assumed or dropped."""

    path: Path
    size: int
    format: str
    modality: str
    time: Span
    streams: tuple[Stream, ...]
    stated: Stated
    notes: tuple[str, ...]

    def seal_with(self, owner: Address, sealed: Sealed) -> Manifest:
        """The manifest of the sealed file. Raises Corrupt when the file changed meanwhile."""
        if sealed.size != self.size:
            raise Corrupt(f"{self.path.name} had {self.size:,} bytes when described and {sealed.size:,} when sealed")
        return Manifest(
            modality=self.modality,
            owner=owner,
            device=self.stated.device,
            time=self.time,
            place=self.stated.place,
            frame=self.stated.frame,
            streams=self.streams,
            files=(sealed.file(f"capture.{self.format}", MEDIA_TYPES[self.format]),),
            enc=sealed.encryption(),
            consent=self.stated.consent,
            license=self.stated.license,
            provenance=self.stated.provenance,
            beacon=self.stated.beacon,
        )


def describe(
    path: Path,
    sidecar: Path | None = None,
    *,
    limits: Limits | None = None,
    layout: Path | None = None,
    progress: Progress | None = None,
) -> ManifestDraft:
    """Decode the whole file once, in its own process, and describe it with what its owner states.

    The sidecar is the one named, or ``<file>.capture.toml`` or ``capture.toml`` beside the file.
    ``progress`` is called with (records so far, 0). Raises BadInput.
    """
    stated = load_sidecar(path, sidecar)
    done = 0
    with read(path, limits=limits, layout=layout) as recording:
        for block in recording:
            done += len(block.values)
            if progress is not None:
                progress(done, 0)
    return _draft(path, recording, stated)


def _draft(path: Path, recording: Recording, stated: Stated) -> ManifestDraft:
    head, tallies = recording.head, recording.tallies
    seen = [(info, tally) for info, tally in zip(head.streams, tallies, strict=True) if tally.samples]
    notes = [_SCRUBBED, *recording.notes]
    if not seen:
        raise BadInput(f"{path.name} holds no readings", next_step="record it again")
    if len(seen) > MAX_STREAMS:
        raise BadInput(
            f"{path.name} has {len(seen):,} streams; a manifest holds {MAX_STREAMS}", next_step="use a layout"
        )
    for info, tally in seen:
        if tally.backwards:
            notes.append(f"the clock of {info.name} goes backwards {tally.backwards:,} times")
    empty = [info.name for info, tally in zip(head.streams, tallies, strict=True) if not tally.samples]
    if empty:
        notes.append(f"streams without readings were left out: {', '.join(empty)[:160]}")
    firsts = [tally.first_ns for _, tally in seen if tally.first_ns is not None]
    base = min(firsts, default=0)
    names = _names([info.name for info, _ in seen])
    return ManifestDraft(
        path=path,
        size=path.stat().st_size,
        format=head.format,
        modality=stated.modality or head.modality,
        time=_span(path, recording, stated, base),
        streams=tuple(_stream(name, info, tally, base) for name, (info, tally) in zip(names, seen, strict=True)),
        stated=stated,
        notes=tuple(notes),
    )


def _span(path: Path, recording: Recording, stated: Stated, base: int) -> Span:
    lasts = [tally.last_ns for tally in recording.tallies if tally.last_ns is not None]
    lasting = max((last - base for last in lasts), default=0)
    start = base if recording.head.absolute and base > _YEAR_2000_NS else stated.start_ns
    if start is None:
        raise BadInput(
            f"{path.name} does not say when it was recorded",
            next_step="add to its description:\n[time]\nstart = 2026-11-21T10:00:00Z",
        )
    end = max(start + max(0, lasting), stated.end_ns or 0)
    return Span(start, end, stated.clock, stated.uncertainty_us)


def _names(names: list[str]) -> list[str]:
    made: list[str] = []
    for name in names:
        plain = re.sub(r"[^\w.:+/()\[\]#%@ -]", "_", name, flags=re.ASCII)[:88] or "stream"
        made.append(plain if plain not in made else f"{plain}#{len(made)}")
    return made


def _stream(name: str, info: StreamInfo, tally: Tally, base: int) -> Stream:
    return Stream(
        name=name,
        kind=_names([info.kind])[0],
        count=info.count,
        axes=info.axes,
        dtype=tally.dtype,
        rate_mhz=info.rate_mhz or measured_rate(tally),
        units=info.units,
        scale_num=info.scale_num,
        scale_den=info.scale_den,
        zero_offset=info.zero_offset,
        samples=tally.samples,
        t0_ns=0 if tally.first_ns is None else tally.first_ns - base,
    )


def measured_rate(tally: Tally) -> int:
    """Mean rate in millihertz between the first and the last reading; 0 without a forward clock."""
    if tally.first_ns is None or tally.last_ns is None or tally.last_ns <= tally.first_ns:
        return 0
    return (tally.samples - 1) * 10**12 // (tally.last_ns - tally.first_ns)
