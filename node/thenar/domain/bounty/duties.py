"""Duties that facts about capture bounties give: to sponsors, contributors, and whoever may have been copied."""

from __future__ import annotations

from collections.abc import Iterator

from thenar.domain import facts as f
from thenar.domain.bounty.answers import AnswerStage, ask_of
from thenar.domain.bounty.asks import NO_SUBJECT
from thenar.domain.bounty.eligible import objection
from thenar.domain.bounty.word_duties import for_words
from thenar.domain.catalog import Catalog
from thenar.domain.duty import Duty, DutyKind, Me
from thenar.domain.ids import AnswerId


def for_captures(catalog: Catalog, fact: f.CaptureFact | f.WordFact, me: Me) -> Iterator[Duty]:
    """The duties of one fact; the catalog already holds it."""
    block = fact.at.block
    match fact:
        case f.CapturesAsked(bounty=bounty, sponsor=sponsor, ask=ask):
            if sponsor == me.account:
                yield Duty(DutyKind.CLOSE_ASK, str(bounty), block, not_before=ask.deadline)
        case f.AnswerCommitted(answer=answer, contributor=contributor):
            if contributor == me.account:
                yield Duty(DutyKind.SHOW_ANSWER, str(answer), block)
        case f.AnswerRevealed(answer=answer, until=until):
            if catalog.answers[answer].contributor == me.account:
                yield Duty(DutyKind.SETTLE_ANSWER, str(answer), block, not_before=until)
            elif me.challenges_for_others or is_conditional(catalog, answer, me) or may_be_copied(catalog, answer, me):
                yield Duty(DutyKind.CHECK_ANSWER, str(answer), block)
        case f.AnswerSettled(answer=answer):
            for capture, scan in seen_again(catalog, answer, me):
                yield Duty(DutyKind.WITNESS_CAPTURE, f"{scan}/{capture}", block)
        case f.Witnessed() | f.WordFreed() | f.WordStruck() | f.WordAccused() | f.WordJudged():
            yield from for_words(catalog, fact, me)
        case f.AnswerJudged(answer=answer, dispute=dispute, until=until):
            if until and catalog.answers[answer].contributor == me.account:
                yield Duty(DutyKind.SETTLE_ANSWER, f"{answer}/{dispute}", block, not_before=until)
        case _:
            pass


def seen_again(catalog: Catalog, answer: AnswerId, me: Me) -> Iterator[tuple[AnswerId, AnswerId]]:
    """Captures this account may speak for now that an answer was paid, each with the scan of its own to show it."""
    paid = catalog.answers[answer]
    for other in catalog.answers.values():
        for capture, scan in ((paid, other), (other, paid)):
            if scan.contributor == me.account and objection(catalog, capture, scan) is None:
                yield capture.id, scan.id


def is_conditional(catalog: Catalog, answer: AnswerId, me: Me) -> bool:
    """Whether this account asked for it, and for more than a score."""
    asked = catalog.asks[ask_of(answer)]
    in_words = asked.ask.modality_name == "tactile" and asked.ask.subject != NO_SUBJECT  # which may ask for taxels
    return asked.sponsor == me.account and (asked.ask.needs_gesture or bool(asked.ask.max_age) or in_words)


def may_be_copied(catalog: Catalog, answer: AnswerId, me: Me) -> bool:
    """Whether this account has shown an answer of the same modality that was committed to before."""
    record = catalog.answers[answer]
    modality = catalog.asks[ask_of(answer)].ask.modality
    return any(
        one.contributor == me.account
        and one.shown is not None
        and one.stage not in (AnswerStage.REFUTED, AnswerStage.VOIDED)
        and one.committed_at < record.committed_at
        and catalog.asks[ask_of(one.id)].ask.modality == modality
        for one in catalog.answers.values()
    )
