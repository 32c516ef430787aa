"""The story itself: what Ana, Ben, Chidi and a stranger do, step by step."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import trio

from thenar.adapters.chain.devnet import Devnet, open_devnet
from thenar.adapters.chain.views import Views
from thenar.commands import run as run_command
from thenar.demo.cast import Person, enrol, free_port, peer_address
from thenar.demo.learn import train_policy
from thenar.demo.mallory import cheating_node
from thenar.demo.recordings import Take, record_takes
from thenar.demo.steps import Narrator
from thenar.domain.money import parse_amount, show_amount
from thenar.errors import Corrupt
from thenar.services.ports import Wallet

DECIMALS = 6
PRICE, BEN_SHARE, INCOME = "12.50", "10%", "100.000003"
STAKE = "100"
PURSE = "10000"
FINGER_WEIGHT, ROOM_WEIGHT = 3, 2


@dataclass(slots=True)
class Story:
    """Everything the steps pass on to each other, and what is told at the end."""

    directory: Path
    captures: Sequence[Path]
    narrator: Narrator
    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    takes: list[Take] = field(default_factory=list)
    assets: list[dict[str, object]] = field(default_factory=list)
    transactions: list[dict[str, object]] = field(default_factory=list)
    sums: dict[str, str] = field(default_factory=dict)
    balances: list[dict[str, object]] = field(default_factory=list)

    async def run(self) -> None:
        """Play every step; leaves no process behind whatever happens. Raises StepFailed."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._stop_all)
            with self.narrator.quiet_step("chain"):
                devnet = await stack.enter_async_context(open_devnet(self.directory / "chain"))
            async with self.narrator.step("nodes"):
                await self._start_nodes(devnet)
            async with self.narrator.step("publish"):
                await self._publish()
            async with self.narrator.step("keep"):
                await self._keep()
            async with self.narrator.step("buy"):
                await self._buy()
            async with self.narrator.step("open"):
                await self._open()
            async with self.narrator.step("cheat"):
                await self._cheat(devnet)
            async with self.narrator.step("derive"):
                await self._derive()
            async with self.narrator.step("pay"):
                await self._pay(devnet)
            async with self.narrator.step("claim"):
                await self._claim(devnet)

    async def ask(self, who: str, command: str, **arguments: object) -> dict[str, object]:
        """Have somebody's node do something; its transaction is remembered for the final table."""
        answer = await self.people[who].ask(command, self.narrator.tell, **arguments)
        if {"transaction", "gas"} <= set(answer):
            self._sent(who, command, answer)
        return answer

    def _sent(self, who: str, command: str, answer: dict[str, object]) -> None:
        keep = {key: answer.get(key) for key in ("transaction", "gas", "block")}
        self.transactions.append({"who": who, "did": command, **keep})

    async def _stop_all(self) -> None:
        with trio.CancelScope(shield=True):
            for person in self.people.values():
                await person.stop()

    async def _wallet(self, devnet: Devnet, name: str) -> Wallet:
        return await Views(devnet.rpc, devnet.deployment.contracts).wallet(self.people[name].account)

    async def _books(self, devnet: Devnet) -> tuple[int, int]:
        """What the Ledger holds on chain, and what it owes by every fact Ben's node has seen. Raises Corrupt."""
        ledger = devnet.deployment.contracts["Ledger"]
        held = (await Views(devnet.rpc, devnet.deployment.contracts).wallet(ledger)).tokens
        with trio.move_on_after(20):
            while True:
                owed = int(str((await self.ask("Ben", "revenue.owed"))["units"]))
                if owed == held:
                    return held, owed
                await trio.sleep(0.5)
        raise Corrupt(f"the Ledger holds {held} token units and owes {owed}")

    async def _enrol(self, name: str, devnet: Devnet, **settings: object) -> Person:
        chain = {"chain_rpc": devnet.rpc_url, "chain_deployment": str(devnet.deployment_file), "chain_poll_ms": 200}
        depth = {"chain_confirmations": 1, "chain_deep": 1, "p2p_listen": f"/ip4/127.0.0.1/tcp/{free_port()}"}
        values = {**chain, **depth, **settings, **self.settings.get(name, {})}
        person = await trio.to_thread.run_sync(enrol, name, self.directory / name.lower(), values)
        self.people[name] = person
        await devnet.fund(person.account, tokens=parse_amount(PURSE, DECIMALS))
        return person

    async def _start_nodes(self, devnet: Devnet) -> None:
        ana = await self._enrol("Ana", devnet, store_pin="none")
        await ana.start()
        at = [peer_address(ana)]
        ben = await self._enrol("Ben", devnet, store_pin="all", p2p_bootstrap=at)
        chidi = await self._enrol("Chidi", devnet, store_pin="none", p2p_bootstrap=at)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ben.start)
            nursery.start_soon(chidi.start)
        async with trio.open_nursery() as nursery:
            for name in ("Ana", "Ben", "Chidi"):
                nursery.start_soon(self._register, name)

    async def _register(self, name: str) -> None:
        await self.ask(name, "node.register", stake=STAKE, request="register")

    async def _publish(self) -> None:
        self.takes = await record_takes(self.directory / "recordings", self.captures, self.narrator.tell)
        async with trio.open_nursery() as nursery:
            for take in self.takes:
                nursery.start_soon(self._publish_one, take)

    async def _publish_one(self, take: Take) -> None:
        answer = await self.ask(take.owner, "capture.add", **take.arguments, price=PRICE, request=take.path.name)
        take.asset, take.sha256 = str(answer["asset"]), str(answer["sha256"])
        shown = {key: answer[key] for key in ("asset", "modality", "manifest", "sealed", "bytes")}
        self.assets.append({"owner": take.owner, "what": take.what, **shown})

    async def _keep(self) -> None:
        for take in self._of("Ana"):
            kept = await self.ask("Ben", "capture.kept", asset=take.asset, patience=60)
            if kept["sealed"] != self._shown(take)["sealed"]:
                raise Corrupt(f"Ben keeps other blocks of {take.asset} than Ana published")

    def _of(self, owner: str) -> list[Take]:
        return [take for take in self.takes if take.owner == owner]

    def _shown(self, take: Take) -> dict[str, object]:
        return next(shown for shown in self.assets if shown["asset"] == take.asset)

    async def _buy(self) -> None:
        async with trio.open_nursery() as nursery:
            for take in self._of("Ana"):
                nursery.start_soon(self._buy_one, take)

    async def _buy_one(self, take: Take) -> None:
        self.narrator.say(f"      buying {take.what} for {PRICE}")
        guards = {"max_price": PRICE, "wait": True, "patience": 120, "request": f"buy-{take.asset}"}
        sale = await self.ask("Chidi", "license.buy", asset=take.asset, **guards)
        if sale["stage"] != "settled" or not sale["key"]:
            raise Corrupt(f"the sale of {take.asset} ended as {sale['stage']}: {sale['reason']}")
        allowed = await self.ask("Chidi", "license.check", asset=take.asset, purposes="train")
        if not allowed["allowed"]:
            raise Corrupt(f"the settled sale of {take.asset} is no license to train")

    async def _open(self) -> None:
        for take in self._of("Ana"):
            target = self.directory / "opened" / take.path.name
            target.parent.mkdir(exist_ok=True)
            await self.ask("Chidi", "capture.fetch", asset=take.asset, into=str(target))
            if _digest(target) != take.sha256:
                raise Corrupt(f"{target} is not what was sealed of {take.path}")
            take.opened = target

    async def _cheat(self, devnet: Devnet) -> None:
        at = [peer_address(self.people["Ana"])]
        mallory = await self._enrol("Mallory", devnet, store_pin="none", p2p_bootstrap=at)
        before = (await self._wallet(devnet, "Chidi")).tokens
        async with cheating_node(mallory) as node:
            # Nobody fetches, and so nobody buys, from a seller whose peer has no stake.
            enrolled = await run_command(node, "node.register", {"stake": STAKE}, self.narrator.tell)
            self._sent("Mallory", "node.register", enrolled)
            bait = self._of("Ana")[0]
            answer = await run_command(node, "capture.add", {**bait.arguments, "price": PRICE}, self.narrator.tell)
            self._sent("Mallory", "capture.add", answer)
            sale = await self.ask(
                "Chidi", "license.buy", asset=str(answer["asset"]), wait=True, patience=120, request="buy-bait"
            )
        after = await self._wallet(devnet, "Chidi")
        if sale["stage"] != "refunded" or after.tokens + after.account != before:
            raise Corrupt(f"Chidi was cheated: the sale ended as {sale['stage']} ({sale['reason']})")
        self.narrator.say(f"      refunded in full: {sale['reason']}")

    async def _derive(self) -> None:
        sources = [take for take in self._of("Ana") if take.opened is not None]
        model = self.directory / "policy.npz"
        await trio.to_thread.run_sync(
            train_policy, [(take.opened or take.path, take.layout) for take in sources], model
        )
        parents = [take.asset for take in sources]
        made = await self.ask(
            "Chidi", "model.add", path=str(model), title="Grasp and room policy", parents=parents, request="model"
        )
        shown = {key: made[key] for key in ("asset", "manifest", "sealed", "bytes")}
        self.assets.append({"owner": "Chidi", "what": "policy trained on both", "modality": "model"} | shown)
        ben = self._of("Ben")[0].asset
        await self.ask("Chidi", "revenue.link", child=made["asset"], parents=[f"{ben}={BEN_SHARE}"], request="link")
        weights = [f"{asset}={weight}" for asset, weight in zip(parents, (FINGER_WEIGHT, ROOM_WEIGHT), strict=False)]
        await self.ask("Chidi", "revenue.publish", asset=made["asset"], weights=weights, request="payout")

    async def _pay(self, devnet: Devnet) -> None:
        await self._enrol("Dana", devnet, store_pin="none")
        await self.ask("Dana", "revenue.pay", asset=self._model(), amount=INCOME, reference="invoice 1", request="pay")

    def _model(self) -> str:
        return str(self.assets[-1]["asset"])

    async def _claim(self, devnet: Devnet) -> None:
        earned = {}
        for name in ("Ana", "Ben"):
            answer = await self.ask(name, "revenue.claim")
            for sent in answer["transactions"] if isinstance(answer["transactions"], list) else ():
                self._sent(name, "revenue.claim", dict(sent))
            earned[name] = (await self._wallet(devnet, name)).account
        await self._account_for(devnet, earned)

    async def _account_for(self, devnet: Devnet, earned: dict[str, int]) -> None:
        """Compare what reached people with exact arithmetic and with what the Ledger holds."""
        paid = parse_amount(INCOME, DECIMALS)
        ben = paid * 10 // 100
        own = paid * 90 // 100
        weights = (FINGER_WEIGHT, ROOM_WEIGHT)[: len(self._of("Ana"))]
        ana = sum(own * weight // sum(weights) for weight in weights)
        sold = len(self._of("Ana")) * parse_amount(PRICE, DECIMALS)
        found = {"Ana": earned["Ana"] - sold, "Ben": earned["Ben"]}
        if found != {"Ana": ana, "Ben": ben}:
            raise Corrupt(f"claims do not agree: expected Ana {ana} and Ben {ben}, found {found}")
        held, owed = await self._books(devnet)
        self.sums = {
            "paid": _show(paid),
            "ana": _show(ana),
            "ben": _show(ben),
            "dust kept in the graph": _show(paid - ana - ben),
            "ledger holds": _show(held),
            "ledger owes": _show(owed),
        }
        for person in self.people.values():
            wallet = await self._wallet(devnet, person.name)
            row: dict[str, object] = {"who": person.name, "account": person.account}
            self.balances.append(row | {"wallet": _show(wallet.tokens), "ledger": _show(wallet.account)})


def _show(units: int) -> str:
    return show_amount(units, DECIMALS)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
