"""The story of the reflex arc: a robot stands because a node near it answers, also when that node dies."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trio

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.devnet import Devnet, open_devnet
from thenar.adapters.simulation import balance, record_hand
from thenar.assembly import Node, open_node
from thenar.commands.infer import report, robot_key
from thenar.config import load
from thenar.demo.cast import PASSWORD, Person, peer_address
from thenar.demo.stage import DECIMALS, Stage
from thenar.demo.steps import Narrator
from thenar.domain.ids import AssetId
from thenar.domain.money import parse_amount, show_amount
from thenar.domain.reflex.choice import quantile
from thenar.domain.reflex.onnx import policy_model
from thenar.errors import Corrupt, Late
from thenar.services.reflex.calling import Caller, Source
from thenar.services.reflex.robot import Hiring, hired
from thenar.supervisor import running

STEPS: Final = {
    "chain": "a local chain starts and the contracts are deployed",
    "nodes": "Ana, Nora (near), Fred (far) and Rosa's robot start their nodes and register them",
    "publish": "Ana publishes a grasp, and a policy that shares half of its income with it",
    "license": "Nora and Fred buy licenses of the policy; the keys arrive by themselves",
    "serve": "both bind stake and answer with the policy, in processes without files or network",
    "balance": "the robot measures both, asks the near one, and balances at 50 Hz",
    "kill": "Nora's node is killed in the middle; the far one answers, and the robot stands",
    "redeem": "Nora's node starts again; both redeem one voucher for all their calls",
    "claim": "the owner of the grasp is paid for every call",
    "sums": "every unit of money is accounted for",
}
WINDOWS: Final = Parameters(exit_window=5, longest_channel=3_600, evidence_window=5)
BLOCK_SECONDS: Final = 0.5
PERIOD: Final = 0.02
NEAR, FAR = "Nora", "Fred"
PRICE, STAKE, SERVICE_STAKE, DEPOSIT, SOLD = "1.00", "500", "50", "5", "2.00"
MODEL_SHARE, CAPTURE_SHARE = "30%", "50%"
SECONDS: Final = 5.0
"""Of balancing before the near node is killed, and again after it."""
READY_SECONDS: Final = 30.0
TRIED: Final = 40
"""Calls that show how long an answer takes on this machine as it is now."""
LATELY: Final = 6
"""Calls; when more than half of them come too late, the machine has become busier than it was."""
SLOWEST: Final = 12
"""How many times slower than the world the robot's time may run where three nodes and a chain share a busy machine."""


@dataclass(slots=True)
class ReflexStory:
    """Everything the steps pass on to each other, and what is told at the end."""

    directory: Path
    narrator: Narrator
    stage: Stage = field(init=False)
    capture: str = ""
    model: str = ""
    shown: dict[str, object] = field(default_factory=dict)
    sums: dict[str, str] = field(default_factory=dict)
    balances: list[dict[str, object]] = field(default_factory=list)
    _pole: balance.Pole = field(default_factory=balance.Pole)
    _slower: int = 1

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
            with self.narrator.quiet_step("nodes"):
                rosa = await self._start_nodes(devnet)
            for name, play in self._before().items():
                with self.narrator.quiet_step(name):
                    await play()
            await self._robot(rosa)
            for name, play in self._after(devnet).items():
                with self.narrator.quiet_step(name):
                    await play()

    def _before(self) -> dict[str, Callable[[], Awaitable[None]]]:
        return {"publish": self._publish, "license": self._license, "serve": self._serve}

    def _after(self, devnet: Devnet) -> dict[str, Callable[[], Awaitable[None]]]:
        return {
            "redeem": self._redeem,
            "claim": lambda: self._claim(devnet),
            "sums": lambda: self._account_for(devnet),
        }

    async def _start_nodes(self, devnet: Devnet) -> Person:
        ana = await self.stage.enrol("Ana", devnet, {"store_pin": "none"})
        await ana.start()
        settings = {"store_pin": "none", "p2p_bootstrap": [peer_address(ana)]}
        near, far = [await self.stage.enrol(name, devnet, settings) for name in (NEAR, FAR)]
        far.module = "thenar.demo.faraway"
        async with trio.open_nursery() as nursery:
            nursery.start_soon(near.start)
            nursery.start_soon(far.start)
        async with trio.open_nursery() as nursery:
            for name in ("Ana", NEAR, FAR):
                nursery.start_soon(self._register, name)
        return await self.stage.enrol("Rosa", devnet, settings)

    async def _register(self, name: str) -> None:
        await self.stage.ask(name, "node.register", stake=STAKE, request="register")

    async def _publish(self) -> None:
        folder = self.directory / "recordings"
        await trio.Path(folder).mkdir()
        made = await trio.to_thread.run_sync(lambda: record_hand(folder / "grasp.csv", seed=7, seconds=2))
        paths = {"path": str(made.path), "description": str(made.sidecar), "layout": str(made.layout)}
        self.capture = str((await self.stage.ask("Ana", "capture.add", **paths, request="capture"))["asset"])
        policy = self.directory / "balance.onnx"
        await trio.Path(policy).write_bytes(policy_model([balance.layer()]))
        terms = {"purposes": "eval,compute_only", "share": MODEL_SHARE, "price": SOLD}
        added = await self.stage.ask(
            "Ana", "model.add", path=str(policy), title="Balance", parents=[self.capture], **terms, request="model"
        )
        self.model = str(added["asset"])
        parents = [f"{self.capture}={CAPTURE_SHARE}"]
        await self.stage.ask("Ana", "revenue.link", child=self.model, parents=parents, request="link")

    async def _license(self) -> None:
        async with trio.open_nursery() as nursery:
            for name in (NEAR, FAR):
                nursery.start_soon(self._buy, name)

    async def _buy(self, name: str) -> None:
        guards = {"max_price": SOLD, "wait": True, "patience": 120, "request": f"buy-{name}"}
        sale = await self.stage.ask(name, "license.buy", asset=self.model, **guards)
        if sale["stage"] != "settled" or not sale["key"]:
            raise Corrupt(f"the sale to {name} ended as {sale['stage']}: {sale['reason']}")

    async def _serve(self) -> None:
        async with trio.open_nursery() as nursery:
            for name in (NEAR, FAR):
                nursery.start_soon(self._serve_one, name)

    async def _serve_one(self, name: str) -> None:
        asked = {"model": self.model, "price": PRICE, "stake": SERVICE_STAKE}
        await self.stage.ask(name, "infer.serve", **asked, request="serve")
        with trio.move_on_after(READY_SECONDS):
            while not await self._answers(name):  # noqa: ASYNC110  another process sets no event here
                await trio.sleep(0.2)
            return
        raise Late(f"{name}'s node does not answer with the policy")

    async def _answers(self, name: str) -> bool:
        services = (await self.stage.ask(name, "infer.list"))["services"]
        return isinstance(services, list) and any(one["answers"] for one in services)

    async def _robot(self, rosa: Person) -> None:
        """Rosa's robot: a node in this process, and a control loop that asks."""
        config, _ = load(rosa.directory)
        async with open_node(rosa.directory, config, PASSWORD) as node, running(node):
            await node.catch_up()
            hiring = Hiring(AssetId(self.model), PERIOD, parse_amount(DEPOSIT, DECIMALS), parse_amount(PRICE, DECIMALS))
            async with hired(node.house, robot_key(node), hiring) as caller:
                with self.narrator.quiet_step("balance"):
                    await self._find_pace(caller)
                    await self._balance(node, caller, SECONDS)
                    self._must_stand(caller)
                with self.narrator.quiet_step("kill"):
                    async with trio.open_nursery() as nursery:
                        nursery.start_soon(self._kill_soon)
                        await self._balance(node, caller, SECONDS)
                    self._must_stand(caller)
            self.shown = {
                **report(caller),
                "worst_lean": round(self._pole.worst, 3),
                "stands": self._pole.stands,
                "times_slower": self._slower,
            }

    async def _find_pace(self, caller: Caller) -> None:
        """Let the robot's time run slower where an answer from next door would take more than half a period of it.

        On a machine that has nothing else to do it does not.
        """
        trips = []
        for _ in range(TRIED):
            began = trio.current_time()
            await caller.act(self._pole.observe(), began + SLOWEST * PERIOD)
            trips.append(trio.current_time() - began)
        self._slow_down(caller, 1 + int(quantile(trips, 0.95) / (PERIOD / 2)))

    async def _kill_soon(self) -> None:
        await trio.sleep(self._slower * SECONDS / 5)
        await self.stage.people[NEAR].kill()

    async def _balance(self, node: Node, caller: Caller, seconds: float) -> None:
        due, late = trio.current_time(), deque[bool](maxlen=LATELY)
        for tick in range(round(seconds / PERIOD)):
            await trio.sleep_until(due)
            due = max(due + caller.period, trio.current_time() + caller.period / 2)
            acted = await caller.act(self._pole.observe(), due)
            self._pole.advance(PERIOD, acted.action or bytes(balance.ACTION * 4))
            late.append(acted.source is Source.LOCAL)
            if sum(late) > LATELY // 2 and self._slower < SLOWEST:
                self._slow_down(caller, 2 * self._slower)
                late.clear()
            if tick % 25 == 0:
                lean = f"leans {self._pole.angle:+.3f} rad"
                self.narrator.tell({"label": f"balancing, {lean}", "done": tick, "total": round(seconds / PERIOD)})

    def _slow_down(self, caller: Caller, times: int) -> None:
        """Let the robot's time run slower: the machine has become too busy for it, or the line too long."""
        self._slower = min(SLOWEST, times)
        caller.period = PERIOD * self._slower
        if self._slower > 1:
            self.narrator.say(f"      this machine is busy: the robot's time runs {self._slower} times slower")

    def _must_stand(self, caller: Caller) -> None:
        told = report(caller)
        self.narrator.say(
            f"      {told['calls']} calls, p50 {told['p50_ms']} ms, p99 {told['p99_ms']} ms, {told['by_node']}"
        )
        if not self._pole.stands:
            raise Corrupt(f"the robot fell: it leaned {self._pole.worst:.2f} rad after {told}")

    async def _redeem(self) -> None:
        await self.stage.people[NEAR].start()
        drawn = 0
        for name in (NEAR, FAR):
            listed = (await self.stage.ask(name, "infer.list"))["channels"]
            for one in listed if isinstance(listed, list) else []:
                closed = await self.stage.ask(name, "infer.redeem", channel=one["channel"])
                drawn += parse_amount(str(closed["drawn"]), DECIMALS)
                await self.stage.ask(name, "infer.close", channel=one["channel"], request=f"close-{name}")
                self.narrator.say(f"      {name}: {closed['drawn']} for {closed['voucher_calls']} calls")
        self.sums["redeemed"] = show_amount(drawn, DECIMALS)

    async def _claim(self, devnet: Devnet) -> None:
        """Half of the policy's 30% is the grasp's, and its owner takes it out."""
        await self.stage.ask("Ana", "revenue.roll", child=self.model, parent=self.capture, request="roll")
        before = (await self.stage.wallet(devnet, "Ana")).account
        await self.stage.ask("Ana", "revenue.claim")
        earned = (await self.stage.wallet(devnet, "Ana")).account - before
        redeemed = parse_amount(self.sums["redeemed"], DECIMALS)
        if not 0 < earned <= redeemed * 30 // 100 + 2 * parse_amount(SOLD, DECIMALS):
            raise Corrupt(f"Ana earned {earned} token units of {redeemed}")
        self.sums["ana earned"] = show_amount(earned, DECIMALS)

    async def _account_for(self, devnet: Devnet) -> None:
        held, owed = await self.stage.books(devnet, "Ana")
        self.sums |= {"ledger holds": show_amount(held, DECIMALS), "ledger owes": show_amount(owed, DECIMALS)}
        for person in self.stage.people.values():
            wallet = await self.stage.wallet(devnet, person.name)
            row: dict[str, object] = {"who": person.name, "account": person.account}
            shown = {"wallet": show_amount(wallet.tokens, DECIMALS), "ledger": show_amount(wallet.account, DECIMALS)}
            self.balances.append(row | shown)
