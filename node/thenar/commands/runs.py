"""Commands of programs that come to the data: approve, disapprove, approved, house, runs, output, reject."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import asdict
from pathlib import Path

import trio

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.captures import known_asset
from thenar.commands.view import as_of, money, receipt_view
from thenar.domain.catalog import ProgramRecord, RunRecord
from thenar.domain.ids import RunId
from thenar.domain.money import parse_amount
from thenar.domain.runs.programs import DAY, MAX_OUTPUT, MAX_PARTS, MAX_RUNS, RunLimits, RunStage
from thenar.domain.runs.standing import program_of
from thenar.domain.work.jobs import MAX_FUEL
from thenar.errors import BadInput, Late
from thenar.services.ports import Tell
from thenar.services.runs import approving, ordering
from thenar.services.runs.home import MAX_PROGRAM

LOOK_EVERY = 0.2


async def approve(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Let licensees run a program over an owned capture, once it gets through part 0 here."""
    asset, code = arg.asset(arguments), await _code(arguments)
    limits = RunLimits(
        price=parse_amount(arg.text(arguments, "price", "0"), node.decimals),
        fuel=arg.number(arguments, "fuel", MAX_FUEL, low=1, high=MAX_FUEL),
        output_bytes=arg.number(arguments, "output", 4_096, low=1, high=MAX_OUTPUT),
        parts=arg.number(arguments, "parts", 1, low=1, high=MAX_PARTS),
        per_buyer=arg.number(arguments, "per_buyer", 10, low=1, high=MAX_RUNS),
        per_day=arg.number(arguments, "per_day", 100, low=1, high=MAX_RUNS),
    )
    trial = arguments.get("trial") is None or arg.flag(arguments, "trial")
    if trial:
        tell({"label": "trying the program over part 0", "done": 0, "total": 0})
    home = node.home_for(arg.request_id(arguments))
    done = await approving.approve_program(home, asset, code, limits, trial=trial)
    tried = {"output_bytes": len(done.tried.output), "fuel": done.tried.fuel} if done.tried else None
    return {**_program_view(node, done.record), "tried": tried, **receipt_view(done.receipt)}


async def disapprove(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Let nobody order more runs of a program."""
    asset, program = arg.asset(arguments), await _program(arguments)
    receipt = await approving.disapprove_program(node.home_for(arg.request_id(arguments)), asset, program)
    return {"asset": asset, "program": program.hex(), **receipt_view(receipt)}


async def list_approved(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Programs that may run over an asset, and the most they can ever tell of it."""
    record = known_asset(node, arg.asset(arguments))
    found = [
        approved
        for asset, program in node.belief.catalog.programs
        if asset == record.id and (approved := program_of(node.belief.catalog, asset, program))
    ]
    ever = sum(approved.limits.ever for approved in found)
    return {
        "asset": record.id,
        "bytes": record.commitment.size,
        "bytes_that_can_ever_leave": ever,
        "programs": [_program_view(node, approved) for approved in found],
    }


async def order(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Order a run at the owner's house; with ``into``, stay until the output is there and write it."""
    asset, program = arg.asset(arguments), await _program(arguments)
    ceiling = arg.optional_text(arguments, "max_price")
    most = None if ceiling is None else parse_amount(ceiling, node.decimals)
    part = arg.number(arguments, "part", 0, high=MAX_PARTS)
    into = _new_file(arguments) if arguments.get("into") is not None else None
    record = await ordering.order_run(node.home_for(arg.request_id(arguments)), asset, program, part, most)
    if into is None:
        return _run_view(node, record)
    return await _written(node, record.id, into, arg.number(arguments, "patience", 600, low=1, high=DAY), tell)


async def list_runs(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Runs this account ordered or does; everybody's with ``all``."""
    catalog, everybody = node.belief.catalog, arg.flag(arguments, "all")
    chosen = [
        _run_view(node, record)
        for record in catalog.runs.values()
        if everybody or node.me in (record.run.buyer, catalog.assets[record.run.asset].owner)
    ]
    return {**as_of(node), "runs": chosen}


async def fetch_output(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Write the output of a run to a file, waiting until it is there."""
    patience = arg.number(arguments, "patience", 600, low=1, high=DAY)
    return await _written(node, _number(arguments), _new_file(arguments), patience, tell)


async def reject(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Burn the price of a delivered run."""
    number = _number(arguments)
    receipt = await ordering.reject_run(node.home_for(arg.request_id(arguments)), number)
    return {**_run_view(node, node.belief.catalog.runs[number]), **receipt_view(receipt)}


async def _written(node: Node, number: RunId, into: Path, patience: int, tell: Tell) -> dict[str, object]:
    with trio.move_on_after(patience):
        while True:
            found = await ordering.output_of(node.home, number)
            if found is not None:
                await trio.to_thread.run_sync(shutil.copyfile, found, into)
                report = ordering.report_path(found)
                view = _run_view(node, node.belief.catalog.runs[number])
                return {**view, "path": str(into), "bytes": found.stat().st_size, "report": str(report)}
            stage = node.home.run(number).stage.name.lower()
            tell({"label": f"run {number} is {stage}", "done": 0, "total": 0})
            await trio.sleep(LOOK_EVERY)
    raise Late(
        f"the output of run {number} is not here yet",
        next_step=f"it goes on by itself: `thenar job output {number}` waits, `thenar duty list` tells of trouble",
    )


def _number(arguments: arg.Arguments) -> RunId:
    return RunId(arg.number(arguments, "run", 0, low=1, high=2**53))


def _new_file(arguments: arg.Arguments) -> Path:
    into = Path(arg.text(arguments, "into"))
    if into.exists() or not into.parent.is_dir():
        raise BadInput(f"{into} exists, or its folder does not", next_step="name a new file")
    return into


async def _code(arguments: arg.Arguments) -> bytes:
    path = arg.existing_file(arguments, "program")
    if path.stat().st_size > MAX_PROGRAM:
        raise BadInput(f"{path} has more than the {MAX_PROGRAM:,} bytes a program may have")
    return await trio.Path(path).read_bytes()


async def _program(arguments: arg.Arguments) -> bytes:
    """A program by its SHA-256, 64 hex digits, or by its file."""
    text = arg.text(arguments, "program").removeprefix("0x")
    if len(text) == 64 and not set(text) - set("0123456789abcdef"):
        return bytes.fromhex(text)
    return hashlib.sha256(await _code(arguments)).digest()


def _program_view(node: Node, approved: ProgramRecord) -> dict[str, object]:
    limits = asdict(approved.limits)
    return {
        "asset": approved.asset,
        "program": approved.program.hex(),
        **limits,
        "price": money(node, approved.limits.price),
        "bytes_ever": approved.limits.ever,
        "bytes_a_day": approved.limits.daily,
    }


def _run_view(node: Node, record: RunRecord) -> dict[str, object]:
    run, waits = record.run, record.stage is RunStage.DELIVERED
    return {
        "run": record.id,
        "asset": run.asset,
        "program": run.program.hex(),
        "part": run.part,
        "buyer": run.buyer,
        "price": money(node, run.price),
        "state": record.stage.name.lower(),
        "until": record.reject_by if waits else run.deadline,
    }
