"""Ana, whose node is killed again and again, and Ben, who lives in this process and deals with her; and what they owe.

An errand is something a person, another node or the chain's clock wants of Ana's node. It is asked for, dies with the
node, is asked for once more of the next life, and must then have happened once.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio
from command_line import PASSWORD, environment
from living import living, settle_in

from thenar.adapters.chain.devnet import Devnet
from thenar.adapters.vault import shares
from thenar.assembly import Node
from thenar.domain.ids import AssetId
from thenar.domain.licenses import Stage
from thenar.services.withdrawal import is_withdrawn
from thenar.upkeep.backup import drill

PATIENCE = 120
BIGGEST = 600_000
"""Bytes of what is published: up to three leaves."""
PRICE = 10**6
"""Token units of every sale."""
Ask = Callable[..., Awaitable[dict[str, Any]]]


class Lives:
    """The program that forks lives of one node, and what it says."""

    def __init__(self, process: trio.Process, folder: Path) -> None:
        self.process, self.folder = process, folder
        self.told: list[list[Any]] = []
        self._rest = b""

    async def say(self, line: str) -> None:
        assert self.process.stdin is not None
        await self.process.stdin.send_all(line.encode() + b"\n")

    async def hear(self) -> tuple[str, Any]:
        """The next thing that is no acknowledgement."""
        while True:
            while b"\n" not in self._rest:
                assert self.process.stdout is not None
                part = await self.process.stdout.receive_some()
                assert part, "the program that forks lives ended"
                self._rest += part
            line, self._rest = self._rest.split(b"\n", 1)
            ((what, value),) = json.loads(line).items()
            if what != "told":
                return what, value
            self.told.append(value)

    async def begin(self) -> dict[str, Any]:
        """A new life, up and following."""
        await self.say(f"live {self.folder}")
        what, value = await self.hear()
        assert what == "up", (what, value)
        return dict(value)

    async def ask(self, errand: dict[str, Any]) -> dict[str, Any]:
        """An errand that is done, or the test fails."""
        await self.say(json.dumps(errand))
        what, value = await self.hear()
        assert what == "made", (what, value, errand)
        return dict(value)

    async def leave(self) -> None:
        await self.say("leave")
        assert await self.hear() == ("ended", 0)


@asynccontextmanager
async def lives_of(folder: Path, log: Path) -> AsyncIterator[tuple[Lives, float]]:
    """The program, loaded, and what loading cost, in seconds of a processor."""
    program = [sys.executable, str(Path(__file__).with_name("mortal_node.py"))]
    variables = environment(PYTHONPATH=":".join(filter(None, sys.path)))
    with log.open("wb") as errors:
        process = await trio.lowlevel.open_process(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=variables
        )
    lives = Lives(process, folder)
    try:
        _, loading = await lives.hear()
        yield lives, float(loading)
    finally:
        with trio.CancelScope(shield=True):
            process.kill()
            await process.wait()


@dataclass
class Errand:
    """What is asked of Ana, what happens beside it, and how to see that it happened once."""

    words: dict[str, Any]
    once: Callable[[], Awaitable[None]]
    beside: Callable[[], Awaitable[None]] | None = None


@dataclass
class Town:
    """Where errands come from. Amounts in token units."""

    devnet: Devnet
    ana: str
    lives: Lives
    ben: Node
    ask_ben: Ask
    folder: Path
    dice: random.Random
    number: int = 0
    base: str = ""
    "An asset of Ben's that Ana pays."
    spare: list[str] = field(default_factory=list)
    "Assets of Ana's that nobody bought yet."
    paid: int = 0
    bought: int = 0
    deposited: int = 0
    destroyed: int = 0
    rounds: int = 0

    def file(self, most: int = BIGGEST) -> Path:
        """A file of its own."""
        self.number += 1
        path = self.folder / "files" / f"{self.number:05d}.bin"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(self.dice.randbytes(self.dice.randint(1, most)))
        return path

    def asked(self, name: str, **arguments: Any) -> dict[str, Any]:
        """A command with a request id of its own, as the command line sends it."""
        self.number += 1
        return {"do": name, "arguments": {**arguments, "request": f"request-{self.number}"}}

    async def of_ben(self, share: str = "10%", **more: Any) -> str:
        """A fresh asset of Ben's."""
        path = self.file(60_000)
        made = await self.ask_ben("model.add", path=str(path), title=path.name, share=share, **more)
        return str(made["asset"])

    async def settle(self) -> None:
        """Stake, money, something to sell, to pay and to keep."""
        await self.ask_ben("node.register", stake="100")
        await self.lives.ask(self.asked("node.register", stake="100"))
        await self.lives.ask(self.asked("account.deposit", amount="50"))
        self.base = await self.of_ben()
        self.spare = [await self.published() for _ in range(2)]
        await self.lives.ask((await self.keep()).words)

    async def published(self) -> str:
        words = self.asked("model.add", path=str(self.file()), title="a model", share="10%", price="1")
        return str((await self.lives.ask(words))["asset"])

    async def errand(self, name: str) -> Errand:
        """A new errand of a kind."""
        made: dict[str, Callable[[], Awaitable[Errand]]] = {
            "publish": self.publish,
            "pay": self.pay,
            "deposit": self.deposit,
            "sell": self.sell,
            "buy": self.buy,
            "keep": self.keep,
            "answer": self.answer,
            "back up": self.back_up,
            "withdraw": self.withdraw,
        }
        return await made[name]()

    async def seen(self) -> Node:
        """Ben's node, when it has seen everything that is on the chain now."""
        await self.ben.catch_up()
        return self.ben

    async def gone(self) -> None:
        """Wait until Ben's node has seen that Ana's is dead; loading a program takes longer than that."""
        while self.ben.peers.connected():  # noqa: ASYNC110  the host has no event for it
            await trio.sleep(0.01)

    async def publish(self) -> Errand:
        words = self.asked("model.add", path=str(self.file()), title="a model", share="10%", price="1")
        before = set((await self.seen()).belief.catalog.assets)

        async def once() -> None:
            catalog = (await self.seen()).belief.catalog
            (asset,) = set(catalog.assets) - before
            ((seller, _, _),) = catalog.offers[asset]
            assert (catalog.assets[asset].owner, seller) == (self.ana, self.ana)
            self.spare.append(asset)

        return Errand(words, once)

    async def pay(self) -> Errand:
        self.paid += 1_000 + self.number

        async def once() -> None:
            income = (await self.seen()).belief.catalog.income_of(AssetId(self.base))
            assert income.received == self.paid

        amount = f"0.{1_000 + self.number:06d}"
        return Errand(self.asked("revenue.pay", asset=self.base, amount=amount), once)

    async def deposit(self) -> Errand:
        before, amount = (await self.seen()).belief.catalog.accounts[self.ana], 1_000 + self.number
        self.deposited += amount

        async def once() -> None:
            assert (await self.seen()).belief.catalog.accounts[self.ana] == before + amount

        return Errand(self.asked("account.deposit", amount=f"0.{amount:06d}"), once)

    async def sell(self) -> Errand:
        asset = AssetId(self.spare.pop() if self.spare else await self.published())
        ended: list[dict[str, Any]] = []

        async def beside() -> None:
            ended.append(await self.ask_ben("license.buy", asset=asset, wait=True, request=f"buy-{asset}"))

        async def once() -> None:
            with trio.fail_after(PATIENCE):
                while not ended:  # noqa: ASYNC110  a list has no event
                    await trio.sleep(0.02)
            sales = (await self.seen()).belief.catalog.sales.values()
            assert [one.stage for one in sales if one.deal.asset == asset] == [Stage.SETTLED]
            assert (ended[0]["stage"], ended[0]["key"]) == ("settled", True)

        return Errand({"do": "sell", "asset": asset}, once, beside)

    async def buy(self) -> Errand:
        path = self.file(60_000)
        made = await self.ask_ben("model.add", path=str(path), title=path.name, share="10%", price="1")
        asset = AssetId(str(made["asset"]))
        self.bought += 1

        async def once() -> None:
            catalog = (await self.seen()).belief.catalog
            (sale,) = [one for one in catalog.sales.values() if one.deal.asset == asset]
            (opened,) = (self.lives.folder / "opened" / asset).iterdir()
            assert (sale.stage, sale.deal.buyer, opened.name) == (Stage.SETTLED, self.ana, path.name)
            assert opened.read_bytes() == path.read_bytes()

        return Errand(self.asked("license.buy", asset=asset, wait=True), once)

    async def keep(self) -> Errand:
        listed = await self.ask_ben("storage.replicate", asset=await self.of_ben(), copies=1)
        replica = str(listed["replicas"][0]["replica"])

        async def once() -> None:
            record = (await self.seen()).belief.catalog.replicas[bytes.fromhex(replica[2:])]
            assert record.holder == self.ana

        return Errand(self.asked("storage.take", replicas=[replica]), once)

    async def answer(self) -> Errand:
        catalog, now = (await self.seen()).belief.catalog, (await self.ben.chain.head()).timestamp
        terms = catalog.storage_terms
        assert terms is not None
        round_ = terms.round_at(now) + 1
        self.rounds += 1

        async def beside() -> None:
            await self.devnet.pass_time(terms.began(round_) + 1 - (await self.ben.chain.head()).timestamp)

        async def once() -> None:
            assert round_ in (await self.seen()).belief.catalog.stores[self.ana].answers

        return Errand({"do": "answer", "round": round_}, once, beside)

    async def back_up(self) -> Errand:
        self.number += 1
        (self.folder / "backups").mkdir(exist_ok=True)
        target = self.folder / "backups" / f"{self.number}.tar"

        async def once() -> None:
            assert list(target.parent.iterdir()) == [target]
            assert (await trio.to_thread.run_sync(drill, target, PASSWORD))["restorable"]
            assert list(target.parent.iterdir()) == [target]
            target.unlink()

        return Errand({"do": "back up", "target": str(target), "with_store": self.number % 5 == 0}, once)

    async def withdraw(self) -> Errand:
        if not self.spare:
            self.spare.append(await self.published())
        asset = AssetId(self.spare.pop())
        self.destroyed += 1

        async def once() -> None:
            assert is_withdrawn((await self.seen()).belief.catalog, asset)
            assert shares.count(self.lives.folder / "keys")[1] == self.destroyed

        return Errand(self.asked("capture.withdraw", asset=asset, yes=True), once)


@asynccontextmanager
async def town_on(devnet: Devnet, folder: Path, seed: int) -> AsyncIterator[tuple[Town, float]]:
    """Ben's node here, Ana's in a process of its own; and what loading her program cost, in seconds of a processor."""
    home = await settle_in(devnet, folder / "ben", store_pin="none")
    async with living(home) as (ben, ask_ben):
        known = {"p2p_bootstrap": list(ben.peers.addresses), "store_pin": "none"}
        ana = await settle_in(devnet, folder / "ana", **known)
        async with lives_of(ana, folder / "lives.log") as (lives, loading):
            account = (await lives.begin())["account"]
            town = Town(devnet, account, lives, ben, ask_ben, folder, random.Random(seed))
            await town.settle()
            yield town, loading
            await lives.leave()
