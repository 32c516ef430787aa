"""How disputes about work change the catalog."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.compute_records import CaseRecord, DemandRecord, PanelRecord
from thenar.domain.work.bounties import AuditStage
from thenar.domain.work.disputes import Ground, Phase, Ruling


def fold_dispute(catalog: Catalog, fact: f.DisputeFact) -> None:
    """Add one fact about a disputed or demanded claim."""
    claim = catalog.work[fact.claim]
    match fact:
        case f.PlaceDemanded():
            claim.demands[fact.place] = DemandRecord(fact.by, fact.bond, fact.show_by)
        case f.PlaceShown():
            demand = claim.demands[fact.place]
            demand.over, demand.shown = True, (fact.trace, fact.path)
        case f.DemandLapsed():
            claim.demands[fact.place].over = True
        case f.ClaimDisputed():
            case = catalog.cases[fact.dispute]
            case.claim, case.opponent, case.place = fact.claim, fact.opponent, fact.place
            case.ground = Ground(fact.ground)
            claim.dispute = fact.dispute
        case f.DisputeResolved():
            case = catalog.cases[fact.dispute]
            case.to_winner, case.to_jurors, case.burnt = fact.to_winner, fact.to_jurors, fact.burnt
            claim.dispute = None
            if fact.ruling is Ruling.CLAIM and case.ground is Ground.AUDIT:
                claim.audit = AuditStage.FAILED
        case _:
            assert_never(fact)


def fold_case(catalog: Catalog, fact: f.CourtFact) -> None:
    """Add one fact about a case before the court."""
    if isinstance(fact, f.CaseOpened):
        catalog.cases[fact.dispute] = CaseRecord.opened(fact)
        return
    case = catalog.cases[fact.dispute]
    match fact:
        case f.ChildrenPosted():
            case.shown = fact.children
        case f.CaseNarrowed():
            case.level, case.first = fact.level, fact.first
            case.claim_node, case.other_node = fact.claim_node, fact.other_node
            case.agreed, case.agreed_level, case.shown = fact.agreed, fact.agreed_level, None
            if fact.level == 0:
                case.phase = Phase.STATE if fact.first or case.opening.computable else Phase.DRAWING
        case f.StatePosted():
            case.state, case.phase = fact.state, Phase.DRAWING
        case f.JuryArmed() | f.JuryDrawn() | f.VoteCommitted() | f.VoteRevealed() | f.JurorPaid() | f.JurorFined():
            _fold_jury(case, fact)
        case f.CaseRuled():
            case.phase, case.ruling, case.until = Phase.RULED, fact.ruling, fact.until
        case f.CaseAppealed():
            case.appeals[fact.round] = fact.appellant
        case f.CaseClosed():
            case.phase, case.ruling = Phase.CLOSED, fact.ruling
            case.judged, case.fee = fact.judged, fact.fee
        case _:
            assert_never(fact)


def _fold_jury(
    case: CaseRecord,
    fact: f.JuryArmed | f.JuryDrawn | f.VoteCommitted | f.VoteRevealed | f.JurorPaid | f.JurorFined,
) -> None:
    match fact:
        case f.JuryArmed():
            case.phase, case.round, case.draw_block = Phase.DRAWING, fact.round, fact.draw_block
        case f.JuryDrawn():
            case.phase, case.round = Phase.VOTING, fact.round
            case.panels[fact.round] = PanelRecord(fact.panel, fact.commit_until, fact.reveal_until)
        case f.VoteCommitted():
            case.panels[fact.round].committed.add(fact.juror)
        case f.VoteRevealed():
            case.panels[fact.round].revealed[fact.juror] = fact.leaf
        case f.JurorPaid() | f.JurorFined():
            case.panels[fact.round].settled.add(fact.juror)
