"""``thenar model``: derived assets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.capture import (
    AssetArgument,
    DaysOption,
    FloorOption,
    PriceOption,
    PurposesOption,
    RoyaltyOption,
    ShareOption,
    TermsIdOption,
)
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)


@app.command()
def add(
    path: Annotated[Path, typer.Argument(help="The file: weights, a dataset, a result.")],
    title: Annotated[str, typer.Option(help="What it is called.")],
    parent: Annotated[list[str] | None, typer.Option(help="Asset it was made from; repeat for each.")] = None,
    kind: Annotated[str, typer.Option(help="model, dataset or result.")] = "model",
    purposes: PurposesOption = "train,eval",
    share: ShareOption = "5%",
    floor: FloorOption = "0",
    terms: TermsIdOption = None,
    royalty: RoyaltyOption = "0%",
    price: PriceOption = None,
    days: DaysOption = 0,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Seal, store and mint a file that was made from other assets."""
    call(
        common(data, as_json, password_file),
        "model.add",
        path=str(path.expanduser().resolve()),
        title=title,
        parents=parent or [],
        kind=kind,
        purposes=purposes,
        share=share,
        floor=floor,
        terms=terms,
        royalty=royalty,
        price=price,
        days=days,
    )


@app.command()
def acknowledge(
    model: Annotated[str, typer.Argument(help="Your derived asset.")],
    asset: AssetArgument,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Say in public that your model leaves out what was named when an asset's consent was withdrawn.

    Nothing can look into a model: it is a statement you can be held to. Example: thenar model acknowledge 0xMODEL 0x…
    """
    call(common(data, as_json, password_file), "model.acknowledge", model=model, asset=asset)


@app.command()
def exclusions(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """List what you were licensed to use and must leave out by now. Example: `thenar model exclusions --json`."""
    call(common(data, as_json, password_file), "model.exclusions")


@app.command()
def bind(
    model: Annotated[str, typer.Argument(help="The derived asset.")],
    parent: Annotated[str, typer.Argument(help="What it was made from, and is linked to.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Bind the price floor a parent was bought under to what was made of it; anybody may, and nodes of owners do.

    Example: thenar model bind 0xMODEL 0xPARENT
    """
    call(common(data, as_json, password_file), "model.bind", model=model, parent=parent)
