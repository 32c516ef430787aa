"""Beacons: have a block's hash kept, so that recordings can begin with its moves."""

from __future__ import annotations

import logging
from typing import Final

import trio

from thenar.domain.actions import LightBeacon
from thenar.domain.catalog import BeaconRecord, Catalog
from thenar.errors import NotFound, Unavailable
from thenar.services.bounty.desk import BountyDesk
from thenar.services.licensing import PATIENCE
from thenar.services.steps import step

log = logging.getLogger(__name__)

TRIES: Final = 8
FRESH: Final = 900
"""Seconds for which a lit beacon is taken rather than a new one lit."""


def newest(desk: BountyDesk, now: int) -> BeaconRecord | None:
    """The newest beacon that is lit, when it is still fresh."""
    beacons = desk.trade.belief.catalog.beacons
    found = beacons[max(beacons)] if beacons else None
    return found if found is not None and now - found.lit_at <= FRESH else None


async def light(desk: BountyDesk) -> BeaconRecord:
    """A fresh beacon: the newest that somebody lit, else one lit now. Raises Unavailable on a chain without one yet."""
    for _ in range(TRIES):
        found = newest(desk, await desk.now())
        if found is not None:
            return found
        due = await _due(desk)
        if await _sent(desk, due):
            return await _lit(desk, due)
        await trio.sleep(1)  # somebody lit it, or the next one is due
    raise Unavailable("no beacon could be lit in time", next_step="try again: blocks come fast on this chain")


async def _sent(desk: BountyDesk, due: int) -> bool:
    """Whether this node lit it. Sent in the last block of its time it is mined a block too late."""
    try:
        return await step(desk.trade, f"beacon:{due}", LightBeacon(due))
    except Unavailable as late:
        log.info("a beacon was not lit", extra={"block": due, "reason": late.message})
        return False


async def _lit(desk: BountyDesk, number: int) -> BeaconRecord:
    def lit(catalog: Catalog) -> BeaconRecord | None:
        return catalog.beacons.get(number)

    return await desk.trade.belief.until(lit, seconds=PATIENCE, what=f"the beacon of block {number}")


async def _due(desk: BountyDesk) -> int:
    head = (await desk.trade.chain.head()).block
    due = head - head % desk.beacon_every
    if not due:
        raise Unavailable(
            f"block {desk.beacon_every} is the first that can be a beacon, and this chain is at {head}",
            next_step="wait for it",
        )
    return due


def beacon(desk: BountyDesk, number: int) -> BeaconRecord:
    """A beacon that is lit. Raises NotFound."""
    found = desk.trade.belief.catalog.beacons.get(number)
    if found is None:
        raise NotFound(
            f"block {number} is no lit beacon", next_step="`thenar capture gesture` draws a gesture from one"
        )
    return found
