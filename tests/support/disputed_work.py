"""A unit of real bounty work with a forged trace, from the auditor's disagreement to the court's word."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import Any

from brownie import accounts, chain, history
from courts import Dispute, Trace
from yard import CLASS, Job, Work, Yard

SEGMENTS = 4_095
FORGED_FROM = 2_731  # the first leaf the forger made up; the state before it ends no row of sixteen
STATE_BYTES = 2_840  # a humanoid's checkpoint


def long_job() -> Job:
    """One unit of 4,095 segments; whoever is on probation is audited in full."""
    return Job(units=1, segments=SEGMENTS)


def long_traces(seed: int) -> tuple[Trace, Trace]:
    """A trace of 4,096 checkpoints that is forged from some leaf on, and the right one."""
    dice = random.Random(seed)
    states = [dice.randbytes(40) for _ in range(SEGMENTS + 1)]
    states[FORGED_FROM - 1] = dice.randbytes(STATE_BYTES)
    forged = [state if place < FORGED_FROM else b"\x00" + state for place, state in enumerate(states)]
    return Trace.of(forged), Trace.of(states)


def forge(yard: Yard, bounty: int, worker: Any, traces: tuple[Trace, Trace]) -> Work:
    """Let a worker claim a unit, commit to a forged trace, be audited, and show it all."""
    forged, right = traces
    work = yard.claim(bounty, worker, 1)
    work.traces = dict.fromkeys(work.units, forged.tree.root)
    yard.commit(work)
    yard.draw(work)
    auditor = yard.auditor(work)
    work.found = dict.fromkeys(work.units, right.tree.root)
    commitment = yard.bound(work, auditor).audit(work.audit_tree.root, work.audit_salt)
    yard.claims.commitAudit(work.id, commitment, {"from": auditor})
    yard.reveal(work)
    yard.reveal_audit(work)
    return work


def disagree(yard: Yard, work: Work, traces: tuple[Trace, Trace], requester: Any, by: Any) -> tuple[Dispute, Any]:
    """Bring the two traces before the court."""
    proofs = (*yard.proof(work, 0), *yard.audit_proof(work, 0))
    tx = yard.disputes.disagree(work.id, 0, *proofs, {"from": by})
    court, auditor = yard.system.segment_court, yard.auditor(work)
    case = Dispute(court, *traces, work.worker, auditor, requester, class_id=CLASS, unit=work.units.start)
    case.id = int(tx.events["CaseOpened"]["dispute"])
    return case, tx


def seat_jurors(yard: Yard, count: int) -> list[Any]:
    """Hire so many people of their own with a seat each; from the next second on they can be drawn."""
    names = [hashlib.sha256(b"juror of the story %d" % number).hexdigest()[:40] for number in range(count)]
    people = [accounts.at("0x" + name, force=True) for name in names]
    yard.hire(*people)
    chain.sleep(1)
    return people


def judged(
    yard: Yard, work: Work, traces: tuple[Trace, Trace], requester: Any, by: Any, votes: Sequence[int]
) -> tuple[Dispute, list[Any]]:
    """Play a dispute from the disagreement to its end; returns every transaction it took."""
    before = len(history)
    case, _ = disagree(yard, work, traces, requester, by)
    case.narrow_at_once(by)
    case.judge(by, votes)
    case.close(by)
    return case, list(history[before:])
