"""Whole nodes on a real local chain, in this process and in processes of their own."""

from __future__ import annotations

import json
import random
import re
import signal
import stat
import subprocess
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio
from command_line import PASSWORD, command, environment, in_a_process, make_node
from wire import Wire

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.devnet import find_anvil, open_devnet
from thenar.adapters.chain.views import View, Views
from thenar.adapters.vault.keyring import open_keyring
from thenar.assembly import open_node
from thenar.client import Common, status_of
from thenar.commands import run
from thenar.config import load
from thenar.directory import RUNTIME_FILE, runtime_of
from thenar.domain.assets import Purpose
from thenar.errors import BadConfig, ThenarError
from thenar.supervisor import running

QUICK = {"chain_confirmations": 0, "chain_deep": 0, "chain_poll_ms": 50}
SEED = 7


@pytest.fixture
async def devnet(tmp_path):
    try:
        find_anvil()
    except BadConfig as missing:
        pytest.skip(f"{missing.message}: {missing.next_step}")
    parameters = Parameters(dispute_window=2, minimum_stake=100)
    async with open_devnet(tmp_path / "chain", block_time=0.2, parameters=parameters) as net:
        yield net


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


async def model(ask, folder: Path, name: str, **more: object) -> str:
    """Publish a small model; its id."""
    (folder / name).write_bytes(name.encode() * 5_000)
    made = await ask("model.add", path=str(folder / name), title=name, share="10%", **more)
    return str(made["asset"])


async def test_a_stranger_keeps_buys_and_opens_what_was_published(devnet, tmp_path):
    ana_home = await settle_in(devnet, tmp_path / "ana", store_pin="none")
    ben_home = await settle_in(devnet, tmp_path / "ben", store_pin="none")

    async with living(ana_home) as (ana, ask_ana):
        text = (ben_home / "thenar.toml").read_text()
        (ben_home / "thenar.toml").write_text(
            text.replace("# bootstrap = []", f"bootstrap = {json.dumps(list(ana.peers.addresses))}")
        )
        async with living(ben_home) as (ben, ask_ben):
            for ask in (ask_ana, ask_ben):
                await ask("node.register", stake="100")
            asset = await model(ask_ana, tmp_path, "policy.bin", price="12.50")
            sale = await ask_ben("license.buy", asset=asset, wait=True, patience=60, max_price="12.50")
            opened = await ask_ben("capture.fetch", asset=asset, into=str(tmp_path / "opened.bin"))
            allowed = await ask_ben("license.check", asset=asset, purposes="train")

            assert (sale["stage"], sale["key"]) == ("settled", True)
            assert (tmp_path / "opened.bin").read_bytes() == (tmp_path / "policy.bin").read_bytes()
            assert opened["bytes"] == (tmp_path / "policy.bin").stat().st_size
            assert allowed["allowed"] is True
            views = Views(devnet.rpc, devnet.deployment.contracts)
            for who in (ana.me, ben.me):
                for purpose in (Purpose.TRAIN, Purpose.TRAIN | Purpose.SIM):
                    on_chain = await views.is_allowed(asset, who, int(purpose), allowed["at"])
                    assert ben.belief.catalog.is_allowed(asset, who, purpose, allowed["at"]) == on_chain


async def test_the_catalogs_income_is_the_contracts_after_any_sequence(devnet, tmp_path):
    draw = random.Random(SEED)
    home = await settle_in(devnet, tmp_path / "ana")

    async with living(home) as (node, ask):
        assets = [await model(ask, tmp_path, f"m{number}") for number in range(4)]
        moves = {
            "pay": lambda: ask(
                "revenue.pay", asset=draw.choice(assets), amount=f"{draw.randint(1, 10**8) / 10**6:.6f}"
            ),
            "link": lambda: ask(
                "revenue.link",
                child=assets[(at := draw.randint(1, 3))],
                parents=[f"{assets[at - 1]}={draw.randint(1, 9)}%"],
            ),
            "publish": lambda: ask(
                "revenue.publish",
                asset=draw.choice(assets),
                weights=[f"{other}={draw.randint(1, 99)}" for other in draw.sample(assets, 2)],
            ),
            "claim": lambda: ask("revenue.claim"),
        }
        refused = []
        for name in ("pay", *draw.choices(list(moves), weights=(4, 2, 2, 1), k=12), "claim", "pay"):
            try:
                await moves[name]()
            except ThenarError as problem:
                refused.append((name, problem.message))  # a second link of the same parent, or a payout of itself
        await node.catch_up()

        assert len(refused) < 6, refused
        await agree(node, Views(devnet.rpc, devnet.deployment.contracts), assets)


async def agree(node, views: Views, assets: list[str]) -> None:
    """Compare what the catalog computes with what the contracts say."""
    catalog = node.belief.catalog
    for asset in assets:
        income = catalog.income_of(asset)
        assert income.own == await views.one(View("RevenueGraph", "ownOf", {"asset": asset}, int))
        assert income.own_due() == await views.own_due_of(asset)
        for parent in income.parents:
            assert income.roll_due(parent) == await views.roll_due_of(asset, parent)
        for number in range(1, len(income.payouts) + 1):
            for index in (0, 1):
                assert income.due(number, index, 17) == await views.due_of(asset, number, index, 17)
    ledger = (await views.wallet(node.chain.contract("Ledger"))).tokens
    assert sum(catalog.accounts.values()) + sum(catalog.locks.values()) == ledger
    assert catalog.accounts.get(node.me, 0) == (await views.wallet(node.me)).account


async def until_ready(ask_status, wanted: bool) -> dict[str, object]:
    with trio.fail_after(40):
        while True:
            found = await ask_status()
            if found["ready"] is wanted:
                return found
            await trio.sleep(0.1)


@asynccontextmanager
async def process(folder: Path):
    """``thenar run`` in a process of its own, its output in node.log."""
    with (folder / "node.log").open("ab") as log:
        child = await trio.lowlevel.open_process(
            command("run", "--data", folder, "--json", "--password-file", folder / "password"),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment(),
        )
        try:
            yield child
        finally:
            if child.returncode is None:
                child.kill()
            with trio.CancelScope(shield=True):
                await child.wait()


async def test_a_node_tells_when_its_chain_is_away_and_recovers_when_it_is_back(devnet, tmp_path):
    wire = Wire(int(devnet.rpc_url.rsplit(":", 1)[1]))
    async with trio.open_nursery() as nursery:
        await wire.mend(nursery)
        home = await settle_in(devnet, tmp_path / "ana", chain_rpc=wire.url)
        wire.cut()

        async with process(home):
            status = partial(status_of, Common(home, as_json=True))
            started = await until_ready_or_running(status)
            assert started["ready"] is False
            assert any(reason.startswith("chain:") for reason in started["reasons"])

            await wire.mend(nursery)
            assert (await until_ready(status, True))["parts"]["chain"]["up"] is True

            wire.cut()
            away = await until_ready(status, False)
            assert away["running"] is True
            assert away["parts"]["store"]["up"] is True
            assert away["parts"]["chain"]["up"] is False

            await wire.mend(nursery)
            await until_ready(status, True)
        nursery.cancel_scope.cancel()


async def until_ready_or_running(ask_status) -> dict[str, object]:
    with trio.fail_after(60):
        while True:
            found = await ask_status()
            if found["running"]:
                return found
            await trio.sleep(0.1)


async def test_a_process_runs_alone_stops_cleanly_and_keeps_its_secrets(devnet, tmp_path):
    home = await settle_in(devnet, tmp_path / "ana", web_log="debug")

    async with process(home) as child:
        await until_ready(lambda: status_of(Common(home, as_json=True)), True)
        runtime = runtime_of(home)
        assert runtime is not None
        assert stat.S_IMODE((home / RUNTIME_FILE).stat().st_mode) == 0o600
        words = ("--data", home, "--json", "--password-file", home / "password")
        second = await trio.to_thread.run_sync(lambda: in_a_process("run", *words))
        registered = await trio.to_thread.run_sync(lambda: in_a_process("register", "--stake", "100", *words))
        shown = await trio.to_thread.run_sync(lambda: in_a_process("status", "--data", home, "--json"))
        child.send_signal(signal.SIGTERM)
        with trio.fail_after(20):
            assert await child.wait() == 0

    assert (second.code, second.error["kind"]) == (12, "Conflict")
    assert registered.code == 0, registered.out + registered.err
    assert registered.json["stake"] == "100.00"
    assert shown.code == 0
    assert not (home / RUNTIME_FILE).exists()
    await secrets_stay_in(home, str(runtime["token"]), shown.out + registered.out)


async def secrets_stay_in(home: Path, token: str, said: str) -> None:
    """Neither password nor token nor any key in what the node wrote for people."""
    ring = open_keyring(home / "keys", PASSWORD)
    log = (home / "node.log").read_text(errors="replace")
    assert "duty" in log or "ready" in log
    secrets = (token, PASSWORD, ring._key.secret.hex(), ring._sealing.hex(), ring._wrapping.hex(), ring.peer_seed.hex())
    for secret in secrets:
        assert secret not in log
        assert secret not in said


async def test_one_command_works_without_a_running_node(devnet, tmp_path):
    home = await settle_in(devnet, tmp_path / "ana")
    words = ("--data", home, "--json", "--password-file", home / "password")

    def ask(*command: str):
        return in_a_process(*command, *words)

    (tmp_path / "model.bin").write_bytes(b"learned" * 1000)
    registered = await trio.to_thread.run_sync(lambda: ask("register", "--stake", "100"))
    added = await trio.to_thread.run_sync(lambda: ask("model", "add", str(tmp_path / "model.bin"), "--title", "M"))
    listed = await trio.to_thread.run_sync(lambda: ask("capture", "list", "--mine"))
    asset = added.json["asset"]
    paid = await trio.to_thread.run_sync(lambda: ask("revenue", "pay", asset, "5.25"))
    claimed = await trio.to_thread.run_sync(lambda: ask("revenue", "claim"))
    poor = await trio.to_thread.run_sync(lambda: ask("revenue", "pay", asset, "99999999"))
    unknown = await trio.to_thread.run_sync(lambda: ask("capture", "show", "0x" + "12" * 32))
    huge = await trio.to_thread.run_sync(lambda: ask("license", "offer", asset, "--price", "9" * 30))

    assert registered.code == added.code == listed.code == paid.code == 0, registered.out + added.out
    assert [entry["asset"] for entry in listed.json["assets"]] == [asset]
    assert (claimed.code, claimed.json["total"]) == (0, "5.25")
    assert (poor.code, poor.error["kind"]) == (8, "Poor")
    assert unknown.code == 3
    assert huge.code == 2, huge.out
    assert re.fullmatch(r"0x[0-9a-f]{64}", paid.json["transaction"])
