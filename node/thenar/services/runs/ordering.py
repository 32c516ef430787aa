"""The buyer's side of a run: pay for it, take what came out, reject what is of no use, have the money back."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import trio

from thenar.domain.actions import OrderRun, RefundRun, RejectRun
from thenar.domain.assets import Purpose
from thenar.domain.catalog import Catalog, RunRecord
from thenar.domain.ids import RAW, AssetId, Cid, RunId
from thenar.domain.records import to_value
from thenar.domain.runs.programs import RunStage, fits
from thenar.domain.runs.reports import SEALED_LIMIT, Parcel, context_of
from thenar.domain.runs.standing import program_of
from thenar.domain.work.classes import X2
from thenar.errors import Corrupt, NotFound, Refused, Unavailable
from thenar.services.holders import known_holders
from thenar.services.licensing import PATIENCE, approve, one_time_point
from thenar.services.ports import Receipt
from thenar.services.runs.home import Home
from thenar.services.steps import step
from thenar.services.work.jobfiles import holders_of

log = logging.getLogger(__name__)

_REJECT = "`thenar job reject` burns its price, before the time for that is over"


async def order_run(home: Home, asset: AssetId, program: bytes, part: int, most: int | None) -> RunRecord:
    """Pay for a run of an approved program over one part, and wait until the chain confirms it.

    Raises NotFound for a program that is not approved, Refused without a license, above ``most`` token units or when
    today's runs are spent, Poor, Reverted.
    """
    trade = home.trade
    price = await _checked(home, asset, program, part, most)
    if price:
        await approve(trade, price)
    key_x, what = 0, f"order-run/{asset}/{program.hex()}/{part}"

    async def ask(label: str) -> OrderRun:
        nonlocal key_x
        key_x, key_y = await one_time_point(trade, what, label)
        return OrderRun(asset, program, part, price, key_x, key_y)

    await trade.once.send_made(what, ask, trade.request)

    def ordered(catalog: Catalog) -> RunRecord | None:
        return next((record for record in catalog.runs.values() if record.key_x == key_x), None)

    return await trade.belief.until(ordered, seconds=PATIENCE, what="the order")


async def _checked(home: Home, asset: AssetId, program: bytes, part: int, most: int | None) -> int:
    """The price of a run this account may order now."""
    trade, now = home.trade, await home.now()
    catalog = trade.belief.catalog
    approved = program_of(catalog, asset, program)
    if approved is None:
        raise NotFound(
            f"the program {program.hex()} is not approved for {asset}",
            next_step=f"`thenar capture approved {asset}` lists what is; its owner approves others",
        )
    if not catalog.is_allowed(asset, trade.me, Purpose.COMPUTE_ONLY, now):
        raise Refused(
            f"this account holds no license for compute_only of {asset}",
            next_step=f"`thenar license buy {asset} --no-key`, when it is offered under such terms",
        )
    limits = approved.limits
    if part >= limits.parts:
        raise NotFound(f"there is no part {part}", next_step=f"parts are 0 to {limits.parts - 1}")
    if most is not None and limits.price > most:
        raise Refused(f"a run costs {limits.price} token units, above {most}", next_step="raise --max-price to accept")
    earlier = [
        (other.run.buyer, other.run.ordered_at)
        for other in catalog.runs.values()
        if (other.run.asset, other.run.program) == (asset, program)
    ]
    spent = fits(limits, earlier, trade.me, now)
    if spent is not None:
        raise Refused(spent, next_step="days are counted in UTC: order again tomorrow")
    return limits.price


async def take_output(home: Home, number: RunId) -> None:
    """Buyer's duty once a run is delivered: fetch, open, hold against its signed report, and keep what came out.

    Raises Unavailable while nobody gives it, Corrupt when it is not what the owner signed.
    """
    record, catalog = home.run(number), home.trade.belief.catalog
    if record.sealed is None or await trio.Path(output_path(home, record)).exists():
        return
    holders = [
        *holders_of(catalog, record.deliverer),
        *await known_holders(record.run.asset, home.trade.journal, home.files.peers),
    ]
    place = Cid.of(RAW, record.sealed)
    sealed = await home.files.bring(place, holders, SEALED_LIMIT)
    parcel = Parcel.decode(await _opened(home, record, sealed))
    digest = parcel.report.signed(home.trade.chain.chain_id, home.desk)
    if home.signer_of(digest, parcel.signature) != record.deliverer:
        raise Corrupt(f"the report of run {number} is not signed by the owner", next_step=_REJECT)
    _check_report(home, record, parcel)
    await trio.to_thread.run_sync(_write, output_path(home, record), parcel)
    await home.files.store.unpin(place)


async def _opened(home: Home, record: RunRecord, sealed: bytes) -> bytes:
    seed = await home.trade.journal.get(f"sale-key/{record.key_x.to_bytes(32, 'big').hex()}")
    if seed is None:
        raise Refused("this node did not make the one-time key of this run", next_step="use the node that ordered it")
    secret, _ = home.trade.wrapper.one_time_key(seed)
    return home.parcels.open(sealed, secret, context_of(record.id, home.trade.chain.chain_id, home.desk))


def _check_report(home: Home, record: RunRecord, parcel: Parcel) -> None:
    """Raise Corrupt unless a report is about the run that was ordered."""
    run, said = record.run, parcel.report
    root = home.trade.belief.catalog.assets[run.asset].commitment.plain_root.hex()
    ordered = (record.id, run.buyer, run.asset, run.program.hex(), run.part, X2.id.hex(), root)
    told = (said.run, said.buyer, said.asset, said.program, said.part, said.runtime, said.plain_root)
    if ordered != told or said.size > run.output_bytes:
        raise Corrupt(f"the report of run {record.id} is about something else", next_step=_REJECT)


def output_path(home: Home, record: RunRecord) -> Path:
    """Where the output of a run lies once it was taken; its signed report lies beside it."""
    return home.outputs / f"{record.run.asset}-{record.label}.bin"


def report_path(output: Path) -> Path:
    """Where the signed report of an output lies."""
    return output.with_suffix(".json")


def _write(path: Path, parcel: Parcel) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    signed = {**to_value(parcel.report), "signature": parcel.signature.hex()}
    report = json.dumps(signed, indent=2).encode()
    for target, content in ((report_path(path), report), (path, parcel.output)):
        partial = target.with_name(f".{target.name}.part")
        partial.write_bytes(content)
        partial.replace(target)


async def output_of(home: Home, number: RunId) -> Path | None:
    """Where the output of a run lies, or None while it is on its way. Raises Refused when there will be none."""
    record = home.run(number)
    path = output_path(home, record)
    if await trio.Path(path).exists():
        return path
    if record.stage in (RunStage.REFUNDED, RunStage.REJECTED):
        raise Refused(f"run {number} was {record.stage.name.lower()}: there is no output")
    return None


async def reject_run(home: Home, number: RunId) -> Receipt:
    """Burn the price of a delivered run of this account's. Raises NotFound, Refused, Reverted."""
    record, trade = home.run(number), home.trade
    if record.run.buyer != trade.me:
        raise Refused(f"run {number} is not this account's")
    if record.stage is not RunStage.DELIVERED:
        raise Refused(
            f"run {number} is {record.stage.name.lower()}",
            next_step="what is not delivered is refunded by itself; what is settled is paid",
        )
    receipt = await trade.send(f"reject-run/{number}", RejectRun(number))
    await trade.seen(receipt)
    return receipt


async def refund_run(home: Home, number: RunId) -> None:
    """Buyer's duty when a run is late, or stands no more: bring the money home. Harmless when it was delivered."""
    record = home.run(number)
    if record.stage is not RunStage.ORDERED:
        return
    try:
        await step(home.trade, f"refund-run:{record.label}", RefundRun(number))
    except Unavailable:
        if record.run.deadline < await home.now():
            raise
        log.info("run stands still", extra={"run": number})
