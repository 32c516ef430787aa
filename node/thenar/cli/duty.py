"""``thenar duty``: what the node must still do, what it gave up, and trying that again."""

from __future__ import annotations

from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """List open duties and failed ones with the reason. Example: `thenar duty list --json`."""
    call(common(data, as_json, password_file), "duty.list")


@app.command()
def retry(
    key: Annotated[str | None, typer.Argument(help="A failed duty as `thenar duty list` names it.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every failed duty.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Open failed duties again, once what refused them is mended. Example: `thenar duty retry --all`."""
    call(common(data, as_json, password_file), "duty.retry", key=key, all=every)
