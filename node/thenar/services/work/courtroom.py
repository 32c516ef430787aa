"""Moves in disputes: for one's own trace as a side, with one's own replay as a juror."""

from __future__ import annotations

import hashlib
import logging

import trio

from thenar.domain.actions import (
    AnswerChildren,
    AppealCase,
    CloseCase,
    CollectFee,
    CommitVote,
    ComputeSum,
    DrawJury,
    FineAbsent,
    FlagCase,
    NarrowCase,
    PostChildren,
    PostState,
    RevealVote,
    RuleCase,
)
from thenar.domain.catalog import BountyRecord, CaseRecord, ClaimRecord
from thenar.domain.ids import Address, Cid, DisputeId
from thenar.domain.work.aggregates import packed
from thenar.domain.work.disputes import Ballot, Children, Phase, Ruling
from thenar.domain.work.results import LAST_CHECKPOINT, WorkRecord, read_leaves
from thenar.domain.work.trace import TraceTree, narrowed
from thenar.errors import BadInput, Corrupt, NotFound, Poor, Reverted, Unavailable
from thenar.services.steps import step
from thenar.services.work.bonds import back
from thenar.services.work.jobfiles import holders_of, numbers_of, record_of
from thenar.services.work.workbench import COURT, Bench

log = logging.getLogger(__name__)


def bounty_of(bench: Bench, case: CaseRecord) -> BountyRecord:
    """The bounty a case is about. Raises NotFound."""
    if case.claim is None:
        raise NotFound(f"nobody said which claim dispute {case.id} is about")
    return bench.bounty(bench.claim(case.claim).bounty)


async def move(bench: Bench, number: DisputeId, what: str, level: int) -> None:
    """Make the move that is due for one's own side: show children, answer with one's own, or post the agreed state."""
    case = bench.case(number)
    if case.phase not in (Phase.NARROWING, Phase.STATE) or case.level != level:
        return
    bounty, unit = bounty_of(bench, case), case.opening.unit
    tree = await bench.tree(bounty, unit)
    key = f"court-{what}:{number}/{level}"
    if what == "state":
        if case.state is None and case.first and not case.opening.computable:
            state = await bench.state(bounty, unit, case.segment)
            place = (case.first >> 4 * case.agreed_level) - 1
            path = tree.right_edge(case.agreed_level, place)
            await step(bench.trade, key, PostState(number, state, path))
        return
    children = tree.children(level, case.first >> 4 * level)
    if what == "post" and case.shown is None:
        await step(bench.trade, key, PostChildren(number, children))
    elif what == "answer" and case.shown is not None:
        await step(bench.trade, key, AnswerChildren(number, case.shown, children))


async def narrow(bench: Bench, number: DisputeId) -> None:
    """The other side: go all the way down in one transaction, as far as the claim's trace can be had.

    Where it can not, the claimant shows it move by move, or loses by his clock.
    """
    case = bench.case(number)
    if case.phase is not Phase.NARROWING or case.claim is None:
        return
    bounty, unit = bounty_of(bench, case), case.opening.unit
    claim = bench.claim(case.claim)
    try:
        record = await record_of(bench.files, bench.trade.belief.catalog, claim)
        theirs = await trace_of(bench, claim, record, unit - claim.first)
    except (Unavailable, Corrupt, NotFound) as cause:
        log.info("the claim's trace is not to be had", extra={"dispute": number, "reason": cause.message})
        return
    mine = await bench.tree(bounty, unit)
    if (theirs.root, mine.root) != (case.opening.claim_root, case.opening.other_root):
        return
    way = narrowed(theirs, mine, case.level, case.first, case.agreed_level)
    state, path = b"", tuple[Children, ...]()
    if way.first and not case.opening.computable:
        state = await bench.state(bounty, unit, way.first - 1)
        path = mine.right_edge(way.agreed_level, (way.first >> 4 * way.agreed_level) - 1)
    await step(bench.trade, f"court-narrow:{number}", NarrowCase(number, way.claims, way.others, state, path))


async def trace_of(bench: Bench, claim: ClaimRecord, record: WorkRecord, place: int) -> TraceTree:
    """The trace a worker says he found for the unit at a place, held against his record.

    Raises Corrupt, Unavailable.
    """
    bounty = bench.bounty(claim.bounty)
    holders = holders_of(bench.trade.belief.catalog, claim.worker, bounty.requester)
    limit = 32 * (bounty.job.segments + 1) + LAST_CHECKPOINT
    data = await bench.files.bring(Cid.parse(record.traces[place]), holders, limit)
    return read_leaves(data, bounty.job.segments, record.trace_roots[place])[0]


async def flag(bench: Bench, number: DisputeId, what: str, level: int) -> None:
    """Close a case against the other side once its clock has run out."""
    case = bench.case(number)
    waiting = case.phase in (Phase.NARROWING, Phase.STATE) and case.level == level
    same = {"post": case.shown is None, "answer": case.shown is not None, "state": case.phase is Phase.STATE}
    if waiting and same[what]:
        await step(bench.trade, f"court-flag:{number}/{what}/{level}", FlagCase(number))


async def compute_sum(bench: Bench, number: DisputeId) -> None:
    """Have the chain compute the leaf that two sums differ in, where that is in one's own favour.

    The claim loses unless the leaf is its own, or when nobody computes it before its clock runs out.
    """
    case = bench.case(number)
    if case.phase is not Phase.STATE or not case.opening.computable:
        return
    plan = await bench.plan(bounty_of(bench, case))
    numbers = await numbers_of(plan.spec, plan.assets)
    at = case.opening.unit * case.opening.segments + case.segment
    before, path = await trio.to_thread.run_sync(numbers.start, at) if case.first else (0, ())
    right = numbers.leaf(at) if case.first else numbers.told.digest
    if (right == case.claim_node) != (case.opening.claimant == bench.trade.me):
        return
    action = ComputeSum(number, case.opening, numbers.told, packed(numbers.values), before, path)
    await step(bench.trade, f"court-sum:{number}", action)


async def draw_jury(bench: Bench, number: DisputeId, round_: int, draw_block: int) -> None:
    """Have a panel drawn once its block is there."""
    case = bench.case(number)
    if (case.phase, case.round, case.draw_block) != (Phase.DRAWING, round_, draw_block):
        return
    if (await bench.trade.chain.head()).block <= draw_block:
        raise Unavailable(f"the jury of dispute {number} is drawn by block {draw_block}, which is too young")
    await step(bench.trade, f"court-draw:{number}/{round_}/{draw_block}", DrawJury(number, case.opening))


async def vote(bench: Bench, number: DisputeId, round_: int) -> None:
    """Run the disputed segment and commit to what came out; leaf and salt are on disk before the commitment is sent."""
    case = bench.case(number)
    panel = case.panels[round_]
    if (case.phase, case.round) != (Phase.VOTING, round_) or bench.trade.me in panel.committed:
        return
    if await bench.now() >= panel.commit_until:
        return
    name = f"vote/{number}/{round_}"
    secret = await bench.secret(name)
    if secret is None:
        secret = await bench.seal(name, await compute_leaf(bench, case))
    ballot = _ballot(bench, number, round_)
    place = panel.members.index(bench.trade.me)
    action = CommitVote(number, panel.members, place, ballot.commitment(*secret.opening))
    await step(bench.trade, f"court-vote:{number}/{round_}", action)


async def compute_leaf(bench: Bench, case: CaseRecord) -> bytes:
    """The leaf the disputed segment leads to, by running it here; a state that is none leads to no side's leaf."""
    if bench.scorer is not None and (case.answer, case.epoch, case.word) != (None, None, None):
        return await bench.scorer(case)
    if case.accusation is not None and bench.caller is not None:
        return await bench.caller(case)
    plan = await bench.plan(bounty_of(bench, case))
    if case.first == 0:
        return hashlib.sha256(await bench.executor.first_state(plan, case.opening.unit)).digest()
    if case.state is None:
        raise Unavailable(f"nobody posted the state of dispute {case.id} yet")
    try:
        found = await bench.executor.replay(plan, case.opening.unit, case.segment, case.state)
    except BadInput as cause:
        log.warning("the posted state is none", extra={"dispute": case.id, "reason": cause.message})
        found = b"no state: " + case.state
    return hashlib.sha256(found).digest()


async def reveal_vote(bench: Bench, number: DisputeId, round_: int) -> None:
    """Show one's vote once all have committed or had the time to."""
    case = bench.case(number)
    panel = case.panels[round_]
    secret = await bench.secret(f"vote/{number}/{round_}")
    if secret is None or bench.trade.me in panel.revealed or case.round != round_:
        return
    everybody = len(panel.committed) == len(panel.members)
    if not everybody and await bench.now() < panel.commit_until:
        raise Unavailable("others may still commit to their votes")
    await step(bench.trade, f"court-reveal:{number}/{round_}", RevealVote(number, *secret.opening))


async def rule(bench: Bench, number: DisputeId, round_: int) -> None:
    """Have the votes of a panel counted."""
    case = bench.case(number)
    if (case.phase, case.round) == (Phase.VOTING, round_):
        await step(bench.trade, f"court-rule:{number}/{round_}", RuleCase(number))


async def appeal(bench: Bench, number: DisputeId, round_: int) -> None:
    """Ask for a larger panel when one's own side lost and is right by one's own reckoning, if there is money for it."""
    case = bench.case(number)
    if (case.phase, case.round) != (Phase.RULED, round_) or case.ruling is Ruling.VOID:
        return
    mine = case.other_node if case.ruling is Ruling.CLAIM else case.claim_node
    if await compute_leaf(bench, case) != mine:
        log.info("the ruling is right", extra={"dispute": number})
        return
    try:
        await back(bench.trade, bench.bonds, bench.bonds.appeal << round_)
        await step(bench.trade, f"court-appeal:{number}/{round_}", AppealCase(number))
    except (Poor, Reverted) as refused:
        log.warning("no appeal", extra={"dispute": number, "reason": refused.message})


async def close(bench: Bench, number: DisputeId, round_: int) -> None:
    """Have a ruling carried out that nobody can appeal any more."""
    case = bench.case(number)
    if (case.phase, case.round) == (Phase.RULED, round_):
        await step(bench.trade, f"court-close:{number}/{round_}", CloseCase(number))


async def settle_jury(bench: Bench, number: DisputeId) -> None:
    """Take one's own fees, and have fined who stayed away from a panel one sat on or waited for."""
    case, me = bench.case(number), bench.trade.me
    for round_, panel in tuple(case.panels.items()):
        if _voted_right(case, panel.revealed.get(me)) and me not in panel.settled:
            await step(bench.trade, f"court-fee:{number}/{round_}", CollectFee(number, round_, me))
        for place, juror in enumerate(panel.members):
            if juror not in panel.revealed and juror not in panel.settled and juror != me:
                action = FineAbsent(number, case.opening, round_, panel.members, place)
                await step(bench.trade, f"court-fine:{number}/{round_}/{juror}", action)


def _voted_right(case: CaseRecord, leaf: bytes | None) -> bool:
    right: dict[Ruling, bytes] = {Ruling.CLAIM: case.claim_node, Ruling.OTHER: case.other_node}
    return leaf is not None and right.get(case.ruling) == leaf


def _ballot(bench: Bench, number: DisputeId, round_: int) -> Ballot:
    chain, court = bench.trade.chain, Address(bench.trade.chain.contract(COURT))
    return Ballot(chain.chain_id, court, number, round_, bench.trade.me)
