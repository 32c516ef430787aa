"""What a node remembers on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from thenar.domain.duties import Duty
from thenar.domain.facts import Fact
from thenar.services.ports.chain import Batch


class Journal(Protocol):
    """What this node remembers on disk. Every method is one durable transaction."""

    async def cursor(self) -> int | None:
        """The last block taken in, or None."""
        ...

    async def block_hash(self, block: int) -> str | None:
        """The hash of a block when it was taken in, or None. Kept for at least the last 64 batches."""
        ...

    async def facts(self) -> Sequence[Fact]:
        """Every fact taken in, in chain order."""
        ...

    async def take_in(self, batch: Batch, duties: Sequence[Duty]) -> None: ...

    async def rewind(self, to_block: int) -> None:
        """Drop facts after a block and the duties they gave; duties that ended since that block are open again."""
        ...

    async def open_duties(self) -> Sequence[Duty]:
        """Duties neither done nor failed, oldest first."""
        ...

    async def finish(self, duty: Duty) -> None: ...

    async def fail(self, duty: Duty, reason: str) -> None: ...

    async def guard_statement(self, domain: str, key: str, digest: bytes, about: int | None = None) -> None:
        """Write down what is about to be signed, and the time in Unix seconds it speaks of.

        Raises Conflict when something else was signed under this key, or could have been before a restore.
        """
        ...

    async def put(self, name: str, value: bytes) -> None:
        """Remember a small value under a name."""
        ...

    async def put_all(self, values: Mapping[str, bytes]) -> None:
        """Remember many small values, all or nothing."""
        ...

    async def get(self, name: str) -> bytes | None: ...

    async def forget(self, names: Sequence[str]) -> None:
        """Forget values and overwrite where they lay; no error for a name that is not remembered."""
        ...

    async def names(self, prefix: str) -> Sequence[str]:
        """The remembered names that start with ``prefix``, in order."""
        ...
