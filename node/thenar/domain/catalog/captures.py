"""How capture bounties change the catalog."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.bounty.answers import AnswerStage, ask_of
from thenar.domain.catalog import words
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.capture_records import AnswerRecord, AskRecord, BeaconRecord, CoverageRecord
from thenar.domain.work.disputes import Ruling

_AFTER = {Ruling.CLAIM: AnswerStage.REVEALED, Ruling.OTHER: AnswerStage.REFUTED}


def fold(catalog: Catalog, fact: f.CaptureFact | f.WordFact) -> None:
    """Add one fact."""
    if isinstance(fact, f.WordFact):
        words.fold(catalog, fact)
        return
    match fact:
        case f.CapturesAsked():
            catalog.asks[fact.bounty] = AskRecord(fact.bounty, fact.sponsor, fact.ask, fact.opened_at, fact.at)
        case f.AskClosed():
            catalog.asks[fact.bounty].closed = True
        case f.CoverageRaised():
            catalog.coverage[fact.key] = CoverageRecord(fact.spot, fact.covered, fact.time)
        case f.AnswerCommitted():
            made = (fact.answer, fact.contributor, fact.commitment, fact.bond, fact.committed_at, fact.until, fact.at)
            catalog.answers[fact.answer] = AnswerRecord(*made)
            catalog.asks[ask_of(fact.answer)].answers.append(fact.answer)
        case f.Witnessed():
            words.count(catalog, fact)
        case f.WordsWithdrawn():
            catalog.nonces[fact.witness] = fact.nonce
        case f.BeaconLit():
            catalog.beacons[fact.number] = BeaconRecord(fact.number, fact.hash, fact.lit_at)
        case f.AnswerRevealed() | f.AnswerSettled() | f.AnswerLapsed() | f.AnswerDisputed() | f.AnswerJudged():
            _fold_answer(catalog, fact)
        case _:
            assert_never(fact)


def _fold_answer(
    catalog: Catalog,
    fact: f.AnswerRevealed | f.AnswerSettled | f.AnswerLapsed | f.AnswerDisputed | f.AnswerJudged,
) -> None:
    answer = catalog.answers[fact.answer]
    match fact:
        case f.AnswerRevealed():
            answer.stage, answer.shown, answer.until = AnswerStage.REVEALED, fact.shown, fact.until
            catalog.answered[fact.asset] = fact.answer
        case f.AnswerSettled():
            answer.stage, answer.paid = AnswerStage.SETTLED, fact.paid
            answer.before, answer.covered = fact.before, fact.covered
            catalog.asks[ask_of(fact.answer)].paid += fact.paid
        case f.AnswerLapsed():
            answer.stage = AnswerStage.LAPSED
        case f.AnswerDisputed():
            answer.stage, answer.dispute = AnswerStage.DISPUTED, fact.dispute
            answer.charge, answer.challenger = fact.charge, fact.challenger
            catalog.cases[fact.dispute].answer = fact.answer
        case f.AnswerJudged():
            answer.stage = _AFTER.get(fact.ruling, AnswerStage.VOIDED)
            if answer.stage is AnswerStage.REVEALED:
                answer.until = fact.until
            elif answer.stage is AnswerStage.VOIDED and answer.shown is not None:
                catalog.answered.pop(answer.shown.asset, None)
            case = catalog.cases[fact.dispute]
            case.to_winner, case.to_jurors, case.burnt = fact.to_winner, fact.to_jurors, fact.burnt
        case _:
            assert_never(fact)
