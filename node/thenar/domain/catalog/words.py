"""How words of witnesses change the catalog, from when they are counted."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.bounty.witnessing import WordStage
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.capture_records import WordRecord


def count(catalog: Catalog, fact: f.Witnessed) -> None:
    """Take in a word that counts."""
    contributor = catalog.answers[catalog.answered[fact.capture]].contributor
    catalog.trust.count(fact.capture, fact.witness, contributor, fact.weight)
    nonce = catalog.nonces.get(fact.witness, 0)
    catalog.words[fact.capture, fact.witness] = WordRecord(
        *(fact.capture, fact.scan, fact.witness, fact.overlap, fact.laid, nonce), fact.until
    )


def fold(catalog: Catalog, fact: f.WordFact) -> None:
    """Add one fact."""
    word = catalog.words[fact.capture, fact.witness]
    match fact:
        case f.WordFreed():
            word.stage = WordStage.FREED
        case f.WordStruck():
            word.stage = WordStage.STRUCK
            catalog.trust.strike(fact.capture, fact.witness)
        case f.WordAccused():
            word.stage, word.dispute = WordStage.DISPUTED, fact.dispute
            word.accuser, word.charged = fact.accuser, fact.charged
            catalog.cases[fact.dispute].word = (fact.capture, fact.witness)
        case f.WordJudged():
            if fact.until:
                word.stage, word.until = WordStage.COUNTED, fact.until
            case = catalog.cases[fact.dispute]
            case.to_winner, case.to_jurors, case.burnt = fact.to_winner, fact.to_jurors, fact.burnt
        case _:
            assert_never(fact)
