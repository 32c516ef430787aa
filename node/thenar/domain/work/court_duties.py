"""Duties that facts about disputed work give: to the two sides of a case, and to the jurors who were drawn for it."""

from __future__ import annotations

from collections.abc import Iterator

from thenar.domain import facts as f
from thenar.domain.catalog import CaseRecord, Catalog
from thenar.domain.duty import Duty, DutyKind, Me
from thenar.domain.work.disputes import Ruling


def for_case(catalog: Catalog, fact: f.DisputeFact | f.CourtFact, me: Me) -> Iterator[Duty]:
    """The duties of one fact; the catalog already holds it."""
    if isinstance(fact, f.CourtFact):
        case = catalog.cases[fact.dispute]
        if isinstance(fact, f.CaseOpened | f.ChildrenPosted | f.CaseNarrowed | f.StatePosted):
            yield from _moves(case, fact, me)
        else:
            yield from _jury(case, fact, me)
            yield from _ends(case, fact, me)
    elif isinstance(fact, f.PlaceDemanded):
        claim = catalog.work[fact.claim]
        subject = f"{fact.claim}/{fact.place}"
        if claim.worker == me.account:
            yield Duty(DutyKind.SHOW_PLACE, subject, fact.at.block)
        elif fact.by == me.account:
            yield Duty(DutyKind.LAPSE_DEMAND, subject, fact.at.block, not_before=fact.show_by)
    elif isinstance(fact, f.PlaceShown) and catalog.work[fact.claim].auditor == me.account:
        yield Duty(DutyKind.CHECK_PLACE, f"{fact.claim}/{fact.place}", fact.at.block)


def _is_side(case: CaseRecord, me: Me) -> bool:
    return me.account in (case.opening.claimant, case.opening.other)


def _moves(
    case: CaseRecord, fact: f.CaseOpened | f.ChildrenPosted | f.CaseNarrowed | f.StatePosted, me: Me
) -> Iterator[Duty]:
    """Each side moves when it is its turn, and watches the other's clock when it is not."""
    block = fact.at.block
    posted = isinstance(fact, f.ChildrenPosted)
    move = "answer" if posted else "post" if case.level else "state"
    subject = f"{case.id}/{move}/{case.level}"
    if not _is_side(case, me):
        return
    if case.level == 0 and case.opening.computable:
        yield Duty(DutyKind.COMPUTE_SUM, str(case.id), block)
    elif isinstance(fact, f.StatePosted) or (case.level == 0 and case.first == 0):
        return
    on_turn = case.opening.other if posted else case.opening.claimant
    if on_turn == me.account:
        yield Duty(DutyKind.MOVE_IN_COURT, subject, block)
    else:
        yield Duty(DutyKind.FLAG_CASE, subject, block)
    if isinstance(fact, f.CaseOpened) and case.opening.other == me.account:
        yield Duty(DutyKind.NARROW_CASE, str(case.id), block)


def _jury(case: CaseRecord, fact: f.CourtFact, me: Me) -> Iterator[Duty]:
    block = fact.at.block
    match fact:
        case f.JuryArmed(round=number, draw_block=draw_block):
            if _is_side(case, me):
                yield Duty(DutyKind.DRAW_JURY, f"{case.id}/{number}/{draw_block}", block)
        case f.JuryDrawn(round=number):
            subject = f"{case.id}/{number}"
            if me.account in fact.panel:
                yield Duty(DutyKind.VOTE, subject, block)
                yield Duty(DutyKind.REVEAL_VOTE, subject, block, not_before=fact.commit_until)
            if _is_side(case, me) or me.account in fact.panel:
                yield Duty(DutyKind.RULE_CASE, subject, block, not_before=fact.reveal_until)
        case f.VoteCommitted(round=number):
            panel = case.panels[number]
            if me.account in panel.committed and len(panel.committed) == len(panel.members):
                yield Duty(DutyKind.REVEAL_VOTE, f"{case.id}/{number}", block)
        case f.VoteRevealed(round=number):
            panel = case.panels[number]
            concerned = _is_side(case, me) or me.account in panel.members
            if concerned and len(panel.revealed) == len(panel.members):
                yield Duty(DutyKind.RULE_CASE, f"{case.id}/{number}", block)
        case _:
            pass


def _ends(case: CaseRecord, fact: f.CourtFact, me: Me) -> Iterator[Duty]:
    block = fact.at.block
    match fact:
        case f.CaseRuled(round=number, ruling=ruling, until=until):
            lost = case.opening.other if ruling is Ruling.CLAIM else case.opening.claimant
            if me.account == lost and ruling is not Ruling.VOID:
                yield Duty(DutyKind.APPEAL_CASE, f"{case.id}/{number}", block)
            if _is_side(case, me):
                yield Duty(DutyKind.CLOSE_CASE, f"{case.id}/{number}", block, not_before=until)
        case f.CaseClosed(judged=judged):
            sat = any(me.account in panel.members for panel in case.panels.values())
            if judged and (sat or _is_side(case, me)):
                yield Duty(DutyKind.SETTLE_JURY, str(case.id), block)
        case _:
            pass
