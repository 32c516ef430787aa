"""The story of idle machines: strangers run a hand for Rosa, one cheats, one dies, and all are paid who should be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import trio

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.devnet import Devnet, open_devnet
from thenar.adapters.simulation import record_hand
from thenar.adapters.simulation.portable import portable_hand
from thenar.demo import lesson
from thenar.demo.cast import Person, peer_address
from thenar.demo.stage import DECIMALS, PURSE, Stage
from thenar.demo.steps import Narrator
from thenar.domain.money import parse_amount, parse_share, show_amount
from thenar.domain.revenue import WHOLE
from thenar.errors import Corrupt, Late

STEPS: Final = {
    "chain": "a local chain starts and the contracts are deployed",
    "nodes": "Rosa, Ana, Ben, Chidi and Mallory start their nodes and register them",
    "capture": "Ana publishes a grasp, from which the job's randomisation is taken",
    "lend": "Ana, Ben, Chidi and Mallory probe their machines and lend them",
    "post": "Rosa posts 64 units of a dexterous hand, and locks the money for all of them",
    "kill": "Ben's node is killed in the middle of his units, and goes on",
    "forge": "Mallory forged a trajectory: audited, narrowed to one segment, judged by a jury, slashed",
    "finish": "the others finish all units, and everybody is paid",
    "fetch": "Rosa fetches what came out, every byte held against the chain, and it becomes an asset of its own",
    "earn": "Chidi pays for what came out, and Ana's grasp, which it was made from, has its share",
    "learn": "Rosa has a cart taught to keep its pole up, round by round, on two others' machines",
    "sums": "every unit of money is accounted for",
}
WINDOWS: Final = Parameters(
    hold_window=24,
    reveal_window=18,
    show_window=10,
    draw_delay=2,
    court_clock=60,
    vote_window=25,
    ballot_window=25,
    appeal_window=3,
    smallest_panel=2,
)
"""Windows short enough for a story; the contracts are the same."""
BLOCK_SECONDS: Final = 0.5
WORKERS: Final = ("Ana", "Ben", "Chidi")
ROLES: Final = "store,compute,juror"
UNITS, BATCH, SEGMENTS, SEGMENT = 64, 8, 20, 25
PRICE, AUDIT_PRICE, INPUT_PRICE = "1.30", "1.43", "0.10"
INCOME, SHARE = "40.00", "5%"
"""What the result earns, and what the terms of Ana's capture demand of that."""
STAKE, THIN_STAKE = "2000", "100"
"""Mallory has stake for one claim only."""
PATIENCE: Final = 170.0
RISE, TEACHERS = 1.5, 2
"""By how much the mean return rises at least over the rounds, and how many machines have a part in it."""
_JOB: Final = f"""\
[job]
kind = "tactile-rollout"
class = "X1"
units = {UNITS}
segments = {SEGMENTS}
segment = {SEGMENT}
seed = 7

[work]
model = "hand.xml"
episode = {SEGMENTS}

[work.control]
source = "noise"
every = 5
low = "-0.4"
high = "0.4"

[[work.vary]]
field = "body_mass"
low = "0.8"
high = "1.2"
over = "each"

[work.record]
fields = ["sensordata"]
every = {SEGMENT}
encoding = "sparse"

[limits]
memory_mb = 1024
output_bytes = 4000000

[pay]
price = "{PRICE}"
audit_price = "{AUDIT_PRICE}"
audit = "10%"
deadline_hours = 1
work_minutes = 5
"""


@dataclass(slots=True)
class ComputeStory:
    """Everything the steps pass on to each other, and what is told at the end."""

    directory: Path
    narrator: Narrator
    stage: Stage = field(init=False)
    asset: str = ""
    bounty: int = 0
    result: str = ""
    shown: dict[str, object] = field(default_factory=dict)
    verdict: dict[str, object] = field(default_factory=dict)
    sums: dict[str, str] = field(default_factory=dict)
    curve: list[dict[str, Any]] = field(default_factory=list)
    balances: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stage = Stage(self.directory, self.narrator)

    async def run(self) -> None:
        """Play every step; leaves no process behind whatever happens. Raises StepFailed."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.stage.stop_all)
            with self.narrator.quiet_step("chain"):
                chain = self.directory / "chain"
                devnet = await stack.enter_async_context(
                    open_devnet(chain, block_time=BLOCK_SECONDS, parameters=WINDOWS)
                )
            for name, play in self._steps(devnet).items():
                with self.narrator.quiet_step(name):
                    await play()

    def _steps(self, devnet: Devnet) -> dict[str, Callable[[], Awaitable[None]]]:
        return {
            "nodes": lambda: self._start_nodes(devnet),
            "capture": self._capture,
            "lend": self._lend,
            "post": self._post,
            "kill": self._kill,
            "forge": self._convict,
            "finish": self._finish,
            "fetch": self._fetch,
            "earn": self._earn,
            "learn": self._learn,
            "sums": lambda: self._account_for(devnet),
        }

    async def _start_nodes(self, devnet: Devnet) -> None:
        rosa = await self.stage.enrol("Rosa", devnet, {"store_pin": "none"})
        await rosa.start()
        settings = {"store_pin": "none", "p2p_bootstrap": [peer_address(rosa)]}
        others = [await self.stage.enrol(name, devnet, settings) for name in (*WORKERS, "Mallory")]
        others[-1].module = "thenar.demo.forger"
        async with trio.open_nursery() as nursery:
            for person in others:
                nursery.start_soon(person.start)
        async with trio.open_nursery() as nursery:
            for person in (rosa, *others):
                nursery.start_soon(self._register, person)

    async def _register(self, person: Person) -> None:
        stake = THIN_STAKE if person.name == "Mallory" else STAKE
        await self.stage.ask(person.name, "node.register", stake=stake, roles=ROLES, request="register")

    async def _capture(self) -> None:
        folder = self.directory / "recordings"
        await trio.Path(folder).mkdir()
        made = await trio.to_thread.run_sync(lambda: record_hand(folder / "grasp.csv", seed=7, seconds=2))
        paths = {"path": str(made.path), "description": str(made.sidecar), "layout": str(made.layout)}
        self.asset = str((await self.stage.ask("Ana", "capture.add", **paths, request="capture"))["asset"])

    async def _lend(self) -> None:
        async with trio.open_nursery() as nursery:
            for name in (*WORKERS, "Mallory"):
                nursery.start_soon(self._lend_one, name, BATCH)

    async def _lend_one(self, name: str, batch: int) -> None:
        seats = 0 if name == "Mallory" else 1
        lent = {"cores": 1, "classes": "X1", "batch": batch, "seats": seats}
        await self.stage.ask(name, "work.enable", **lent, request=f"enable-{batch}")

    async def _post(self) -> None:
        folder = self.directory / "job"
        await trio.Path(folder).mkdir()
        for name, data in portable_hand().items():
            await trio.Path(folder / name).write_bytes(data)
        meshes = "".join(f'"{name}" = "{name}"\n' for name in portable_hand())
        text = f'{_JOB}input = "{self.asset}"\ninput_price = "{INPUT_PRICE}"\n\n[files]\n{meshes}'
        await trio.Path(folder / "job.toml").write_text(text)
        posted = await self.stage.ask("Rosa", "job.post", path=str(folder / "job.toml"), request="post")
        self.bounty = int(str(posted["bounty"]))
        self.narrator.say(f"      bounty {self.bounty}: {posted['locked']} locked")

    async def _kill(self) -> None:
        """Kill Ben's node as soon as a checkpoint of his lies on disk, and let it start again."""
        ben = self.stage.people["Ben"]
        work = trio.Path(ben.directory / "work")
        with trio.move_on_after(60):
            while not [path async for path in _files(work)]:  # noqa: ASYNC110  a file system tells nobody
                await trio.sleep(0.02)
            await ben.kill()
            kept = sum([(await path.stat()).st_size async for path in _files(work)])
            self.narrator.say(f"      killed with {kept:,} bytes of checkpoints on disk")
            await ben.start()
            return
        raise Late("Ben's node ran nothing that could be interrupted")

    async def _until(self, holds: Callable[[dict[str, object]], bool], what: str) -> dict[str, object]:
        with trio.move_on_after(PATIENCE):
            while True:
                self.shown = await self.stage.ask("Rosa", "job.show", bounty=self.bounty)
                done, total = int(str(self.shown["done"])), int(str(self.shown["units"]))
                self.narrator.tell({"label": "units done", "done": done, "total": total, "unit": "units"})
                if holds(self.shown):
                    return self.shown
                await trio.sleep(0.5)
        raise Late(f"{what} did not happen in {PATIENCE:g} s: {self.shown.get('claims')}")

    def _claims_of(self, shown: dict[str, object], name: str) -> list[dict[str, object]]:
        account, listed = self.stage.people[name].account, shown["claims"]
        return [claim for claim in listed if claim["worker"] == account] if isinstance(listed, list) else []

    async def _convict(self) -> None:
        def slashed(shown: dict[str, object]) -> bool:
            return any(claim["stage"] == "slashed" for claim in self._claims_of(shown, "Mallory"))

        shown = await self._until(slashed, "Mallory's conviction")
        self.verdict = next(c for c in self._claims_of(shown, "Mallory") if c["stage"] == "slashed")
        self.narrator.say(
            f"      Mallory lost {self.verdict['lost']}; her units {self.verdict['units']} are open again"
        )

    async def _finish(self) -> None:
        await self._until(lambda shown: shown["ends"] == "closed" and shown["paid_to_input"] != "0.00", "the end")
        claims = self._claims_of(self.shown, "Ben")
        if not any(claim["stage"] == "finalized" for claim in claims):
            raise Corrupt("Ben was not paid for what he went on with")

    async def _fetch(self) -> None:
        into = self.directory / "results"
        fetched = await self.stage.ask("Rosa", "job.fetch", bounty=self.bounty, into=str(into))
        if (fetched["units"], fetched["not_ok"]) != (UNITS, []):
            raise Corrupt(f"{fetched['units']} of {UNITS} units were fetched, not OK: {fetched['not_ok']}")
        minted = fetched["result"]
        if not isinstance(minted, dict) or minted["parents"] != {self.asset: SHARE}:
            raise Corrupt(f"the result was not linked to its input: {minted}")
        self.result = str(minted["asset"])
        self.narrator.say(f"      {fetched['units']} units, {fetched['bytes']:,} bytes, now {self.result[:18]}…")

    async def _earn(self) -> None:
        await self.stage.ask("Chidi", "revenue.pay", asset=self.result, amount=INCOME, request="income")

    async def _learn(self) -> None:
        """Each round is a bounty whose returns make the next round's policy; no machine runs all of it."""
        async with trio.open_nursery() as nursery:
            for name in WORKERS:
                nursery.start_soon(self._lend_one, name, lesson.UNITS // 2)
        path = await trio.to_thread.run_sync(lesson.write_lesson, self.directory / "lesson")
        wanted = {
            "path": str(path),
            "into": str(self.directory / "trained"),
            "sizes": lesson.SIZES,
            "step": lesson.STEP,
        }
        trained = await self.stage.ask("Rosa", "job.train", rounds=lesson.ROUNDS, **wanted, request="train")
        self.curve = [dict(row) for row in trained["curve"]] if isinstance(trained["curve"], list) else []
        returns = [float(row["mean_return"]) for row in self.curve]
        for line in lesson.bars(returns):
            self.narrator.say(f"      {line}")
        if max(returns[-2:]) <= RISE * returns[0]:
            raise Corrupt(f"the mean return did not rise over {lesson.ROUNDS} rounds: {returns}")
        if len({worker for row in self.curve for worker in row["workers"]}) < TEACHERS:
            raise Corrupt(f"one machine ran everything: {self.curve}")

    async def _account_for(self, devnet: Devnet) -> None:
        """Compare what was paid with exact arithmetic, and what the Ledger holds with what it owes."""
        each = {"workers": PRICE, "auditors": AUDIT_PRICE, "input": INPUT_PRICE}
        wanted = {who: UNITS * parse_amount(price, DECIMALS) for who, price in each.items()}
        found = {who: parse_amount(str(self.shown[f"paid_to_{who}"]), DECIMALS) for who in each}
        if found != wanted:
            raise Corrupt(f"paid {found}, expected {wanted}")
        held, owed = await self.stage.books(devnet, "Rosa")
        ana = (await self.stage.wallet(devnet, "Ana")).account
        claimed = await self.stage.ask("Ana", "revenue.claim")
        earned = parse_amount(str(claimed["total"]), DECIMALS)
        upstream = parse_amount(INCOME, DECIMALS) * parse_share(SHARE) // WHOLE
        if earned != wanted["input"] + upstream:
            raise Corrupt(f"Ana's capture earned {earned} token units, expected {wanted['input']} and {upstream}")
        came = (await self.stage.wallet(devnet, "Ana")).account - ana  # and what her machine is paid for the last round
        if came < earned:
            raise Corrupt(f"Ana claimed {earned} token units and {came} came")
        rosa = await self.stage.wallet(devnet, "Rosa")
        spent = parse_amount(PURSE, DECIMALS) - parse_amount(STAKE, DECIMALS) - rosa.tokens - rosa.account
        taught = (
            lesson.ROUNDS * lesson.UNITS * sum(parse_amount(p, DECIMALS) for p in (lesson.PRICE, lesson.AUDIT_PRICE))
        )
        if spent > sum(wanted.values()) + taught:
            raise Corrupt(f"Rosa spent {spent} token units for work that cost {sum(wanted.values()) + taught}")
        self.sums = {
            **{f"paid to {who}": _show(amount) for who, amount in found.items()},
            "ana's share of the result's income": _show(upstream),
            "mallory lost": str(self.verdict["lost"]),
            "ledger holds": _show(held),
            "ledger owes": _show(owed),
        }
        self.balances = await self.stage.balances(devnet)


async def _files(folder: trio.Path) -> AsyncIterator[trio.Path]:
    """Files with something in them, below a folder's folders but for the job's assets."""
    if await folder.exists():
        for inner in await folder.iterdir():
            if inner.name != "assets" and await inner.is_dir():
                for path in await inner.iterdir():
                    if await path.is_file() and (await path.stat()).st_size:
                        yield path


def _show(units: int) -> str:
    return show_amount(units, DECIMALS)
