"""``thenar capture``: recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thenar.adapters.media import LAYOUT_TEMPLATE, TEMPLATE
from thenar.cli.call import call
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)

AssetArgument = Annotated[str, typer.Argument(help="Asset id, 0x and 64 hex digits.")]
PurposesOption = Annotated[str, typer.Option(help="What licensees may do: train,eval,sim,human_view,redistribute,…")]
ShareOption = Annotated[str, typer.Option(help="Share of a derivative's income owed to this asset.")]
FloorOption = Annotated[str, typer.Option(help="Smallest price of any license.")]
PriceOption = Annotated[str | None, typer.Option(help="Offer licenses at this price right away, such as 12.50.")]
DaysOption = Annotated[int, typer.Option(help="How long a license lasts; 0 means without end.")]


@app.command()
def add(
    path: Annotated[Path, typer.Argument(help="PCD, PLY, LAS/LAZ, CSV, HDF5, MCAP or Parquet.")],
    describe: Annotated[
        Path | None, typer.Option(help="Description (`thenar capture template`); else FILE.capture.toml beside it.")
    ] = None,
    layout: Annotated[Path | None, typer.Option(help="What the columns of a CSV, HDF5 or Parquet mean (TOML).")] = None,
    purposes: PurposesOption = "train,eval",
    share: ShareOption = "5%",
    floor: FloorOption = "0",
    price: PriceOption = None,
    days: DaysOption = 0,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Decode, describe, seal, store, mint and announce a recording."""
    call(
        common(data, as_json, password_file),
        "capture.add",
        path=str(path.expanduser().resolve()),
        description=None if describe is None else str(describe.expanduser().resolve()),
        layout=None if layout is None else str(layout.expanduser().resolve()),
        purposes=purposes,
        share=share,
        floor=floor,
        price=price,
        days=days,
    )


@app.command("list")
def list_(
    mine: Annotated[bool, typer.Option("--mine", help="Only what this account owns.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """List every asset the chain knows."""
    call(common(data, as_json, password_file), "capture.list", mine=mine)


@app.command()
def show(
    asset: AssetArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """Show an asset with its description and offers."""
    call(common(data, as_json, password_file), "capture.show", asset=asset)


@app.command()
def fetch(
    asset: AssetArgument,
    into: Annotated[Path, typer.Argument(help="Folder or file to write the plaintext to.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Fetch a licensed asset, check every hash, and write its plaintext."""
    target = str(into.expanduser().resolve())
    call(common(data, as_json, password_file), "capture.fetch", asset=asset, into=target)


@app.command()
def template(
    layout: Annotated[bool, typer.Option("--layout", help="Print a layout for a table's columns instead.")] = False,
) -> None:
    """Print a description to fill in: place and consent are mandatory."""
    typer.echo(LAYOUT_TEMPLATE if layout else TEMPLATE, nl=False)
