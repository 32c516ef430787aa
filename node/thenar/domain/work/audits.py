"""Who checks what of a claim, and what is said before it is shown: the twin of ComputeBounties' and WorkerPool's rules.

A claim's root is a member tree over its units' trace roots, the member at place i belonging to unit ``first + i``. A
commitment binds the root and a salt to chain, contract, claim, whoever commits and the class: copied, it is worth
nothing. Which units are audited follows from a seed that nobody knew at the time of the commitment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256, tag32
from thenar.domain.membertree import MemberTree

WORK_TAG: Final = tag32("thenar.work/1")
AUDIT_TAG: Final = tag32("thenar.audit/1")
ALL: Final = 10_000
"""Basis points that audit every unit."""
PROBATION: Final = 10
"""Audited claims that stood until an operator's record counts."""
BATCH, SMALL_BATCH = 16, 4
"""Units a node claims at once when nobody says otherwise, and while its record does not count yet."""
UNSEEN: Final = bytes(32)
"""What an auditor writes at the place of a unit that is not audited."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a commitment is bound to beside its root and salt."""

    chain: int
    contract: Address
    claim: int
    account: Address
    class_id: bytes

    def work(self, root: bytes, salt: bytes) -> bytes:
        """What a worker commits before the audit is drawn."""
        return self._commit(WORK_TAG, root, salt)

    def audit(self, root: bytes, salt: bytes) -> bytes:
        """What an auditor commits before the work is revealed."""
        return self._commit(AUDIT_TAG, root, salt)

    def _commit(self, tag: bytes, root: bytes, salt: bytes) -> bytes:
        numbers = (self.chain, int(self.contract, 16), self.claim, int(self.account, 16))
        words = b"".join(number.to_bytes(32, "big") for number in numbers)
        return keccak256(tag + words + self.class_id + root + salt)


def is_audited(seed: bytes, unit: int, bps: int) -> bool:
    """Whether the auditor of a claim with this seed and rate must run a unit."""
    return int.from_bytes(keccak256(seed + unit.to_bytes(32, "big")), "big") % ALL < bps


def audited(seed: bytes, units: range, bps: int) -> tuple[int, ...]:
    """The units of a claim its auditor must run."""
    return tuple(unit for unit in units if is_audited(seed, unit, bps))


def spot(seed: bytes, units: range, bps: int, root: bytes) -> int | None:
    """The place whose trace an auditor must show once ``root`` is revealed: nobody knew it when he committed."""
    start = int.from_bytes(keccak256(seed + root), "big") % len(units)
    places = ((start + offset) % len(units) for offset in range(len(units)))
    return next((place for place in places if is_audited(seed, units.start + place, bps)), None)


def audit_bps(score: int, job_bps: int) -> int:
    """How many of an operator's units are audited: all in probation, then fewer the longer the record."""
    return ALL if score < PROBATION else max(job_bps, 2 * ALL // score)


def batch(score: int) -> int:
    """How many units to claim at once. All of what is claimed in probation is audited, so that little is.

    The length of a probation is counted in claims, however small: contracts take claims of one unit.
    """
    return SMALL_BATCH if score < PROBATION else BATCH


def after_fault(score: int) -> int:
    """What is left of an operator's record after a conviction."""
    return score * 2 // 3


def least_stake(price: int, bps: int) -> int:
    """The smallest stake per unit that makes a lie at this audit rate cost more than it brings."""
    return -(-price * (ALL - bps) // bps)


def tree_over(units: range, traces: Mapping[int, bytes]) -> MemberTree:
    """The tree of a claim: the trace root of each unit that was run, nothing at the others' places."""
    return MemberTree.build([traces.get(unit, UNSEEN) for unit in units])


def still_suspect(own: MemberTree, shown: Mapping[int, Sequence[bytes]]) -> tuple[int, ...]:
    """Places where a hidden tree may differ from one's own, which is complete, after some were shown with siblings.

    Where a shown sibling is one's own, so is everything below it.
    """
    suspects = set(range(own.count))
    for place, path in shown.items():
        differ = set[int]()
        for level, (theirs, mine) in enumerate(zip(path, own.prove(place), strict=True)):
            if theirs != mine:
                beside = (place >> level) ^ 1
                differ.update(range(beside << level, (beside + 1) << level))
        suspects &= differ
    return tuple(sorted(suspects))


def first_difference(units: range, mine: Mapping[int, bytes], revealed: Mapping[int, bytes]) -> int | None:
    """The place of the first unit run here whose trace root is not the one that was revealed, or None."""
    return next((unit - units.start for unit in units if unit in mine and mine[unit] != revealed.get(unit)), None)
