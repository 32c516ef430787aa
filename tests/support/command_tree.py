"""Every command there is, by the words that reach it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import typer
from command_line import Answer
from jsonschema import Draft202012Validator

from thenar.cli import answers, full
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


@cache
def _validator(command: str) -> Draft202012Validator:
    return Draft202012Validator(answers.schema(command))


def conform(path: Sequence[str], told: Answer) -> dict[str, Any]:
    """What a command said on standard output: one JSON object, after the schema that is shipped for it."""
    body = json.loads(told.out, parse_constant=_refused)
    _validator(" ".join(path)).validate(body)
    return dict(body)


def _refused(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")
