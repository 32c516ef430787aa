"""Disputing a claim by hand: whoever ran one of its units and came to something else lays down a bond and says so."""

from __future__ import annotations

from dataclasses import dataclass

from thenar.domain.actions import ChallengeClaim
from thenar.domain.ids import ClaimId
from thenar.domain.work.bounties import ClaimStage
from thenar.errors import NotFound, Refused
from thenar.services.account import provide
from thenar.services.ports import Receipt
from thenar.services.work.jobfiles import record_of
from thenar.services.work.workbench import Bench


@dataclass(frozen=True, slots=True)
class Challenged:
    """What was held against a claim: both traces' roots, the bond, and the transaction."""

    claimed: bytes
    found: bytes
    bond: int
    receipt: Receipt


async def challenge(bench: Bench, number: ClaimId, unit: int) -> Challenged:
    """Run a unit of a revealed claim here and, when it comes to something else, bring the claim before the court.

    The bond comes from the wallet as far as the account lacks it; it comes back with half of what the worker loses, or
    goes to him. Raises NotFound, Refused when nothing is to be disputed, Unavailable while the record is not to be had.
    """
    claim = bench.claim(number)
    if unit not in claim.units:
        first, last = claim.units[0], claim.units[-1]
        raise NotFound(f"claim {number} has no unit {unit}", next_step=f"its units are {first} to {last}")
    if claim.stage is not ClaimStage.REVEALED or await bench.now() >= claim.by:
        raise Refused(
            f"claim {number} is {claim.stage.name.lower()}: only what is shown and not paid yet can be disputed",
            next_step="`thenar job show` tells where claims stand",
        )
    record = await record_of(bench.files, bench.trade.belief.catalog, claim)
    place = unit - claim.first
    claimed = record.trace_roots[place]
    found = (await bench.run(bench.bounty(claim.bounty), [unit]))[unit].trace_root
    if found == claimed:
        raise Refused(f"this machine comes to the same as claim {number} for unit {unit}: there is nothing to dispute")
    await provide(bench.trade, bench.bonds.challenge)
    action = ChallengeClaim(number, place, claimed, record.tree.prove(place), found)
    receipt = await bench.trade.send(f"challenge/{number}/{unit}", action)
    await bench.trade.seen(receipt)
    return Challenged(claimed, found, bench.bonds.challenge, receipt)
