"""What a node that came out of a backup must not do: say again, differently, what it may have said since."""

from __future__ import annotations

from thenar.domain.guard import FLOOR as RESTORED
from thenar.services.ports import Journal

__all__ = ["RESTORED", "restored_at"]


async def restored_at(journal: Journal) -> int:
    """When this journal came out of a backup, in Unix seconds; 0 for one that never did.

    Statements about times before it are not in the journal if they were made after the backup, so none is made again.
    """
    return int(await journal.get(RESTORED) or b"0")
