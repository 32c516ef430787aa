"""``thenar up``: from nothing to a running node in one command."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import trio
import typer

from thenar.adapters.chain.devnet import open_devnet
from thenar.adapters.journal import FILE_NAME as JOURNAL
from thenar.adapters.journal import hold
from thenar.adapters.vault.keyring import ACCOUNT_FILE, account_in
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common
from thenar.cli.whole_node import make_node, run_until_stopped
from thenar.client import Common
from thenar.directory import DEVNET, KEYS
from thenar.errors import BadConfig


def add_to(app: typer.Typer) -> None:
    """Put the command at the top level."""
    app.command("up")(up)


def up(
    devnet: Annotated[bool, typer.Option("--devnet", help="On a local chain of its own, which ends with it.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Make the keys and settings that lack, then run the node until interrupted. Example: `thenar up --devnet`."""
    shared = common(data, as_json, password_file)
    made: dict[str, object] = {}
    if not (shared.directory / KEYS / ACCOUNT_FILE).exists():
        made = make_node(shared, {}, by_chance=True)
    trio.run(_on_a_devnet if devnet else _on_its_chain, shared, made)


async def _on_its_chain(shared: Common, made: dict[str, object]) -> None:
    await run_until_stopped(shared, say=made)


async def _on_a_devnet(shared: Common, made: dict[str, object]) -> None:
    """A chain that knows nothing yet, so the journal of an earlier one is set aside."""
    folder = shared.directory / DEVNET
    set_aside(shared.directory, folder)
    async with open_devnet(folder, accounts=[account_in(shared.directory / KEYS)]) as net:
        flags = {"chain_rpc": net.rpc_url, "chain_deployment": str(net.deployment_file)}
        told = {"rpc": net.rpc_url, "deployment": str(net.deployment_file)}
        await run_until_stopped(shared, flags=flags, say=made | told)


def set_aside(directory: Path, folder: Path) -> None:
    """Move what a node knew of an earlier local chain out of the way; of another chain nothing is moved.

    Raises Conflict when a node runs, BadConfig when the directory belongs to a chain that is not local.
    """
    journal = directory / JOURNAL
    with hold(directory):
        if journal.exists():
            if not folder.is_dir():
                raise BadConfig(
                    f"{directory} belongs to a chain already", next_step="name another --data for a local chain"
                )
            before = folder / f"before-{time.time_ns()}"
            before.mkdir(mode=0o700)
            for path in directory.glob(f"{JOURNAL}*"):
                path.rename(before / path.name)
        folder.mkdir(mode=0o700, exist_ok=True)
