"""``thenar device``: what records."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What you call it; stays on this node.")],
    kind: Annotated[str, typer.Option(help="patch, hand, arm, scanner, camera, imu, robot or other.")] = "other",
    parent: Annotated[str | None, typer.Option(help="The device it is part of, by its name.")] = None,
    describe: Annotated[
        Path | None, typer.Option(help="A file about it (model, layout, calibration); only its hash is published.")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Register a device: a key of this node's that vouches for what it records.

    Example: thenar device add left-thumb --kind patch --parent left-hand
    """
    described = None if describe is None else str(describe.expanduser().resolve())
    call(common(data, as_json, password_file), "device.add", device=name, kind=kind, parent=parent, describe=described)


@app.command("list")
def list_(
    everybodys: Annotated[bool, typer.Option("--all", help="Not only this account's.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """List devices, what they are part of, and until when their word counts."""
    call(common(data, as_json, password_file), "device.list", all=everybodys)


@app.command()
def retire(
    device: Annotated[str, typer.Argument(help="Its name, or its key as 0x and 40 hex digits.")],
    compromised: Annotated[
        datetime | None, typer.Option(help="Its key was in other hands since then, UTC: what it signed later is void.")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """End a device for good; what it vouched for before stays good. Example: thenar device retire left-thumb."""
    since = None if compromised is None else int(compromised.replace(tzinfo=compromised.tzinfo or UTC).timestamp())
    call(common(data, as_json, password_file), "device.retire", device=device, since=since)
