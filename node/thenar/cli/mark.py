"""``thenar mark``: copies that can be traced to their buyer, and bonds that pay whoever finds one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.capture import AssetArgument
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)

MarkArgument = Annotated[str, typer.Argument(help="Id of a mark, as `thenar mark list` prints it.")]
LayoutOption = Annotated[Path | None, typer.Option(help="What the columns of a table mean, when it does not say so.")]


@app.command()
def make(
    asset: AssetArgument,
    buyer: Annotated[str, typer.Option("--for", help="Account of the buyer the copy is for.")],
    bond: Annotated[str, typer.Option(help="What the buyer lays down, such as 8.00; you lay down five eighths of it.")],
    days: Annotated[int, typer.Option(help="For how long leaks are paid.")] = 90,
    step: Annotated[
        int | None,
        typer.Option(help="Distance between two bits, in the record's units."),
    ] = None,
    price: Annotated[str | None, typer.Option(help="Offer the copy at this price at once.")] = None,
    layout: LayoutOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Make a copy of a LAS, LAZ or CSV capture that carries a buyer's mark, and propose the bond.

    Example: thenar mark make 0x12…ef --for 0xab…cd --bond 8.00 --price 12.50
    """
    call(
        common(data, as_json, password_file),
        "mark.make",
        asset=asset,
        buyer=buyer,
        bond=bond,
        days=days,
        step=step,
        price=price,
        layout=str(layout.expanduser().resolve()) if layout else None,
    )


@app.command()
def accept(
    mark: MarkArgument,
    max_bond: Annotated[str, typer.Option(help="The most to lay down, such as 8.00.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Lay down the bond of a mark proposed to you. Example: thenar mark accept 0x12…ef --max-bond 8.00"""
    call(common(data, as_json, password_file), "mark.accept", mark=mark, max_bond=max_bond)


@app.command()
def recall(
    mark: MarkArgument,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Take back the stake of a mark that nobody accepted. Example: thenar mark recall 0x12…ef"""
    call(common(data, as_json, password_file), "mark.recall", mark=mark)


@app.command()
def claim(
    mark: MarkArgument,
    path: Annotated[Path, typer.Argument(help="The file you found.")],
    layout: LayoutOption = None,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until the owner has answered.")] = False,
    patience: Annotated[int, typer.Option(help="Seconds to wait at most.")] = 600,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Claim a finder's reward for a file that should not be where you found it.

    Example: thenar mark claim 0x12…ef found.las --wait
    """
    call(
        common(data, as_json, password_file),
        "mark.claim",
        mark=mark,
        path=str(path.expanduser().resolve()),
        layout=str(layout.expanduser().resolve()) if layout else None,
        wait=wait,
        patience=patience,
    )


@app.command("list")
def list_(
    everybody: Annotated[bool, typer.Option("--all", help="Everybody's marks, not only yours.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """List marks and where they stand. Example: thenar mark list --json"""
    call(common(data, as_json, password_file), "mark.list", all=everybody)
