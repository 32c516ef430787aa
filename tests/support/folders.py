"""A folder of small recordings that becomes a batch, and a log of which of them were prepared."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from town import Person

from thenar.domain.assets import AssetKind
from thenar.services.batching import Committed, Episode, Prepared, commit_batch
from thenar.services.publish import CardDraft


class Folder:
    """Small recordings, and which of them were prepared."""

    def __init__(self, person: Person, count: int) -> None:
        self.person, self.prepared = person, []
        self.fails: dict[int, Exception | KeyboardInterrupt] = {}
        self.episodes = [self._episode(index) for index in range(count)]

    def content(self, index: int) -> bytes:
        return f"touch {index} ".encode() * 20

    def _episode(self, index: int) -> Episode:
        @asynccontextmanager
        async def prepare() -> AsyncIterator[Prepared]:
            if index in self.fails:
                raise self.fails[index]
            self.prepared.append(index)
            path = self.person.folder / f"episode{index}"
            path.write_bytes(self.content(index))
            yield path, CardDraft(AssetKind.RESULT, f"Touch {index}", (), "LicenseRef-Thenar", "capture.csv")
            path.unlink()

        return Episode(hashlib.sha256(self.content(index)).digest(), prepare)

    async def commit(self, **more: object) -> Committed:
        return await commit_batch(self.episodes, "Touches", "LicenseRef-Thenar", self.person.workshop, **more)
