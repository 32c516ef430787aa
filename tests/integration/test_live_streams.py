"""A hand streams touch to a stranger's node: paid by the second, stopped by itself, ended by consent."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from command_line import PASSWORD, make_node
from local_chain import local_chain

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.views import Views
from thenar.adapters.simulation.hand import record_hand
from thenar.assembly import open_node
from thenar.commands import run
from thenar.config import load
from thenar.domain import protocols
from thenar.errors import Refused
from thenar.supervisor import running

EPOCH, GRACE, RATE = 4, 4, 10_000  # seconds, seconds, token units a second
QUICK = {"chain_confirmations": 0, "chain_deep": 0, "chain_poll_ms": 50, "store_pin": "none", "live_grace": GRACE}


@pytest.fixture
async def devnet(tmp_path):
    parameters = Parameters(dispute_window=2, minimum_stake=100)
    async with local_chain(tmp_path / "chain", block_time=0.5, parameters=parameters) as net:
        yield net


@asynccontextmanager
async def living(devnet, folder: Path, **settings: object):
    """A running node in this process, its account with money, and a way to ask it."""
    chain = {"chain_rpc": devnet.rpc_url, "chain_deployment": str(devnet.deployment_file)}
    await trio.to_thread.run_sync(lambda: make_node(folder, **(chain | QUICK | settings)))
    account = json.loads((folder / "keys" / "account.json").read_text())["address"]
    await devnet.fund("0x" + account.lower().removeprefix("0x"))
    config, _ = load(folder, environment={})
    async with open_node(folder, config, PASSWORD) as node, running(node):

        async def ask(name: str, **arguments: object) -> dict[str, object]:
            with trio.fail_after(90):
                return await run(node, name, arguments, lambda _: None)

        await ask("node.register", stake="100")
        yield node, ask


class Hand:
    """A recorded grasp, played again and again into a folder as a live hand would fill it."""

    def __init__(self, recording: Path, folder: Path) -> None:
        self.rows = recording.read_bytes().splitlines(keepends=True)[1:]
        self.folder = folder
        self.felt = b""

    async def feel(self, *, task_status=trio.TASK_STATUS_IGNORED) -> None:
        """Write a file of twenty records every fifth of a second, until switched off."""
        with trio.CancelScope() as power:
            task_status.started(power)
            while True:
                piece = b"".join(self.rows[:20])
                self.rows = self.rows[20:] + self.rows[:20]
                name = f"{len(self.felt):012d}.csv"
                (self.folder / f".{name}").write_bytes(piece)
                (self.folder / f".{name}").rename(self.folder / name)
                self.felt += piece
                await trio.sleep(0.2)


async def until(ask, holds, seconds: float = 60) -> dict[str, object]:
    """Wait for the first stream an account knows to become something; the stream as shown then."""
    with trio.fail_after(seconds):
        while True:
            shown = (await ask("live.list"))["streams"][0]
            if holds(shown):
                return shown
            await trio.sleep(0.3)


def own(shown) -> dict[str, object]:
    return shown["subscriptions"][0]


def say(line: str) -> None:
    print(f"  {line}")


async def agrees(devnet, node, stream: int) -> None:
    """What the catalog says of money is what the Ledger holds."""
    await node.catch_up()
    wallet = await Views(devnet.rpc, devnet.deployment.contracts).wallet(node.me)
    assert node.belief.catalog.accounts.get(node.me, 0) == wallet.account


async def test_a_hand_is_felt_from_afar_and_paid_by_the_second(devnet, tmp_path):
    recorded = await trio.to_thread.run_sync(lambda: record_hand(tmp_path / "grasp.csv", seed=7, seconds=2))
    async with living(devnet, tmp_path / "ana") as (ana, ask_ana):
        near = {"p2p_bootstrap": tuple(ana.peers.addresses)}
        async with living(devnet, tmp_path / "ben", **near) as (ben, ask_ben), trio.open_nursery() as nursery:
            asset = (
                await ask_ana(
                    "capture.add",
                    path=str(recorded.path),
                    description=str(recorded.sidecar),
                    layout=str(recorded.layout),
                )
            )["asset"]
            opened = await ask_ana("live.open", asset=asset, rate="0.01", epoch=EPOCH)
            stream, folder = opened["stream"], Path(opened["source"])
            say(f"Ana streams her hand as stream {stream}, {opened['rate']} a second, epochs of {EPOCH} s")

            hand = Hand(recorded.path, folder)
            power = await nursery.start(hand.feel)
            await ask_ben("live.subscribe", stream=stream, epochs=50, max_rate="0.01")
            shown = await until(ask_ben, lambda stream: own(stream)["received"] >= 3)
            say(f"Ben received {own(shown)['received']} epochs and owes {own(shown)['owed']}")
            collected = await ask_ana("live.collect", stream=stream)
            assert collected["transactions"]

            power.cancel()
            say("the hand is switched off")
            stopped = own(await until(ask_ben, lambda stream: not own(stream)["runs"]))
            epochs = sorted((ben.opened / "live" / str(stream)).iterdir())
            felt = b"".join(path.read_bytes() for path in epochs)
            lasted = stopped["until"] - stopped["since"]
            say(f"Ben's node stopped by itself: {stopped['reason']}")
            say(f"{len(epochs)} epochs in {lasted} s, {stopped['paid']} paid of 2.00")
            assert felt in hand.felt
            assert len(felt) > 0
            assert "did not come" in stopped["reason"]
            assert lasted <= (stopped["received"] + 1) * EPOCH + GRACE + 6  # an epoch, the grace, a transaction
            assert float(stopped["paid"]) == pytest.approx(lasted * RATE / 10**6)
            await agrees(devnet, ben, stream)

            power = await nursery.start(hand.feel)
            await ask_ben("live.subscribe", stream=stream, deposit="2")
            again = own(await until(ask_ben, lambda stream: own(stream)["runs"] and own(stream)["received"] >= 1))
            await ask_ana("license.revoke", asset=asset)
            say("Ana takes her consent back")
            ended = own(await until(ask_ben, lambda stream: not own(stream)["runs"]))
            assert ended["since"] == again["since"]
            assert ended["until"] == ana.belief.catalog.assets[asset].revoked_at
            first = ana.belief.catalog.live[stream].stream.epoch_at(ended["since"])
            request = protocols.spell(protocols.EpochKeyRequest(stream, ben.me, first))
            with pytest.raises(Refused, match="consent"):
                await ben.peers.ask(ana.peers.me, protocols.KEY, request)
            await agrees(devnet, ana, stream)
            say(f"debt stopped then: {ended['paid']} paid")
            power.cancel()
            nursery.cancel_scope.cancel()
