"""``thenar keeper``: who else may hand over your keys while your node is off. Optional."""

from __future__ import annotations

from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)


@app.command()
def appoint(
    keeper: Annotated[str | None, typer.Argument(help="Account of the keeper; nobody when left out.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Let another account deliver keys in your name. A wrong delivery of theirs costs your bond.

    Example: thenar keeper appoint 0x…
    """
    call(common(data, as_json, password_file), "keeper.appoint", keeper=keeper)


@app.command("list")
def list_(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """Show your keeper, and the accounts you deliver for.

    Example: thenar keeper list
    """
    call(common(data, as_json, password_file), "keeper.list")
