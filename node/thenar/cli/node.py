"""Light commands about the node itself: status and register."""

from __future__ import annotations

from typing import Annotated

import trio
import typer

from thenar.cli import render
from thenar.cli.call import call
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common
from thenar.client import status_of


def add_to(app: typer.Typer) -> None:
    """Put the commands at the top level."""
    app.command("status")(status)
    app.command("register")(register)


def status(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Tell the truth about the node in at most 3 seconds; exit 5 when it is not ready."""
    found = trio.run(status_of, common(data, as_json))
    render.answer(found, as_json=as_json)
    if not found.get("ready"):
        raise typer.Exit(5)


def register(
    stake: Annotated[str, typer.Option(help="Stake, such as 100.00; it can be lost.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Register this node's peer key with stake, so that other nodes listen to it."""
    call(common(data, as_json, password_file), "node.register", stake=stake)
