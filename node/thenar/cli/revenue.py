"""``thenar revenue``: income and who shares it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.capture import AssetArgument
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)


@app.command()
def pay(
    asset: AssetArgument,
    amount: Annotated[str, typer.Argument(help="Amount, such as 100.00.")],
    reference: Annotated[str, typer.Option(help="Free text, such as an invoice number; only its hash is sent.")] = "",
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Pay an asset; everybody upstream shares."""
    call(common(data, as_json, password_file), "revenue.pay", asset=asset, amount=amount, reference=reference)


@app.command()
def link(
    child: Annotated[str, typer.Argument(help="Your derived asset.")],
    parents: Annotated[list[str], typer.Argument(help="PARENT=PERCENT, such as 0x…=10%.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Give parents shares of a derived asset's future income. This cannot be taken back."""
    call(common(data, as_json, password_file), "revenue.link", child=child, parents=parents)


@app.command()
def publish(
    asset: AssetArgument,
    weights: Annotated[
        list[str] | None,
        typer.Argument(
            help="BENEFICIARY=WEIGHT: an asset id pays its owner, node:0x… its node, an address that account."
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--weights", help="CSV file of `beneficiary,weight` lines, up to 2^20 of them.")
    ] = None,
    licenses: Annotated[
        bool, typer.Option("--licenses", help="Share evenly among all assets this account is licensed to train on.")
    ] = False,
    bond: Annotated[str, typer.Option(help="Amount from the Ledger account that answers for the license set.")] = "0",
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Share an asset's own part among contributors by weight, from now on.

    Every license to train that this account bought is stated with it. Whoever finds one missing takes half the bond,
    and the payout is frozen. Example: thenar revenue publish 0x… --weights shares.csv --bond 50.00
    """
    call(
        common(data, as_json, password_file),
        "revenue.publish",
        asset=asset,
        weights=weights or None,
        file=None if file is None else str(file.absolute()),
        licenses=licenses,
        bond=bond,
    )


@app.command()
def omission(
    asset: AssetArgument,
    payout: Annotated[int, typer.Argument(help="Number of the payout, from 1.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Look for a license that a payout does not name, and prove it: half its bond is yours.

    When the publisher hides the license set, this accuses instead, and the node asks for the verdict when nobody
    answers. Example: thenar revenue omission 0x… 1
    """
    call(common(data, as_json, password_file), "revenue.omission", asset=asset, payout=payout)


@app.command()
def roll(
    child: Annotated[str, typer.Argument(help="The derived asset that earned.")],
    parent: Annotated[str, typer.Argument(help="The linked asset whose share moves up.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Move a parent's share of a child's income up to it; anybody may, and claiming does it too.

    Example: thenar revenue roll 0xMODEL 0xPARENT
    """
    call(common(data, as_json, password_file), "revenue.roll", child=child, parent=parent)


@app.command()
def claim(
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Send it on to the wallet.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Bring in everything that is owed to this account."""
    call(common(data, as_json, password_file), "revenue.claim", withdraw=withdraw)


@app.command("withdraw")
def withdraw_(
    amount: Annotated[str | None, typer.Option(help="Amount; everything when left out.")] = None,
    to: Annotated[str | None, typer.Option(help="Wallet; yours when left out.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Send tokens from the Ledger account to a wallet."""
    call(common(data, as_json, password_file), "revenue.withdraw", amount=amount, to=to)


@app.command()
def show(
    asset: Annotated[str | None, typer.Argument(help="Asset id; all of yours when left out.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Show income, who shares it and what is due."""
    call(common(data, as_json, password_file), "revenue.show", asset=asset)
