"""Commands that need the whole node in this process: init, run, doctor, and one command without a running node."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Annotated

import trio
import typer

from thenar.adapters.chain import deployments
from thenar.adapters.vault import keyring
from thenar.adapters.web.server import outcome_of
from thenar.assembly import open_node
from thenar.cli import logs, render
from thenar.cli.options import DataOption, JsonOption, PasswordOption, common
from thenar.client import Common, status_of
from thenar.commands import run as run_command
from thenar.config import FILE_NAME, load, template
from thenar.directory import KEYS, check_directory
from thenar.domain.ids import peer_id_of
from thenar.errors import Conflict, ThenarError, known_in
from thenar.services.ports import Tell
from thenar.supervisor import run_node, running


def add_to(app: typer.Typer) -> None:
    """Put the commands at the top level."""
    for name, command in (("init", init), ("run", run), ("doctor", doctor)):
        app.command(name)(command)
    app.command("once", hidden=True)(once)


def once(
    name: Annotated[str, typer.Argument(help="Name of the command.")],
    data: DataOption = None,
    password_file: PasswordOption = None,
) -> None:
    """Open the node for one command: its arguments as JSON on standard input, answers as the node's door gives them."""
    logs.begin("warning", as_json=False)
    trio.run(_once, common(data, True, password_file), name, json.load(sys.stdin))


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
        values["chain_deployment"] = str(deployment.expanduser().resolve())
    made = make_node(shared, values)
    render.answer(made, as_json=as_json)


def make_node(shared: Common, values: dict[str, object], *, cost: keyring.Cost = keyring.STANDARD) -> dict[str, object]:
    """Make keys and settings in a directory; tell account and peer. Settings that are there already are kept."""
    password, settings = shared.password(), shared.directory / FILE_NAME
    if settings.exists() and values:
        raise Conflict(f"{settings} exists already", next_step="edit it, and leave --rpc and --deployment out")
    load(shared.directory, flags=values)
    shared.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    ring = keyring.create(shared.directory / KEYS, password, cost=cost)
    if not settings.exists():
        settings.write_text(template(values), encoding="utf-8")
    return {"data": str(shared.directory), "account": ring.account, "peer": peer_id_of(ring.peer_key)}


def run(data: DataOption = None, as_json: JsonOption = False, password_file: PasswordOption = None) -> None:
    """Run the node until interrupted: follow the chain, serve blocks, deliver keys, settle sales."""
    trio.run(_run, common(data, as_json, password_file))


async def _run(shared: Common) -> None:
    check_directory(shared.directory)
    config, _ = load(shared.directory)
    logs.begin(config.web_log, as_json=shared.as_json)
    async with open_node(shared.directory, config, shared.password()) as node, trio.open_nursery() as nursery:
        address = await nursery.start(run_node, node)
        told = {"ready": True, "account": node.me, "peer": node.peers.me, "door": address}
        render.answer({**told, "addresses": list(node.peers.addresses)}, as_json=shared.as_json)


def doctor(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Check what a node needs, and say what to do about what is missing; exit 5 when something is."""
    shared = common(data, as_json)
    found = [*_on_disk(shared), *_outside(shared)]
    render.answer({"healthy": all(check["fine"] for check in found), "checks": found}, as_json=as_json)
    if not all(check["fine"] for check in found):
        raise typer.Exit(5)


def _check(name: str, fine: bool, seen: str, next_step: str) -> dict[str, object]:
    return {"check": name, "fine": fine, "seen": seen, "next_step": None if fine else next_step}


def _on_disk(shared: Common) -> list[dict[str, object]]:
    directory = shared.directory
    keys = directory / KEYS
    whole = (keys / keyring.ACCOUNT_FILE).is_file()
    found = [_check("keys", whole, str(keys), f"thenar init {directory}")]
    if whole:
        loose = [path.name for path in keys.iterdir() if path.stat().st_mode & 0o077]
        found.append(_check("key files are private", not loose, ", ".join(loose) or "0600", f"chmod 600 {keys}/*"))
    try:
        config, _ = load(directory)
    except ThenarError as wrong:
        return [*found, _check("settings", False, wrong.message, wrong.next_step or "compare with the template")]
    found.append(_check("settings", True, str(directory / FILE_NAME), ""))
    found.append(_deployment(config.chain_deployment))
    free = shutil.disk_usage(directory if directory.exists() else Path.cwd()).free // 1_000_000
    wanted = min(config.store_quota_mb, 1_000)
    found.append(_check("disk space", free >= wanted, f"{free} MB free", f"free {wanted} MB or lower store.quota_mb"))
    return found


def _deployment(path: str) -> dict[str, object]:
    step = f"set chain.deployment in {FILE_NAME} to a deployments/<chainId>.json"
    if not path:
        return _check("deployment file", False, "not set", step)
    try:
        made = deployments.load(Path(path))
    except ThenarError as wrong:
        return _check("deployment file", False, wrong.message, wrong.next_step or step)
    return _check("deployment file", True, f"{path}, chain {made.chain_id}", "")


def _outside(shared: Common) -> list[dict[str, object]]:
    told = trio.run(status_of, shared)
    parts = told.get("parts")
    chain = parts.get("chain") if isinstance(parts, dict) else None
    up = isinstance(chain, dict) and bool(chain.get("up"))
    running = bool(told.get("running"))
    return [
        _check("chain answers", up, _said(chain), "start the chain, or set chain.rpc"),
        _check("node runs", running, "yes" if running else "no", f"thenar run --data {shared.directory}"),
        _check("node is ready", bool(told.get("ready")), _said(told.get("reasons")), "`thenar status` says more"),
    ]


def _said(found: object) -> str:
    if isinstance(found, dict):
        return ", ".join(f"{key} {value}" for key, value in found.items())
    return "; ".join(map(str, found)) if isinstance(found, list) and found else "yes"
