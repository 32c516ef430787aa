"""Single rules of the contracts about computing, on paper: how they revert, what counts, what a sum comes to."""

from __future__ import annotations

from typing import NamedTuple

from thenar.domain import actions as a
from thenar.domain.catalog import BountyRecord, ClaimRecord
from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256
from thenar.domain.membertree import contains
from thenar.domain.work.aggregates import Kind, leaf, word
from thenar.domain.work.audits import ALL, is_audited
from thenar.domain.work.bounties import AuditStage
from thenar.domain.work.disputes import Ground
from thenar.domain.work.sums import unpacked
from thenar.errors import Reverted

CHALLENGE = 20
"""The bond of a challenge."""


def refuse(holds: bool, contract: str, name: str) -> None:
    """Revert as a contract would."""
    if not holds:
        raise Reverted(f"{contract}_{name}", name=f"{contract}_{name}")


def agreed(claim: ClaimRecord) -> bool:
    """Whether an auditor ran every unit and found the same: such a claim counts before it is paid."""
    return claim.audit is AuditStage.REVEALED and claim.bps == ALL and claim.audit_root == claim.root


def summed(action: a.ComputeSum, place: int) -> bytes | None:
    """The leaf that the chain computes, or None when these are not the numbers of the spec."""
    told, opening = action.sum, action.opening
    if told.digest != opening.spec:
        return None
    if place == 0:
        return opening.spec
    at = opening.unit * opening.segments + place - 1
    if keccak256(action.values) != told.values:
        return None
    began = action.before == 0 and not action.path
    if told.kind is Kind.EVOLUTION and at < told.width:
        began = contains(told.before, told.width, at, word(action.before), action.path)
    return leaf(at, told.coordinate(at, unpacked(action.values), action.before)) if began else None


class Disputed(NamedTuple):
    """Who holds another trace against a claim, why, and for which bond."""

    opponent: Address
    ground: Ground
    bond: int
    other: bytes


def disputed(
    claim: ClaimRecord, bounty: BountyRecord, action: a.DisagreeClaim | a.ChallengeClaim | a.OpenCanary, who: Address
) -> Disputed:
    """What ClaimDisputes makes of somebody's word against a claim."""
    other = action.answer if isinstance(action, a.OpenCanary) else action.other
    refuse(action.claimed != other, "ClaimDisputes", "SameTrace")
    shown = [(claim.root, action.claimed, action.path)] if isinstance(action, a.ChallengeClaim) else []
    if isinstance(action, a.OpenCanary):
        shown = [(claim.root, action.claimed, action.path_claimed)]
        refuse(who == bounty.requester, "ClaimDisputes", "NotRequester")
        unit, job = claim.first + action.place, bounty.job
        member = keccak256(b"thenar.canary/1".ljust(32, b"\0") + unit.to_bytes(32, "big") + action.answer + action.salt)
        there = contains(job.canary_root, job.units, unit, member, action.path_answer)
        refuse(there, "ClaimDisputes", "NotMember")
    if isinstance(action, a.DisagreeClaim):
        refuse(claim.audit is AuditStage.REVEALED, "ClaimDisputes", "NoAudit")
        drawn = is_audited(claim.seed, claim.first + action.place, claim.bps)
        refuse(drawn, "ClaimDisputes", "NotAudited")
        shown = [
            (claim.root, action.claimed, action.path_claimed),
            (claim.audit_root, action.other, action.path_other),
        ]
    for root, trace, path in shown:
        refuse(contains(root or b"", claim.count, action.place, trace, path), "ClaimDisputes", "NotMember")
    if isinstance(action, a.ChallengeClaim):
        return Disputed(who, Ground.CHALLENGE, CHALLENGE, other)
    if isinstance(action, a.OpenCanary):
        return Disputed(who, Ground.CANARY, CHALLENGE, other)
    assert claim.auditor is not None
    return Disputed(claim.auditor, Ground.AUDIT, 0, other)
