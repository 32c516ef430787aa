"""What contributing paid: captures that were asked for, units computed and audited, storage that was proved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from thenar.domain import facts as f
from thenar.domain.bounty.answers import ask_of, place_of
from thenar.domain.bounty.coverage import BP
from thenar.domain.catalog import ClaimRecord
from thenar.domain.earnings.entries import DOLLARS, Earning, Entry, Returned, half, whole
from thenar.domain.earnings.past import Scene
from thenar.domain.ids import Address
from thenar.domain.work.bounties import AuditStage

Worked: TypeAlias = f.ClaimFinalized | f.ClaimExpired | f.AuditMissed | f.PlaceShown
Kept: TypeAlias = f.AnswerShown | f.AnswerMissed | f.StorageConvicted


def captures(scene: Scene, fact: f.AnswerSettled | f.AnswerLapsed | f.AskClosed) -> Iterator[Entry]:
    """What an answer was paid, half the bond of one that was not shown, what was left of a budget."""
    match fact:
        case f.AnswerSettled(contributor=contributor) if contributor == scene.who:
            yield _bounty(scene, fact)
            committed = scene.past.of(f.AnswerCommitted, fact.answer)
            if committed is not None and committed.bond:
                what = f"bond of answer {place_of(fact.answer)} to bounty {ask_of(fact.answer)}"
                yield Returned(what, committed.bond, fact.at)
        case f.AnswerLapsed(by=by) if by == scene.who:
            proof = f"answer {place_of(fact.answer)} to bounty {ask_of(fact.answer)} was not shown in time"
            yield half(fact.at, "challenge", fact.bond, proof, f"`thenar bounty show {ask_of(fact.answer)}`")
        case f.AskClosed(sponsor=sponsor) if sponsor == scene.who and fact.rest:
            yield Returned(f"rest of the budget of bounty {fact.bounty}", fact.rest, fact.at)
        case _:
            pass


def _bounty(scene: Scene, fact: f.AnswerSettled) -> Earning:
    bounty, answer = scene.catalog.asks[ask_of(fact.answer)], scene.catalog.answers[fact.answer]
    ask, shown = bounty.ask, answer.shown
    price = ask.price_at(bounty.opened_at, answer.committed_at)
    numbers = [("price", price), ("target", ask.target), ("before", fact.before), ("covered", fact.covered)]
    if shown is not None:
        numbers += [("quality", shown.quality), ("novelty", shown.novelty)]
    formula = "min(budget left, price · ∫ g (1 + 4 g²) from before to covered), g = 1 - coverage / target"
    proof = f"answer {place_of(fact.answer)} to bounty {bounty.id}"
    how = f"`thenar bounty show {bounty.id}`, and the sketches of both scans"
    return Earning("capture bounty", fact.paid, DOLLARS, proof, fact.at, formula, tuple(numbers), how)


def work(scene: Scene, fact: Worked) -> Iterator[Entry]:
    """Units and audits that were paid, what those who were late or stayed away lost, bonds of demands that were met."""
    claim = scene.catalog.work[fact.claim]
    record, proof = scene.catalog.bounties[claim.bounty], f"claim {claim.id} of bounty {claim.bounty}"
    how = f"`thenar job show {claim.bounty}`; run any unit again from its spec"
    match fact:
        case f.ClaimFinalized():
            if fact.worker == scene.who and fact.paid:
                units = (("units", claim.count), ("price", record.job.price))
                yield Earning("compute", fact.paid, DOLLARS, proof, fact.at, "units · price", units, how)
            if claim.auditor == scene.who and fact.audit_paid:
                yield _audit(scene, claim, fact.at, fact.audit_paid, claim.bps)
        case f.ClaimExpired():
            yield from _late(scene, claim, record.requester, fact)
        case f.AuditMissed() if record.requester == scene.who and fact.fine:
            again = f"`thenar job show {claim.bounty}`: AuditDrawn names the last moment, and nothing came before it"
            formula = "a part of the seat of an auditor who stayed away"
            yield whole(fact.at, "compute", "fine", fact.fine, f"audit of {proof} by {fact.auditor}", again, formula)
        case f.PlaceShown(by=by) if by == scene.who:
            demand = scene.past.of(f.PlaceDemanded, (fact.claim, fact.place))
            if demand is not None and demand.bond:
                again = "PlaceShown holds the trace and the path that leads to the claim's root"
                formula = "the bond of the demand"
                shown = f"shown place {fact.place} of {proof}"
                yield whole(fact.at, "compute", "bond", demand.bond, shown, again, formula)
        case _:
            pass


def _late(scene: Scene, claim: ClaimRecord, requester: Address, fact: f.ClaimExpired) -> Iterator[Entry]:
    proof = f"claim {claim.id} of bounty {claim.bounty}"
    how = f"`thenar job show {claim.bounty}` shows until when and what came"
    audited = claim.audit is AuditStage.COMMITTED
    auditors = fact.penalty // 2 if audited else 0
    if audited and claim.auditor == scene.who and auditors:
        formula = "half of what a worker loses who shows nothing to his auditor"
        lost = (("lost", fact.penalty),)
        yield Earning("compute", auditors, DOLLARS, f"audit of {proof}", fact.at, formula, lost, how)
    if requester == scene.who and fact.penalty > auditors:
        formula = "what a late worker lost, less his auditor's half"
        numbers = (("lost", fact.penalty), ("auditors_half", auditors))
        late = f"lateness of {proof}"
        yield Earning("compute", fact.penalty - auditors, DOLLARS, late, fact.at, formula, numbers, how)


def audits(scene: Scene, fact: f.AuditArmed | f.ClaimSlashed) -> Iterator[Entry]:
    """What an auditor is paid before another one looks, and out of a claim that was wrong where he was not asked."""
    drawn, shown = scene.past.of(f.AuditDrawn, fact.claim), scene.past.of(f.AuditRevealed, fact.claim)
    if drawn is None or drawn.auditor != scene.who or shown is None or shown.at < drawn.at:
        return
    claim = scene.catalog.work[fact.claim]
    if isinstance(fact, f.AuditArmed):
        paid = scene.released() if fact.retro else 0
    else:
        paid = 0 if _accuser(scene, fact) == scene.who else scene.released()
    if paid:
        yield _audit(scene, claim, fact.at, paid, drawn.bps)


def _accuser(scene: Scene, fact: f.ClaimSlashed) -> Address | None:
    """Whose word a claim fell by: who demanded a place of it, or the other side of its dispute."""
    for one in scene.before():
        if isinstance(one, f.DemandLapsed) and one.claim == fact.claim:
            return one.by
    for one in scene.after():
        if isinstance(one, f.DisputeResolved) and one.claim == fact.claim:
            disputed = scene.past.of(f.ClaimDisputed, one.dispute)
            return disputed.opponent if disputed else None
    return None


def _audit(scene: Scene, claim: ClaimRecord, at: f.At, paid: int, bps: int) -> Earning:
    job = scene.catalog.bounties[claim.bounty].job
    how = f"`thenar job show {claim.bounty}`; run any unit again from its spec"
    drawn = -(-claim.count * bps // BP)
    numbers = (("audit_price", job.audit_price), ("share_bp", bps), ("units", claim.count), ("drawn_units", drawn))
    formula = "audit price · ⌈units · share⌉, less what an earlier audit of it was paid, and no more than is left"
    proof = f"audit of claim {claim.id} of bounty {claim.bounty}"
    return Earning("compute", paid, DOLLARS, proof, at, formula, numbers, how)


def storage(scene: Scene, fact: Kept) -> Iterator[Entry]:
    """The bond of a demand that was met, and half of what a node lost that was silent or had nothing to show."""
    terms = scene.past.of(f.StorageTerms)
    bond = terms.demand_bond if terms else 0
    if isinstance(fact, f.AnswerShown):
        if fact.node == scene.who:
            proof = f"shown leaf {fact.place} of round {fact.round}"
            how = "the transaction holds the leaf; its path leads to the pledge's root"
            yield whole(fact.at, "storage", "bond", bond, proof, how, "the bond of the demand")
        return
    by, lost = (fact.reporter, fact.fine) if isinstance(fact, f.AnswerMissed) else (fact.by, fact.taken)
    if by != scene.who:
        return
    if isinstance(fact, f.StorageConvicted) and bond:
        yield Returned(f"bond of a demand in round {fact.round}", bond, fact.at)
    if lost:
        proof = f"round {fact.round} of {fact.node}"
        yield half(fact.at, "storage", lost, proof, "the round's facts: no answer, or none that was shown")
