"""Duties that facts about epochs give to registered nodes: close, propose, recompute, settle.

Any of them may do each; they take turns, so that usually one pays the gas. A challenge waits for nobody's turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from thenar.domain import facts as f
from thenar.domain.catalog import Catalog
from thenar.domain.duty import Duty, DutyKind, Me
from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256
from thenar.domain.work.disputes import Ruling

TURN: Final = 30
"""Seconds before the next node takes its turn."""
LAST_TURN: Final = 10


def for_epochs(catalog: Catalog, fact: f.EpochFact | f.NodeRegistered, me: Me) -> Iterator[Duty]:
    """The duties of one fact, among them what a node owes from its registration on; the catalog already holds it."""
    book, block = catalog.epochs, fact.at.block
    if me.account not in catalog.nodes or book.params is None:
        return
    match fact:
        case f.EpochTerms() | f.NodeRegistered():
            running = book.epochs[book.newest + 1]
            yield _close(catalog, me, running.number, running.opened_at, block)
        case f.EpochClosed(epoch=epoch, closed_at=closed_at):
            after = closed_at + turn_of(catalog, epoch, me.account)
            yield Duty(DutyKind.PROPOSE_ROOT, str(epoch), block, not_before=after)
            yield _close(catalog, me, epoch + 1, closed_at, block)
        case f.RootProposed(root=root, until=until):
            subject = f"{root.epoch}/{root.root.hex()}"
            if fact.proposer != me.account:
                yield Duty(DutyKind.CHECK_ROOT, subject, block)
            wait = 0 if fact.proposer == me.account else TURN + turn_of(catalog, root.epoch, me.account)
            yield Duty(DutyKind.SETTLE_ROOT, subject, block, not_before=until + wait)
        case f.RootJudged(epoch=epoch, dispute=dispute, ruling=ruling):
            if ruling is Ruling.VOID:
                yield Duty(DutyKind.PROPOSE_ROOT, f"{epoch}/{dispute}", block)
        case _:
            pass


def turn_of(catalog: Catalog, epoch: int, node: Address) -> int:
    """How many seconds a node leaves to those who come before it in this epoch."""

    def place(one: Address) -> bytes:
        return keccak256(epoch.to_bytes(32, "big") + bytes.fromhex(one[2:]))

    before = sum(place(one) < place(node) for one in catalog.nodes)
    return TURN * min(before, LAST_TURN)


def _close(catalog: Catalog, me: Me, epoch: int, opened_at: int, block: int) -> Duty:
    length = catalog.epochs.params.length if catalog.epochs.params else 0
    after = opened_at + length + turn_of(catalog, epoch, me.account)
    return Duty(DutyKind.CLOSE_EPOCH, str(epoch), block, not_before=after)
