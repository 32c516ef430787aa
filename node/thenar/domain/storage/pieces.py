"""What a piece of a sealed file says of itself, so that whoever holds it can join it to others.

A piece is its part of the code, filled up with zeros to whole leaves of 1,024 bytes; then the asset's manifest, filled
up likewise; then one leaf of canonical JSON, filled up with zeros. Any four pieces are so enough for the whole capture.
Nothing in it is believed: what is joined has to have the root that stands on chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from thenar.domain import canonical, protocols
from thenar.domain.description import require
from thenar.domain.ids import Cid, asset_id
from thenar.domain.leaves import LEAF_BYTES
from thenar.domain.manifest import LIMIT
from thenar.domain.storage.coding import NEEDED, PIECES
from thenar.errors import BadInput

SCHEMA: Final = "thenar.piece/1"
MAX_BYTES: Final = 2**48


@dataclass(frozen=True, slots=True)
class Codeword:
    """A sealed file that was cut into pieces: its asset, its bytes and CID, and its manifest's."""

    asset: str
    size: int
    sealed: str
    manifest: str
    manifest_bytes: int

    def __post_init__(self) -> None:
        require(0 < self.size <= MAX_BYTES, f"a sealed file has 1 to {MAX_BYTES} bytes")
        require(0 < self.manifest_bytes <= LIMIT, f"a manifest has 1 to {LIMIT} bytes")
        asset_id(self.asset)
        Cid.parse(self.sealed)
        Cid.parse(self.manifest)

    @property
    def part(self) -> int:
        """Bytes of the code in every piece: a quarter of the file in whole leaves."""
        return _whole(-(-self.size // NEEDED))

    @property
    def leaves(self) -> int:
        """Leaves of a piece."""
        return (self.part + _whole(self.manifest_bytes)) // LEAF_BYTES + 1

    def tail(self, place: int, manifest: bytes) -> bytes:
        """What follows the code in a piece. Raises BadInput when the manifest has another length."""
        require(len(manifest) == self.manifest_bytes, f"the manifest has {len(manifest)} bytes")
        return _filled(manifest) + _filled(canonical.encode(protocols.spell(PieceNote(SCHEMA, place, self))))


@dataclass(frozen=True, slots=True)
class PieceNote:
    """A piece's last leaf: which piece it is, and of what."""

    schema: str
    place: int
    of: Codeword

    def __post_init__(self) -> None:
        require(self.schema == SCHEMA, f"a piece says {SCHEMA}")
        require(0 <= self.place < PIECES, f"pieces are numbered 0 to {PIECES - 1}")

    @classmethod
    def read(cls, leaf: bytes, leaves: int) -> Self | None:
        """What the last leaf of a file of so many leaves says, or None where that is not a piece."""
        try:
            note = protocols.read(cls, canonical.decode_object(leaf.rstrip(b"\0"), limit=LEAF_BYTES), "the piece")
        except BadInput:
            return None
        return note if note.of.leaves == leaves else None


def _whole(size: int) -> int:
    return -(-size // LEAF_BYTES) * LEAF_BYTES


def _filled(data: bytes) -> bytes:
    return data.ljust(_whole(len(data)), b"\0")
