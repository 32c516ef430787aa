"""The story of a missing room: asked for, scanned, copied by a cheat, kept in pieces by strangers, lost, got back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import trio

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.devnet import Devnet, open_devnet
from thenar.demo import rooms
from thenar.demo.cast import Person, peer_address
from thenar.demo.copier import turned_and_mirrored
from thenar.demo.keepers import KeepStory
from thenar.demo.rewards import RewardStory
from thenar.demo.rooms import Scan
from thenar.demo.stage import DECIMALS, PATIENCE, Stage, soon
from thenar.demo.steps import Narrator
from thenar.domain.money import parse_amount, show_amount
from thenar.domain.scoring.report import percent
from thenar.errors import Corrupt, Late

STEPS: Final = {
    "chain": "a local chain starts and the contracts are deployed",
    "nodes": "Rita, Ana, Ben, Jon and Mallory start their nodes and register them",
    "ask": "Rita asks for a room nobody has scanned, and locks the money",
    "scan": "Ana scans it, publishes it, and answers",
    "rescan": "Ben scans the same room by himself; what he adds is less, and nobody objects",
    "copy": "Mallory uploads Ana's scan, turned and mirrored, as her own",
    "judge": "Ana's node finds how it was turned, a jury lays one on the other, and Mallory's bond is gone",
    "pay": "the answers that stand are paid, and what nobody earned goes back to Rita",
    "witness": "Ben's node, paid for a scan of its own, bears witness for Ana's",
    "keep": "Ana cuts her capture into eight pieces; Rita, Ben, Jon and Mallory keep two each",
    "lose": "three prove what they keep; Mallory deleted half of hers, makes answers up, and is convicted",
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
DAY = 86_400
AREA, CELL, LEVEL, BELOW = "8a2a1072b59ffff", "8c2a1072b59d1ff", -1, -2
OTHER = "Ana (simulated room)"
"""A simulated room that Ana scans where nobody scanned hers again."""
PRICE, BUDGET = "20", "200"


@dataclass(slots=True)
class CaptureStory:
    """Everything the steps pass on to each other, and what is told at the end.

    ``captures`` are files to be scanned instead: Ana's, and Ben's re-scan. ``answers`` say whose is which, in order;
    ``seen`` is the one Ben scanned again.
    """

    directory: Path
    narrator: Narrator
    captures: Sequence[Path] = ()
    stage: Stage = field(init=False)
    scans: dict[str, Scan] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    seen: str = "Ana"
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
        """Play every step; leaves no process behind whatever happens. Raises StepFailed, BadInput for the files."""
        await trio.to_thread.run_sync(rooms.check, self.captures)
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
            "scan": lambda: self._answer("Ana", self._scan("ana")),
            "rescan": self._rescan,
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
        levels, least = f"{BELOW}:{LEVEL}", percent(rooms.LEAST_QUALITY)
        where = {"place": "public_interior", "area": AREA, "grain": 12, "levels": levels, "quality": least}
        terms = {"price": PRICE, "budget": BUDGET, "days": 1}
        asked = await self.stage.ask("Rita", "bounty.post", **where, **terms, request="post")
        self.bounty = int(str(asked["bounty"]))
        told: Any = await self.stage.ask("Rita", "bounty.gaps")
        gap = told["gaps"][0]
        self.narrator.say(f"      bounty {self.bounty}: {gap['wanted']}; {gap['missing']} is missing")

    async def _scan(self, folder: str, visit: int = 0) -> Scan:
        """The file somebody named for Ana (visit 0) or Ben (visit 1), or else a simulated room."""
        into = self.directory / "scans" / folder
        if visit < len(self.captures):
            return await trio.to_thread.run_sync(rooms.named, into, self.captures[visit])
        return await trio.to_thread.run_sync(rooms.simulated, into, visit)

    async def _rescan(self) -> None:
        """Ben scans again what Ana scanned; where nobody can, both scan a simulated room as well."""
        if len(self.captures) == 1:
            self.seen = OTHER
            self.narrator.say(
                f"      nobody scanned what {self.captures[0].name} shows again, and that cannot be made up: "
                "Ana and Ben both scan a simulated room on the level below"
            )
            await self._answer("Ana", self._simulated("other"), BELOW, OTHER)
            await self._answer("Ben", self._simulated("ben", visit=1), BELOW)
        else:
            await self._answer("Ben", self._scan("ben", visit=1))

    async def _simulated(self, folder: str, visit: int = 0) -> Scan:
        return await trio.to_thread.run_sync(rooms.simulated, self.directory / "scans" / folder, visit)

    async def _answer(self, who: str, scanning: Awaitable[Scan], level: int = LEVEL, name: str = "") -> None:
        """Publish a scan and answer with it; ``name`` is what the answer is called when it is not the only one."""
        called, scan = name or who, await scanning
        self.scans[called] = scan
        made = await self.stage.ask(who, "capture.add", **scan.arguments, request=f"capture-{called}")
        self.assets[called], self.digests[called] = str(made["asset"]), str(made["sha256"])
        given = {"bounty": self.bounty, "asset": made["asset"], "path": str(scan.path), "cell": CELL}
        told = await self.stage.ask(who, "bounty.answer", **given, level=str(level), request=f"answer-{called}")
        line = f"quality {told['quality']}, new {told['novelty']}, worth {told['price']}, bond {told['bond']}"
        self.narrator.say(f"      {called}: {line}")
        self.answers.append(called)
        await self._until(lambda shown: _stage(shown, len(self.answers) - 1) != "committed", f"{called}'s answer")

    async def _until(self, holds: Callable[[dict[str, Any]], bool], what: str, seconds: float = PATIENCE) -> None:
        """Wait until Rita's node sees something of the bounty. Raises Late."""

        async def seen() -> bool:
            self.shown = dict(await self.stage.ask("Rita", "bounty.show", bounty=self.bounty))
            return holds(self.shown)

        if not await soon(seen, seconds):
            raise Late(f"{what} did not happen in {seconds:g} s: {self.shown.get('list')}")

    async def _copy(self) -> None:
        await self._answer("Mallory", self._turned())

    async def _turned(self) -> Scan:
        into, hers = self.directory / "scans" / "mallory" / "room.pcd", self.scans["Ana"]
        path = await trio.to_thread.run_sync(turned_and_mirrored, hers.path, hers.description, into)
        return Scan(path, path.with_name(f"{path.name}.capture.toml"))

    async def _judge(self) -> None:
        copy = len(self.answers) - 1
        await self._until(lambda shown: _stage(shown, copy) == "disputed", "Ana's challenge")
        self.narrator.say("      Ana's node challenges; the jury compares")
        await self._until(lambda shown: bool(shown["list"][copy]["ruling"]), "the jury's verdict")
        await self.devnet.pass_time(TERMS.appeal_window + 1)
        await self._until(lambda shown: _stage(shown, copy) != "disputed", "the end of the dispute")
        if [_stage(self.shown, place) for place in range(copy + 1)] != ["revealed"] * copy + ["refuted"]:
            raise Corrupt(f"the jury found otherwise: {self.shown['list']}")
        self.narrator.say(f"      Mallory lost her bond of {self.shown['list'][copy]['bond']}")

    async def _pay(self) -> None:
        honest = range(len(self.answers) - 1)
        await self.devnet.pass_time(TERMS.capture_challenge_window + 1)
        await self._until(lambda shown: {_stage(shown, place) for place in honest} == {"settled"}, "the payment")
        for place in honest:
            self.narrator.say(f"      {self.answers[place]} is paid {self.shown['list'][place]['paid']}")
        await self.devnet.pass_time(DAY)
        await self._until(lambda shown: shown["ends"] == "closed", "the end of the bounty")

    async def _witness(self) -> None:
        """Ben's node, paid for his own scan, finds by itself that it shows what Ana's does."""
        seen = self.assets[self.seen]

        async def spoken() -> bool:
            self.trust = dict(await self.stage.ask("Rita", "capture.witnesses", asset=seen))
            return bool(self.trust["witnesses"])

        if not await soon(spoken, PATIENCE):
            raise Late(f"nobody bore witness for what {self.seen} scanned in {PATIENCE:g} s")
        self.narrator.say(f"      what {self.seen} scanned is trusted by {self.trust['trust']}")

    async def _claim(self) -> None:
        await self.rewards.claim(self.keeping.lucky)
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
        if left or paid[-1] or sum(paid) > budget:
            raise Corrupt(f"of {budget} token units {paid} were paid and {left} are left")
        held, owed = await self.stage.books(self.devnet, "Rita")
        self.sums = {
            **{f"paid to {who.lower()}": _show(one) for who, one in zip(self.answers, paid, strict=True) if one},
            "back to rita": _show(budget - sum(paid)),
            "mallory lost for the copy": str(self.shown["list"][-1]["bond"]),
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
