"""From a decoded file and what its owner states to a manifest that lacks only the seal.

Nothing personal is copied: first the file is rewritten without comments, serial numbers, software names, attachments
and positions on earth, then only that copy is described and sealed, as ``capture.<format>``.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from thenar.adapters.media.decoding import beside
from thenar.adapters.media.formats import MEDIA_TYPES
from thenar.adapters.media.isolated import Recording, read, scrub
from thenar.adapters.media.loads import LoadMeter
from thenar.adapters.media.recording import Limits, StreamInfo, Tally
from thenar.adapters.media.scrub.result import Scrubbed
from thenar.adapters.media.sidecar import Stated, load_sidecar
from thenar.adapters.media.spawning import Warm
from thenar.domain.description import Span, Stream
from thenar.domain.ids import Address
from thenar.domain.manifest import MAX_STREAMS, Manifest
from thenar.domain.place import Place
from thenar.domain.preview_card import Preview
from thenar.errors import BadInput, Corrupt
from thenar.services.ports import Sealed

_YEAR_2000_NS: Final = 946_684_800 * 10**9
_POSITIONS: Final = ("point", "position")
_FAR_METRES: Final = 50_000
_SCRUBBED: Final = "the file's own name and folders are left out of the manifest"

Progress = Callable[[int, int], None]
Salt = Callable[[bytes], bytes]
"""From the SHA-256 of what is sealed to the secret 32 bytes its exact place is committed with."""


@dataclass(frozen=True, slots=True)
class ManifestDraft:
    """A capture described; ``path`` is the scrubbed copy, the only thing to seal.

    ``notes`` say what was left out, assumed or dropped.
    """

    path: Path
    size: int
    format: str
    modality: str
    time: Span
    streams: tuple[Stream, ...]
    stated: Stated
    notes: tuple[str, ...]
    preview: Preview | None = None
    salt: Salt | None = None

    def seal_with(self, owner: Address, sealed: Sealed) -> Manifest:
        """The manifest of the sealed file. Raises Corrupt when the file changed meanwhile."""
        if sealed.size != self.size:
            raise Corrupt(f"{self.path.name} had {self.size:,} bytes when described and {sealed.size:,} when sealed")
        return Manifest(
            modality=self.modality,
            owner=owner,
            device=self.stated.device,
            time=self.time,
            place=self._place(sealed.content_hash),
            frame=self.stated.frame,
            streams=self.streams,
            files=(sealed.file(f"capture.{self.format}", MEDIA_TYPES[self.format]),),
            enc=sealed.encryption(),
            consent=self.stated.consent,
            license=self.stated.license,
            provenance=self.stated.provenance,
            beacon=self.stated.beacon,
            preview=self.preview,
        )

    def _place(self, content_hash: bytes) -> Place:
        stated = self.stated.place
        if isinstance(stated, Place):
            return stated
        if self.salt is None:
            raise BadInput("an exact place needs a keyring to commit to it", next_step="add the capture by a node")
        return stated.hidden(self.salt(content_hash))


def describe(
    path: Path,
    sidecar: Path | None = None,
    *,
    workspace: Path,
    limits: Limits | None = None,
    layout: Path | None = None,
    progress: Progress | None = None,
    salt: Salt | None = None,
    warm: Warm | None = None,
) -> ManifestDraft:
    """Scrub the file, decode the copy once, and describe it with what its owner states; both in processes of their own.

    The copy lies in ``workspace``, a folder only this user can read, until the caller deletes it. The sidecar
    is the one named, or ``<file>.capture.toml`` or ``capture.toml`` beside the file. ``progress`` is called with
    (records so far, 0); ``salt`` is asked for an exact place only; with
    ``warm`` many small files go ten times as fast. Raises BadInput.
    """
    stated = load_sidecar(path, sidecar)
    layout = layout or beside(path)
    copy = workspace / f"{secrets.token_hex(8)}.scrubbed"
    scrubbed = scrub(path, copy, limits=limits, layout=layout, warm=warm)
    with ExitStack() as undo:
        undo.callback(copy.unlink)
        draft = _decoded(path, copy, scrubbed, stated, limits, layout, progress, warm)
        undo.pop_all()
    return replace(draft, salt=salt)


def _decoded(
    path: Path,
    copy: Path,
    scrubbed: Scrubbed,
    stated: Stated,
    limits: Limits | None,
    layout: Path | None,
    progress: Progress | None,
    warm: Warm | None,
) -> ManifestDraft:
    done = 0
    with read(copy, limits=limits, layout=layout, warm=warm) as recording:
        meter = LoadMeter(recording.head)
        for block in recording:
            done += len(block.values)
            meter.add(block)
            if progress is not None:
                progress(done, 0)
    stated, notes = _localised(stated)
    notes = [_SCRUBBED, *scrubbed.notes, *recording.notes, *notes]
    draft = _draft(path.name, recording, stated, notes)
    if not stated.preview or stated.consent.biometric or draft.modality != "tactile":
        return draft
    seconds = (draft.time.end_ns - draft.time.start_ns) // 10**9
    rate = max(stream.rate_mhz for stream in draft.streams)
    return replace(draft, preview=meter.preview(recording.tallies, seconds, rate))


def _localised(stated: Stated) -> tuple[Stated, list[str]]:
    """Without the map a scan lay on: its coordinates are in a frame of their own now."""
    if stated.frame.crs is None:
        return stated, []
    note = "frame.crs is left out of the manifest: a capture's coordinates are in a frame of their own"
    return replace(stated, frame=replace(stated.frame, crs=None)), [note]


def _draft(name: str, recording: Recording, stated: Stated, notes: list[str]) -> ManifestDraft:
    head, tallies = recording.head, recording.tallies
    seen = [(info, tally) for info, tally in zip(head.streams, tallies, strict=True) if tally.samples]
    if not seen:
        raise BadInput(f"{name} holds no readings", next_step="record it again")
    if len(seen) > MAX_STREAMS:
        raise BadInput(f"{name} has {len(seen):,} streams; a manifest holds {MAX_STREAMS}", next_step="use a layout")
    for info, tally in seen:
        _check_local(info, tally)
        if tally.backwards:
            notes.append(f"the clock of {info.name} goes backwards {tally.backwards:,} times")
    empty = [info.name for info, tally in zip(head.streams, tallies, strict=True) if not tally.samples]
    if empty:
        notes.append(f"streams without readings were left out: {', '.join(empty)[:160]}")
    firsts = [tally.first_ns for _, tally in seen if tally.first_ns is not None]
    base = min(firsts, default=0)
    names = _names([info.name for info, _ in seen])
    return ManifestDraft(
        path=recording.path,
        size=recording.path.stat().st_size,
        format=head.format,
        modality=stated.modality or head.modality,
        time=_span(name, recording, stated, base),
        streams=tuple(_stream(name, info, tally, base) for name, (info, tally) in zip(names, seen, strict=True)),
        stated=stated,
        notes=tuple(notes),
    )


def _check_local(info: StreamInfo, tally: Tally) -> None:
    """Refuse positions that can only be ones on earth: no local frame is that large, every map grid is."""
    far = max(abs(tally.low - info.zero_offset), abs(tally.high - info.zero_offset)) * info.scale_num
    if info.units == "m" and info.kind in _POSITIONS and far > _FAR_METRES * info.scale_den:
        raise BadInput(
            f"{info.name} holds positions more than {_FAR_METRES // 1000} km from its origin: they are places on earth",
            next_step="export it in a local frame, its origin near the scan",
        )


def _span(name: str, recording: Recording, stated: Stated, base: int) -> Span:
    lasts = [tally.last_ns for tally in recording.tallies if tally.last_ns is not None]
    lasting = max((last - base for last in lasts), default=0)
    start = base if recording.head.absolute and base > _YEAR_2000_NS else stated.start_ns
    if start is None:
        raise BadInput(
            f"{name} does not say when it was recorded",
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
