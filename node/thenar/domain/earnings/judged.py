"""What disputes paid: to whoever was right, to jurors, and to those who waited for an answer that never came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, assert_never

from thenar.domain import facts as f
from thenar.domain.bounty.answers import NO_ASSET, Charge, ask_of, place_of
from thenar.domain.bounty.visibility import is_public
from thenar.domain.earnings.entries import DOLLARS, Earning, Entry, Returned, half, whole
from thenar.domain.earnings.past import Scene
from thenar.domain.ids import Address
from thenar.domain.work.disputes import Ground, Ruling

THE_RULES = "the rules are thenar.epochs/1"
Judged: TypeAlias = f.AnswerJudged | f.WordJudged | f.RootJudged | f.DisputeResolved | f.CallJudged
Ended: TypeAlias = f.CaseClosed | f.RootSettled


def won(scene: Scene, fact: Judged) -> Iterator[Entry]:
    """Half of what the loser of a dispute lost, and the bonds that come back."""
    if fact.to_winner and _winner(scene, fact) == scene.who:
        lost = (("lost", fact.to_winner + fact.to_jurors + fact.burnt),)
        parts = (("to_winner", fact.to_winner), ("to_jurors", fact.to_jurors), ("burnt", fact.burnt))
        numbers = parts if isinstance(fact, f.DisputeResolved) else lost + parts  # there an auditor may have a part
        proof, how = _about(scene, fact)
        if fact.dispute:
            proof = f"dispute {fact.dispute} about {proof}"
        yield Earning("challenge", fact.to_winner, DOLLARS, proof, fact.at, "half of what was lost", numbers, how)
    for account, what, amount in _bonds(scene, fact):
        if account == scene.who:
            yield Returned(what, amount, fact.at)


def ended(scene: Scene, fact: Ended) -> Iterator[Entry]:
    """Bonds of appeals that changed something, and the bond of a root that nobody contested."""
    if isinstance(fact, f.RootSettled):
        proposed, terms = scene.past.of(f.RootProposed), scene.past.of(f.EpochTerms)
        contested = any(isinstance(one, f.RootJudged) for one in scene.before())
        if proposed and terms and proposed.proposer == scene.who and not contested:
            yield Returned(f"bond of the root of epoch {fact.root.epoch}", terms.params.bond, fact.at)
        return
    number = 0
    while (appeal := scene.past.of(f.CaseAppealed, (fact.dispute, number))) is not None:
        ruled = scene.past.of(f.CaseRuled, (fact.dispute, number))
        drawn = scene.past.of(f.JuryDrawn, (fact.dispute, number + 1))
        unchanged = ruled is not None and ruled.ruling is fact.ruling is not Ruling.VOID
        if appeal.appellant == scene.who and not (unchanged and drawn is not None and drawn.panel):
            yield Returned(f"bond of an appeal in dispute {fact.dispute}", appeal.bond, fact.at)
        number += 1


def sat(scene: Scene, fact: f.JurorPaid | f.JurorFined) -> Iterator[Entry]:
    """A juror's fee for a vote with the ruling, and half the fine of one who stayed away."""
    if isinstance(fact, f.JurorPaid):
        if fact.juror == scene.who:
            how = f"`thenar duty list` names dispute {fact.dispute}; CaseClosed tells the fee of each vote"
            proof = f"vote in dispute {fact.dispute}, round {fact.round}"
            yield whole(fact.at, "court", "fee", fact.fee, proof, how, "what was lost / votes with the ruling")
    elif fact.by == scene.who and fact.fine:
        proof = f"{fact.juror} did not vote in dispute {fact.dispute}, round {fact.round}"
        yield half(fact.at, "court", fact.fine, proof, "the round's votes: none of this juror's")


def unanswered(scene: Scene, fact: f.DemandLapsed | f.OmissionProved | f.ContradictionProven) -> Iterator[Entry]:
    """Half of what was lost without a jury: a place not shown, a license left out, two answers to one question."""
    match fact:
        case f.DemandLapsed(by=by) if by == scene.who:
            place = f"place {fact.place} of claim {fact.claim}"
            demand = scene.past.of(f.PlaceDemanded, (fact.claim, fact.place))
            if demand is not None:
                yield Returned(f"bond of the demand to see {place}", demand.bond, fact.at)
            pot = _seized(scene) if fact.convicted else 0
            if pot:
                how = f"PlaceDemanded names the last moment, and no PlaceShown of {place} lies before it"
                yield half(fact.at, "challenge", pot, f"{place} was not shown to whoever demanded it", how)
        case f.OmissionProved(challenger=challenger) if challenger == scene.who and fact.slashed > 1:
            proof = f"{fact.omitted} was missing in payout {fact.payout} of {fact.asset}"
            how = f"`thenar revenue omission {fact.asset} {fact.payout}` compares its licenses with those it names"
            yield half(fact.at, "omission", fact.slashed, proof, how)
        case f.ContradictionProven(prover=prover) if prover == scene.who and fact.reward:
            proof = f"{fact.node} gave observation 0x{fact.observation.hex()} two answers of {fact.model}"
            how = "proveContradiction holds both answers: each stands under a root that the node signed"
            yield half(fact.at, "contradiction", fact.reward + fact.burnt, proof, how)
        case _:
            pass


def _seized(scene: Scene) -> int:
    """What a convicted claim lost: its stake, and a seat of the auditor who had agreed with it."""
    pot, slashed = 0, False
    for fact in scene.after():
        if isinstance(fact, f.ClaimSlashed):
            pot, slashed = fact.seized, True
        elif isinstance(fact, f.SeatLost) and slashed:
            pot += fact.taken
        elif isinstance(fact, f.Released) and slashed:
            break
    return pot


def _winner(scene: Scene, fact: Judged) -> Address | None:
    if isinstance(fact, f.CallJudged) and not fact.dispute:
        accused = scene.past.of(f.CallAccused, fact.accusation)  # nobody answered, so no jury was called
        return accused.accuser if accused else None
    opening = scene.catalog.cases[fact.dispute].opening
    return {Ruling.OTHER: opening.other, Ruling.CLAIM: opening.claimant}.get(fact.ruling)


def _bonds(scene: Scene, fact: Judged) -> Iterator[tuple[Address, str, int]]:
    """Who has which bond back. Whoever is wrong has none; when nobody can say, a part of some is burnt."""
    match fact:
        case f.AnswerJudged():
            held = scene.past.of(f.AnswerDisputed, fact.dispute)
            if held is not None and fact.ruling is not Ruling.CLAIM:
                yield held.challenger, f"bond of dispute {fact.dispute}", held.bond
            answer = scene.past.of(f.AnswerCommitted, fact.answer)
            if answer is not None and fact.ruling is Ruling.VOID:
                what = f"bond of answer {place_of(fact.answer)} to bounty {ask_of(fact.answer)}"
                yield answer.contributor, what, answer.bond
        case f.WordJudged():
            word = scene.past.of(f.WordAccused, fact.dispute)
            if word is not None and fact.ruling is not Ruling.CLAIM:
                lost = fact.burnt if fact.ruling is Ruling.VOID else 0
                yield word.accuser, f"bond of dispute {fact.dispute}", word.bond - lost
        case f.RootJudged():
            yield from _root_bonds(scene, fact)
        case f.DisputeResolved():
            record = scene.past.of(f.ClaimDisputed, fact.dispute)
            if record is not None and record.ground == Ground.CHALLENGE and fact.ruling is not Ruling.CLAIM:
                yield record.opponent, f"bond of dispute {fact.dispute}", record.bond
        case f.CallJudged():
            call = scene.past.of(f.CallAccused, fact.accusation)
            if call is not None and fact.ruling is not Ruling.CLAIM:
                yield call.accuser, f"bond of accusation 0x{fact.accusation.hex()}", call.bond
        case _:
            assert_never(fact)


def _root_bonds(scene: Scene, fact: f.RootJudged) -> Iterator[tuple[Address, str, int]]:
    terms, proposed = scene.past.of(f.EpochTerms), scene.past.of(f.RootProposed)
    challenged = scene.past.of(f.RootChallenged, fact.dispute)
    if terms is None or proposed is None or challenged is None:
        return
    back = terms.params.bond - (fact.burnt // 2 if fact.ruling is Ruling.VOID else 0)
    if fact.ruling is not Ruling.OTHER:
        yield proposed.proposer, f"bond of the root of epoch {fact.epoch}", back
    if fact.ruling is not Ruling.CLAIM:
        yield challenged.challenger, f"bond of dispute {fact.dispute}", back


def _about(scene: Scene, fact: Judged) -> tuple[str, str]:
    """What was judged, and how anybody finds out who was right."""
    match fact:
        case f.AnswerJudged(answer=answer):
            disputed = scene.past.of(f.AnswerDisputed, fact.dispute)
            how = _again(scene, fact, disputed.charge) if disputed else f"`thenar bounty show {ask_of(answer)}`"
            return f"answer {place_of(answer)} to bounty {ask_of(answer)}", how
        case f.WordJudged():
            how = f"`thenar capture words {fact.capture} --check` lays one sketch on the other"
            return f"the word of {fact.witness} for {fact.capture}", how
        case f.RootJudged():
            return f"the root of epoch {fact.epoch}", f"`thenar epoch verify {fact.epoch}`; {THE_RULES}"
        case f.DisputeResolved():
            bounty = scene.catalog.work[fact.claim].bounty
            how = f"`thenar job show {bounty}`; run the unit again from its spec"
            return f"claim {fact.claim} of bounty {bounty}", how
        case f.CallJudged():
            how = "CallAccused holds observation and answer: run the model on it"
            return f"a call of {fact.node} to {fact.model}", how
        case _:
            assert_never(fact)


def _again(scene: Scene, fact: f.AnswerJudged, charge: Charge) -> str:
    """Sketches that are published are compared again; of sealed ones only the jury's votes can be counted."""
    bounty = ask_of(fact.answer)
    if charge.prior != NO_ASSET and not is_public(scene.catalog.asks[bounty].ask):
        voted = f"VoteRevealed of dispute {fact.dispute} for 0x{charge.leaf.hex()} (the charge) or any other leaf"
        return f"both sketches are sealed, and only jurors saw them: count {voted}; two thirds of a round decide"
    prior = "" if charge.prior == NO_ASSET else f" --prior {charge.prior}"
    return f"`thenar bounty challenge {bounty} {place_of(fact.answer)}{prior} --dry-run`"
