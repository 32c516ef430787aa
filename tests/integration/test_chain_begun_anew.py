"""A local chain that is begun anew under a node: same number, same addresses, other blocks. Nothing is sent to it."""

from __future__ import annotations

import json
import shutil
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import trio
from command_line import PASSWORD, in_a_process
from living import living, settle_in
from local_chain import local_chain

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.journal import open_journal
from thenar.adapters.vault.keyring import account_in

SEEN = 12
"""Blocks a node has seen of the first chain at least."""


@asynccontextmanager
async def chain(folder: Path, port: int = 0, block_time: float = 0.2):
    parameters = Parameters(dispute_window=2, minimum_stake=100)
    async with local_chain(folder, block_time=block_time, parameters=parameters, port=port) as net:
        yield net


async def leave_unsent(home: Path) -> int:
    """A node whose first transaction was signed, and not mined, when the chain ended; the last block it has seen."""
    async with living(home) as (node, ask), trio.open_nursery() as nursery:
        with trio.fail_after(60):
            while node.belief.block < node.chain.deployment.block + SEEN:
                await node.belief.changed()
        await node.chain._rpc.read("anvil_setIntervalMining", 0)
        nursery.start_soon(partial(ask, "node.register", stake="100"))
        while not await node.journal.next_nonce():  # noqa: ASYNC110  the journal has no event for it
            await trio.sleep(0.05)
        seen = node.belief.block
        nursery.cancel_scope.cancel()
    return seen


async def run(home: Path, *words: str):
    said = partial(in_a_process, *words, "--data", str(home), "--json", THENAR_PASSWORD=PASSWORD)
    return await trio.to_thread.run_sync(said)


async def test_a_node_is_not_started_on_a_chain_that_was_begun_anew(tmp_path):
    folder = tmp_path / "chain"
    async with chain(folder) as first:
        port = int(first.rpc_url.rsplit(":", 1)[1])
        home = await settle_in(first, tmp_path / "ana")
        seen = await leave_unsent(home)
        contracts = first.deployment.contracts
    shutil.rmtree(folder)

    async with chain(folder, port) as second:
        assert second.deployment.contracts == contracts, "nothing but the blocks tells the two apart"
        told = await run(home, "run")
        found = await run(home, "doctor")
        command = await run(home, "register", "--stake", "100")
        account = account_in(home / "keys")
        sent = await second.rpc.read("eth_getTransactionCount", account, "pending")

        journal = home / "journal.sqlite"
        assert (told.code, command.code) == (4, 4)
        assert "not the one this data directory followed" in told.error["message"]
        assert str(journal) in told.error["next_step"]
        assert int(sent, 16) == 0, f"what was signed at block {seen} was sent to another chain"
        faults = {one["check"]: one for one in found.json["checks"] if not one["fine"]}
        assert "--data" in faults["chain is the one that was followed"]["next_step"]

        for path in home.glob("journal.sqlite*"):
            path.rename(tmp_path / path.name)
        await second.fund(account)
        async with living(home) as (node, ask):
            assert (await ask("node.register", stake="100"))["operator"] == node.me


async def test_a_chain_that_has_not_come_that_far_is_waited_for(tmp_path):
    async with chain(tmp_path / "chain") as net:
        home = await settle_in(net, tmp_path / "ana")
        async with living(home) as (node, _):
            with trio.fail_after(60):
                while node.belief.block < node.chain.deployment.block + SEEN:
                    await node.belief.changed()
            head = node.belief.block
        before = await net.rpc.read("eth_getBlockByNumber", hex(head - 2), False)
        async with open_journal(home) as journal:
            assert await journal.block_hash(head - 2) == before["hash"]
        await net.rpc.read("anvil_setIntervalMining", 0)
        depth = int(await net.rpc.read("eth_blockNumber"), 16) - (head - 2)
        await net.rpc.read("anvil_rollback", depth)

        async with living(home) as (node, ask), trio.open_nursery() as nursery:
            registered = trio.Event()

            async def register() -> None:
                await ask("node.register", stake="100")
                registered.set()

            nursery.start_soon(register)
            await trio.sleep(1.5)
            status = await ask("node.status")
            assert not await node.journal.next_nonce(), "signed for a chain that is behind"
            assert any("below what this node has seen" in reason for reason in status["reasons"]), json.dumps(status)
            await net.rpc.read("anvil_setIntervalMining", 1)
            with trio.fail_after(60):
                await registered.wait()
