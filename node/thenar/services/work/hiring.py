"""What a node lends, and which work it takes: by class, price, deadline, stake, and what of a job is already here."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Final

import trio

from thenar.domain import canonical
from thenar.domain.actions import ClaimUnits, EnlistWorker, ResignSeats
from thenar.domain.catalog import BountyRecord, MemberRecord
from thenar.domain.ids import RAW, Cid
from thenar.domain.records import from_value, to_value
from thenar.domain.work.audits import batch
from thenar.domain.work.bounties import MAX_COUNT, ClaimStage
from thenar.domain.work.jobs import JobSpec
from thenar.errors import BadInput, Corrupt, Refused, Unavailable
from thenar.services.licensing import PATIENCE, Trade
from thenar.services.ports import Capability
from thenar.services.work.workbench import Bench

log = logging.getLogger(__name__)

NAME: Final = "work/offer"
LIMIT: Final = 16_384
MILLION: Final = 1_000_000
MARGIN: Final = 2
"""A claim is taken only if its estimated time passes so many times into what is left of its window."""
LEAST_WINDOW: Final = 60
"""Seconds: what ends sooner is not claimed, since a claim and what is committed to it must be mined and read."""
COMPUTE, JUROR = 2, 16


@dataclass(frozen=True, slots=True)
class WorkOffer:
    """What this node lends: cores, class names, least token units for a million steps or pixels, units in one claim; 0
    units are as many as suit the record.

    ``since`` is the block as of which a person said so. A class in which this account was convicted later is left
    alone, because something is wrong with this machine, until a person says so again.
    """

    cores: int
    classes: tuple[str, ...]
    min_price: int
    batch: int
    since: int = 0
    enabled: bool = True


async def offer_of(trade: Trade) -> WorkOffer | None:
    """What was last said about lending, or None."""
    data = await trade.journal.get(NAME)
    return None if data is None else from_value(WorkOffer, canonical.decode_object(data, limit=LIMIT), "the offer")


async def set_offer(trade: Trade, offer: WorkOffer) -> None:
    """Remember what is lent."""
    await trade.journal.put(NAME, canonical.encode(to_value(offer)))


async def enlist(bench: Bench, capability: Capability, seats: int) -> MemberRecord:
    """Be known in a class with at least so many seats. Raises Refused without the roles or stake, Reverted."""
    trade, key = bench.trade, (bench.trade.me, capability.class_id)
    node = trade.belief.catalog.nodes.get(trade.me)
    needed = COMPUTE | (JUROR if seats else 0)
    if node is None or node.roles & needed != needed:
        raise Refused(
            "this node is not registered for that",
            next_step="`thenar register --stake 500 --roles store,compute,juror` registers it",
        )
    known = trade.belief.catalog.members.get(key)
    more = max(0, seats - (known.seats if known else 0))
    if known is None or more or known.probe != capability.probe:
        await trade.send(f"enlist/{capability.class_id.hex()}", EnlistWorker(*key[1:], capability.probe, more))
    wanted = max(seats, known.seats if known else 0)

    def enlisted(_: object) -> MemberRecord | None:
        found = trade.belief.catalog.members.get(key)
        return found if found and found.seats >= wanted and found.probe == capability.probe else None

    return await trade.belief.until(enlisted, seconds=PATIENCE, what=f"the enlistment in class {capability.name}")


async def resign_all(trade: Trade) -> int:
    """Take every seat of this account out of the draws; says how many there were."""
    seats = 0
    for (operator, class_id), member in tuple(trade.belief.catalog.members.items()):
        if operator == trade.me and member.seats:
            seats += member.seats
            await trade.send(f"resign/{class_id.hex()}", ResignSeats(class_id, member.seats))
    return seats


@dataclass(frozen=True, slots=True)
class Chance:
    """A bounty this node could work on: what it pays for a million steps, and how many units to claim."""

    bounty: BountyRecord
    price: int
    count: int
    here: bool


@dataclass(slots=True)
class Hiring:
    """Claims work while this node lends itself and is not busy."""

    bench: Bench
    _refused: dict[int, str] = field(default_factory=dict)
    _tidied: set[int] = field(default_factory=set)
    _capable: dict[bytes, Capability] | None = None

    @property
    def refused(self) -> dict[int, str]:
        """Why this node will not work on some bounties."""
        return dict(self._refused)

    async def look(self) -> None:
        """Claim units of the best bounty when nothing else is to be run."""
        await self._tidy()
        offer = await offer_of(self.bench.trade)
        if offer is None or not offer.enabled or self._busy():
            return
        chances = [
            chance for bounty in self._wanted(offer) if (chance := await self._chance(bounty, offer)) is not None
        ]
        best = max(chances, key=lambda chance: (chance.here, chance.price, -chance.bounty.job.deadline), default=None)
        if best is not None:
            await self._claim(best)

    def _busy(self) -> bool:
        mine = (claim for claim in self.bench.trade.belief.catalog.work.values() if claim.worker == self.bench.trade.me)
        return any(claim.stage is ClaimStage.CLAIMED for claim in mine)

    def _wanted(self, offer: WorkOffer) -> list[BountyRecord]:
        catalog, me = self.bench.trade.belief.catalog, self.bench.trade.me
        return [
            bounty
            for bounty in catalog.bounties.values()
            if bounty.open_units > 0
            and not self._failed_at(bounty)
            and bounty.requester != me
            and bounty.id not in self._refused
            and trusted(catalog.members.get((me, bounty.job.class_id)), offer)
        ]

    async def _tidy(self) -> None:
        """Forget the work on bounties that are closed, once per bounty; their claims and cases have ended then."""
        bounties = self.bench.trade.belief.catalog.bounties.values()
        wanted = {bounty.job.spec for bounty in bounties if not bounty.closed}
        for bounty in [one for one in bounties if one.closed and one.id not in self._tidied]:
            self._tidied.add(bounty.id)
            if bounty.job.spec not in wanted and await trio.Path(self.bench.place(bounty)).exists():
                await self.bench.forget(bounty)

    def _failed_at(self, bounty: BountyRecord) -> bool:
        """Whether a claim of this account to the same work was late, wrong, or could not be judged."""
        claims = (self.bench.trade.belief.catalog.work[number] for number in bounty.claims)
        return any(claim.gives_back and claim.worker == self.bench.trade.me for claim in claims)

    async def _capability(self, class_id: bytes, offer: WorkOffer) -> Capability | None:
        if self._capable is None:
            found = await self.bench.executor.capabilities()
            self._capable = {one.class_id: one for one in found.classes}
        capability = self._capable.get(class_id)
        return capability if capability and capability.name in offer.classes else None

    async def _chance(self, bounty: BountyRecord, offer: WorkOffer) -> Chance | None:
        """What taking this bounty would mean, or None when it is not for this node, now or ever."""
        capability = await self._capability(bounty.job.class_id, offer)
        now = await self.bench.now()
        if capability is None or now >= bounty.job.deadline:
            return None
        here = Cid.of(RAW, bounty.job.spec) in await self.bench.files.store.pins()
        try:
            spec = (await self.bench.plan(bounty)).spec
        except (BadInput, Refused, Corrupt) as cause:
            self._refused[bounty.id] = cause.message
            log.warning("bounty refused", extra={"bounty": bounty.id, "reason": cause.message})
            return None
        except Unavailable as cause:
            log.info("bounty not understood yet", extra={"bounty": bounty.id, "reason": cause.message})
            return None
        price = bounty.job.price * MILLION // steps_of(spec)
        count = self._count(bounty, spec, capability, offer, now)
        return Chance(bounty, price, count, here) if count and price >= offer.min_price else None

    def _count(self, bounty: BountyRecord, spec: JobSpec, capability: Capability, offer: WorkOffer, now: int) -> int:
        """How many units fit into the window, the free stake and what is lent."""
        window = min(bounty.job.work_window, bounty.job.deadline - now)
        if window < LEAST_WINDOW:
            return 0
        seconds = steps_of(spec) / max(1, capability.rate * offer.cores)
        fits = int(window / MARGIN / seconds) if seconds else MAX_COUNT
        node = self.bench.trade.belief.catalog.nodes.get(self.bench.trade.me)
        free = node.stake - node.bound if node else 0
        backed = free // bounty.job.stake if bounty.job.stake else MAX_COUNT
        member = self.bench.trade.belief.catalog.members.get((self.bench.trade.me, bounty.job.class_id))
        wanted = offer.batch or batch(member.score if member else 0)
        return max(0, min(bounty.open_units, fits, backed, wanted, MAX_COUNT))

    async def _claim(self, chance: Chance) -> None:
        """Claim once per claim seen so far: killed before the chain told of it, the same claim is asked for again."""
        trade, bounty = self.bench.trade, chance.bounty
        before = sum(1 for claim in bounty.claims if trade.belief.catalog.work[claim].worker == trade.me)
        try:
            receipt = await trade.outbox.send(f"work-claim:{bounty.id}/{before}", ClaimUnits(bounty.id, chance.count))
        except Refused as refused:
            # Under way from before a crash, or somebody was first, or there is no money for gas: looked at again.
            log.info("claim refused", extra={"bounty": bounty.id, "reason": refused.message})
        else:
            await trade.seen(receipt)


def trusted(member: MemberRecord | None, offer: WorkOffer) -> bool:
    """Whether this node may work in a class: enlisted, and not convicted there since work was enabled."""
    return member is not None and (member.convicted is None or member.convicted.block < offer.since)


def steps_of(spec: JobSpec) -> int:
    """Steps and pixels, or fuel, of one unit."""
    return spec.segments * spec.effort
