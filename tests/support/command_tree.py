"""Every command there is, by the words that reach it."""

from __future__ import annotations

from typing import Any

import typer

from thenar.cli import full
from thenar.cli.main import HEAVY, app


def every_command(command: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Subcommands by the words that reach them."""
    inner = getattr(command, "commands", None)
    if inner is None:
        return {path: command}
    return {k: v for name, sub in inner.items() for k, v in every_command(sub, (*path, name)).items()}


TREE: Any = typer.main.get_command(app)
TREE.commands |= {name: typer.main.get_command(full.app).commands[name] for name in HEAVY}
COMMANDS = every_command(TREE)
