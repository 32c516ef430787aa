"""``thenar capture gesture``: the moves a recording begins with, and a countdown to follow with the scanner in hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import trio
import typer

from thenar.cli import render
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common
from thenar.client import run_command

LEAD: Final = 5
"""Seconds to start the recording."""
PACE: Final = 2.2
"""Seconds a move."""


def gesture(
    bounty: Annotated[int | None, typer.Option(help="Tell until when this bounty takes it.")] = None,
    beacon: Annotated[int | None, typer.Option(help="A beacon that is lit; else a fresh one.")] = None,
    made_with: Annotated[
        str, typer.Option("--made-with", help="turns (phone, scanner, robot's pose), presses (glove) or joints (arm).")
    ] = "turns",
    check: Annotated[
        Path | None, typer.Option(help="Look whether this recording or motion log begins with it; name --beacon too.")
    ] = None,
    countdown: Annotated[bool, typer.Option(help="Say the moves one by one, to follow.")] = True,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Draw the moves to begin a recording with, from a block nobody knew before. Example: `thenar capture gesture`."""
    given = {
        "bounty": bounty,
        "beacon": beacon,
        "made_with": made_with,
        "check": None if check is None else str(check.expanduser().resolve()),
    }
    asked = {name: value for name, value in given.items() if value is not None}
    with render.progress(quiet=as_json) as tell:
        answered = trio.run(run_command, common(data, as_json, password_file), "capture.gesture", asked, tell)
    render.answer(answered, as_json=as_json)
    moves = answered.get("moves")
    if isinstance(moves, list) and countdown and not as_json and render.out.is_terminal:
        trio.run(guide, [str(move) for move in moves])


async def guide(moves: Sequence[str]) -> None:
    """Say one move after the other, at a pace a person can follow."""
    for left in range(LEAD, 0, -1):
        render.out.print(f"start recording, look straight ahead: {left}")
        await trio.sleep(1)
    for number, move in enumerate(moves, 1):
        render.out.print(f"[bold]{number}/{len(moves)}  {move}[/bold]")
        await trio.sleep(PACE)
    render.out.print("done: go on with the scan")
