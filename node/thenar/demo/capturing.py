"""The story of a missing room: asked for, scanned, copied by a cheat, kept in pieces by strangers, lost, got back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import trio

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.devnet import Devnet, open_devnet
from thenar.adapters.simulation import record_room
from thenar.demo.cast import Person, peer_address
from thenar.demo.copier import turned_and_mirrored
from thenar.demo.keepers import KeepStory
from thenar.demo.rewards import RewardStory
from thenar.demo.stage import DECIMALS, PATIENCE, Stage, soon
from thenar.demo.steps import Narrator
from thenar.domain.money import parse_amount, show_amount
from thenar.errors import Corrupt, Late

STEPS: Final = {
    "chain": "a local chain starts and the contracts are deployed",
    "nodes": "Rita, Ana, Ben, Jon and Mallory start their nodes and register them",
    "ask": "Rita asks for a room nobody has scanned, and locks the money",
    "scan": "Ana scans it, publishes it, and answers",
    "rescan": "Ben scans the same room by himself; what he adds is little, and nobody objects",
    "copy": "Mallory uploads Ana's scan, turned and mirrored, as her own",
    "judge": "Ana's node finds how it was turned, a jury lays one on the other, and Mallory's bond is gone",
    "pay": "the answers that stand are paid, and what nobody earned goes back to Rita",
    "witness": "Ben's node, paid for a scan of its own, bears witness for Ana's",
    "keep": "Ana cuts her capture into eight pieces; Rita, Ben, Jon and Mallory keep two each",
    "lose": "three prove what they keep; Mallory deleted hers, makes answers up, and is convicted",
    "repair": "with Ana's machine off, Jon and Rita make Mallory's pieces anew out of four others",
    "restore": "Ana's disk lost every block; the pieces give her capture back, to the last byte",
    "epoch": "the week's epoch closes; a node answers for who is due what, and nobody objects",
    "claim": "everybody claims their rewards and takes home what is theirs; Mallory is due nothing",
    "sums": "every unit of money is accounted for",
}
TERMS: Final = Parameters(
    vote_window=1_200,
    ballot_window=1_200,
    appeal_window=1_200,
    seat_notice=40_000,
    smallest_panel=2,
    capture_answer_bond=5_000_000,
    capture_challenge_bond=20_000_000,
    capture_reveal_window=3_600,
    capture_challenge_window=7_200,
    round_length=14_400,
    answer_time=3_600,
    show_time=600,
    gib_stake=6_000_000,
    epoch_length=7 * 86_400,
    epoch_window=3 * 86_400,
)
"""Windows as long as real ones: the story's chain jumps over what is left of one when everybody is done."""
BLOCK_SECONDS: Final = 0.5
ROLES, STAKE, DEPOSIT = "store,compute,juror,witness", "1000", "30"
SEED, RAYS, DAY = 7, 60_000, 86_400
AREA, CELL, LEVEL = "8a2a1072b59ffff", "8c2a1072b59d1ff", "-1"
PRICE, BUDGET = "20", "200"


@dataclass(slots=True)
class CaptureStory:
    """Everything the steps pass on to each other, and what is told at the end."""

    directory: Path
    narrator: Narrator
    stage: Stage = field(init=False)
    scans: dict[str, Path] = field(default_factory=dict)
    assets: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    bounty: int = 0
    shown: dict[str, Any] = field(default_factory=dict)
    trust: dict[str, Any] = field(default_factory=dict)
    sums: dict[str, str] = field(default_factory=dict)
    balances: list[dict[str, object]] = field(default_factory=list)
    devnet: Devnet = field(init=False)
    keeping: KeepStory = field(init=False)
    rewards: RewardStory = field(init=False)

    def __post_init__(self) -> None:
        self.stage = Stage(self.directory, self.narrator)

    async def run(self) -> None:
        """Play every step; leaves no process behind whatever happens. Raises StepFailed."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.stage.stop_all)
            with self.narrator.quiet_step("chain"):
                opened = open_devnet(self.directory / "chain", block_time=BLOCK_SECONDS, parameters=TERMS)
                self.devnet = await stack.enter_async_context(opened)
                self.keeping = KeepStory(self.stage, self.devnet, TERMS.show_time)
                self.rewards = RewardStory(self.stage, self.devnet, TERMS)
            for name, play in self._steps().items():
                with self.narrator.quiet_step(name):
                    await play()

    def _steps(self) -> dict[str, Callable[[], Awaitable[None]]]:
        return {
            "nodes": self._start_nodes,
            "ask": self._ask,
            "scan": lambda: self._answer("Ana", self._room("Ana")),
            "rescan": lambda: self._answer("Ben", self._room("Ben", visit=1)),
            "copy": self._copy,
            "judge": self._judge,
            "pay": self._pay,
            "witness": self._witness,
            "keep": lambda: self.keeping.keep(self.assets["Ana"]),
            "lose": self.keeping.lose,
            "repair": self.keeping.repair,
            "restore": lambda: self.keeping.restore(self.assets["Ana"], self.digests["Ana"]),
            "epoch": self.rewards.close,
            "claim": self._claim,
            "sums": self._account_for,
        }

    async def _start_nodes(self) -> None:
        rita = await self.stage.enrol("Rita", self.devnet, {"store_pin": "none"})
        await rita.start()
        settings = {"store_pin": "none", "p2p_bootstrap": [peer_address(rita)]}
        others = [await self.stage.enrol(name, self.devnet, settings) for name in ("Ana", "Ben", "Jon", "Mallory")]
        others[-1].module = "thenar.demo.copier"
        async with trio.open_nursery() as nursery:
            for person in others:
                nursery.start_soon(person.start)
        async with trio.open_nursery() as nursery:
            for person in (rita, *others):
                nursery.start_soon(self._register, person)

    async def _register(self, person: Person) -> None:
        await self.stage.ask(person.name, "node.register", stake=STAKE, roles=ROLES, request="register")
        await self.stage.ask(person.name, "account.deposit", amount=DEPOSIT, request="deposit")
        if person.name in ("Ben", "Jon"):
            await self.stage.ask(person.name, "bounty.judge", seats=1, request="judge")

    async def _ask(self) -> None:
        where = {"place": "public_interior", "area": AREA, "grain": 12, "levels": LEVEL, "quality": "30%"}
        terms = {"price": PRICE, "budget": BUDGET, "days": 1}
        asked = await self.stage.ask("Rita", "bounty.post", **where, **terms, request="post")
        self.bounty = int(str(asked["bounty"]))
        told: Any = await self.stage.ask("Rita", "bounty.gaps")
        gap = told["gaps"][0]
        self.narrator.say(f"      bounty {self.bounty}: {gap['wanted']}; {gap['missing']} is missing")

    async def _room(self, who: str, visit: int = 0) -> Path:
        """A simulated room, cast ray by ray; another visit is another person with another scanner."""
        folder = self.directory / "scans" / who.lower()
        await trio.Path(folder).mkdir(parents=True)
        path = folder / "room.pcd"
        made = await trio.to_thread.run_sync(lambda: record_room(path, seed=SEED, visit=visit, rays=RAYS))
        return made.path

    async def _answer(self, who: str, recording: Awaitable[Path]) -> None:
        path = await recording
        self.scans[who] = path
        made = await self.stage.ask(who, "capture.add", path=str(path), request="capture")
        self.assets[who], self.digests[who] = str(made["asset"]), str(made["sha256"])
        given = {"bounty": self.bounty, "asset": made["asset"], "path": str(path), "cell": CELL, "level": LEVEL}
        told = await self.stage.ask(who, "bounty.answer", **given, request="answer")
        line = f"quality {told['quality']}, new {told['novelty']}, worth {told['price']}, bond {told['bond']}"
        self.narrator.say(f"      {who}: {line}")
        place = len(self.assets) - 1
        await self._until(lambda shown: _stage(shown, place) != "committed", f"{who}'s answer")

    async def _until(self, holds: Callable[[dict[str, Any]], bool], what: str, seconds: float = PATIENCE) -> None:
        """Wait until Rita's node sees something of the bounty. Raises Late."""

        async def seen() -> bool:
            self.shown = dict(await self.stage.ask("Rita", "bounty.show", bounty=self.bounty))
            return holds(self.shown)

        if not await soon(seen, seconds):
            raise Late(f"{what} did not happen in {seconds:g} s: {self.shown.get('list')}")

    async def _copy(self) -> None:
        await self._answer("Mallory", self._turned())

    async def _turned(self) -> Path:
        into = self.directory / "scans" / "mallory" / "room.pcd"
        return await trio.to_thread.run_sync(turned_and_mirrored, self.scans["Ana"], into)

    async def _judge(self) -> None:
        await self._until(lambda shown: _stage(shown, 2) == "disputed", "Ana's challenge")
        self.narrator.say("      Ana's node challenges; the jury compares")
        await self._until(lambda shown: bool(shown["list"][2]["ruling"]), "the jury's verdict")
        await self.devnet.pass_time(TERMS.appeal_window + 1)
        await self._until(lambda shown: _stage(shown, 2) != "disputed", "the end of the dispute")
        if [_stage(self.shown, place) for place in (0, 1, 2)] != ["revealed", "revealed", "refuted"]:
            raise Corrupt(f"the jury found otherwise: {self.shown['list']}")
        self.narrator.say(f"      Mallory lost her bond of {self.shown['list'][2]['bond']}")

    async def _pay(self) -> None:
        await self.devnet.pass_time(TERMS.capture_challenge_window + 1)
        await self._until(lambda shown: _stage(shown, 0) == _stage(shown, 1) == "settled", "the payment")
        for place, who in enumerate(("Ana", "Ben")):
            self.narrator.say(f"      {who} is paid {self.shown['list'][place]['paid']}")
        await self.devnet.pass_time(DAY)
        await self._until(lambda shown: shown["ends"] == "closed", "the end of the bounty")

    async def _witness(self) -> None:
        """Ben's node, paid for his own scan of the room, finds by itself that it shows what Ana's does."""

        async def spoken() -> bool:
            self.trust = dict(await self.stage.ask("Rita", "capture.witnesses", asset=self.assets["Ana"]))
            return bool(self.trust["witnesses"])

        if not await soon(spoken, PATIENCE):
            raise Late(f"nobody bore witness for Ana's capture in {PATIENCE:g} s")
        self.narrator.say(f"      Ana's capture is trusted by {self.trust['trust']}")

    async def _claim(self) -> None:
        await self.rewards.claim()
        for name in ("Ana", "Ben", "Jon", "Rita"):
            account = (await self.stage.wallet(self.devnet, name)).account
            if account:
                amount = show_amount(account, DECIMALS)
                await self.stage.ask(name, "account.withdraw", amount=amount, request="withdraw")
                self.narrator.say(f"      {name} takes home {amount}")

    async def _account_for(self) -> None:
        """Compare what was paid with what was locked, and what the Ledger holds with what it owes."""
        paid = [parse_amount(str(one["paid"]), DECIMALS) for one in self.shown["list"]]
        budget, left = parse_amount(BUDGET, DECIMALS), parse_amount(str(self.shown["left"]), DECIMALS)
        if left or paid[2] or sum(paid) > budget:
            raise Corrupt(f"of {budget} token units {paid} were paid and {left} are left")
        held, owed = await self.stage.books(self.devnet, "Rita")
        self.sums = {
            "paid to ana": _show(paid[0]),
            "paid to ben": _show(paid[1]),
            "back to rita": _show(budget - sum(paid)),
            "mallory lost for the copy": str(self.shown["list"][2]["bond"]),
            "mallory lost for the pieces": _show(self.keeping.bond),
            **self.rewards.sums,
            "ledger holds": _show(held),
            "ledger owes": _show(owed),
        }
        self.balances = await self.stage.balances(self.devnet)


def _stage(shown: dict[str, Any], place: int) -> str:
    listed = shown["list"]
    return str(listed[place]["stage"]) if place < len(listed) else "committed"


def _show(units: int) -> str:
    return show_amount(units, DECIMALS)
