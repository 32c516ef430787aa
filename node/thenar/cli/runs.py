"""Programs that come to the data: part of ``thenar capture`` for the owner, of ``thenar job`` for the buyer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

AssetArgument = Annotated[str, typer.Argument(help="Asset id, 0x and 64 hex digits.")]
RunArgument = Annotated[int, typer.Argument(help="Number of the run, as `thenar job runs` shows it.")]
ProgramArgument = Annotated[str, typer.Argument(help="The program: its file, or its SHA-256 as 64 hex digits.")]


def register(capture: typer.Typer, job: typer.Typer) -> None:
    """Add the commands to those of captures and of jobs."""
    for app, name, command in (
        (capture, "approve", approve),
        (capture, "disapprove", disapprove),
        (capture, "approved", approved),
        (job, "house", house),
        (job, "runs", runs),
        (job, "output", output),
        (job, "reject", reject),
    ):
        app.command(name)(command)


def _file_or_digest(program: str) -> str:
    path = Path(program).expanduser()
    return str(path.resolve()) if path.is_file() else program


def approve(
    asset: AssetArgument,
    program: Annotated[Path, typer.Argument(help="WebAssembly module, as docs/executors.md describes them.")],
    price: Annotated[str, typer.Option(help="What a run costs, such as 0.50.")] = "0",
    output: Annotated[int, typer.Option(help="Bytes a run may put out.")] = 4_096,
    parts: Annotated[int, typer.Option(help="Parts the program may be asked about, numbered from 0.")] = 1,
    per_buyer: Annotated[int, typer.Option(help="Runs one buyer may order in a day (UTC).")] = 10,
    per_day: Annotated[int, typer.Option(help="Runs all buyers together may order in a day (UTC).")] = 100,
    fuel: Annotated[int, typer.Option(help="Instructions a run may take.")] = 2_000_000_000,
    trial: Annotated[bool, typer.Option("--trial/--no-trial", help="Try it over part 0 first.")] = True,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Let holders of a compute_only license run a program over your capture, here. Read the program first.

    Example: `thenar capture approve 0x… histogram.wasm --output 4096 --price 0.50`.
    """
    call(
        common(data, as_json, password_file),
        "capture.approve",
        asset=asset,
        program=str(program.expanduser().resolve()),
        price=price,
        output=output,
        parts=parts,
        per_buyer=per_buyer,
        per_day=per_day,
        fuel=fuel,
        trial=trial,
    )


def disapprove(
    asset: AssetArgument,
    program: ProgramArgument,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Let nobody order more runs of a program; what was ordered and not delivered is refunded."""
    program = _file_or_digest(program)
    call(common(data, as_json, password_file), "capture.disapprove", asset=asset, program=program)


def approved(
    asset: AssetArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """List the programs that may run over an asset, and how many bytes of it they can ever tell."""
    call(common(data, as_json, password_file), "capture.approved", asset=asset)


def house(
    asset: AssetArgument,
    program: Annotated[str, typer.Option(help="An approved program: its file, or its SHA-256.")],
    part: Annotated[int, typer.Option(help="Which part, from 0.")] = 0,
    max_price: Annotated[str | None, typer.Option(help="Refuse a higher price.")] = None,
    into: Annotated[Path | None, typer.Option(help="Wait for the output and write it to this new file.")] = None,
    patience: Annotated[int, typer.Option(help="Seconds to wait for it.")] = 600,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Have an approved program run over a capture that never leaves its owner's house; the output alone comes.

    Example: `thenar job house 0x… --program histogram.wasm --into histogram.bin`.
    """
    call(
        common(data, as_json, password_file),
        "job.house",
        asset=asset,
        program=_file_or_digest(program),
        part=part,
        max_price=max_price,
        into=None if into is None else str(into.expanduser().resolve()),
        patience=patience,
    )


def runs(
    everybody: Annotated[bool, typer.Option("--all", help="Everybody's, not only this account's.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """List runs you ordered, and runs your node does for others."""
    call(common(data, as_json, password_file), "job.runs", all=everybody)


def output(
    run: RunArgument,
    into: Annotated[Path, typer.Option(help="New file to write.")],
    patience: Annotated[int, typer.Option(help="Seconds to wait for it.")] = 600,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Write what a run put out to a file. Example: `thenar job output 1 --into histogram.bin`."""
    target = str(into.expanduser().resolve())
    call(common(data, as_json, password_file), "job.output", run=run, into=target, patience=patience)


def reject(
    run: RunArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """Burn the price of a delivered run whose output is missing or of no use: neither you nor the owner has it."""
    call(common(data, as_json, password_file), "job.reject", run=run)
