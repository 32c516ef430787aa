"""What the four contracts about computing say, on paper: every opening checked, money left out.

The state is what a catalog holds; beside it only commitments, which nobody shows. Draws take whoever comes first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from fakes import CONTRACT, FakeChain
from paper_rules import agreed, disputed, refuse, summed

from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.catalog import BountyRecord, CaseRecord, Catalog, ClaimRecord
from thenar.domain.ids import Address
from thenar.domain.membertree import contains
from thenar.domain.work.audits import ALL, Bound, after_fault, audit_bps, audited, spot
from thenar.domain.work.bounties import GIVEN_BACK, AuditStage, ClaimStage
from thenar.domain.work.disputes import Ballot, Ground, Opening, Phase, Ruling
from thenar.domain.work.trace import above_last, first_difference, node_of

NOBODY = Address("0x" + "0" * 40)
HOLD, REVEAL, SHOW, CLOCK, VOTE, APPEAL = 1_000, 400, 300, 600, 200, 100  # seconds
DELAY = 2  # blocks
MOST_DRAWS = 3
DEMAND = 5
"""The bond of a demand."""


@dataclass
class PaperBounties:
    """The contracts' rules over a catalog; ``judge`` are who can be drawn, in order."""

    chain: FakeChain
    commitments: dict[tuple[str, int], bytes] = field(default_factory=dict)
    votes: dict[tuple[int, int, Address], bytes] = field(default_factory=dict)
    clocks: dict[int, int] = field(default_factory=dict)
    bond_out: bool = False
    """Whether the bond for canaries serves another claim."""

    def effects(self, catalog: Catalog, who: Address, action: a.Action, where: f.At) -> Iterator[f.Fact]:
        """The facts of an allowed action. Raises Reverted."""
        now = self.chain.timestamp
        match action:
            case a.CreateBounty() | a.CancelBounty() | a.CloseBounty() | a.PayInput() | a.EnlistWorker():
                yield from self._bounty(catalog, who, action, where, now)
            case a.ClaimUnits():
                yield from self._claim(catalog, who, action, where, now)
            case (
                a.DemandPlace()
                | a.ShowPlace()
                | a.LapseDemand()
                | a.DisagreeClaim()
                | a.ChallengeClaim()
                | a.OpenCanary()
            ):
                yield from self._dispute(catalog, who, action, where, now)
            case _ if hasattr(action, "claim_id"):
                yield from self._work(catalog.work[action.claim_id], catalog, who, action, where, now)
            case _ if hasattr(action, "dispute"):
                yield from self._court(catalog.cases[action.dispute], catalog, who, action, where, now)

    def _bounty(self, catalog: Catalog, who: Address, action: a.Action, where: f.At, now: int) -> Iterator[f.Fact]:
        match action:
            case a.CreateBounty(job=job):
                refuse(job.deadline > now, "ComputeBounties", "BadJob")
                yield f.BountyCreated(where, len(catalog.bounties) + 1, who, job.class_id, job, job.budget)
            case a.CancelBounty(bounty=bounty):
                yield f.BountyCancelled(where, bounty)
            case a.CloseBounty(bounty=number):
                bounty = catalog.bounties[number]
                runs = any(catalog.work[claim].runs for claim in bounty.claims)
                refuse(not runs, "ComputeBounties", "StillRuns")
                over = bounty.cancelled or bounty.done == bounty.job.units or now >= bounty.job.deadline
                refuse(over, "ComputeBounties", "TooEarly")
                yield f.BountyClosed(where, number, bounty.requester, bounty.locked)
            case a.PayInput(bounty=number):
                bounty = catalog.bounties[number]
                units = bounty.done - bounty.inputs
                refuse(units > 0, "ComputeBounties", "NothingDue")
                yield f.InputPaid(where, number, bounty.job.input, units, units * bounty.job.input_price)
            case a.EnlistWorker(class_id=class_id, probe=probe, seats=seats):
                known = catalog.members.get((who, class_id))
                yield f.Enlisted(where, who, class_id, probe, seats, seats + (known.seats if known else 0))

    def _claim(self, catalog: Catalog, who: Address, action: a.ClaimUnits, where: f.At, now: int) -> Iterator[f.Fact]:
        bounty = catalog.bounties[action.bounty]
        refuse(not bounty.cancelled and now < bounty.job.deadline, "ComputeBounties", "Ended")
        first, count = self._next_units(catalog, bounty, action.count)
        refuse(count > 0, "ComputeBounties", "NothingLeft")
        by = min(now + bounty.job.work_window, bounty.job.deadline)
        yield f.UnitsClaimed(where, len(catalog.work) + 1, bounty.id, who, first, count, by)
        yield from self._bind(catalog, who, bounty.job.stake * count, where)

    def _next_units(self, catalog: Catalog, bounty: BountyRecord, most: int) -> tuple[int, int]:
        held = {
            unit
            for claim in map(catalog.work.__getitem__, bounty.claims)
            if claim.stage not in GIVEN_BACK
            for unit in claim.units
        }
        free = [unit for unit in range(bounty.job.units) if unit not in held]
        run = [unit for place, unit in enumerate(free) if unit == free[0] + place]
        return (run[0], min(most, len(run))) if run else (0, 0)

    def _bind(self, catalog: Catalog, who: Address, amount: int, where: f.At) -> Iterator[f.Fact]:
        if amount > 0:
            yield f.StakeBound(where, who, CONTRACT, amount, catalog.nodes[who].bound + amount)
        elif amount < 0:
            yield f.StakeUnbound(where, who, CONTRACT, -amount, catalog.nodes[who].bound + amount)

    def _bound(self, catalog: Catalog, claim: ClaimRecord, who: Address) -> Bound:
        class_id = catalog.bounties[claim.bounty].job.class_id
        return Bound(self.chain.chain_id, CONTRACT, claim.id, who, class_id)

    def _work(
        self, claim: ClaimRecord, catalog: Catalog, who: Address, action: a.Action, where: f.At, now: int
    ) -> Iterator[f.Fact]:
        bounty = catalog.bounties[claim.bounty]
        match action:
            case a.CommitWork(commitment=commitment):
                refuse(claim.stage is ClaimStage.CLAIMED, "ComputeBounties", "WrongStage")
                refuse(now < claim.by, "ComputeBounties", "TooLate")
                self.commitments["work", claim.id] = commitment
                yield f.WorkCommitted(where, claim.id, commitment, where.block + DELAY)
            case a.RevealWork(root=root, salt=salt, outputs=outputs):
                refuse(claim.stage is ClaimStage.DRAWN, "ComputeBounties", "WrongStage")
                refuse(claim.audit is not AuditStage.DRAWN, "ComputeBounties", "WrongAudit")
                refuse(now < claim.by, "ComputeBounties", "TooLate")
                opens = self._bound(catalog, claim, who).work(root, salt) == self.commitments["work", claim.id]
                refuse(opens, "ComputeBounties", "WrongOpening")
                yield f.WorkRevealed(where, claim.id, root, outputs, now + HOLD)
            case a.FinalizeClaim():
                yield from self._finalize(claim, bounty, catalog, where, now)
            case a.ExpireClaim():
                refuse(now >= claim.by, "ComputeBounties", "TooEarly")
                yield f.ClaimExpired(where, claim.id, claim.worker, 1)
                yield from self._bind(catalog, claim.worker, -bounty.job.stake * claim.count, where)
            case a.ReauditClaim():
                refuse(claim.stage is ClaimStage.REVEALED and not claim.retro, "ComputeBounties", "NoReaudit")
                yield f.AuditArmed(where, claim.id, where.block + DELAY, True)
            case _:
                yield from self._audit(claim, bounty, catalog, who, action, where, now)

    def _finalize(
        self, claim: ClaimRecord, bounty: BountyRecord, catalog: Catalog, where: f.At, now: int
    ) -> Iterator[f.Fact]:
        refuse(claim.stage is ClaimStage.REVEALED, "ComputeBounties", "WrongStage")
        refuse(now >= claim.by, "ComputeBounties", "TooEarly")
        refuse(all(demand.over for demand in claim.demands.values()), "ComputeBounties", "Demanded")
        member = catalog.members[claim.worker, bounty.job.class_id]
        convicted = member.convicted and claim.committed and claim.committed <= member.convicted
        refuse(not convicted or claim.retro, "ComputeBounties", "NeedsReaudit")
        seen = len(audited(claim.seed, claim.units, claim.bps)) if claim.audit is AuditStage.REVEALED else 0
        yield f.ClaimFinalized(
            where, claim.id, claim.worker, claim.count * bounty.job.price, seen * bounty.job.audit_price
        )
        yield from self._bind(catalog, claim.worker, -bounty.job.stake * claim.count, where)
        if claim.audit is AuditStage.REVEALED and not agreed(claim):
            yield f.ScoreChanged(where, claim.worker, bounty.job.class_id, member.score + 1, False)

    def _audit(
        self,
        claim: ClaimRecord,
        bounty: BountyRecord,
        catalog: Catalog,
        who: Address,
        action: a.Action,
        where: f.At,
        now: int,
    ) -> Iterator[f.Fact]:
        match action:
            case a.DrawAudit():
                refuse(claim.stage is ClaimStage.COMMITTED, "ComputeBounties", "WrongStage")
                refuse(self.chain.block > claim.draw_block, "ComputeBounties", "TooEarly")
                yield self._drawn(claim, bounty, catalog, where, now)
            case a.CommitAudit(commitment=commitment):
                refuse(claim.audit is AuditStage.DRAWN, "ComputeBounties", "WrongAudit")
                refuse(who == claim.auditor, "ComputeBounties", "NotAuditor")
                refuse(now < claim.audit_by, "ComputeBounties", "TooLate")
                self.commitments["audit", claim.id] = commitment
                yield f.AuditCommitted(where, claim.id, who, commitment, now + REVEAL)
            case a.RevealAudit(root=root, salt=salt, trace=trace, path=path):
                refuse(claim.audit is AuditStage.COMMITTED and claim.root is not None, "ComputeBounties", "WrongAudit")
                opens = self._bound(catalog, claim, who).audit(root, salt) == self.commitments["audit", claim.id]
                refuse(opens, "ComputeBounties", "WrongOpening")
                place = spot(claim.seed, claim.units, claim.bps, claim.root or b"")
                shown = place is not None and contains(root, claim.count, place, trace, path)
                refuse(shown, "ComputeBounties", "NotMember")
                yield f.AuditRevealed(where, claim.id, who, root, place or 0, trace)
                if claim.bps == ALL and root == claim.root:
                    score = catalog.members[claim.worker, bounty.job.class_id].score
                    yield f.ScoreChanged(where, claim.worker, bounty.job.class_id, score + 1, False)
            case a.RedrawAudit():
                refuse(claim.audit is AuditStage.DRAWN, "ComputeBounties", "WrongAudit")
                refuse(now >= claim.audit_by, "ComputeBounties", "TooEarly")
                absent = claim.auditor or NOBODY
                if claim.draws < MOST_DRAWS:
                    yield f.AuditArmed(where, claim.id, where.block + DELAY, claim.retro)
                else:
                    yield f.AuditDrawn(where, claim.id, NOBODY, claim.seed, claim.bps, now + REVEAL)
                yield f.AuditMissed(where, claim.id, absent, 1)
                yield f.SeatLost(where, absent, bounty.job.class_id, False, 1, 0, 0)

    def _drawn(self, claim: ClaimRecord, bounty: BountyRecord, catalog: Catalog, where: f.At, now: int) -> f.AuditDrawn:
        seed = hashlib.sha256(f"{claim.id}/{claim.draw_block}".encode()).digest()[:12].ljust(32, b"\0")
        member = catalog.members[claim.worker, bounty.job.class_id]
        bps = ALL if claim.retro else audit_bps(member.score, bounty.job.audit_bps)
        able = self._judges(catalog, bounty.job.class_id, {claim.worker, bounty.requester})
        if not able or not audited(seed, claim.units, bps):
            return f.AuditDrawn(where, claim.id, NOBODY, seed, bps, now + REVEAL)
        return f.AuditDrawn(where, claim.id, able[0], seed, bps, now + bounty.job.work_window)

    def _judges(self, catalog: Catalog, class_id: bytes, without: set[Address]) -> list[Address]:
        return [
            who
            for (who, of), member in catalog.members.items()
            if of == class_id and member.seats > 0 and who not in without
        ]

    def _dispute(self, catalog: Catalog, who: Address, action: a.Action, where: f.At, now: int) -> Iterator[f.Fact]:
        claim = catalog.work[action.claim_id]
        bounty = catalog.bounties[claim.bounty]
        refuse(claim.stage is ClaimStage.REVEALED, "ClaimDisputes", "NotRevealed")
        match action:
            case a.DemandPlace(place=place):
                refuse(place not in claim.demands, "ClaimDisputes", "AlreadyDemanded")
                yield f.PlaceDemanded(where, claim.id, place, who, DEMAND, now + SHOW)
            case a.ShowPlace(place=place, trace=trace, path=path):
                refuse(not claim.demands[place].over, "ClaimDisputes", "NotDemanded")
                refuse(contains(claim.root or b"", claim.count, place, trace, path), "ClaimDisputes", "NotMember")
                yield f.PlaceShown(where, claim.id, place, who, trace, path)
                yield f.ClaimUpheld(where, claim.id, max(claim.by, now + SHOW), 0)
            case a.LapseDemand(place=place):
                refuse(not claim.demands[place].over, "ClaimDisputes", "NotDemanded")
                refuse(now >= claim.demands[place].show_by, "ClaimDisputes", "TooEarly")
                yield f.DemandLapsed(where, claim.id, place, who, True)
                yield from self._slash(claim, bounty, catalog, where)
            case a.DisagreeClaim() | a.ChallengeClaim() | a.OpenCanary():
                unit = claim.first + action.place
                found = disputed(claim, bounty, action, who)
                refuse(found.ground is not Ground.CANARY or not self.bond_out, "ComputeBounties", "NothingDue")
                number, job = len(catalog.cases) + 1, bounty.job
                opening = Opening(
                    job.class_id, job.spec, unit, job.segments, action.claimed, found.other,
                    claim.worker, found.opponent, bounty.requester,
                )  # fmt: skip
                self.clocks[number] = now + CLOCK
                yield f.CaseOpened(where, number, opening, now)
                yield f.ClaimHeld(where, claim.id, True, 0)
                traces = (action.claimed, found.other)
                yield f.ClaimDisputed(
                    where, number, claim.id, found.opponent, found.ground, action.place, *traces, found.bond
                )

    def _court(
        self, case: CaseRecord, catalog: Catalog, who: Address, action: a.Action, where: f.At, now: int
    ) -> Iterator[f.Fact]:
        match action:
            case a.PostChildren(children=children):
                refuse(case.phase is Phase.NARROWING and case.shown is None, "SegmentCourt", "WrongPhase")
                refuse(node_of(children) == case.claim_node, "SegmentCourt", "WrongChildren")
                self.clocks[case.id] = now + CLOCK
                yield f.ChildrenPosted(where, case.id, children)
            case a.AnswerChildren(claims=claims, others=others):
                refuse(case.phase is Phase.NARROWING, "SegmentCourt", "WrongPhase")
                right = (node_of(claims), node_of(others)) == (case.claim_node, case.other_node)
                refuse(right, "SegmentCourt", "WrongChildren")
                self.clocks[case.id] = now + CLOCK
                yield from self._narrow(case, claims, others, where)
            case a.NarrowCase():
                yield from self._narrow_at_once(case, action, where)
            case a.PostState(state=state, path=path):
                refuse(case.phase is Phase.STATE, "SegmentCourt", "WrongPhase")
                found = above_last(hashlib.sha256(state).digest(), path)
                refuse(found == case.agreed and len(path) == case.agreed_level, "SegmentCourt", "WrongState")
                yield f.StatePosted(where, case.id, state)
                yield f.JuryArmed(where, case.id, 0, where.block + DELAY)
            case a.ComputeSum():
                refuse(case.phase is Phase.STATE, "SegmentCourt", "WrongPhase")
                refuse(case.opening.computable, "SegmentCourt", "NotComputable")
                refuse(action.opening == case.opening, "SegmentCourt", "WrongOpening")
                leaf = summed(action, case.first)
                refuse(leaf is not None, "SegmentCourt", "WrongNumbers")
                ruling = Ruling.CLAIM if leaf == case.claim_node else Ruling.OTHER
                yield f.CaseClosed(where, case.id, ruling, False, 0)
                yield from self._resolve(case, catalog, ruling, where, now)
            case a.FlagCase():
                refuse(case.phase in (Phase.NARROWING, Phase.STATE), "SegmentCourt", "WrongPhase")
                refuse(now >= self.clocks[case.id], "SegmentCourt", "TimeLeft")
                ruling = Ruling.CLAIM if case.shown is not None else Ruling.OTHER
                yield f.CaseClosed(where, case.id, ruling, False, 0)
                yield from self._resolve(case, catalog, ruling, where, now)
            case _:
                yield from self._jury(case, catalog, who, action, where, now)

    def _narrow_at_once(self, case: CaseRecord, action: a.NarrowCase, where: f.At) -> Iterator[f.Fact]:
        """Every level on a copy, because the facts are folded only afterwards; then the state."""
        refuse(case.phase is Phase.NARROWING, "SegmentCourt", "WrongPhase")
        found, told = replace(case), list[f.Fact]()
        for claims, others in zip(action.claims, action.others, strict=True):
            right = (node_of(claims), node_of(others)) == (found.claim_node, found.other_node)
            refuse(right, "SegmentCourt", "WrongChildren")
            told += self._narrow(found, claims, others, where)
            last = next(fact for fact in reversed(told) if isinstance(fact, f.CaseNarrowed))
            found.level, found.first, found.claim_node, found.other_node = (
                last.level,
                last.first,
                last.claim_node,
                last.other_node,
            )
            found.agreed, found.agreed_level = last.agreed, last.agreed_level
        yield from told
        if found.level == 0 and found.first and not case.opening.computable:
            above = above_last(hashlib.sha256(action.state).digest(), action.path)
            right = above == found.agreed and len(action.path) == found.agreed_level
            refuse(right, "SegmentCourt", "WrongState")
            yield f.StatePosted(where, case.id, action.state)
            yield f.JuryArmed(where, case.id, 0, where.block + DELAY)

    def _narrow(
        self, case: CaseRecord, claims: tuple[bytes, ...], others: tuple[bytes, ...], where: f.At
    ) -> Iterator[f.Fact]:
        place, level = first_difference(claims, others), case.level - 1
        first = case.first + place * 16**level
        agreed, agreed_level = (claims[place - 1], level) if place else (case.agreed, case.agreed_level)
        yield f.CaseNarrowed(where, case.id, level, first, claims[place], others[place], agreed, agreed_level)
        if level == 0 and first == 0 and not case.opening.computable:
            yield f.JuryArmed(where, case.id, 0, where.block + DELAY)

    def _jury(
        self, case: CaseRecord, catalog: Catalog, who: Address, action: a.Action, where: f.At, now: int
    ) -> Iterator[f.Fact]:
        panel = case.panels.get(case.round)
        match action:
            case a.DrawJury(opening=opening):
                refuse(case.phase is Phase.DRAWING, "SegmentCourt", "WrongPhase")
                refuse(self.chain.block > case.draw_block, "SegmentCourt", "TooEarly")
                refuse(opening == case.opening, "SegmentCourt", "WrongOpening")
                parties = {opening.claimant, opening.other, opening.requester}
                members = tuple(self._judges(catalog, opening.class_id, parties))
                yield f.JuryDrawn(where, case.id, case.round, members, now + VOTE, now + 2 * VOTE)
            case a.CommitVote(panel=members, place=place, commitment=commitment):
                refuse(
                    panel is not None and panel.members == members and members[place] == who, "SegmentCourt", "NotJuror"
                )
                self.votes[case.id, case.round, who] = commitment
                yield f.VoteCommitted(where, case.id, case.round, who, commitment)
            case a.RevealVote(leaf=leaf, salt=salt):
                ballot = Ballot(self.chain.chain_id, CONTRACT, case.id, case.round, who)
                opens = ballot.commitment(leaf, salt) == self.votes[case.id, case.round, who]
                refuse(opens, "SegmentCourt", "WrongVote")
                yield f.VoteRevealed(where, case.id, case.round, who, leaf)
            case a.RuleCase():
                refuse(case.phase is Phase.VOTING and panel is not None, "SegmentCourt", "WrongPhase")
                leaves = list(panel.revealed.values()) if panel else []
                refuse(len(leaves) == len(panel.members) or now >= panel.reveal_until, "SegmentCourt", "TooEarly")
                ruling = Ruling.VOID
                for side, leaf in ((Ruling.CLAIM, case.claim_node), (Ruling.OTHER, case.other_node)):
                    if 3 * leaves.count(leaf) >= 2 * len(leaves) > 0:
                        ruling = side
                yield f.CaseRuled(where, case.id, case.round, ruling, now + APPEAL)
            case a.AppealCase():
                refuse(False, "Ledger", "InsufficientBalance")
            case a.CloseCase():
                refuse(case.phase is Phase.RULED, "SegmentCourt", "WrongPhase")
                refuse(now >= case.until, "SegmentCourt", "TooEarly")
                yield f.CaseClosed(where, case.id, case.ruling, case.ruling is not Ruling.VOID, 7)
                yield from self._resolve(case, catalog, case.ruling, where, now)
            case a.CollectFee(round=number, juror=juror):
                yield f.JurorPaid(where, case.id, number, juror, case.fee)
            case a.FineAbsent(round=number, place=place):
                yield f.JurorFined(where, case.id, number, action.panel[place], who, 3)

    def _resolve(self, case: CaseRecord, catalog: Catalog, ruling: Ruling, where: f.At, now: int) -> Iterator[f.Fact]:
        claim = catalog.work[case.claim or 0]
        bounty = catalog.bounties[claim.bounty]
        if ruling is Ruling.OTHER:
            yield from self._slash(claim, bounty, catalog, where)
        elif ruling is Ruling.CLAIM:
            yield f.ClaimUpheld(where, claim.id, now + HOLD, 0)
        else:
            yield f.ClaimVoided(where, claim.id, claim.worker)
            if agreed(claim):
                score = catalog.members[claim.worker, bounty.job.class_id].score
                yield f.ScoreChanged(where, claim.worker, bounty.job.class_id, max(0, score - 1), False)
            yield f.ClassSuspect(where, bounty.job.class_id, claim.id)
        yield f.DisputeResolved(where, case.id, claim.id, ruling, 2, 1, 1)

    def _slash(self, claim: ClaimRecord, bounty: BountyRecord, catalog: Catalog, where: f.At) -> Iterator[f.Fact]:
        lost = bounty.job.stake * claim.count
        node = catalog.nodes[claim.worker]
        member = catalog.members[claim.worker, bounty.job.class_id]
        yield f.ClaimSlashed(where, claim.id, claim.worker, lost)
        yield f.StakeSeized(where, claim.worker, CONTRACT, lost, node.stake - lost, node.bound - lost)
        score = max(0, member.score - agreed(claim))
        yield f.ScoreChanged(where, claim.worker, bounty.job.class_id, after_fault(score), True)
