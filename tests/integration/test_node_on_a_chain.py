"""Whole nodes on a real local chain, in this process and in processes of their own."""

from __future__ import annotations

import random
import re
import signal
import stat
import subprocess
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import trio
from command_line import PASSWORD, command, environment, in_a_process
from garbage import Garbler
from living import earn, living, meet, model, settle_in
from wire import Wire

from thenar.adapters.chain.views import View, Views
from thenar.adapters.vault.keyring import open_keyring
from thenar.client import Common, status_of
from thenar.commands import run
from thenar.commands.overview import ROLES
from thenar.directory import RUNTIME_FILE, runtime_of
from thenar.domain.assets import Purpose
from thenar.domain.duties import Duty, DutyKind
from thenar.domain.ids import AssetId
from thenar.domain.keccak import keccak256
from thenar.domain.keytree import key_commit
from thenar.errors import BadInput, NotFound, Poor, ThenarError
from thenar.services.ask import ask_key, ask_manifest, ask_segment

SEED = 7


async def test_a_stranger_keeps_buys_and_opens_what_was_published(devnet, tmp_path):
    ana_home = await settle_in(devnet, tmp_path / "ana", store_pin="none")
    ben_home = await settle_in(devnet, tmp_path / "ben", store_pin="none")

    async with living(ana_home) as (ana, ask_ana):
        meet(ana, ben_home)
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


async def test_running_nodes_answer_each_other_directly(devnet, tmp_path):
    ana_home = await settle_in(devnet, tmp_path / "ana", store_pin="none")
    async with living(ana_home) as (ana, ask_ana):
        ben_home = await settle_in(devnet, tmp_path / "ben", store_pin="none", p2p_bootstrap=tuple(ana.peers.addresses))
        async with living(ben_home) as (ben, ask_ben):
            for ask in (ask_ana, ask_ben):
                await ask("node.register", stake="100")
            asset = AssetId(await model(ask_ana, tmp_path, "policy.bin", price="1"))
            await ask_ben("license.buy", asset=asset, wait=True, patience=60)
            await ben.journal.put(f"key/{asset}", b"")  # as after restoring an old journal
            record = ben.belief.catalog.assets[asset]

            sketch = await ask_ben("capture.sketch", asset=asset)
            manifest = await ask_manifest(ben.peers, ana.peers.me, record.commitment)
            segment = await ask_segment(ben.peers, ana.peers.me, record.commitment, 1, 2)
            key = await ask_key(ben.trade, ben.peers, ben.keyring, asset, await ben.holders(asset))

            assert (sketch["what"], sketch["told_by"]) == ("policy.bin", ana.peers.me)
            assert keccak256(manifest) == record.commitment.manifest_hash
            assert len(segment.data) == 2048
            assert key_commit(key) == record.commitment.key_commit


async def done(node, duty: Duty) -> None:
    """Wait until a duty is open no more."""
    with trio.fail_after(10):
        while duty in await node.journal.open_duties():  # noqa: ASYNC110 - the journal sets no events
            await trio.sleep(0.05)


async def test_a_duty_that_was_given_up_is_done_after_a_retry(devnet, tmp_path):
    home = await settle_in(devnet, tmp_path / "ana")
    async with living(home) as (node, ask):
        asset = await model(ask, tmp_path, "policy.bin")
        duty = Duty(DutyKind.ANNOUNCE_ASSET, asset, node.belief.catalog.assets[asset].minted.block)
        await done(node, duty)
        await node.journal.fail(duty, "no peers would listen")

        failed = (await ask("duty.list"))["failed"]
        with pytest.raises(NotFound):
            await ask("duty.retry", key="pin asset:nothing")
        with pytest.raises(BadInput):
            await ask("duty.retry")
        opened = await ask("duty.retry", key=duty.key)
        await done(node, duty)

        assert [(one["duty"], one["reason"]) for one in failed] == [(duty.key, "no peers would listen")]
        assert opened == {"opened": [duty.key]}
        assert (await ask("duty.retry", all=True)) == {"opened": []}


@pytest.mark.parametrize("dispute_window", [20])
async def test_a_seller_of_garbage_is_found_out_and_loses_his_bond(devnet, tmp_path):
    """Everything promised is true, the key is right, one sealed byte is not: the buyer's node proves it by itself."""
    ana_home = await settle_in(devnet, tmp_path / "ana", store_pin="none")
    ben_home = await settle_in(devnet, tmp_path / "ben", store_pin="none")
    async with living(ana_home) as (ana, ask_ana):
        crook = replace(ana, sealer=Garbler(ana.sealer, at=300_000))
        meet(ana, ben_home)
        async with living(ben_home) as (ben, ask_ben):
            for ask in (ask_ana, ask_ben):
                await ask("node.register", stake="100")
            (tmp_path / "policy.bin").write_bytes(bytes(range(256)) * 2_400)
            card = {"path": str(tmp_path / "policy.bin"), "title": "Policy", "share": "10%"}
            asset = str((await run(crook, "model.add", card, lambda _: None))["asset"])
            with pytest.raises(Poor):
                await ask_ana("license.offer", asset=asset, price="10", bond="50%")
            other = await model(ask_ana, tmp_path, "other.bin")
            await earn(ask_ana, other, "5")
            for part in (None, "2..2"):
                await ask_ana("license.offer", asset=asset, price="10", bond="50%", range=part)

            whole = await ask_ben("license.buy", asset=asset, wait=True, patience=60)

            assert (whole["stage"], whole["reason"]) == ("refunded", "a leaf was not what was promised")
            assert ben.belief.catalog.accounts[ben.me] == 20 * 10**ana.decimals
            assert ben.belief.catalog.accounts[ana.me] == 0
            assert not list(ben.opened.rglob("*.bin"))

            # the last chunk of the same file is as promised: with money for a new bond it sells
            await earn(ask_ana, other, "5")
            part = await ask_ben("license.buy", asset=asset, wait=True, patience=60, range="2..2")
            allowed = [await ask_ben("license.check", asset=asset, range=part) for part in (None, "0..1", "2..2")]

            assert (part["stage"], part["part"], part["key"]) == ("settled", "2..2", True)
            assert [answer["allowed"] for answer in allowed] == [False, False, True]
            (opened,) = ben.opened.rglob("*.bin.2-2")
            assert opened.read_bytes() == (tmp_path / "policy.bin").read_bytes()[2 * 262_128 :]


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


async def test_registering_again_keeps_the_roles_unless_others_are_named(devnet, tmp_path):
    home = await settle_in(devnet, tmp_path / "ana")
    roles = []
    async with living(home) as (node, ask):
        for named in ({"roles": "store,compute"}, {}, {"roles": "witness"}):
            await ask("node.register", stake="1", **named)
            roles.append(node.belief.catalog.nodes[node.me].roles)

    assert roles == [ROLES["store"] | ROLES["compute"], ROLES["store"] | ROLES["compute"], ROLES["witness"]]
