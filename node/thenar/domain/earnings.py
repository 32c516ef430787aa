"""Where every unit an account earned came from: the fact, the formula with its numbers, and how a peer recomputes it.

Everything is worked out from public facts. Amounts are settlement-token units, or ThenarToken units where it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from thenar.domain import facts as f
from thenar.domain.bounty.answers import NO_ASSET, Charge, ask_of, place_of
from thenar.domain.bounty.visibility import is_public
from thenar.domain.catalog import Catalog, EpochRecord
from thenar.domain.epochs.rules import BP, RULES
from thenar.domain.epochs.shares import Contribution
from thenar.domain.ids import Address, DisputeId
from thenar.domain.work.bounties import AuditStage
from thenar.domain.work.disputes import Ruling

DOLLARS, THN = "settlement token", "THN"
_RULES: Final = "the rules are thenar.epochs/1"

Judged: TypeAlias = f.AnswerJudged | f.WordJudged | f.RootJudged | f.DisputeResolved | f.CallJudged
Charges: TypeAlias = Mapping[DisputeId, Charge]


@dataclass(frozen=True, slots=True)
class Earning:
    """Something an account earned. ``coming`` is what may still come free of it."""

    source: str
    amount: int
    unit: str
    proof: str
    at: f.At
    formula: str
    numbers: tuple[tuple[str, int], ...]
    recompute: str
    epoch: int | None = None
    coming: int = 0


def earnings(catalog: Catalog, facts: Iterable[f.Fact], who: Address) -> Iterator[Earning]:
    """Everything an account earned, in chain order; rewards of epochs last. The catalog holds the same facts."""
    charges: dict[DisputeId, Charge] = {}
    for fact in facts:
        if isinstance(fact, f.AnswerDisputed):
            charges[fact.dispute] = fact.charge
        elif isinstance(fact, Judged):
            yield from _won(catalog, fact, who, charges)
        else:
            yield from _direct(catalog, fact, who)
    for record in catalog.epochs.epochs.values():
        if record.closed is not None:
            yield from _rewards(catalog, record, who)


def _direct(catalog: Catalog, fact: f.Fact, who: Address) -> Iterator[Earning]:
    match fact:
        case f.AnswerSettled(contributor=contributor) if contributor == who:
            yield _bounty(catalog, fact)
        case f.AnswerLapsed(by=by) if by == who:
            proof = f"answer {place_of(fact.answer)} to bounty {ask_of(fact.answer)} was not shown in time"
            yield _half(fact, "challenge", fact.bond, proof, f"`thenar bounty show {ask_of(fact.answer)}`")
        case f.ClaimFinalized() | f.ClaimExpired():
            yield from _work(catalog, fact, who)
        case f.AnswerShown(node=node) if node == who:
            yield _storage(catalog, fact)
        case f.AnswerMissed() | f.StorageConvicted():
            yield from _watched(fact, who)
        case f.JurorPaid(juror=juror) if juror == who:
            how = f"`thenar duty list` names dispute {fact.dispute}; CaseClosed tells the fee of each vote"
            numbers = (("fee", fact.fee),)
            proof = f"vote in dispute {fact.dispute}, round {fact.round}"
            yield Earning(
                "court", fact.fee, DOLLARS, proof, fact.at, "what was lost / votes with the ruling", numbers, how
            )
        case f.JurorFined(by=by) if by == who and fact.fine:
            proof = f"{fact.juror} did not vote in dispute {fact.dispute}, round {fact.round}"
            yield _half(fact, "court", fact.fine, proof, "the round's votes: none of this juror's")
        case f.Claimed() | f.OwnTaken():
            yield from _revenue(catalog, fact, who)
        case _:
            pass


def _bounty(catalog: Catalog, fact: f.AnswerSettled) -> Earning:
    bounty, answer = catalog.asks[ask_of(fact.answer)], catalog.answers[fact.answer]
    ask, shown = bounty.ask, answer.shown
    price = ask.price_at(bounty.opened_at, answer.committed_at)
    numbers = [("price", price), ("target", ask.target), ("before", fact.before), ("covered", fact.covered)]
    if shown is not None:
        numbers += [("quality", shown.quality), ("novelty", shown.novelty)]
    formula = "min(budget left, price · ∫ g (1 + 4 g²) from before to covered), g = 1 - coverage / target"
    proof = f"answer {place_of(fact.answer)} to bounty {bounty.id}"
    how = f"`thenar bounty show {bounty.id}`, and the sketches of both scans"
    return Earning("capture bounty", fact.paid, DOLLARS, proof, fact.at, formula, tuple(numbers), how)


def _half(fact: f.AnswerLapsed | f.JurorFined, source: str, lost: int, proof: str, how: str) -> Earning:
    return Earning(source, lost // 2, DOLLARS, proof, fact.at, "half of what was lost", (("lost", lost),), how)


def _won(catalog: Catalog, fact: Judged, who: Address, charges: Charges) -> Iterator[Earning]:
    """Half of what the loser of a dispute lost: the other side's when it was right, else the claimant's."""
    if fact.to_winner and _winner(catalog, fact) == who:
        lost = (("lost", fact.to_winner + fact.to_jurors + fact.burnt),)
        parts = (("to_winner", fact.to_winner), ("to_jurors", fact.to_jurors), ("burnt", fact.burnt))
        numbers = parts if isinstance(fact, f.DisputeResolved) else lost + parts  # there an auditor may have a part
        proof, how = _about(catalog, fact, charges)
        if fact.dispute:
            proof = f"dispute {fact.dispute} about {proof}"
        yield Earning("challenge", fact.to_winner, DOLLARS, proof, fact.at, "half of what was lost", numbers, how)


def _winner(catalog: Catalog, fact: Judged) -> Address | None:
    if isinstance(fact, f.CallJudged) and not fact.dispute:
        return catalog.accusations[fact.accusation].accuser  # nobody answered, so no jury was called
    opening = catalog.cases[fact.dispute].opening
    return {Ruling.OTHER: opening.other, Ruling.CLAIM: opening.claimant}.get(fact.ruling)


def _about(catalog: Catalog, fact: Judged, charges: Charges) -> tuple[str, str]:
    """What was judged, and how anybody finds out who was right."""
    match fact:
        case f.AnswerJudged(answer=answer):
            return f"answer {place_of(answer)} to bounty {ask_of(answer)}", _again(catalog, fact, charges[fact.dispute])
        case f.WordJudged():
            how = f"`thenar capture words {fact.capture} --check` lays one sketch on the other"
            return f"the word of {fact.witness} for {fact.capture}", how
        case f.RootJudged():
            return f"the root of epoch {fact.epoch}", f"`thenar epoch verify {fact.epoch}`; {_RULES}"
        case f.DisputeResolved():
            bounty = catalog.work[fact.claim].bounty
            how = f"`thenar job show {bounty}`; run the unit again from its spec"
            return f"claim {fact.claim} of bounty {bounty}", how
        case f.CallJudged():
            how = "CallAccused holds observation and answer: run the model on it"
            return f"a call of {fact.node} to {fact.model}", how
        case _:
            assert_never(fact)


def _again(catalog: Catalog, fact: f.AnswerJudged, charge: Charge) -> str:
    """Sketches that are published are compared again; of sealed ones only the jury's votes can be counted."""
    bounty = ask_of(fact.answer)
    if charge.prior != NO_ASSET and not is_public(catalog.asks[bounty].ask):
        voted = f"VoteRevealed of dispute {fact.dispute} for 0x{charge.leaf.hex()} (the charge) or any other leaf"
        return f"both sketches are sealed, and only jurors saw them: count {voted}; two thirds of a round decide"
    prior = "" if charge.prior == NO_ASSET else f" --prior {charge.prior}"
    return f"`thenar bounty challenge {bounty} {place_of(fact.answer)}{prior} --dry-run`"


def _work(catalog: Catalog, fact: f.ClaimFinalized | f.ClaimExpired, who: Address) -> Iterator[Earning]:
    claim = catalog.work[fact.claim]
    job, how = catalog.bounties[claim.bounty].job, f"`thenar job show {claim.bounty}`; run any unit again from its spec"
    proof = f"claim {claim.id} of bounty {claim.bounty}"
    if isinstance(fact, f.ClaimExpired):
        if claim.auditor == who and claim.audit is AuditStage.COMMITTED and fact.penalty:
            lost, formula = (("lost", fact.penalty),), "half of what a worker loses who shows nothing to his auditor"
            yield Earning("compute", fact.penalty // 2, DOLLARS, f"audit of {proof}", fact.at, formula, lost, how)
        return
    if fact.worker == who and fact.paid:
        units = (("units", claim.count), ("price", job.price))
        yield Earning("compute", fact.paid, DOLLARS, proof, fact.at, "units · price", units, how)
    if claim.auditor == who and fact.audit_paid:
        numbers = (("audit_price", job.audit_price), ("share_bp", claim.bps), ("units", claim.count))
        formula = "audit price of each unit that was drawn"
        yield Earning("compute", fact.audit_paid, DOLLARS, f"audit of {proof}", fact.at, formula, numbers, how)


def _storage(catalog: Catalog, fact: f.AnswerShown) -> Earning:
    bond = catalog.storage_terms.demand_bond if catalog.storage_terms else 0
    proof = f"shown leaf {fact.place} of round {fact.round}"
    how = "the transaction holds the leaf; its path leads to the pledge's root"
    return Earning("storage", bond, DOLLARS, proof, fact.at, "the bond of the demand", (("bond", bond),), how)


def _watched(fact: f.AnswerMissed | f.StorageConvicted, who: Address) -> Iterator[Earning]:
    by, lost = (fact.reporter, fact.fine) if isinstance(fact, f.AnswerMissed) else (fact.by, fact.taken)
    if by == who and lost:
        proof = f"round {fact.round} of {fact.node}"
        how = "the round's facts: no answer, or none that was shown"
        yield Earning("storage", lost // 2, DOLLARS, proof, fact.at, "half of what was lost", (("lost", lost),), how)


def _revenue(catalog: Catalog, fact: f.Claimed | f.OwnTaken, who: Address) -> Iterator[Earning]:
    how = f"`thenar revenue show {fact.asset}`"
    if isinstance(fact, f.OwnTaken):
        if fact.owner == who:
            taken, formula = (("taken", fact.amount),), "received · (1 - linked shares), less what was taken before"
            yield Earning("revenue graph", fact.amount, DOLLARS, fact.asset, fact.at, formula, taken, how)
    elif fact.to == who:
        payout = catalog.income_of(fact.asset).payouts[fact.payout - 1]
        numbers = (("total_weight", payout.total_weight), ("start", payout.start), ("leaf", fact.index))
        formula = "own income since the payout · weight / total weight, less what was paid before"
        proof = f"leaf {fact.index} of payout {fact.payout} of {fact.asset}"
        yield Earning("revenue graph", fact.amount, DOLLARS, proof, fact.at, formula, numbers, how)


def _rewards(catalog: Catalog, record: EpochRecord, who: Address) -> Iterator[Earning]:
    for one in record.contributions:
        if one.account == who:
            yield _reward(catalog, record, one)


def _reward(catalog: Catalog, record: EpochRecord, one: Contribution) -> Earning:
    """What a contribution was due by now: at once, and for each epoch since in which its storage was proved."""
    rate, budget = record.rates[one.kind], RULES.budget(one.kind)
    later = [
        catalog.epochs.epochs[number]
        for number in range(record.number + 1, record.number + 1 + RULES.tranches)
        if number <= catalog.epochs.newest
    ]
    free = sum(epoch.proved.keeps(one) for epoch in later)
    numbers = (
        *one.inputs,
        *(("score", one.score), ("pool", record.pool), ("part_bp", budget.part_bp), ("budget", rate.budget)),
        *(("all_scores", rate.scored), ("least", budget.least), ("units_per_score", rate.whole)),
        *(("at_once_bp", RULES.now_bp), ("tranche_bp", RULES.tranche_bp), ("tranches_free", free)),
    )
    formula = (
        f"score · (⌊rate · {RULES.now_bp} / {BP}⌋ + tranches free · ⌊rate · {RULES.tranche_bp} / {BP}⌋), "
        "rate = ⌊budget / max(all scores, least)⌋"
    )
    amount = one.score * (rate.now + free * rate.tranche)
    coming = one.score * rate.tranche * (RULES.tranches - len(later))
    how = f"`thenar epoch verify {record.number}`; {_RULES}"
    return Earning(
        f"epoch rewards, {one.kind.value}", amount, THN, one.proof, one.at, formula, numbers, how, record.number, coming
    )
