"""``thenar live``: streams paid by the second, sold, subscribed to and settled."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import trio
import typer

from thenar.cli import render
from thenar.cli.call import call
from thenar.cli.capture import AssetArgument
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common
from thenar.client import run_command
from thenar.errors import BadInput

app = typer.Typer(no_args_is_help=True)

StreamArgument = Annotated[int, typer.Argument(help="Number of the stream, as `thenar live list` shows it.")]

PIECE_SECONDS = 1.0
"""Lines from standard input become a file of records this often."""
PIECE_BYTES = 1 << 22


@app.command("open")
def open_(
    asset: AssetArgument,
    rate: Annotated[str, typer.Option(help="Price of a second, such as 0.002.")],
    epoch: Annotated[int, typer.Option(help="Seconds of an epoch: what is sealed and handed over at once.")] = 10,
    source: Annotated[
        str | None, typer.Option(help="Folder where files of records arrive, or - for lines on standard input.")
    ] = None,
    terms: Annotated[int | None, typer.Option(help="Id of the terms; the asset's own when left out.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Stream what continues a capture you own. Example: `thenar live open 0x… --rate 0.002 --source ./records`."""
    shared = common(data, as_json, password_file)
    given: dict[str, object] = {"asset": asset, "rate": rate, "epoch": epoch}
    if terms is not None:
        given["terms"] = terms
    if source is not None and source != "-":
        given["source"] = str(Path(source).expanduser().resolve())
    with render.progress(quiet=as_json) as tell:
        opened = trio.run(lambda: run_command(shared, "live.open", given, tell, only_running=source == "-"))
    render.answer(opened, as_json=as_json)
    if source == "-":
        spool(sys.stdin.buffer, Path(str(opened["source"])))


def spool(lines: Iterable[bytes], folder: Path) -> None:
    """Write lines to files of records as they come, each complete when its name appears. Raises BadInput."""
    held: list[bytes] = []
    size, began = 0, time.monotonic()
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= PIECE_BYTES or time.monotonic() - began >= PIECE_SECONDS:
            _piece(held, folder)
            held, size, began = [], 0, time.monotonic()
    _piece(held, folder)


def _piece(lines: list[bytes], folder: Path) -> None:
    if not lines:
        return
    name = f"{time.time_ns():020d}.csv"
    partial = folder / f".{name}.part"
    try:
        partial.write_bytes(b"".join(lines))
        partial.replace(folder / name)
    except OSError as cause:
        raise BadInput(f"cannot write to {folder}: {cause.strerror}", next_step="check the disk") from cause


@app.command()
def subscribe(
    stream: StreamArgument,
    epochs: Annotated[int | None, typer.Option(help="How many epochs to pay for at most.")] = None,
    deposit: Annotated[str | None, typer.Option(help="Or how much to leave as a deposit.")] = None,
    max_rate: Annotated[str | None, typer.Option(help="Refuse to pay more for a second.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Receive a stream from its next epoch on, until it fails. Example: `thenar live subscribe 1 --epochs 60`."""
    call(
        common(data, as_json, password_file),
        "live.subscribe",
        stream=stream,
        epochs=epochs,
        deposit=deposit,
        max_rate=max_rate,
    )


@app.command()
def topup(
    stream: StreamArgument,
    amount: Annotated[str, typer.Argument(help="What to add to the deposit, such as 5.00.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Let your subscription last longer. Example: `thenar live topup 1 5.00`."""
    call(common(data, as_json, password_file), "live.topup", stream=stream, amount=amount)


@app.command()
def stop(
    stream: StreamArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """Settle your subscription, the rest back at once; its seller ends the stream. Example: `thenar live stop 1`."""
    call(common(data, as_json, password_file), "live.stop", stream=stream)


@app.command()
def collect(
    stream: StreamArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """Pay out to the seller what running subscriptions owe by now. Example: `thenar live collect 1`."""
    call(common(data, as_json, password_file), "live.collect", stream=stream)


@app.command("list")
def list_(
    everybody: Annotated[bool, typer.Option("--all", help="Everybody's streams, not only yours.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """List streams, subscriptions and what they owe. Example: `thenar live list --json`."""
    call(common(data, as_json, password_file), "live.list", all=everybody)
