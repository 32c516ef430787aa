"""``thenar license``: offers, fair sales, the question whether somebody may."""

from __future__ import annotations

from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.capture import AssetArgument, DaysOption
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)

RangeOption = Annotated[
    str | None, typer.Option("--range", help="A part of the file as first..last chunk of 262,128 bytes, such as 0..15.")
]
WhoArgument = Annotated[str, typer.Argument(help="The licensee's account.")]
TermsOption = Annotated[int | None, typer.Option(help="Id of the terms; the asset's own when left out.")]


@app.command()
def offer(
    asset: AssetArgument,
    price: Annotated[str, typer.Option(help="Price of one license, such as 12.50.")],
    days: DaysOption = 0,
    offer_days: Annotated[int, typer.Option(help="How long the offer stands.")] = 365,
    terms: TermsOption = None,
    bond: Annotated[
        str, typer.Option(help="What you and each buyer lay down beside the price: whoever cheats loses it.")
    ] = "0%",
    part: RangeOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Offer licenses of an asset you own, or of a part of it.

    Example: thenar license offer 0x… --price 12.50 --bond 10% --range 0..15
    """
    call(
        common(data, as_json, password_file),
        "license.offer",
        asset=asset,
        price=price,
        days=days,
        offer_days=offer_days,
        terms=terms,
        bond=bond,
        range=part,
    )


@app.command()
def buy(
    asset: AssetArgument,
    terms: TermsOption = None,
    max_price: Annotated[str | None, typer.Option(help="Refuse to pay more than this.")] = None,
    max_share: Annotated[str, typer.Option(help="Refuse to owe a larger share of derivatives' income.")] = "100%",
    part: RangeOption = None,
    no_key: Annotated[
        bool, typer.Option("--no-key", help="Buy the license alone: what is not sealed needs no key.")
    ] = (False),
    wait: Annotated[bool, typer.Option("--wait", help="Stay until the sale has settled or the money is back.")] = False,
    patience: Annotated[int, typer.Option(help="Seconds to wait at most.")] = 600,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Buy a license with a one-time key. The sealed file is fetched first; a wrong key, or a byte that is not what was
    promised, is disputed and refunded by itself.

    Example: thenar license buy 0x… --max-price 12.50 --range 0..15 --wait
    """
    call(
        common(data, as_json, password_file),
        "license.buy",
        asset=asset,
        terms=terms,
        max_price=max_price,
        max_share=max_share,
        range=part,
        no_key=no_key,
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
    """List sales and where they stand, and licenses that came without a key."""
    call(common(data, as_json, password_file), "license.list", all=everybody)


@app.command()
def check(
    asset: AssetArgument,
    purposes: Annotated[str, typer.Option(help="Every purpose that must be allowed.")] = "train",
    who: Annotated[str | None, typer.Option(help="Account; yours when left out.")] = None,
    part: RangeOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Ask whether an account may use an asset now."""
    call(common(data, as_json, password_file), "license.check", asset=asset, purposes=purposes, who=who, range=part)


@app.command()
def revoke(
    asset: AssetArgument,
    who: Annotated[
        str | None, typer.Option(help="Only this licensee's; what time without end cost is paid back.")
    ] = None,
    part: RangeOption = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(help="Chunks (of a batch, members) to leave out from now on, such as 0..15; all when not named."),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """End every license of an asset you own, at once. What was learned already cannot be unlearned.

    Who paid for time that is lost gets it back. `thenar capture withdraw` also destroys the key.
    Example: thenar license revoke 0x… --leave-out 0..15
    """
    call(
        common(data, as_json, password_file),
        "license.revoke",
        asset=asset,
        who=who,
        range=part,
        leave_out=leave_out or None,
    )


@app.command()
def give(
    asset: AssetArgument,
    who: WhoArgument,
    days: DaysOption = 0,
    terms: TermsOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Give a license of an asset you own away; its key comes when the licensee asks for it.

    Example: thenar license give 0x… 0xWHO --days 30
    """
    call(common(data, as_json, password_file), "license.give", asset=asset, who=who, days=days, terms=terms)


@app.command()
def expiry(
    asset: AssetArgument,
    who: WhoArgument,
    days: Annotated[int, typer.Option(help="Days from now on; 0 means without end.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Set when a license that came without a key ends: gifts shorter or longer, bought time only longer.

    Example: thenar license expiry 0x… 0xWHO --days 7
    """
    call(common(data, as_json, password_file), "license.expiry", asset=asset, who=who, days=days)


@app.command()
def close(
    asset: AssetArgument,
    terms: TermsOption = None,
    part: RangeOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Take an offer back; licenses that were bought run on. Example: thenar license close 0x…"""
    call(common(data, as_json, password_file), "license.close", asset=asset, terms=terms, range=part)
