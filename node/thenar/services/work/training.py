"""Training over rounds: each round is a bounty of its own whose returns make the next round's policy.

The step between rounds follows from returns, seed and rate alone, so a round that was paid for is never run again:
asked for once more, training finds the bounties of the rounds it has posted and goes on after the last.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import trio

from thenar.domain.catalog import BountyRecord, ClaimRecord
from thenar.domain.ids import Address, BountyId, Cid
from thenar.domain.work.audits import ALL
from thenar.domain.work.bounties import AuditStage, ClaimStage, Job
from thenar.domain.work.checkpoints import Status
from thenar.domain.work.jobs import AssetFile, JobSpec
from thenar.domain.work.jobwork import Simulation
from thenar.domain.work.results import frames
from thenar.errors import BadInput, Late, Refused
from thenar.services.ports import one_part
from thenar.services.work.bounties import post, unit_output
from thenar.services.work.jobfiles import record_of
from thenar.services.work.workbench import Bench

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5
"""Seconds between looks at the chain."""
MAX_ROUNDS = 1_000

Improve = Callable[[bytes, int, Sequence[bytes]], tuple[bytes, float]]
"""From a policy, a seed and what the segments gave out: the next policy, and the mean return of the members."""
Priced = Callable[[JobSpec], Awaitable[Job]]
"""What the chain is told of a round."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round that was run: its bounty, what its members earned on average, and who ran it."""

    number: int
    bounty: BountyId
    mean_return: float
    workers: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """How training goes: the first round's spec, what is said of each to the chain, how a round makes a step."""

    spec: JobSpec
    priced: Priced
    improve: Improve
    rounds: int
    patience: float

    def __post_init__(self) -> None:
        if self.spec.kind != "es-train":
            raise BadInput(f"{self.spec.kind} does not learn", next_step='training needs kind = "es-train"')
        if not 1 <= self.rounds <= MAX_ROUNDS:
            raise BadInput(f"training takes 1 to {MAX_ROUNDS:,} rounds")

    @property
    def policy(self) -> str:
        """The name of the policy's file."""
        work = self.spec.work
        if not isinstance(work, Simulation) or work.control.file is None:
            raise BadInput("the job names no policy to train", next_step="work.control.file names it")
        return work.control.file

    async def round(self, bench: Bench, number: int, policy: bytes) -> JobSpec:
        """The spec of a round, its policy stored where workers find it."""
        stored = await bench.files.store.add(one_part(policy))
        file = AssetFile(str(Cid(stored.root)), "0x" + hashlib.sha256(policy).hexdigest(), len(policy))
        return replace(self.spec, seed=self.spec.seed + number, assets={**self.spec.assets, self.policy: file})


async def train(bench: Bench, course: Course, told: Callable[[Round], None]) -> tuple[bytes, tuple[Round, ...]]:
    """Run rounds one after another; the policy after the last, and what each came to.

    A round counts as soon as every unit is revealed and its audit agrees; pay is held as long as ever. Raises Late when
    a round takes longer than ``patience`` seconds, Refused when one can not end, and what posting raises.
    """
    policy = await bench.files.read(Cid.parse(course.spec.assets[course.policy].cid))
    found: list[Round] = []
    for number in range(course.rounds):
        spec = await course.round(bench, number, policy)
        bounty = posted(bench, spec) or (await post(bench, spec, await course.priced(spec)))[0]
        outputs, workers = await _returns(bench, bounty, course.patience)
        policy, mean = course.improve(policy, spec.seed, outputs)
        found.append(Round(number, bounty.id, mean, workers))
        told(found[-1])
    return policy, tuple(found)


def posted(bench: Bench, spec: JobSpec) -> BountyRecord | None:
    """The bounty this account posted for a round already, unless that one ended without all its units."""
    mine = (one for one in bench.trade.belief.catalog.bounties.values() if one.requester == bench.trade.me)
    same = [one for one in mine if one.job.spec == spec.digest]
    return next((one for one in same if not (one.cancelled or one.closed) or one.done == one.job.units), None)


async def _returns(bench: Bench, bounty: BountyRecord, patience: float) -> tuple[list[bytes], tuple[Address, ...]]:
    """What the segments of all units gave out, unit by unit, once every unit is there and nobody says otherwise."""
    with trio.move_on_after(patience):
        while True:
            claims = [bench.claim(number) for number in bounty.claims]
            trusted = [claim for claim in claims if is_trusted(claim)]
            if sum(claim.count for claim in trusted) == bounty.job.units:
                break
            over = bounty.closed or bounty.cancelled or await bench.now() >= bounty.job.deadline
            if over and not any(claim.runs for claim in claims):
                raise Refused(f"bounty {bounty.id} ended with {bounty.done} of {bounty.job.units} units")
            await trio.sleep(LOOK_EVERY)
        outputs = [piece for claim in sorted(trusted, key=lambda one: one.first) for piece in await _of(bench, claim)]
        return outputs, tuple(sorted({claim.worker for claim in trusted}))
    raise Late(
        f"bounty {bounty.id} is not done after {patience:g} s",
        next_step=f"`thenar job show {bounty.id}` tells where it stands; asking again goes on from there",
    )


def is_trusted(claim: ClaimRecord) -> bool:
    """Whether a claim's outcome may be learned from: paid, or shown with an audit that is over and found nothing.

    Where every unit was run twice, the two roots say all; where some were, the auditor's silence does.
    """
    if claim.stage is not ClaimStage.REVEALED:
        return claim.stage is ClaimStage.FINALIZED
    if claim.audit is AuditStage.REVEALED:
        return claim.bps < ALL or claim.audit_root == claim.root
    return claim.audit is AuditStage.WAIVED


async def _of(bench: Bench, claim: ClaimRecord) -> list[bytes]:
    bounty = bench.bounty(claim.bounty)
    record = await record_of(bench.files, bench.trade.belief.catalog, claim)
    pieces: list[bytes] = []
    for place, unit in enumerate(claim.units):
        output, status = await unit_output(bench, bounty, claim, record, place)
        if status is not Status.OK:
            raise Refused(f"unit {unit} of bounty {bounty.id} ended {status.name}: nothing can be learned from it")
        pieces += frames(output)
    return pieces
