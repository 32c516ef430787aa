"""``thenar epoch``: rewards for contributions, computed by every peer; ``thenar earnings``: where they came from."""

from __future__ import annotations

from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.capture import AssetArgument
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)
EpochArgument = Annotated[int, typer.Argument(help="The epoch's number, from 1.")]


@app.command("list")
def list_(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """List epochs: what each shares out, and where its root stands. Example: `thenar epoch list`."""
    call(common(data, as_json, password_file), "epoch.list")


@app.command()
def build(
    epoch: EpochArgument,
    propose: Annotated[bool, typer.Option("--propose", help="Publish the tree and answer for its root.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Compute from public facts who is due what up to an epoch. Example: `thenar epoch build 1`."""
    call(common(data, as_json, password_file), "epoch.build", epoch=epoch, propose=propose)


@app.command()
def verify(
    epoch: EpochArgument, data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None
) -> None:
    """Hold the root on chain against what facts give; exit 11 when they differ. Example: `thenar epoch verify 1`."""
    call(common(data, as_json, password_file), "epoch.verify", epoch=epoch)


@app.command()
def claim(
    account: Annotated[str | None, typer.Option(help="For whom; you, unless another is named.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Mint what is due under the settled root. Example: `thenar epoch claim`."""
    call(common(data, as_json, password_file), "epoch.claim", account=account)


@app.command()
def pay(
    asset: AssetArgument,
    amount: Annotated[str, typer.Argument(help="ThenarToken, such as 12.5.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Pay for using an asset; a twentieth is burnt and fills the next pool. Example: `thenar epoch pay 0x… 12.5`."""
    call(common(data, as_json, password_file), "epoch.pay", asset=asset, amount=amount)


@app.command()
def judge(
    seats: Annotated[int, typer.Option(help="How many seats; each binds stake.")] = 1,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Judge disputed roots when drawn, for fees. Example: `thenar epoch judge --seats 1`."""
    call(common(data, as_json, password_file), "epoch.judge", seats=seats)


def earnings(
    account: Annotated[str | None, typer.Option(help="Whose; yours, unless another is named.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Show where each unit came from: proof, transaction, formula with its numbers. Example: `thenar earnings`."""
    call(common(data, as_json, password_file), "earnings.show", account=account)
