"""``thenar license``: offers, fair sales, the question whether somebody may."""

from __future__ import annotations

from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.capture import AssetArgument, DaysOption
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)

TermsOption = Annotated[int | None, typer.Option(help="Id of the terms; the asset's own when left out.")]


@app.command()
def offer(
    asset: AssetArgument,
    price: Annotated[str, typer.Option(help="Price of one license, such as 12.50.")],
    days: DaysOption = 0,
    offer_days: Annotated[int, typer.Option(help="How long the offer stands.")] = 365,
    terms: TermsOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Offer licenses of an asset you own."""
    call(
        common(data, as_json, password_file),
        "license.offer",
        asset=asset,
        price=price,
        days=days,
        offer_days=offer_days,
        terms=terms,
    )


@app.command()
def buy(
    asset: AssetArgument,
    terms: TermsOption = None,
    max_price: Annotated[str | None, typer.Option(help="Refuse to pay more than this.")] = None,
    max_share: Annotated[str, typer.Option(help="Refuse to owe a larger share of derivatives' income.")] = "100%",
    wait: Annotated[bool, typer.Option("--wait", help="Stay until the sale has settled or the money is back.")] = False,
    patience: Annotated[int, typer.Option(help="Seconds to wait at most.")] = 600,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Buy a license with a one-time key; a wrong key is disputed and refunded by itself."""
    call(
        common(data, as_json, password_file),
        "license.buy",
        asset=asset,
        terms=terms,
        max_price=max_price,
        max_share=max_share,
        wait=wait,
        patience=patience,
    )


@app.command("list")
def list_(
    everybody: Annotated[bool, typer.Option("--all", help="Everybody's sales, not only yours.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """List sales and where they stand."""
    call(common(data, as_json, password_file), "license.list", all=everybody)


@app.command()
def check(
    asset: AssetArgument,
    purposes: Annotated[str, typer.Option(help="Every purpose that must be allowed.")] = "train",
    who: Annotated[str | None, typer.Option(help="Account; yours when left out.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Ask whether an account may use an asset now."""
    call(common(data, as_json, password_file), "license.check", asset=asset, purposes=purposes, who=who)


@app.command()
def revoke(
    asset: AssetArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """End every license of an asset you own, at once. What was learned already cannot be unlearned."""
    call(common(data, as_json, password_file), "license.revoke", asset=asset)
