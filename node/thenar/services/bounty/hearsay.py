"""What other nodes say about capture bounties before the chain does: gaps that are still paid for, copies challenged.

Nothing of it is believed: it saves two challengers from laying down bonds for one copy, and shows which sponsors are
there. Neither names a place; a bounty and an answer are named by numbers the chain gave them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

import trio

from thenar.domain.bounty.answers import AnswerStage, answer_id, ask_of, place_of
from thenar.domain.bounty.coverage import BP
from thenar.domain.catalog import Catalog
from thenar.domain.ids import AnswerId, AskId
from thenar.services.ports import Heard

GAP: Final = "coverage"
CHALLENGE: Final = "challenge"
KEPT: Final = 1_024
"""Bounties, and answers, of which something is remembered: the newest."""
GIVES_WAY: Final = 60.0
"""Seconds for which a challenge that was announced keeps this node from laying down a bond of its own."""
_NUMBER: Final = 2**32

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(slots=True)
class Hearsay:
    """What was heard, by bounty and by answer, with when; times are this process's."""

    gaps: OrderedDict[AskId, tuple[int, float]] = field(default_factory=OrderedDict)
    challenged: OrderedDict[AnswerId, float] = field(default_factory=OrderedDict)

    def take(self, heard: Heard, catalog: Catalog) -> bool:
        """Remember a gap its sponsor told, or a challenge about an answer that stands; whether it was either."""
        if heard.kind == GAP:
            return self._take_gap(heard, catalog)
        bounty, place = _number(heard.body, "bounty"), _number(heard.body, "place")
        if heard.kind != CHALLENGE or bounty is None or place is None or len(heard.body) != 2:
            return False
        answer = catalog.answers.get(answer_id(AskId(bounty), place))
        if answer is None or answer.stage is not AnswerStage.REVEALED:
            return False
        if answer.id not in self.challenged:  # said again it would keep everybody waiting for ever
            _keep(self.challenged, answer.id, trio.current_time())
        return True

    def _take_gap(self, heard: Heard, catalog: Catalog) -> bool:
        bounty, missing = _number(heard.body, "bounty"), _number(heard.body, "missing_bp")
        record = None if bounty is None else catalog.asks.get(AskId(bounty))
        if record is None or record.closed or missing is None or missing > BP or len(heard.body) != 2:
            return False
        if record.sponsor not in catalog.operators.get(heard.origin, ()):
            return False
        _keep(self.gaps, record.id, (missing, trio.current_time()))
        return True

    def is_challenged(self, answer: AnswerId) -> bool:
        """Whether somebody said for the first time just now that he challenges an answer."""
        since = self.challenged.get(answer)
        return since is not None and trio.current_time() < since + GIVES_WAY

    def seconds_since(self, bounty: AskId) -> int | None:
        """How long ago a sponsor's node told of a gap; None when it did not since this node started."""
        told = self.gaps.get(bounty)
        return None if told is None else int(trio.current_time() - told[1])


def gap_body(bounty: AskId, missing_bp: int) -> dict[str, object]:
    """What a sponsor's node tells of a gap."""
    return {"bounty": int(bounty), "missing_bp": missing_bp}


def challenge_body(answer: AnswerId) -> dict[str, object]:
    """What a challenger's node tells of a challenge."""
    return {"bounty": int(ask_of(answer)), "place": place_of(answer)}


def _keep(known: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > KEPT:
        known.popitem(last=False)


def _number(body: Mapping[str, object], name: str) -> int | None:
    found = body.get(name)
    whole = isinstance(found, int) and not isinstance(found, bool)
    return found if whole and isinstance(found, int) and 0 <= found < _NUMBER else None
