"""Options every command shares."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from thenar.cli import render
from thenar.client import PASSWORD_VARIABLE, Common
from thenar.config import strange

DATA_VARIABLE = "THENAR_DATA"


DataOption = Annotated[
    Path | None,
    typer.Option("--data", "-d", envvar=DATA_VARIABLE, help="The node's data directory.", show_default="./thenar-data"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer with one JSON object.")]
PasswordOption = Annotated[
    Path | None, typer.Option("--password-file", help=f"File with the keyring's password (else ${PASSWORD_VARIABLE}).")
]


def common(data: Path | None, as_json: bool, password_file: Path | None = None) -> Common:
    """The shared options, with defaults filled in. Variables that look like settings and are none are told."""
    for name, near in strange(os.environ).items():
        render.warning(f"{name} is no setting and is ignored" + (f"; did you mean {near}?" if near else ""))
    return Common((data or Path("thenar-data")).expanduser().resolve(), as_json, password_file)
