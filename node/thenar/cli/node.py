"""Light commands about the node itself: status, register, and the way to its pages."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import trio
import typer

from thenar.cli import render
from thenar.cli.call import call
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common
from thenar.cli.words import status_in_words
from thenar.client import status_of
from thenar.directory import absence, runtime_of
from thenar.errors import Unavailable


def add_to(app: typer.Typer) -> None:
    """Put the commands at the top level."""
    app.command("status")(status)
    app.command("register")(register)
    app.command("ui")(ui)


def status(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Tell the truth about the node in at most 3 seconds; exit 5 when it is not ready."""
    found = trio.run(status_of, common(data, as_json))
    render.answer(found if as_json else status_in_words(found), as_json=as_json)
    if not found.get("ready"):
        raise typer.Exit(5)


def register(
    stake: Annotated[str, typer.Option(help="Stake, such as 100.00; it can be lost.")],
    roles: Annotated[
        str | None,
        typer.Option(
            help="What this node offers: some of store, compute, witness, attest, juror. What it offered before, or "
            "store, when left out."
        ),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Register this node's peer key with stake, so that other nodes listen to it."""
    call(common(data, as_json, password_file), "node.register", stake=stake, roles=roles)


def ui(
    browser: Annotated[bool, typer.Option("--open", help="Open it in this machine's browser too.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the address of the running node's pages. It carries the key to the node: do not hand it on.

    Example: thenar ui --open
    """
    where = common(data, as_json)
    runtime = runtime_of(where.directory)
    if runtime is None or not trio.run(status_of, where).get("running"):
        said, step = absence(where.directory)
        raise Unavailable(said, next_step=step)
    address = f"http://{runtime['address']}/#token={runtime['token']}"
    if browser:
        webbrowser.open(address)
    if as_json:
        render.print_json({"address": address})
    else:
        typer.echo(address)
