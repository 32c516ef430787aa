"""Money of licenses with an end: earned by the second, and given back for the seconds a license lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from thenar.domain.actions import CollectEarned, RefundUnearned
from thenar.domain.catalog import StreamRecord
from thenar.domain.duties import Duty
from thenar.errors import NotFound, Reverted
from thenar.services.claiming import Claims
from thenar.services.licensing import Trade

Send: TypeAlias = Callable[[str, CollectEarned | RefundUnearned], Awaitable[object]]

DONE_ALREADY = ("Escrow_NothingDue", "Escrow_NotRunning", "Escrow_StillRuns")
"""What the Escrow says when somebody came first, or when there is nothing to give back."""


async def collect_earned(trade: Trade, claims: Claims) -> int:
    """Bring in what licenses of this account's assets have earned by now; those that ended early are closed.

    Returns what reached this account; what belongs to a derived asset's node goes there and is claimed from it.
    """
    now, earned = (await trade.chain.head()).timestamp, 0
    for record in list(trade.belief.catalog.streams.values()):
        stream = record.stream
        if not record.open or stream.seller != trade.me or stream.earned(now) <= record.taken:
            continue
        before = record.taken
        await _bring(claims.send, f"/{record.id.hex()}", record)
        earned += 0 if stream.derived else record.taken - before
    return earned


async def collect_at_the_end(trade: Trade, duty: Duty) -> None:
    """Seller: take what a license earned once its time is over."""
    record = _stream(trade, duty)
    if record.open:
        await _bring(trade.outbox.send, f":{duty.subject}", record)


async def refund_unearned(trade: Trade, duty: Duty) -> None:
    """Licensee: take back what the seconds that a license lost had cost."""
    record = _stream(trade, duty)
    if record.open:
        with _unless_somebody_was_first():
            await trade.outbox.send(f"refund-unearned:{duty.subject}", RefundUnearned(record.stream))


async def _bring(send: Send, name: str, record: StreamRecord) -> None:
    """Collect what a license earned; one that ended early is closed, which pays both sides."""
    with _unless_somebody_was_first():
        try:
            await send(f"collect-earned{name}", CollectEarned(record.stream))
        except Reverted as refused:
            if refused.name != "Escrow_EndedEarly":
                raise
            await send(f"refund-unearned{name}", RefundUnearned(record.stream))


@contextmanager
def _unless_somebody_was_first() -> Iterator[None]:
    try:
        yield
    except Reverted as refused:
        if refused.name not in DONE_ALREADY:
            raise


def _stream(trade: Trade, duty: Duty) -> StreamRecord:
    found = trade.belief.catalog.streams.get(bytes.fromhex(duty.subject.split("/")[0]))
    if found is None:
        raise NotFound(f"no license with an end is behind {duty.subject}")
    return found
