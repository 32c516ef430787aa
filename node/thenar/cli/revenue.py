"""``thenar revenue``: income and who shares it."""

from __future__ import annotations

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
    weights: Annotated[list[str], typer.Argument(help="CONTRIBUTOR=WEIGHT, such as 0x…=3.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Share an asset's own part among contributors by weight, from now on."""
    call(common(data, as_json, password_file), "revenue.publish", asset=asset, weights=weights)


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
