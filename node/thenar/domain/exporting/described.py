"""What every export starts from: an asset with its manifest, and the spellings others use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from thenar.domain.ids import AssetId, Cid
from thenar.domain.manifest import Manifest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Described:
    """A capture: its asset, its manifest and where that lies."""

    asset: AssetId
    manifest: Manifest
    cid: Cid

    @property
    def title(self) -> str:
        """One line for people."""
        return f"{self.manifest.modality} capture of a {self.manifest.place.kind.replace('_', ' ')}"

    @property
    def open_license(self) -> bool:
        """Whether the license is one of the SPDX list, and not terms of the owner's own."""
        return not self.manifest.license.startswith("LicenseRef-")

    @property
    def cell(self) -> int | None:
        """The H3 cell that is public: the cell itself, or the parent that is disclosed."""
        place = self.manifest.place
        return place.cell if place.cell is not None else place.disclosed


def moment(nanoseconds: int) -> str:
    """Nanoseconds since 1970 as RFC 3339 in UTC, to the microsecond below."""
    at = _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
