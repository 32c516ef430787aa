"""``thenar terms``: what licenses allow, at which floor, how long."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.capture import FloorOption, PurposesOption, ShareOption
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)


@app.command()
def write(
    purposes: PurposesOption = "train,eval",
    share: ShareOption = "5%",
    floor: FloorOption = "0",
    notice_days: Annotated[
        int, typer.Option(help="Days others have to delete copies after consent is withdrawn.")
    ] = 30,
    max_days: Annotated[int, typer.Option(help="Longest license in days; 0 means without end.")] = 0,
    exclusive: Annotated[bool, typer.Option("--exclusive", help="While a license runs, nobody else gets one.")] = False,
    territory: Annotated[
        str | None, typer.Option(help="ISO 3166 codes such as DE,FR; everywhere when left out.")
    ] = None,
    text: Annotated[
        Path | None, typer.Option(help="The wording for people, at most 256 KiB; stored and named.")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Write terms that never change, or find the ones with the same content.

    Example: thenar terms write --purposes train --floor 5.00 --share 8% --notice-days 14 --max-days 365
    """
    call(
        common(data, as_json, password_file),
        "terms.write",
        purposes=purposes,
        share=share,
        floor=floor,
        notice_days=notice_days,
        max_days=max_days,
        exclusive=exclusive,
        territory=territory,
        text=None if text is None else str(text.expanduser().resolve()),
    )


@app.command("list")
def list_(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """List every terms anybody has written."""
    call(common(data, as_json, password_file), "terms.list")


@app.command()
def join(
    a: Annotated[int, typer.Argument(help="Id of terms.")],
    b: Annotated[int, typer.Argument(help="Id of other terms.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Write the terms that hold for what is made under both: field by field the stricter.

    Example: thenar terms join 1 2
    """
    call(common(data, as_json, password_file), "terms.join", a=a, b=b)
