"""Where a capture was made, no finer than its class of place allows.

H3 index layout: bit 63 zero, bits 59-62 mode (1 = cell), 56-58 zero, 52-55 resolution, 45-51 base cell,
then fifteen 3-bit digits, unused ones 7. Source: https://h3geo.org/docs/core-library/h3Indexing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from thenar.domain.keccak import keccak256
from thenar.domain.records import Wide, renamed
from thenar.errors import BadInput

FINEST: Final = MappingProxyType(
    {
        "public_street": 12,
        "public_interior": 12,
        "semi_public": 11,
        "residential_common": 9,
        "workplace": 8,
        "private_home": 7,
    }
)
"""Finest H3 resolution that may be public, by class of place."""

FIND_CELL: Final = (
    "15 hex digits such as 8b1fb46741aefff; h3geo.org tells the cell of a place, "
    "and so does the h3 package of Python: h3.latlng_to_cell(48.137, 11.575, 11)"
)
"""How somebody who knows where he is learns the cell."""

HEX32: Final = re.compile(r"0x[0-9a-f]{64}")
SALT_BYTES: Final = 32
_LEVELS: Final = range(-50, 301)
_NO_LEVEL: Final = -(2**15)
_TAG: Final = b"thenar.place/1".ljust(32, b"\0")
_FINEST_RESOLUTION: Final = 15
_PENTAGONS: Final = frozenset((4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117))


def cell_resolution(cell: int) -> int:
    """Check an H3 cell index and return its resolution. Raises BadInput."""
    resolution, base = (cell >> 52) & 15, (cell >> 45) & 127
    well_formed = 0 <= cell < 2**63 and cell >> 59 == 1 and (cell >> 56) & 7 == 0 and base < 122
    digits = [(cell >> (3 * (14 - index))) & 7 for index in range(15)]
    used, unused = digits[:resolution], digits[resolution:]
    leading = next((digit for digit in used if digit), 0)
    deleted = base in _PENTAGONS and leading == 1
    if not well_formed or 7 in used or any(digit != 7 for digit in unused) or deleted:
        raise BadInput(f"{cell} is not an H3 cell", next_step=f"give {FIND_CELL}")
    return resolution


def lies_in(cell: int, resolution: int, area: int) -> bool:
    """Whether a cell has that resolution and lies in an area; of cells that are known to be well formed."""
    unused = 45 - 3 * ((area >> 52) & 15)
    return (cell >> 52) & 15 == resolution and ((cell ^ area) & ~(15 << 52)) >> unused == 0


def parse_cell(text: str, name: str = "cell") -> int:
    """An H3 cell as 15 hex digits (h3's usual spelling), 0x hex or decimal. Raises BadInput."""
    lowered = text.lower()
    base = 16 if lowered.startswith("0x") or len(lowered) == 15 else 10
    try:
        cell = int(lowered, base)
    except ValueError as cause:
        raise BadInput(f"{name} {text[:40]!r} is not an H3 cell", next_step=f"give {FIND_CELL}") from cause
    cell_resolution(cell)
    return cell


def coarser(cell: int, resolution: int) -> int:
    """The parent of a cell at a coarser (or the same) resolution. Raises BadInput."""
    if not 0 <= resolution <= cell_resolution(cell):
        raise BadInput(f"an H3 cell of resolution {cell_resolution(cell)} has no parent at {resolution}")
    cleared = cell & ~(15 << 52)
    return cleared | (resolution << 52) | ((1 << 3 * (15 - resolution)) - 1)


def finer(cell: int, resolution: int) -> Iterator[int]:
    """All cells of a finer (or the same) resolution in a cell, rising. Raises BadInput."""
    own = cell_resolution(cell)
    if not own <= resolution <= _FINEST_RESOLUTION:
        raise BadInput(f"an H3 cell of resolution {own} has no children at {resolution}")
    if own == resolution:
        yield cell
        return
    below = cell & ~(15 << 52) | (own + 1) << 52
    for digit in range(7):
        child = below & ~(7 << 3 * (14 - own)) | digit << 3 * (14 - own)
        if not _is_missing(child, own + 1):
            yield from finer(child, resolution)


def _is_missing(cell: int, resolution: int) -> bool:
    """Whether it would be the child a pentagon lacks."""
    digits = [(cell >> (3 * (14 - index))) & 7 for index in range(resolution)]
    return (cell >> 45) & 127 in _PENTAGONS and next((digit for digit in digits if digit), 0) == 1


def place_commit(cell: int, level: int | None, salt: bytes) -> str:
    """keccak256(tag ‖ cell, 8 bytes ‖ level, 2 bytes, signed, -32768 for none ‖ salt, 32 bytes) as 0x hex.

    The salt must be secret and of full entropy: there are few enough cells to try them all. Raises BadInput.
    """
    cell_resolution(cell)
    if len(salt) != SALT_BYTES:
        raise BadInput(f"a place's salt has {SALT_BYTES} bytes, not {len(salt)}")
    if level is not None and level not in _LEVELS:
        raise BadInput(f"level {level} is not a floor between {_LEVELS[0]} and {_LEVELS[-1]}")
    floor = _NO_LEVEL if level is None else level
    return "0x" + keccak256(_TAG + cell.to_bytes(8, "big") + floor.to_bytes(2, "big", signed=True) + salt).hex()


@dataclass(frozen=True, slots=True)
class ExactPlace:
    """Where a capture was made, exactly. It stays with its owner; ``hidden`` is what may be published of it."""

    kind: str
    cell: int
    level: int | None = None

    def __post_init__(self) -> None:
        self.hidden(bytes(SALT_BYTES))

    def hidden(self, salt: bytes) -> Place:
        """A commitment to the exact cell and level, and the finest parent that the class of place may show."""
        finest = FINEST.get(self.kind)
        resolution = cell_resolution(self.cell)
        shown = self.cell if finest is None else coarser(self.cell, min(finest, resolution))
        return Place(kind=self.kind, commit=place_commit(self.cell, self.level, salt), disclosed=shown)


@dataclass(frozen=True, slots=True)
class Place:
    """Class of place and either a public cell or a salted commitment with a disclosed parent cell.

    ``level`` is the floor (ground 0, basement -1), ``z_mm`` the height of the frame origin above it.
    ``commit`` is keccak256 over (cell, level, salt); raising BadInput for anything finer than the class allows.
    """

    kind: str = renamed("class")
    cell: Wide | None = None
    res: int | None = None
    level: int | None = None
    z_mm: int | None = None
    commit: str | None = None
    disclosed: Wide | None = None

    def __post_init__(self) -> None:
        if self.kind == "restricted":
            raise BadInput("captures of restricted places are not accepted")
        if self.kind not in FINEST:
            raise BadInput(f"place class {self.kind[:40]!r} is unknown", next_step=f"use one of: {', '.join(FINEST)}")
        if (self.cell is None) != (self.res is None) or (self.commit is None) != (self.disclosed is None):
            raise BadInput("a place needs cell with res, and commit with disclosed, together or not at all")
        if (self.cell is None) == (self.commit is None):
            raise BadInput("a place needs exactly one of: a cell with res, or a commit with a disclosed cell")
        self._check_resolution()
        self._check_level()

    def _check_resolution(self) -> None:
        public = self.cell if self.cell is not None else self.disclosed
        resolution = cell_resolution(public if public is not None else 0)
        if self.res is not None and self.res != resolution:
            raise BadInput(f"place.res says {self.res} but the cell has resolution {resolution}")
        if resolution > FINEST[self.kind]:
            raise BadInput(
                f"a {self.kind} may be placed at H3 resolution {FINEST[self.kind]} at most, not {resolution}",
                next_step="give the parent cell, or a commit with a coarser disclosed cell",
            )
        if self.commit is not None and not HEX32.fullmatch(self.commit):
            raise BadInput("place.commit must be 0x and 64 lower-case hex digits")

    def _check_level(self) -> None:
        if self.kind == "private_home" and (self.level is not None or self.z_mm is not None):
            raise BadInput("the level of a private home is not published", next_step="remove level and z_mm")
        if self.level is not None and self.level not in _LEVELS:
            raise BadInput(f"level {self.level} is not a floor between {_LEVELS[0]} and {_LEVELS[-1]}")
        if self.z_mm is not None and abs(self.z_mm) > 10_000_000:
            raise BadInput("place.z_mm must be within ±10 km")
