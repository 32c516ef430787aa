"""Whole nodes that compute for each other on a local chain, with short windows and the real executor."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import trio
from command_line import PASSWORD
from living import meet, settle_in

from thenar.adapters.chain.blueprint import Parameters
from thenar.assembly import open_node
from thenar.cli.job_template import EXAMPLE_MODEL, TEMPLATE
from thenar.commands import run
from thenar.config import load
from thenar.demo.forger import forging_node
from thenar.supervisor import running

QUICK = Parameters(
    minimum_stake=100_000_000,
    hold_window=25,
    reveal_window=20,
    show_window=10,
    draw_delay=2,
    court_clock=60,
    vote_window=25,
    ballot_window=25,
    appeal_window=3,
    smallest_panel=2,
)


@asynccontextmanager
async def member(
    devnet, folder: Path, *, near: object = None, forges: bool = False, stake: str = "1000"
) -> AsyncIterator[tuple[object, object]]:
    """A running node with every role, registered, and a way to ask it."""
    await settle_in(devnet, folder, store_pin="none")
    if near is not None:
        meet(near, folder)
    config, _ = load(folder, environment={})
    opened = forging_node(folder, PASSWORD) if forges else open_node(folder, config, PASSWORD)
    async with opened as node, running(node):

        async def ask(name: str, **arguments: object) -> dict[str, object]:
            with trio.fail_after(120):
                return await run(node, name, arguments, lambda _: None)

        await ask("node.register", stake=stake, roles="store,compute,witness,juror")
        yield node, ask


def write_job(folder: Path, *, units: int, price: str, **changes: str) -> Path:
    """The template's job with its little arm, other numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "arm.xml").write_text(EXAMPLE_MODEL, encoding="utf-8")
    text = TEMPLATE.replace("units = 8 ", f"units = {units} ").replace('price = "0.05"', f'price = "{price}"')
    for old, new in changes.items():
        text = text.replace(old, new)
    (folder / "job.toml").write_text(text, encoding="utf-8")
    return folder / "job.toml"


async def until(ask, command: str, holds, seconds: float = 120, **arguments: object) -> dict[str, object]:
    """Ask again and again until the answer holds."""
    told: dict[str, object] = {}
    with trio.move_on_after(seconds):
        while True:
            told = await ask(command, **arguments)
            if holds(told):
                return told
            await trio.sleep(0.5)
    raise AssertionError(json.dumps(told, indent=1))
