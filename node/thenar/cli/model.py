"""``thenar model``: derived assets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thenar.cli.call import call
from thenar.cli.capture import DaysOption, FloorOption, PriceOption, PurposesOption, ShareOption
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common

app = typer.Typer(no_args_is_help=True)


@app.command()
def add(
    path: Annotated[Path, typer.Argument(help="The file: weights, a dataset, a result.")],
    title: Annotated[str, typer.Option(help="What it is called.")],
    parent: Annotated[list[str] | None, typer.Option(help="Asset it was made from; repeat for each.")] = None,
    kind: Annotated[str, typer.Option(help="model, dataset or result.")] = "model",
    purposes: PurposesOption = "train,eval",
    share: ShareOption = "5%",
    floor: FloorOption = "0",
    price: PriceOption = None,
    days: DaysOption = 0,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Seal, store and mint a file that was made from other assets."""
    call(
        common(data, as_json, password_file),
        "model.add",
        path=str(path.expanduser().resolve()),
        title=title,
        parents=parent or [],
        kind=kind,
        purposes=purposes,
        share=share,
        floor=floor,
        price=price,
        days=days,
    )
