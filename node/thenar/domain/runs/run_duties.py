"""What runs ask of the owner and the buyer: do it, take what came out, have it paid, bring the money back."""

from __future__ import annotations

from collections.abc import Iterator

from thenar.domain import facts as f
from thenar.domain.catalog import Catalog
from thenar.domain.duty import Duty, DutyKind, Me
from thenar.domain.ids import Address, AssetId
from thenar.domain.runs.programs import RunStage


def for_run(catalog: Catalog, fact: f.RunFact, me: Me) -> Iterator[Duty]:
    """The duties a fact about programs and runs gives."""
    block = fact.at.block
    match fact:
        case f.RunOrdered(run=number, ordered=run):
            if catalog.assets[run.asset].owner == me.account:
                yield Duty(DutyKind.RUN_PROGRAM, str(number), block, deep=True)
            if run.buyer == me.account:
                yield Duty(DutyKind.REFUND_RUN, str(number), block, not_before=run.deadline + 1)
        case f.RunDelivered(run=number):
            run = catalog.runs[number].run
            if run.buyer == me.account:
                yield Duty(DutyKind.TAKE_OUTPUT, str(number), block)
            if catalog.assets[run.asset].owner == me.account:
                yield Duty(DutyKind.SETTLE_RUN, str(number), block, not_before=fact.reject_by + 1)
        case f.ProgramDisapproved(asset=asset):
            yield from refunds_of(catalog, asset, me.account, block)
        case _:
            pass


def refunds_of(catalog: Catalog, asset: AssetId, buyer: Address, block: int) -> Iterator[Duty]:
    """Look at once whether money of runs that were not delivered comes back: what they stood on has changed."""
    for record in catalog.runs.values():
        if record.stage is RunStage.ORDERED and (record.run.asset, record.run.buyer) == (asset, buyer):
            yield Duty(DutyKind.REFUND_RUN, f"{record.id}/{block}", block)
