"""Things a person asks for again and again, each sent once.

A request with an id of its own is sent once for ever, however often it is asked again. A request without one is
numbered by how many of its kind ended before: when a crash comes between sending and remembering the end, asking
again gets the same number, and the outbox answers with what was sent. Nothing is paid twice either way. What lasts from
now on lasts from when it was first sent: asked again after a crash it is the same wish, and what was refused before it
was sent is asked anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import trio

from thenar.domain.actions import Action
from thenar.errors import Conflict, Late, Reverted, Unavailable
from thenar.services.ports import Journal, Outbox, Receipt

PATIENCE = 120.0
"""Seconds somebody waits for a transaction to be mined."""

UNSENT = b"?"
"""Ends the time of what was asked for and not sent yet."""

Make = Callable[[str], Awaitable[Action]]
"""What to send under a label; called again with the next label when the first was used for something else."""


@dataclass(frozen=True, slots=True)
class Once:
    """Numbers what is asked for and sends it. Requests of one name without an id take turns."""

    journal: Journal
    outbox: Outbox
    _turns: defaultdict[str, trio.Lock] = field(default_factory=lambda: defaultdict(trio.Lock))

    async def send(self, name: str, action: Action, request: str | None = None) -> Receipt:
        """Send the next request of this name. Raises what ``Outbox.send`` raises, and Late."""

        async def make(_: str) -> Action:
            return action

        return await self.send_made(name, make, request)

    async def send_made(self, name: str, make: Make, request: str | None = None) -> Receipt:
        """The same for an action that depends on its label."""
        if request is not None:
            label = await self.label(name, request)
            return await self._leave(name, label, await make(label))
        async with self._turns[name]:
            while True:
                label = await self.label(name, None)
                try:
                    receipt = await self._leave(name, label, await make(label))
                except Reverted as refused:
                    await self._ended(name, label, refused.message)
                    raise
                except Conflict:
                    # Somebody asked for something else under this number and never heard its end; that stands.
                    await self._ended(name, label, "its end was not heard")
                else:
                    await self._ended(name, label, receipt.tx_hash)
                    return receipt

    async def _leave(self, name: str, label: str, action: Action) -> Receipt:
        """Send; from here on it is the same wish, whenever it is asked for again."""
        asked = f"asked/{name}:{label}"
        held = await self.journal.get(asked)
        if held is not None and held.endswith(UNSENT):
            await self.journal.put(asked, held.removesuffix(UNSENT))
        return await send_patiently(self.outbox, f"{name}:{label}", action)

    async def asked_at(self, name: str, now: int, request: str | None = None) -> int:
        """When the next request of this name was asked for: ``now``, in Unix seconds, unless a crash came since it was
        sent.

        It is on disk before anything of the request is sent.
        """
        asked = f"asked/{name}:{await self.label(name, request)}"
        held = await self.journal.get(asked)
        if held is not None and not held.endswith(UNSENT):
            return int(held)
        await self.journal.put(asked, str(now).encode() + UNSENT)
        return now

    async def was_asked(self, name: str, request: str | None = None) -> bool:
        """Whether the next request of this name was sent with a time already."""
        held = await self.journal.get(f"asked/{name}:{await self.label(name, request)}")
        return held is not None and not held.endswith(UNSENT)

    async def label(self, name: str, request: str | None = None) -> str:
        """What tells the next request of this name from all others; the same when it is asked again after a crash."""
        if request is not None:
            return f"r-{request}"
        return f"{len(await self.journal.names(f'sent/{name}/')):09d}"

    async def _ended(self, name: str, label: str, how: str) -> None:
        await self.journal.put(f"sent/{name}/{label}", how.encode())


async def send_patiently(outbox: Outbox, key: str, action: Action) -> Receipt:
    """Send for somebody who waits. Raises Late when it is not mined in time; it is on disk and goes on by itself."""
    with trio.move_on_after(PATIENCE):
        return await outbox.send(key, action)
    raise Late(
        f"no block took the transaction within {PATIENCE:g} s",
        next_step="it is kept and sent when the chain answers; asking again is safe, `thenar status` shows the chain",
    )


async def take_exit(outbox: Outbox, key: str, action: Action, taken: Sequence[str]) -> Receipt:
    """Send an exit that anybody may take.

    Raises Unavailable when the chain says by a name of ``taken`` that it moved on: the block that says so is not seen
    here yet and may not stay. The story that is told again sees how it ended.
    """
    try:
        return await outbox.send(key, action)
    except Reverted as refused:
        if refused.name not in taken:
            raise
        raise Unavailable(f"the chain moved on where this node has not seen it: {refused.message}") from refused
