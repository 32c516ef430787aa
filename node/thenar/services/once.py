"""Things a person asks for again and again, each sent once.

A request with an id of its own is sent once for ever, however often it is asked again. A request without one is
numbered by how many of its kind ended before: when a crash comes between sending and remembering the end, asking
again gets the same number, and the outbox answers with what was sent. Nothing is paid twice either way.
"""

from __future__ import annotations

from thenar.domain.actions import Action
from thenar.errors import Reverted
from thenar.services.ports import Journal, Outbox, Receipt


async def next_label(journal: Journal, name: str, request: str | None) -> str:
    """What tells the next request of this name from all others: its own id, or its number."""
    if request is not None:
        return f"r-{request}"
    return f"{len(await journal.names(f'sent/{name}/')):09d}"


async def send_next(journal: Journal, outbox: Outbox, name: str, action: Action, request: str | None = None) -> Receipt:
    """Send the next request of this name. Raises what ``Outbox.send`` raises."""
    label = await next_label(journal, name, request)
    try:
        receipt = await outbox.send(f"{name}:{label}", action)
    except Reverted as refused:
        await _ended(journal, name, label, request, refused.message)
        raise
    await _ended(journal, name, label, request, receipt.tx_hash)
    return receipt


async def _ended(journal: Journal, name: str, label: str, request: str | None, how: str) -> None:
    if request is None:
        await journal.put(f"sent/{name}/{label}", how.encode())
