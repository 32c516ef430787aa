"""Three nodes on a chain of their own for the pages' journeys: Ana sells, Chidi buys and keeps, Mallory cheats."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import trio
from crooks import NONE, WRONG, Crook, crook
from libp2p.peer.id import ID

from thenar.adapters.chain.devnet import Devnet
from thenar.adapters.p2p import identity
from thenar.adapters.simulation import balance, record_hand
from thenar.adapters.vault.keyring import open_keyring
from thenar.assembly import open_node
from thenar.cli.job_template import EXAMPLE_MODEL, TEMPLATE
from thenar.commands import run as run_command
from thenar.config import load
from thenar.demo.cast import PASSWORD, Person, free_port
from thenar.demo.stage import Stage
from thenar.directory import KEYS, runtime_of
from thenar.domain.ids import Address
from thenar.domain.reflex.onnx import policy_model
from thenar.supervisor import running

NAMES = ("Ana", "Chidi", "Mallory")
PRICE, BAIT = "12.50", "10.00"
WALLETS = tuple(
    Address(one)
    for one in (
        "0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc",
        "0x976ea74026e726554db657fa54763abd0c3a0aa9",
        "0x14dc79964da2c08b23698b3d3cc7ca32193d9955",
    )
)
"""Accounts that anvil signs for."""
FORTUNE = 1_000 * 10**6
SALES = {"purposes": "eval", "share": "30%"}
STAKE = {"stake": "1000", "roles": "store,compute,witness,juror"}
WRONG_PASSWORD = "not this one"
PATIENCE = 600
CONFIRMED = 4
"""Empty blocks after which nobody waits for another one."""
PACE, HEARTBEAT = 0.15, 3.0
"""Seconds between blocks that somebody waits for, and at most between any two."""


@dataclass
class Town:
    """The people, what is published, and what the browser asks to happen to them. ``whole`` is everything there is."""

    stage: Stage
    devnet: Devnet
    folder: Path
    whole: bool
    mallory: Crook = field(init=False)
    things: dict[str, object] = field(default_factory=dict)

    @asynccontextmanager
    async def peopled(self) -> AsyncIterator[None]:
        """Everybody lives here, all moving in at once, and has published what is theirs."""
        places = {name: f"/ip4/127.0.0.1/tcp/{free_port()}" for name in NAMES}
        shows = {"preview_max_share": 100, "chain_deep": 2}  # a preview is drawn by a block younger than the asking
        for name, place in places.items():
            keeps = {"store_pin": "all" if name == "Chidi" else "none", "web_listen": f"127.0.0.1:{free_port()}"}
            known = [self._address(one, places[one]) for one in self.stage.people]
            settings = {**shows, **keeps, "p2p_listen": place, "p2p_bootstrap": known}
            await self.stage.enrol(name, self.devnet, settings)
        for wallet in WALLETS:
            await self.devnet.fund(wallet, tokens=FORTUNE)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._mining)
            async with trio.open_nursery() as moving:
                for name in ("Ana", "Chidi"):
                    moving.start_soon(self._moved_in, name)
                self.mallory = await nursery.start(self._cheating)
            await self._published()
            yield
            nursery.cancel_scope.cancel()

    async def _mining(self) -> None:
        """Blocks for who waits for them: what was sent is in one at once, a few more confirm it, then it is quiet.

        A block costs every node and every open page some work, and most of them would tell nothing.
        """
        mined, own, news = trio.current_time(), 0, 0
        while True:
            head = int(await self.devnet.rpc.read("eth_blockNumber"), 16)
            if head != own:  # somebody sent something, let time pass, or took blocks away
                own = news = head
            if head - news < CONFIRMED or trio.current_time() - mined > HEARTBEAT:
                await self.devnet.rpc.read("evm_mine")
                own, mined = head + 1, trio.current_time()
            await trio.sleep(PACE)

    def _address(self, name: str, place: str) -> str:
        """Where somebody will listen, told before they do."""
        seed = open_keyring(self.stage.people[name].directory / KEYS, PASSWORD).peer_seed
        return f"{place}/p2p/{identity.from_libp2p(ID.from_pubkey(identity.key_pair(seed).public_key))}"

    async def _moved_in(self, name: str) -> None:
        await self.stage.people[name].start()
        await self.stage.ask(name, "node.register", **STAKE, request="register")

    async def _cheating(self, *, task_status: trio.TaskStatus[Crook]) -> None:
        """Mallory's node lives in this process, for as long as nobody cancels it."""
        person = self.stage.people["Mallory"]
        config, _ = load(person.directory, environment={})
        async with open_node(person.directory, config, PASSWORD) as honest:
            made = crook(honest)
            async with running(made.node):
                await run_command(made.node, "node.register", dict(STAKE), lambda _: None)
                task_status.started(made)
                await trio.sleep_forever()

    async def _cheats(self, command: str, **arguments: object) -> dict[str, object]:
        return await run_command(self.mallory.node, command, dict(arguments), lambda _: None)

    async def _ana(self, command: str, request: str, **arguments: object) -> dict[str, object]:
        return await self.stage.ask("Ana", command, **arguments, request=request)

    async def _published(self) -> None:
        """What people may buy: where nothing depends on another, all at once."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._captured)
            nursery.start_soon(self._baited, "bait", WRONG)
            if self.whole:
                nursery.start_soon(self._baited, "silent", NONE)
                nursery.start_soon(self._garbled)
                nursery.start_soon(self._offered, "other", SALES)
                nursery.start_soon(self._offered, "keyless", {"purposes": "compute_only"})
                nursery.start_soon(self._lent)
                nursery.start_soon(partial(self._ana, "account.deposit", "deposit", amount="50"))

    async def recording(self, seed: int) -> dict[str, str]:
        """The files of a recorded grasp."""
        path = self.folder / f"grasp{seed}.csv"
        made = await trio.to_thread.run_sync(partial(record_hand, path, seed=seed, seconds=1))
        return {"path": str(made.path), "description": str(made.sidecar), "layout": str(made.layout)}

    async def _policy(self, name: str) -> str:
        path = trio.Path(self.folder / f"{name}.onnx")
        await path.write_bytes(policy_model([balance.layer()]) + name.encode() * 700)
        return str(path)

    async def _kept(self, name: str, asset: object) -> None:
        self.things[name] = str(asset)
        await self.stage.ask("Chidi", "capture.kept", asset=str(asset), patience=PATIENCE)

    async def _captured(self) -> None:
        """A capture that is for sale, and a model that shares its income with it."""
        added = await self._ana("capture.add", "capture", **await self.recording(7), price=PRICE)
        capture = str(added["asset"])
        made = {"path": await self._policy("policy"), "title": "Policy", "parents": [capture], **SALES}
        model = await self._ana("model.add", "policy", **made)
        self.things["model"] = str(model["asset"])
        await self._ana("revenue.link", "link", child=model["asset"], parents=[f"{capture}=50%"])
        await self._kept("asset", capture)

    async def _offered(self, name: str, terms: dict[str, str]) -> None:
        made = await self._ana("model.add", name, path=await self._policy(name), title=name, price=PRICE, **terms)
        await self._kept(name, made["asset"])

    async def _baited(self, name: str, mood: str) -> None:
        """Something whose key will be wrong, or will not come."""
        made = await self._cheats("model.add", path=await self._policy(name), title=name, price=BAIT, **SALES)
        self.mallory.moods[str(made["asset"])] = mood
        await self._kept(name, made["asset"])

    async def _garbled(self) -> None:
        """Something whose key is right and opens a leaf that is not what was promised."""
        made = {"path": await self._policy("garbled"), "title": "garbled", "price": BAIT, **SALES}
        done = await run_command(self.mallory.garbler, "model.add", made, lambda _: None)
        await self._kept("garbled", done["asset"])

    async def _lent(self) -> None:
        """Ana's machine works; Mallory's only looks at what others did. Two recordings and a job nobody has yet."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(partial(self._ana, "work.enable", "lend", cores=1, batch=8))
            nursery.start_soon(partial(self._cheats, "work.enable", cores=1, batch=8, seats=1, min_price="1000000"))
            self.things["recordings"] = [await self.recording(seed) for seed in (9, 10)]
            await trio.Path(self.folder / "arm.xml").write_text(EXAMPLE_MODEL)
            await trio.Path(self.folder / "job.toml").write_text(TEMPLATE)
            self.things["job"] = str(self.folder / "job.toml")

    def doors(self) -> dict[str, object]:
        """Where the buyer's node and the seller's answer, and with which key."""
        people = self.stage.people
        return {"buyer": runtime_of(people["Chidi"].directory), "seller": runtime_of(people["Ana"].directory)}

    @property
    def happenings(self) -> dict[str, Callable[[], Awaitable[object]]]:
        """What the browser may ask to happen to the buyer's node."""
        chidi = self.stage.people["Chidi"]
        return {"stop": chidi.stop, "locked": partial(_started_with_a_wrong_password, chidi), "start": self._started}

    async def _started(self) -> object:
        await self.stage.people["Chidi"].start()
        return self.doors()["buyer"]


async def _started_with_a_wrong_password(person: Person) -> object:
    """How a node ends whose keys do not open."""
    wrong = person.directory / "wrong"
    wrong.write_text(WRONG_PASSWORD)
    words = ["run", "--data", str(person.directory), "--json", "--password-file", str(wrong)]
    done = await trio.run_process(
        [sys.executable, "-m", "thenar.cli.full", *words],
        capture_stdout=True,
        capture_stderr=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return {"code": done.returncode, "said": (done.stdout + done.stderr).decode()}
