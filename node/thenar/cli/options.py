"""Options every command shares."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from thenar.errors import BadConfig, Locked

PASSWORD_VARIABLE = "THENAR_PASSWORD"  # noqa: S105  the name of a variable, not a password
DATA_VARIABLE = "THENAR_DATA"


@dataclass(frozen=True, slots=True)
class Common:
    """Where the node lives and how to answer."""

    directory: Path
    as_json: bool
    password_file: Path | None = None

    def password(self) -> str:
        """The keyring's password from file or environment. Raises Locked when there is none."""
        if self.password_file is not None:
            try:
                return self.password_file.read_text(encoding="utf-8").rstrip("\n")
            except OSError as cause:
                raise BadConfig(f"cannot read {self.password_file}: {cause.strerror}") from cause
        found = os.environ.get(PASSWORD_VARIABLE)
        if found is None:
            raise Locked("the keyring needs its password", next_step=f"set {PASSWORD_VARIABLE} or use --password-file")
        return found


DataOption = Annotated[
    Path | None,
    typer.Option("--data", "-d", envvar=DATA_VARIABLE, help="The node's data directory.", show_default="./thenar-data"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer with one JSON object.")]
PasswordOption = Annotated[
    Path | None, typer.Option("--password-file", help=f"File with the keyring's password (else ${PASSWORD_VARIABLE}).")
]


def common(data: Path | None, as_json: bool, password_file: Path | None = None) -> Common:
    """The shared options, with defaults filled in."""
    return Common((data or Path("thenar-data")).expanduser().resolve(), as_json, password_file)
