"""The owner's word about programs: which may run over what, how often, and how much they may put out."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from thenar.domain.actions import ApproveProgram, DisapproveProgram
from thenar.domain.catalog import Catalog, ProgramRecord
from thenar.domain.ids import AssetId
from thenar.domain.runs.programs import RunLimits
from thenar.domain.runs.standing import program_of
from thenar.domain.work.checkpoints import Status
from thenar.errors import NotFound, Refused, Unavailable
from thenar.services.licensing import PATIENCE
from thenar.services.listen import be_present
from thenar.services.payouts import owned
from thenar.services.ports import Receipt, one_part
from thenar.services.runs.home import Home, Ran, keep_program, program_file, run_at_home

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Approved:
    """What was approved, and what the program came to over part 0 when it was tried."""

    record: ProgramRecord
    tried: Ran | None
    receipt: Receipt


async def approve_program(home: Home, asset: AssetId, code: bytes, limits: RunLimits, *, trial: bool) -> Approved:
    """Keep a program and let licensees order runs of it; with ``trial``, only if it gets through part 0.

    Raises NotFound, Refused, BadInput for limits or a program that no run gets through.
    """
    trade = home.trade
    owned(trade, asset)
    limits.check()
    if trade.me not in trade.belief.catalog.nodes:
        raise Refused(
            "buyers fetch outputs from the owner's registered node, and this one is not registered",
            next_step="`thenar register --stake 100` registers it",
        )
    stored = (await home.files.store.add(one_part(code))).root
    program_file(code, stored)
    program = await keep_program(home, code, stored)
    tried = await _try(home, asset, program, limits) if trial else None
    receipt = await trade.send(f"approve-program/{asset}/{program.hex()}", ApproveProgram(asset, program, limits))

    def approved(catalog: Catalog) -> ProgramRecord | None:
        found = program_of(catalog, asset, program)
        return found if found and found.limits == limits else None

    record = await trade.belief.until(approved, seconds=PATIENCE, what="the approval")
    try:
        await be_present(home.files.peers)
    except (Refused, Unavailable) as cause:
        log.info("could not say where this node is", extra={"reason": cause.message})
    return Approved(record, tried, receipt)


async def _try(home: Home, asset: AssetId, program: bytes, limits: RunLimits) -> Ran:
    tried = await run_at_home(home, asset, program, limits, 0)
    if tried.status is not Status.OK:
        raise Refused(
            f"over part 0 the program ends {tried.status.name}: it would never be paid",
            next_step="raise --output or --fuel when it ran into a limit; --no-trial approves it all the same",
        )
    return tried


async def disapprove_program(home: Home, asset: AssetId, program: bytes) -> Receipt:
    """Let nobody order more runs; what was ordered and not delivered is refunded. Raises NotFound."""
    trade = home.trade
    if (asset, program) not in trade.belief.catalog.programs:
        raise NotFound(
            f"{program.hex()} is not approved for {asset}", next_step=f"`thenar capture approved {asset}` lists what is"
        )
    receipt = await trade.send(f"disapprove-program/{asset}/{program.hex()}", DisapproveProgram(asset, program))
    await trade.seen(receipt)
    return receipt
