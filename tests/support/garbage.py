"""A seller's sealer that promises the truth and seals something else."""

from __future__ import annotations

from collections.abc import AsyncIterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from thenar.adapters.vault.seal import FileSealer
from thenar.domain.hashes import Octets
from thenar.domain.ids import Cid
from thenar.domain.leaves import sealed_leaves
from thenar.domain.merkle import RootBuilder
from thenar.domain.openings import LEAVES_PER_CHUNK
from thenar.services.ports import Adds, Progress, Sealed, Stored, one_part

SEALED_CHUNK = LEAVES_PER_CHUNK * 1024


@dataclass(frozen=True, slots=True)
class _Heard:
    """Where things are added, and what was added, by its root."""

    into: Adds
    files: dict[Cid, bytes] = field(default_factory=dict)

    async def add(self, parts: AsyncIterable[Octets], *, progress: Progress | None = None) -> Stored:
        """Add a copy, since whoever seals may use its memory again."""
        data = b"".join([bytes(part) async for part in parts])
        stored = await self.into.add(one_part(data), progress=progress)
        self.files[stored.root] = data
        return stored


@dataclass(frozen=True, slots=True)
class Garbler:
    """Turns over one byte of every sealed file: roots, list of leaves and key are those of the promised bytes."""

    honest: FileSealer
    at: int = 2_100
    """Which byte of the sealed file."""

    async def seal(self, path: Path, store: Adds, *, progress: Progress | None = None) -> Sealed:
        """Seal honestly, then put other bytes in place of the sealed ones."""
        heard = _Heard(store)
        made = await self.honest.seal(path, heard, progress=progress)
        data = bytearray(heard.files[made.stored.root])
        data[self.at] ^= 0xFF
        builder = RootBuilder()
        for start in range(0, len(data), SEALED_CHUNK):
            builder.extend(sealed_leaves(bytes(data[start : start + SEALED_CHUNK])))
        return replace(made, stored=await store.add(one_part(bytes(data))), cipher_root=builder.root())

    def __getattr__(self, name: str) -> object:
        """Everything else as the honest one does it."""
        return getattr(self.honest, name)
