"""Things a person asks for again and again, each sent once.

A request is numbered by how many of its kind ended before. When a crash comes between sending and remembering the
end, asking again gets the same number, and the outbox answers with what was sent: nothing is paid twice.
"""

from __future__ import annotations

from thenar.domain.actions import Action
from thenar.errors import Reverted
from thenar.services.ports import Journal, Outbox, Receipt


async def next_number(journal: Journal, name: str) -> int:
    """How many requests of this name have ended."""
    return len(await journal.names(f"sent/{name}/"))


async def send_next(journal: Journal, outbox: Outbox, name: str, action: Action) -> Receipt:
    """Send the next request of this name. Raises what ``Outbox.send`` raises."""
    number = await next_number(journal, name)
    ended = f"sent/{name}/{number:09d}"
    try:
        receipt = await outbox.send(f"{name}:{number}", action)
    except Reverted as refused:
        await journal.put(ended, refused.message.encode())
        raise
    await journal.put(ended, receipt.tx_hash.encode())
    return receipt
