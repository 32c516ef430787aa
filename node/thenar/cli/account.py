"""``thenar account``: money in the Ledger, for bonds and from income."""

from __future__ import annotations

from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)


@app.command()
def deposit(
    amount: Annotated[str, typer.Argument(help="Amount, such as 100.00.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Bring tokens from the wallet into its Ledger account, in one transaction where the token takes permits.

    Bonds of sales and payouts come from there. Example: thenar account deposit 25.00
    """
    call(common(data, as_json, password_file), "account.deposit", amount=amount)


@app.command()
def withdraw(
    amount: Annotated[str | None, typer.Option(help="Amount; everything when left out.")] = None,
    to: Annotated[str | None, typer.Option(help="Wallet; yours when left out.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Send tokens from the Ledger account to a wallet. Example: thenar account withdraw --amount 10.00"""
    call(common(data, as_json, password_file), "account.withdraw", amount=amount, to=to)


@app.command()
def show(
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Show what wallet and Ledger account hold, bonds that will come back, and what licenses with an end still earn."""
    call(common(data, as_json, password_file), "account.show")
