"""The points at which a node is killed: just before and just after each step after which something must not be lost.

A step is a method of the product that this file names and does not change: a child that is to die has it wrapped. What
a step gave back was acknowledged; the child tells that before it goes on, so that it can be looked for afterwards.
"""

from __future__ import annotations

import inspect
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from thenar.adapters.chain import transactions
from thenar.adapters.chain.client import ChainClient
from thenar.adapters.ipfs.blockfiles import Staging
from thenar.adapters.ipfs.index import Index
from thenar.adapters.journal import SqliteJournal
from thenar.adapters.vault.opening import Opening
from thenar.adapters.vault.shares import KeyShares
from thenar.domain.duties import DutyKind

BEFORE, AFTER = "before", "after"
SIDES = (BEFORE, AFTER)

Told = Callable[[list[object]], None]
"""Takes one acknowledgement: what kind, of what, and its value."""


@dataclass(frozen=True)
class Step:
    """What must not be lost, the errands that come by it and when, and where it happens in the product."""

    name: str
    errands: tuple[tuple[str, int], ...]
    """Seeds take turns: an errand, and at the how-manieth time it comes by the node dies."""
    owner: Any
    method: str
    is_meant: Callable[..., bool] = lambda *_: True


@dataclass(frozen=True)
class Point:
    """A side of a step."""

    step: Step
    side: str

    @property
    def name(self) -> str:
        return f"{self.side} {self.step.name}"


def _key(*starts: str) -> Callable[..., bool]:
    return lambda key, *_: key.startswith(starts)


def _names(*starts: str) -> Callable[..., bool]:
    return lambda values: any(name.startswith(starts) for name in values)


SENT: Final = ("pay/", "mint:", "offer/", "deposit")
"""What the errands of the outbox's steps send."""
PUBLISHED: Final = (("publish", 1),)
SENDING: Final = (("pay", 1), ("publish", 1), ("publish", 2), ("deposit", 1))
FOLLOWING: Final = (("publish", 1), ("pay", 1), ("sell", 2), ("buy", 2), ("publish", 2), ("sell", 1), ("buy", 1))
STEPS: Final = (
    # a capture is published
    Step("a file's share of its key is kept", PUBLISHED, KeyShares, "begin"),
    Step("sealed blocks have their names", (("publish", 1), ("keep", 1)), Staging, "publish"),
    Step("blocks are trusted", (("publish", 1), ("keep", 1)), Index, "confirm"),
    Step("a sealed file is pinned", PUBLISHED, Index, "pin_all"),
    Step("an own asset is remembered", PUBLISHED, SqliteJournal, "put_all", _names("own/")),
    # whatever is sent
    Step("an intent is on disk", SENDING, SqliteJournal, "remember_intent", _key(*SENT)),
    Step("what was signed is on disk", SENDING, SqliteJournal, "note_signed", _key(*SENT)),
    Step("a transaction is sent", SENDING, transactions, "broadcast"),
    Step("a transaction is mined", SENDING, SqliteJournal, "note_mined", _key(*SENT)),
    Step("a transaction is final", SENDING, SqliteJournal, "note_final", _key(*SENT)),
    # what the chain says
    Step("facts, duties and the cursor are on disk", FOLLOWING, SqliteJournal, "take_in", lambda batch, _: batch.facts),
    Step("a duty is done", PUBLISHED, SqliteJournal, "finish", lambda duty: duty.kind is DutyKind.ANNOUNCE_ASSET),
    # a sale, by its seller and by its buyer
    Step("a key is delivered", (("sell", 1),), ChainClient, "send", _key("deliver:")),
    Step("a sale is settled", (("sell", 1),), ChainClient, "send", _key("settle:")),
    Step("a one-time key is remembered", (("buy", 1),), SqliteJournal, "put_all", _names("sale-key/")),
    Step("a bought key is kept", (("buy", 1),), SqliteJournal, "put_all", _names("key/")),
    Step("a bought file is opened", (("buy", 1),), Opening, "finish"),
    # a keeper
    Step("a replica is pinned", (("keep", 1),), Index, "pin_all"),
    Step("a round's answers are kept", (("answer", 1),), SqliteJournal, "put_all", _names("storage/answers/")),
    # upkeep, and consent taken back
    Step("a backup has its name", (("back up", 1),), Path, "replace", lambda into: Path(into).suffix == ".tar"),
    Step("a key is destroyed", (("withdraw", 1),), KeyShares, "destroy"),
)
POINTS: Final = tuple(Point(step, side) for step in STEPS for side in SIDES)


class Fate:
    """Where a child dies next, and at the how-manieth time it comes by. Nowhere while ``point`` is None."""

    def __init__(self) -> None:
        self.point: Point | None = None
        self.left = 0

    def come_by(self, step: Step, side: str) -> None:
        """Die, if this is the place and the time."""
        if self.point is None or self.point.side != side or self.point.step is not step:
            return
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)


def watch(tell: Told) -> Fate:
    """Wrap every step in this process, and what acknowledges something; what is wrapped does what it did.

    What was acknowledged is told first: a node that dies just after a step has told what it was told.
    """
    fate = Fate()
    for (owner, method), told in ACKNOWLEDGED.items():
        _around(owner, method, lambda _: None, partial(_tell_all, told, tell))
    for step in STEPS:
        _around(step.owner, step.method, partial(_pass, fate, step, BEFORE), partial(_pass, fate, step, AFTER))
    return fate


def _pass(fate: Fate, step: Step, side: str, given: tuple[Any, ...]) -> None:
    if step.is_meant(*given[0 if inspect.ismodule(step.owner) else 1 :]):
        fate.come_by(step, side)


def _tell_all(told: Callable[..., list[list[object]]], tell: Told, given: tuple[Any, ...]) -> None:
    for one in told(*given[1:]):
        tell(one)


def _around(owner: Any, method: str, before: Callable[[Any], None], after: Callable[[Any], None]) -> None:
    """Let a function, or a method of a class, say when it is called and when it has ended well."""
    plain = getattr(owner, method)

    async def later(*given: Any) -> Any:
        before(given)
        made = await plain(*given)
        after(given)
        return made

    def now(*given: Any) -> Any:
        given = tuple(list(one) if inspect.isgenerator(one) else one for one in given)
        before(given)
        made = plain(*given)
        after(given)
        return made

    setattr(owner, method, later if inspect.iscoroutinefunction(plain) else now)


def _due(duties: Any) -> list[list[object]]:
    return [["due", duty.key, ""] for duty in duties]


ACKNOWLEDGED: Final[dict[tuple[Any, str], Callable[..., list[list[object]]]]] = {
    (SqliteJournal, "put_all"): lambda values: [["remembered", name, data.hex()] for name, data in values.items()],
    (SqliteJournal, "forget"): lambda names: [["forgotten", name, ""] for name in names],
    (SqliteJournal, "remember_intent"): lambda key, call: [["wanted", key, call.data.hex()]],
    (SqliteJournal, "note_signed"): lambda key, signed: [["signed", key, signed.tx_hash]],
    (SqliteJournal, "note_mined"): lambda key, mined: [["mined", key, mined.tx_hash]],
    (SqliteJournal, "note_final"): lambda key: [["final", key, ""]],
    (SqliteJournal, "take_in"): lambda batch, duties: [["followed", "", batch.last], *_due(duties)],
    (SqliteJournal, "finish"): lambda duty: [["done", duty.key, ""]],
    (Index, "pin_all"): lambda roots: [["pinned", root[0], root[1]] for root in list(roots)],
    (Index, "unpin"): lambda root: [["unpinned", root, ""]],
    (KeyShares, "begin"): lambda content: [["shared", content.hex(), ""]],
    (KeyShares, "destroy"): lambda contents: [["destroyed", content.hex(), ""] for content in contents],
}
"""What a method's return says is safe: what kind of thing, which one, and its value."""


def named(name: str | None) -> Point | None:
    """The point of a name. Raises StopIteration when there is none."""
    return None if name is None else next(point for point in POINTS if point.name == name)
