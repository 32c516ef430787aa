"""The auditor's side of a claim: run the drawn units again, blind; show the outcome; bring a lie before the court."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from thenar.domain.actions import CommitAudit, DemandPlace, DisagreeClaim, LapseDemand, RevealAudit
from thenar.domain.catalog import ClaimRecord
from thenar.domain.ids import ClaimId
from thenar.domain.keccak import keccak256
from thenar.domain.membertree import MemberTree
from thenar.domain.work.audits import audited, first_difference, spot, still_suspect, tree_over
from thenar.domain.work.bounties import AuditStage, ClaimStage
from thenar.errors import Corrupt, NotFound, Poor, Unavailable
from thenar.services.steps import step
from thenar.services.work.bonds import back
from thenar.services.work.jobfiles import record_of
from thenar.services.work.workbench import Bench, roots_of

log = logging.getLogger(__name__)

PATIENCE_PART: Final = 4
"""A record that is not to be had is asked for during this part of the time left; then places are demanded on chain."""
MOST_DEMANDS: Final = 16
"""Places demanded at once."""


def units_of(claim: ClaimRecord) -> tuple[int, ...]:
    """The units whoever was drawn must run."""
    return audited(claim.seed, claim.units, claim.bps)


async def do_audit(bench: Bench, number: ClaimId, draw_block: int) -> None:
    """Run the drawn units and commit to their traces before anybody shows any."""
    claim = bench.claim(number)
    drawn = (claim.auditor, claim.audit, claim.draw_block) == (bench.trade.me, AuditStage.DRAWN, draw_block)
    if not drawn or await bench.now() >= claim.audit_by:
        return
    name = f"audit/{number}/{draw_block}"
    secret = await bench.secret(name)
    if secret is None:
        done = await bench.run(bench.bounty(claim.bounty), units_of(claim))
        secret = await bench.seal(name, tree_over(claim.units, roots_of(done)).root)
    action = CommitAudit(number, bench.bound(claim).audit(*secret.opening))
    await step(bench.trade, f"audit-commit:{number}/{draw_block}", action)


async def reveal_audit(bench: Bench, number: ClaimId, draw_block: int) -> None:
    """Show the audit's root, and the trace at the place that the worker's root points to."""
    claim = bench.claim(number)
    mine = (claim.auditor, claim.audit, claim.draw_block) == (bench.trade.me, AuditStage.COMMITTED, draw_block)
    secret = await bench.secret(f"audit/{number}/{draw_block}")
    if not mine or claim.root is None:
        return
    if secret is None:
        raise Corrupt(f"this node does not know the salt of its audit of claim {number}", next_step="restore it")
    root, salt = secret.opening
    place = spot(claim.seed, claim.units, claim.bps, claim.root)
    done = await bench.run(bench.bounty(claim.bounty), units_of(claim))
    tree = tree_over(claim.units, roots_of(done))
    if place is None or tree.root != root:
        raise Corrupt(f"the audit of claim {number} came to something else this time")
    trace = done[claim.units[place]].trace_root
    await step(
        bench.trade, f"audit-reveal:{number}/{draw_block}", RevealAudit(number, root, salt, trace, tree.prove(place))
    )


async def check_claim(bench: Bench, number: ClaimId, draw_block: int) -> None:
    """Hold the worker's traces against one's own, and bring the first that differs before the court."""
    claim = bench.claim(number)
    revealed = claim.audit is AuditStage.REVEALED and claim.draw_block == draw_block
    if not revealed or claim.stage is not ClaimStage.REVEALED or claim.root is None:
        return
    units = units_of(claim)
    done = await bench.run(bench.bounty(claim.bounty), units)
    if len(units) == claim.count and claim.audit_root == claim.root:
        return
    try:
        record = await record_of(bench.files, bench.trade.belief.catalog, claim)
    except (Unavailable, Corrupt, NotFound) as cause:
        await _demand(bench, claim, tree_over(claim.units, roots_of(done)))
        raise Unavailable(f"the traces of claim {number} are not to be had: {cause.message}") from cause
    theirs = dict(zip(claim.units, record.trace_roots, strict=True))
    place = first_difference(claim.units, roots_of(done), theirs)
    if place is not None:
        await _disagree(bench, claim, place, (record.trace_roots[place], record.tree.prove(place)), roots_of(done))


async def check_place(bench: Bench, number: ClaimId, place: int) -> None:
    """Hold what was shown on chain against one's own trace; the record may stay hidden, a lie does not."""
    claim = bench.claim(number)
    demand, unit = claim.demands[place], claim.first + place
    audits = claim.auditor == bench.trade.me and claim.audit is AuditStage.REVEALED and unit in units_of(claim)
    if demand.shown is None or not audits or claim.stage is not ClaimStage.REVEALED:
        return
    mine = roots_of(await bench.run(bench.bounty(claim.bounty), units_of(claim)))
    if demand.shown[0] != mine[unit]:
        await _disagree(bench, claim, place, demand.shown, mine)


async def _disagree(
    bench: Bench, claim: ClaimRecord, place: int, theirs: tuple[bytes, tuple[bytes, ...]], mine: dict[int, bytes]
) -> None:
    unit, own = claim.units[place], tree_over(claim.units, mine)
    log.warning("claim is wrong", extra={"claim": claim.id, "unit": unit})
    action = DisagreeClaim(claim.id, place, *theirs, mine[unit], own.prove(place))
    await step(bench.trade, f"audit-disagree:{claim.id}/{claim.draw_block}", action)


async def _demand(bench: Bench, claim: ClaimRecord, own: MemberTree) -> None:
    """After a while: have audited places shown on chain, or the claim convicted for hiding them."""
    name, now = f"audit-missing/{claim.id}", await bench.now()
    since = await bench.trade.journal.get(name)
    if since is None:
        await bench.trade.journal.put(name, str(now).encode())
        return
    began = int(since)
    if now < began + (claim.by - began) // PATIENCE_PART:
        return
    if any(not demand.over for demand in claim.demands.values()):
        return
    places = await _places(bench, claim, own)
    try:
        await back(bench.trade, bench.bonds, bench.bonds.demand * len(places))
    except Poor as cause:
        log.warning(
            "no money to demand places", extra={"claim": claim.id, "places": len(places), "reason": cause.message}
        )
        return
    for place in places:
        await step(bench.trade, f"audit-demand:{claim.id}/{place}", DemandPlace(claim.id, place))


async def _places(bench: Bench, claim: ClaimRecord, own: MemberTree) -> Sequence[int]:
    """What to demand next. Who ran every unit finds a lie from the siblings that were shown; who ran some asks for
    such as his salt says, which the worker does not know."""
    units = units_of(claim)
    if len(units) == claim.count:
        shown = {place: demand.shown[1] for place, demand in claim.demands.items() if demand.shown}
        left = [place for place in still_suspect(own, shown) if place not in claim.demands]
        some = min(len(left), MOST_DEMANDS)
        return [left[number * len(left) // some] for number in range(some)]
    secret = await bench.secret(f"audit/{claim.id}/{claim.draw_block}")
    salt = b"" if secret is None else secret.opening[1]
    places = sorted((unit - claim.first for unit in units), key=lambda at: keccak256(salt + at.to_bytes(32, "big")))
    return [place for place in places[:MOST_DEMANDS] if place not in claim.demands]


async def lapse(bench: Bench, number: ClaimId, place: int) -> None:
    """End a demand of one's own that nobody answered in time."""
    demand = bench.claim(number).demands.get(place)
    if demand is not None and not demand.over:
        await step(bench.trade, f"audit-lapse:{number}/{place}", LapseDemand(number, place))
