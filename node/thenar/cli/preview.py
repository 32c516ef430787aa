"""``thenar preview``: look at some chunks of a sealed asset before paying for it."""

from __future__ import annotations

from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.capture import AssetArgument
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)


@app.command()
def challenge(
    asset: AssetArgument,
    chunks: Annotated[int, typer.Option(help="How many chunks to see; the next block draws which.")] = 3,
    fee: Annotated[str, typer.Option(help="What the seller gets for an honest opening, such as 1.50.")] = "1",
    wait: Annotated[bool, typer.Option("--wait", help="Stay until the keys came or the money is back.")] = False,
    patience: Annotated[int, typer.Option(help="Seconds to wait at most.")] = 600,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Ask the owner to open some chunks, drawn by lot. A false opening is shown to the chain and paid back by itself.

    Example: thenar preview challenge 0x12…ef --chunks 5 --fee 1 --wait
    """
    call(
        common(data, as_json, password_file),
        "preview.challenge",
        asset=asset,
        chunks=chunks,
        fee=fee,
        wait=wait,
        patience=patience,
    )


@app.command("list")
def list_(
    everybody: Annotated[bool, typer.Option("--all", help="Everybody's previews, not only yours.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """List previews and where they stand. Example: thenar preview list --json"""
    call(common(data, as_json, password_file), "preview.list", all=everybody)


@app.command()
def show(
    preview: Annotated[str, typer.Argument(help="Id of a preview, as `thenar preview list` prints it.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Show what was drawn, where the opened chunks lie, and how likely garbage was to be seen.

    Example: thenar preview show 0xab…cd
    """
    call(common(data, as_json, password_file), "preview.show", preview=preview)
