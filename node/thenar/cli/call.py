"""Run one command and print its answer: the body of nearly every subcommand."""

from __future__ import annotations

import trio

from thenar.cli import render
from thenar.client import Common, run_command


def call(common: Common, name: str, **arguments: object) -> None:
    """Run a command with progress and print what it answers."""
    given = {key: value for key, value in arguments.items() if value is not None}
    with render.progress(quiet=common.as_json) as tell:
        answered = trio.run(run_command, common, name, given, tell)
    render.answer(answered, as_json=common.as_json)
