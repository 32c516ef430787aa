"""Duties that words of witnesses give: to whoever spoke, and to whoever has shown something nearby."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from thenar.domain import facts as f
from thenar.domain.bounty.answers import AnswerStage, ask_of
from thenar.domain.bounty.visibility import is_public
from thenar.domain.catalog import AnswerRecord, Catalog
from thenar.domain.duty import Duty, DutyKind, Me
from thenar.domain.ids import Address, AssetId
from thenar.domain.place import coarser
from thenar.domain.work.disputes import Ruling

NEAR: Final = 7
"""Resolution of the cell that what is near lies in, if not both are coarser."""


def for_words(catalog: Catalog, fact: f.Witnessed | f.WordFact, me: Me) -> Iterator[Duty]:
    """The duties of one fact; the catalog already holds it."""
    subject, block = f"{fact.capture}/{fact.witness}", fact.at.block
    match fact:
        case f.Witnessed(until=until):
            if fact.witness == me.account:
                yield Duty(DutyKind.FREE_WORD, subject, block, not_before=until)
            elif has_shown_nearby(catalog, fact.capture, me.account):
                yield Duty(DutyKind.CHECK_WORD, subject, block)
        case f.WordJudged(dispute=dispute, until=until) if until:
            if fact.witness == me.account:
                yield Duty(DutyKind.FREE_WORD, f"{subject}/{dispute}", block, not_before=until)
            elif fact.ruling is Ruling.VOID and has_shown_nearby(catalog, fact.capture, me.account):
                yield Duty(DutyKind.CHECK_WORD, f"{subject}/{dispute}", block)
        case _:
            pass


def has_shown_nearby(catalog: Catalog, capture: AssetId, account: Address) -> bool:
    """Whether an account has shown a scan of a place that lies open, near such a capture."""
    about = catalog.answers[catalog.answered[capture]]
    if not is_open(catalog, about):
        return False
    return any(
        one.contributor == account
        and one.stage not in (AnswerStage.REFUTED, AnswerStage.VOIDED)
        and is_open(catalog, one)
        and _is_near(catalog, one, about)
        for one in catalog.answers.values()
    )


def is_open(catalog: Catalog, answer: AnswerRecord) -> bool:
    """Whether an answer's sketch is public: a scan of a place of a public class."""
    return answer.shown is not None and is_public(catalog.asks[ask_of(answer.id)].ask)


def _is_near(catalog: Catalog, one: AnswerRecord, other: AnswerRecord) -> bool:
    if one.shown is None or other.shown is None:
        return False
    grain = min(NEAR, *(catalog.asks[ask_of(answer.id)].ask.grain for answer in (one, other)))
    return coarser(one.shown.cell, grain) == coarser(other.shown.cell, grain)
