"""Whole nodes in a test's own process, on a local chain."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from pathlib import Path

import trio
from command_line import PASSWORD, make_node

from thenar.assembly import open_node
from thenar.commands import run
from thenar.config import load
from thenar.demo.cast import Person, enrol
from thenar.supervisor import running

QUICK = {"chain_confirmations": 0, "chain_deep": 0, "chain_poll_ms": 50}


async def settle_in(devnet, folder: Path, **settings: object) -> Path:
    """A data directory on the chain, its account with money."""
    chain = {"chain_rpc": devnet.rpc_url, "chain_deployment": str(devnet.deployment_file)}
    made = await trio.to_thread.run_sync(lambda: make_node(folder, **(chain | QUICK | settings)))
    account = json.loads((folder / "keys" / "account.json").read_text())["address"]
    await devnet.fund("0x" + account.lower().removeprefix("0x"))
    return made


@asynccontextmanager
async def living(folder: Path):
    """A running node in this process, and a way to ask it."""
    config, _ = load(folder, environment={})
    async with open_node(folder, config, PASSWORD) as node, running(node):

        async def ask(name: str, **arguments: object) -> dict[str, object]:
            with trio.fail_after(60):
                return await run(node, name, arguments, lambda _: None)

        yield node, ask


async def move_in(devnet, name: str, folder: Path, near, **settings: object) -> Person:
    """Somebody's node as a process of its own, which knows a node that lives here."""
    chain = {"chain_rpc": devnet.rpc_url, "chain_deployment": str(devnet.deployment_file), "chain_poll_ms": 100}
    depth = {"chain_confirmations": 0, "chain_deep": 0, "store_pin": "none"}
    known = {"p2p_bootstrap": list(near.peers.addresses)}
    person = await trio.to_thread.run_sync(enrol, name, folder, chain | depth | known | settings)
    await devnet.fund(person.account)
    await person.start()
    return person


def meet(node, home: Path) -> None:
    """Let the node that will live in a folder know another one's addresses."""
    text = (home / "thenar.toml").read_text()
    known = f"bootstrap = {json.dumps(list(node.peers.addresses))}"
    (home / "thenar.toml").write_text(text.replace("# bootstrap = []", known))


async def earn(ask, asset: str, amount: str) -> None:
    """Bring money into the account of an asset's owner."""
    await ask("revenue.pay", asset=asset, amount=amount)
    await ask("revenue.claim")


async def model(ask, folder: Path, name: str, **more: object) -> str:
    """Publish a small model; its id."""
    (folder / name).write_bytes(name.encode() * 5_000)
    made = await ask("model.add", path=str(folder / name), title=name, share="10%", **more)
    return str(made["asset"])
