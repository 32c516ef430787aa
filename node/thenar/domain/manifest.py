"""The canonical description of a capture, ``thenar.capture/1``.

Its bytes are canonical JSON of integers and strings. Their keccak256 goes on chain, the same bytes are pinned, and
any peer that decodes them again gets the same bytes back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final, Self

from thenar.domain.description import (
    Beacon,
    Consent,
    Device,
    Encryption,
    File,
    Frame,
    Provenance,
    Span,
    Stream,
    check_license,
    require,
)
from thenar.domain.documents import Document
from thenar.domain.ids import address
from thenar.domain.place import Place
from thenar.domain.preview_card import Preview

SCHEMA: Final = "thenar.capture/1"
LIMIT: Final = 256 * 1024
"""Bytes a manifest may have; checked before it is parsed."""
MODALITIES: Final = ("spatial", "tactile", "trajectory", "imu", "rollout", "visual")
MAX_STREAMS: Final = 1024


@dataclass(frozen=True, slots=True)
class Manifest(Document):
    """One capture, described for its owner, its buyers and the chain. Wrong values raise BadInput when made.

    Version 1 describes exactly one sealed file. Quaternions are always written x, y, z, w.
    """

    modality: str
    owner: str
    device: Device
    time: Span
    place: Place
    frame: Frame
    streams: tuple[Stream, ...]
    files: tuple[File, ...]
    enc: Encryption
    consent: Consent
    license: str
    provenance: Provenance
    beacon: Beacon | None = None
    preview: Preview | None = None
    quat_order: str = "xyzw"
    schema: str = SCHEMA
    noun: ClassVar = "manifest"
    most: ClassVar = LIMIT

    def __post_init__(self) -> None:
        require(self.schema == SCHEMA, f"the manifest has schema {self.schema[:40]!r}, not {SCHEMA}")
        require(self.modality in MODALITIES, f"modality {self.modality[:40]!r} is unknown", ", ".join(MODALITIES))
        require(address(self.owner) == self.owner, "owner must be an address in lower case")
        require(self.quat_order == "xyzw", "quat_order must be xyzw")
        require(0 < len(self.streams) <= MAX_STREAMS, f"a manifest has 1 to {MAX_STREAMS} streams")
        names = [stream.name for stream in self.streams]
        require(len(set(names)) == len(names), "two streams have the same name")
        require(len(self.files) == 1, "a manifest describes exactly one sealed file")
        check_license(self.license)
        inhabited = self.place.kind in ("private_home", "residential_common", "workplace")
        unasked = self.consent.premises_permission in ("not_needed", "public") and self.provenance.kind == "captured"
        require(
            not (inhabited and unasked),
            f"a {self.place.kind} needs its resident's, owner's or manager's permission",
        )
        require(self.preview is None or self.modality == "tactile", "only tactile captures have a preview")
        require(not (self.preview and self.consent.biometric), "what identifies a person has no preview")
        require(self.place.kind != "private_home" or self.frame.crs is None, "a private home is not georeferenced")

    def owned_by(self, owner: str) -> Self:
        """The same capture under another owner's address."""
        return replace(self, owner=address(owner))
