"""Single wrongs put into every node: each must be found, or the invariants are worth nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from durable import DurableJournal
from resident import Resident

from thenar.adapters.chain.reader import Reader
from thenar.services.answer import Answers
from thenar.services.perform import Performer

Plant = Callable[[pytest.MonkeyPatch], None]
OPEN = "state IN ('wanted', 'signed')"


async def _nothing(*_: object, **__: object) -> Any:
    return None


def _at_every_start(patch: pytest.MonkeyPatch, *statements: str) -> None:
    """What a node finds on its disk after a stop is changed."""
    opened = Resident.opened

    def open_again(self: Resident) -> Any:
        for statement in statements:
            self.db.execute(statement)
        return opened(self)

    patch.setattr(Resident, "opened", open_again)


def an_outbox_that_forgets(patch: pytest.MonkeyPatch) -> None:
    """What was wanted and signed is in memory only."""
    signed = f"DELETE FROM signed WHERE intent IN (SELECT seq FROM intents WHERE {OPEN})"
    _at_every_start(patch, signed, f"DELETE FROM intents WHERE {OPEN}")


def a_node_that_forgets_its_duties(patch: pytest.MonkeyPatch) -> None:
    """What is to be done is in memory only."""
    _at_every_start(patch, "DELETE FROM duties WHERE state = 'pending'")


def a_follower_that_ignores_reorganisations(patch: pytest.MonkeyPatch) -> None:
    """What was taken in is never held against the chain again."""
    confirmed = Reader.confirmed
    patch.setattr(Reader, "confirmed", lambda self, start, _: confirmed(self, start, _nothing))


def a_guard_switched_off(patch: pytest.MonkeyPatch) -> None:
    """Anything may be signed."""
    patch.setattr(DurableJournal, "guard_statement", _nothing)


def a_key_for_anybody(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether the asker holds a license."""
    patch.setattr(Answers, "_check_licensed", lambda *_: None)


def a_key_in_a_hurry(patch: pytest.MonkeyPatch) -> None:
    """A sale is believed as soon as it is seen, however young."""
    ready = Performer._is_ready

    def at_once(self: Performer, duty: Any, tries: Any, head: Any) -> bool:
        return ready(self, duty, tries, type(head)(head.block + 64, head.timestamp))

    patch.setattr(Performer, "_is_ready", at_once)


def a_sender_that_writes_nothing_down(patch: pytest.MonkeyPatch) -> None:
    """Signed bytes leave before they are on disk."""
    patch.setattr(DurableJournal, "note_signed", _nothing)


def a_salt_that_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """What hides a worker's or an auditor's commitment is in memory only."""
    _at_every_start(patch, "DELETE FROM remembered WHERE name LIKE 'secret/%'")


PLANTS: dict[str, Plant] = {
    plant.__name__: plant
    for plant in (
        an_outbox_that_forgets,
        a_node_that_forgets_its_duties,
        a_follower_that_ignores_reorganisations,
        a_guard_switched_off,
        a_key_for_anybody,
        a_key_in_a_hurry,
        a_sender_that_writes_nothing_down,
        a_salt_that_is_forgotten,
    )
}


@contextmanager
def planted(name: str | None) -> Iterator[None]:
    """Nodes with one wrong, or none."""
    with pytest.MonkeyPatch.context() as patch:
        if name is not None:
            PLANTS[name](patch)
        yield
