"""A recording of touch for a name, always the same, and the file and draft it is published with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from captures import make_manifest
from skin import RATE, palm

from thenar.domain.assets import AssetKind
from thenar.domain.ids import Address, TermsId
from thenar.domain.manifest import Manifest
from thenar.domain.scoring.signals import Recorded, Signal
from thenar.services.ports import Sealed
from thenar.services.publish import Publication

READINGS = 600


@dataclass(frozen=True)
class Draft:
    """A capture of touch described, but for its seal."""

    file: str

    def seal_with(self, owner: Address, sealed: Sealed) -> Manifest:
        """The manifest of the sealed file."""
        file = sealed.file(self.file, "application/octet-stream")
        return make_manifest(owner=owner, files=(file,), enc=sealed.encryption())


def touch_of(name: str) -> Recorded:
    """Six seconds of a palm."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    readings = palm(seed).readings[:READINGS]
    signal = Signal(
        name="palm",
        kind="force",
        units="N",
        scale=Fraction(1, 1_000),
        values=readings,
        count=readings.shape[1],
        rate_mhz=RATE * 1_000,
    )
    return Recorded("tactile", (signal,))


def publication(recorded: Recorded, path: Path, terms: TermsId) -> Publication:
    """A recording in a file, ready to be published."""
    path.write_bytes(recorded.signals[0].values.tobytes())
    return Publication(path, Draft(path.name), AssetKind.CAPTURE, terms)
