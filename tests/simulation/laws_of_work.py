"""What must hold about work, previews and answers to bounties, once everything was calm for days: W13, W16 to W20."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from thenar.domain import facts as f
from thenar.domain.bounty.answers import AnswerStage, ask_of
from thenar.domain.catalog import Catalog, ClaimRecord
from thenar.domain.previews import End, Stage
from thenar.domain.runs.programs import RunStage
from thenar.domain.work.bounties import ClaimStage

if TYPE_CHECKING:
    from laws import Laws

HOUR, DAY = 3_600, 86_400
ENOUGH = 24
"""Hours of being well within a window of a day and a half, or of two, in which a node must have done its duty."""
LATE = 3 * DAY
FORGOTTEN = 257
"""Blocks after which a preview that nobody opened ends."""


def breaches(laws: Laws, truth: Catalog) -> Iterator[str]:
    """Everything that is wrong in the end."""
    yield from _claims(laws, truth)
    yield from _audits(laws, truth)
    yield from _bounties(laws, truth)
    yield from _answers(laws, truth)
    yield from _previews(laws, truth)
    yield from _runs(laws, truth)
    yield from _streams(laws, truth)
    yield from _twice(laws, truth)


def _claims(laws: Laws, truth: Catalog) -> Iterator[str]:
    """Who works honestly and is well loses nothing."""
    for claim in truth.work.values():
        name = laws.name_of(claim.worker)
        if claim.stage is ClaimStage.VOIDED or claim.dispute is not None:
            yield f"W16 claim {claim.id} of {name} came before the court, and nobody here cheats"
        elif claim.stage in (ClaimStage.EXPIRED, ClaimStage.SLASHED):
            since, until = _window(laws, claim)
            hours = laws.hours_well(name, since, until)
            if hours >= ENOUGH and not laws.around.damaged.get(name):
                yield f"W16 {name} was late with claim {claim.id}, and was well for {hours} hours"


def _window(laws: Laws, claim: ClaimRecord) -> tuple[int, int]:
    """When a claim that was lost could have been saved."""
    asked = [demand for demand in claim.demands.values() if demand.shown is None]
    if claim.stage is ClaimStage.SLASHED:
        until = min((demand.show_by for demand in asked), default=0)
        return until - 36 * HOUR, until or 2**40
    claimed = laws.around.chain.blocks[claim.claimed.block].timestamp
    return (claimed if claim.committed is None else claim.by - DAY), claim.by


def _audits(laws: Laws, truth: Catalog) -> Iterator[str]:
    """An auditor who was well, and could have the files from who was well too, did not stay away."""
    drawn: dict[int, tuple[int, int]] = {}
    for block in laws.around.chain.blocks:
        for fact in laws.facts_of(block):
            if isinstance(fact, f.AuditDrawn):
                drawn[fact.claim] = (block.timestamp, fact.by)
            elif isinstance(fact, f.AuditMissed):
                claim = truth.work[fact.claim]
                needed = (fact.auditor, truth.bounties[claim.bounty].requester)
                names = [laws.name_of(one) for one in needed]
                hours = min(laws.hours_well(name, *drawn[fact.claim]) for name in names)
                if hours >= ENOUGH and not any(laws.around.damaged.get(name) for name in names):
                    yield f"W16 {names[0]} stayed away from the audit of claim {claim.id}, well for {hours} hours"


def _bounties(laws: Laws, truth: Catalog) -> Iterator[str]:
    """What was locked for work or for captures is free again when nothing more can come of it."""
    now = laws.around.chain.head.timestamp
    for bounty in truth.bounties.values():
        runs = any(truth.work[number].runs for number in bounty.claims)
        over = bounty.done == bounty.job.units or (now > bounty.job.deadline + LATE and not runs)
        if over and not bounty.closed and not _young(laws, truth, bounty.claims):
            yield f"W16 bounty {bounty.id} of {laws.name_of(bounty.requester)} is over and was not closed"
    for ask in truth.asks.values():
        if not ask.closed and now > ask.ask.deadline + 4 * DAY + LATE:
            yield f"W17 capture bounty {ask.id} of {laws.name_of(ask.sponsor)} is over and was not closed"


def _young(laws: Laws, truth: Catalog, claims: Iterable[int]) -> bool:
    """Whether the last claim ended a short while ago."""
    chain = laws.around.chain
    ended = [truth.work[number].ended for number in claims]
    times = [chain.blocks[at.block].timestamp for at in ended if at is not None]
    return max(times, default=0) > chain.head.timestamp - LATE


def _answers(laws: Laws, truth: Catalog) -> Iterator[str]:
    """Who answers honestly is not found against, and shows in time what he committed to."""
    now = laws.around.chain.head.timestamp
    for answer in truth.answers.values():
        name, label = laws.name_of(answer.contributor), f"answer {answer.id - (ask_of(answer.id) << 32)}"
        label += f" of {name} to bounty {ask_of(answer.id)}"
        if answer.dispute is not None:
            yield f"W17 {label} came before the court, and nobody here cheats"
        if answer.stage is AnswerStage.LAPSED:
            hours = laws.hours_well(name, answer.committed_at, answer.until)
            if hours >= ENOUGH:
                yield f"W17 {label} was not shown, and he was well for {hours} hours"
        if not answer.stage.is_over and now > answer.until + LATE:
            yield f"W17 {label} is {answer.stage.name} {now - answer.until} s too late"


def _previews(laws: Laws, truth: Catalog) -> Iterator[str]:
    """Every preview ends, and nobody is found to have opened a false chunk."""
    chain = laws.around.chain
    for record in truth.previews.values():
        seller = laws.name_of(record.preview.seller)
        if record.end is End.REFUTED:
            yield f"W18 {seller} was found to have opened a false chunk, and nobody here cheats"
        if record.stage is Stage.OPENED and chain.head.timestamp > record.deadline + LATE:
            yield f"W18 a preview of {seller} was opened and never paid"
        last = record.preview.asked_in + FORGOTTEN
        unopened = record.stage is Stage.ASKED and last < chain.head.number
        if unopened and chain.head.timestamp > chain.blocks[last].timestamp + LATE:
            yield f"W18 a preview of {seller} was not opened, and the fee did not come back"


def _runs(laws: Laws, truth: Catalog) -> Iterator[str]:
    """Every run that was paid for is paid out or refunded, and an owner who is well delivers it in time."""
    now = laws.around.chain.head.timestamp
    for record in truth.runs.values():
        owner, run = laws.name_of(truth.assets[record.run.asset].owner), record.run
        if record.stage is RunStage.ORDERED and now > run.deadline + LATE:
            yield f"W19 run {record.id} of {owner} was neither delivered nor refunded"
        if record.stage is RunStage.DELIVERED and now > record.reject_by + LATE:
            yield f"W19 run {record.id} of {owner} was delivered and not paid"
        stood = truth.assets[run.asset].consent_epoch == run.consent_epoch
        if record.stage is RunStage.REFUNDED and stood and not laws.around.damaged.get(owner):
            hours = laws.hours_well(owner, run.ordered_at, run.deadline)
            if hours >= ENOUGH:
                yield f"W19 {owner} did not deliver run {record.id}, and was well for {hours} hours"


def _streams(laws: Laws, truth: Catalog) -> Iterator[str]:
    """Every subscription is settled soon after what it paid for, or the stream, has ended."""
    now = laws.around.chain.head.timestamp
    for live in truth.live.values():
        for who, held in live.subscriptions.items():
            if held.runs and now > truth.cover_of(live.id, who).until + LATE:
                yield f"W20 {laws.name_of(who)} still subscribes to stream {live.id}, which is over"


def _twice(laws: Laws, truth: Catalog) -> Iterator[str]:
    """What a person asked for once is there once: jobs differ in their spec, the others in their amount."""
    told: Counter[tuple[str, str, object]] = Counter()
    told.update(("job", one.requester, one.job.spec) for one in truth.bounties.values())
    told.update(("capture bounty", one.sponsor, one.ask.budget) for one in truth.asks.values())
    told.update(("run", one.run.buyer, one.key_x) for one in truth.runs.values())
    told.update(("preview", one.preview.challenger, one.preview.fee) for one in truth.previews.values())
    for (what, who, _), count in told.items():
        if count > 1:
            yield f"W13 {laws.name_of(who)} asked for one {what} and has {count}"


def count(told: Counter[str], truth: Catalog) -> None:
    """How much of all this there was."""
    for claim in truth.work.values():
        told[f"claims {claim.stage.name.lower()}"] += 1
        told[f"audits {claim.audit.name.lower()}"] += 1
    for answer in truth.answers.values():
        told[f"answers {answer.stage.name.lower()}"] += 1
    for run in truth.runs.values():
        told[f"runs {run.stage.name.lower()}"] += 1
    for live in truth.live.values():
        told["streams"] += 1
        told["subscriptions"] += len(live.subscriptions)
    for record in truth.previews.values():
        told[f"previews {(record.end or record.stage).name.lower()}"] += 1


def due_at(laws: Laws, block: int) -> int | None:
    """When whoever asked for a preview in a block may have its fee back; None while that lies ahead."""
    blocks = laws.around.chain.blocks
    return blocks[block + FORGOTTEN].timestamp if block + FORGOTTEN < len(blocks) else None
