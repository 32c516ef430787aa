"""Commands that need the whole node in this process: init, run, and one command without a running node."""

from __future__ import annotations

import json
import logging
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import trio
import typer

from thenar.adapters import memory
from thenar.adapters.chain import deployments
from thenar.adapters.vault import keyring
from thenar.adapters.web.server import outcome_of
from thenar.assembly import Node, open_node
from thenar.cli import logs, render
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common
from thenar.client import Common
from thenar.commands import run as run_command
from thenar.config import FILE_NAME, load, template
from thenar.directory import KEYS, PASSWORD_FILE, check_directory, keep_from_git
from thenar.domain.ids import peer_id_of
from thenar.errors import Conflict, Locked, known_in
from thenar.services.ports import Tell
from thenar.supervisor import run_node, running

log = logging.getLogger(__name__)


def add_to(app: typer.Typer) -> None:
    """Put the commands at the top level."""
    for name, command in (("init", init), ("run", run)):
        app.command(name)(command)
    app.command("once", hidden=True)(once)


def once(
    name: Annotated[str, typer.Argument(help="Name of the command.")],
    data: DataOption = None,
    password_file: PasswordOption = None,
) -> None:
    """Open the node for one command: its arguments as JSON on standard input, answers as the node's door gives them."""
    logs.begin("warning", as_json=False)
    shared = Common((data or Path("thenar-data")).resolve(), True, password_file)  # who asks has told what is strange
    trio.run(_once, shared, name, json.load(sys.stdin))


async def _once(shared: Common, name: str, arguments: dict[str, object]) -> None:
    def say(line: dict[str, object]) -> None:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    async def work(arguments: dict[str, object], tell: Tell) -> dict[str, object]:
        config, _ = load(shared.directory)
        try:
            async with open_node(shared.directory, config, shared.password()) as node, running(node):
                return await run_command(node, name, arguments, tell)
        except BaseExceptionGroup as group:
            raise known_in(group) or group from group

    say(await outcome_of(work, arguments, lambda told: say({"progress": told})))


def init(
    directory: Annotated[Path | None, typer.Argument(help="Data directory to make; else --data.")] = None,
    rpc: Annotated[str | None, typer.Option(help="JSON-RPC endpoint of the chain.")] = None,
    deployment: Annotated[Path | None, typer.Option(help="Deployment file, deployments/<chainId>.json.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Where no password is given, make one and keep it.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    password_file: PasswordOption = None,
) -> None:
    """Make a data directory: keys under a password, and a commented settings file."""
    shared = common(directory or data, as_json, password_file)
    if (shared.directory / KEYS / keyring.ACCOUNT_FILE).exists():
        raise Conflict(
            f"{shared.directory} already holds keys", next_step="use another directory; keys are never replaced"
        )
    values: dict[str, object] = {}
    if rpc is not None:
        values["chain_rpc"] = rpc
    if deployment is not None:
        place = deployment.expanduser().resolve()
        values["chain_deployment"] = str(place)
        if place.exists():
            deployments.load(place)  # what is wrong is said now, and not when the node is to run
        else:
            render.warning(f"there is no {place} yet; the node runs once it is there")
    made = make_node(shared, values, by_chance=yes)
    render.answer(made, as_json=as_json)


def make_node(
    shared: Common, values: dict[str, object], *, by_chance: bool = False, cost: keyring.Cost = keyring.STANDARD
) -> dict[str, object]:
    """Make settings and keys in a directory; tell account and peer. Settings that are there already are kept.

    ``by_chance`` makes a password where none is given, and keeps it in a file among the keys. The account's key comes
    last: killed before, asking again goes on.
    """
    settings = shared.directory / FILE_NAME
    if values and settings.exists() and settings.read_text("utf-8") != template(values):
        raise Conflict(f"{settings} exists already", next_step="edit it, and leave --rpc and --deployment out")
    load(shared.directory, flags=values)
    told: dict[str, object] = {"data": str(shared.directory)}
    try:
        password = shared.password()
    except Locked as none:
        if not by_chance:
            raise Locked(none.message, next_step=f"{none.next_step}, or have one made: thenar init --yes") from none
        password, told["password_file"] = secrets.token_urlsafe(24), str(shared.directory / KEYS / PASSWORD_FILE)
    shared.directory.mkdir(parents=True, exist_ok=True, mode=0o700)  # parents of a folder have no mode of their own
    keep_from_git(shared.directory)
    if "password_file" in told:
        (shared.directory / KEYS).mkdir(mode=0o700, exist_ok=True)
        keyring.write_private(shared.directory / KEYS / PASSWORD_FILE, f"{password}\n".encode())
    if not settings.exists():
        keyring.write_private(settings, template(values).encode())
    ring = keyring.create(shared.directory / KEYS, password, cost=cost)
    return {**told, "account": ring.account, "peer": peer_id_of(ring.peer_key)}


def run(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """Run the node until interrupted: follow the chain, serve blocks, deliver keys, settle sales."""
    trio.run(run_until_stopped, common(data, as_json, password_file))


async def run_until_stopped(
    shared: Common,
    changed: Callable[[Node], Node] = lambda node: node,
    *,
    flags: Mapping[str, object] | None = None,
    say: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Open the node of a directory, ``changed`` by the caller, say where it is reached and run it until a signal.

    ``flags`` are settings stronger than the file's; ``say`` is told along.
    """
    check_directory(shared.directory)
    config, _ = load(shared.directory, flags=flags)
    logs.begin(config.web_log, as_json=shared.as_json)
    log.info("starting", extra={"data": str(shared.directory)})
    memory.arrange()
    async with open_node(shared.directory, config, shared.password()) as opened, trio.open_nursery() as nursery:
        node = changed(opened)
        address = await nursery.start(run_node, node, flags or {})
        memory.settle()
        told = {**say, "ready": True, "account": node.me, "peer": node.peers.me, "door": address}
        render.answer({**told, "addresses": list(node.peers.addresses)}, as_json=shared.as_json)
