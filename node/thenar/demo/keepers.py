"""What becomes of a capture in pieces: kept, proved, lost by a cheat, made anew, and got back by its owner."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import trio

from thenar.adapters.chain.devnet import Devnet
from thenar.adapters.chain.views import View, Views
from thenar.demo.copier import half_of, is_asked_for, lose
from thenar.demo.stage import DECIMALS, PATIENCE, Stage, soon
from thenar.domain.money import parse_amount, show_amount
from thenar.domain.storage.pledges import Held
from thenar.errors import Corrupt, Late


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A round's seed as the contract keeps it."""

    seed: bytes


KEEPERS: Final = ("Rita", "Ben", "Jon", "Mallory")


@dataclass(slots=True)
class KeepStory:
    """The part of the story that is about disks.

    ``bond`` is what Mallory lost, ``half`` the blocks she deletes, ``lucky`` the rounds that asked for none of them.
    """

    stage: Stage
    devnet: Devnet
    show_time: int
    pieces: dict[str, list[str]] = field(default_factory=dict)
    listed: list[dict[str, Any]] = field(default_factory=list)
    lucky: int = 0
    bond: int = 0

    async def keep(self, asset: str) -> None:
        """Ana cuts her capture into eight pieces; four take two each, with a whole round left to do so. Raises Late."""
        spread = await self.stage.ask("Ana", "storage.spread", asset=asset, request="spread")
        listed: Any = spread["replicas"]
        self.listed = listed
        for at, who in enumerate(KEEPERS):
            self.pieces[who] = [one["replica"] for one in listed[2 * at : 2 * at + 2]]
        await self._next_round()
        async with trio.open_nursery() as nursery:
            for who, roots in self.pieces.items():
                nursery.start_soon(self._take, who, roots)
        if not await soon(self._all_pledged):
            raise Late(f"Rita's node did not see every pledge in {PATIENCE:g} s")

    async def _take(self, who: str, roots: list[str]) -> None:
        taken = await self.stage.ask(who, "storage.take", replicas=roots, request=f"take-{roots[0][2:18]}")
        self.stage.narrator.say(f"      {who} pledges {taken['pledged_leaves']} leaves with a bond of {taken['bond']}")

    async def _keepers(self) -> tuple[dict[str, dict[str, Any]], int]:
        """How every keeper has proved so far by Rita's node, and when the next round begins."""
        told: Any = await self.stage.ask("Rita", "storage.list")
        names = {person.account: name for name, person in self.stage.people.items()}
        return {names[one["node"]]: one for one in told["keepers"]}, int(told["next_round_at"])

    async def _all_pledged(self) -> bool:
        return set((await self._keepers())[0]) == set(KEEPERS)

    async def _next_round(self) -> None:
        """Let time jump to when the next round begins."""
        _, begins = await self._keepers()
        head: Any = await self.devnet.rpc.read("eth_getBlockByNumber", "latest", False)
        await self.devnet.pass_time(max(1, begins + 1 - int(head["timestamp"], 16)))

    async def _round(self, holds: Callable[[dict[str, dict[str, Any]]], bool], what: str) -> None:
        """Go to the next round and wait for something in it. Raises Late."""
        await self._next_round()

        async def seen() -> bool:
            return holds((await self._keepers())[0])

        if not await soon(seen):
            raise Late(f"{what} did not happen in {PATIENCE:g} s")

    async def lose(self) -> None:
        """Three prove a round; Mallory deleted half before it, makes answers up, and is convicted. Raises Late."""
        mallory = self.stage.people["Mallory"]
        self.bond = parse_amount(str((await self._keepers())[0]["Mallory"]["bond"]), DECIMALS)
        hers = [one for one in self.listed if one["replica"] in self.pieces["Mallory"]]
        cids = {str(one["replica"]): str(one["cid"]) for one in hers}
        half = await trio.to_thread.run_sync(half_of, mallory.directory, cids)
        gone = await trio.to_thread.run_sync(lose, mallory.directory, half)
        self.stage.narrator.say(f"      {gone:,} bytes deleted, half of what Mallory keeps")
        held = [Held(bytes.fromhex(str(one["replica"])[2:]), int(one["leaves"])) for one in hers]
        while not is_asked_for(await self._answered_round(), mallory.account, held, half.values()):
            self.lucky += 1
            self.stage.narrator.say("      none of eight challenges asks for what is gone: she goes free this round")
        await self._convict()

    async def _answered_round(self) -> bytes:
        """Go to the next round, wait until every keeper answered it, and return its seed. Raises Late."""
        rounds = self.lucky + 1
        await self._round(lambda keepers: all(one["proved"] >= rounds for one in keepers.values()), "every answer")
        views = Views(self.devnet.rpc, self.devnet.deployment.contracts)
        number = await views.one(View("StorageProofs", "currentRound", {}, int))
        drawn: _Drawn = await views.one(View("StorageProofs", "roundOf", {"round": number}, _Drawn))
        return drawn.seed

    async def _convict(self) -> None:
        """Somebody demands what Mallory made up, and she cannot show it. Raises Late."""

        async def asked() -> bool:
            return bool((await self.stage.ask("Mallory", "storage.show", check=1))["demands"])

        async def over() -> bool:
            return bool((await self._keepers())[0]["Mallory"]["convicted"])

        if not await soon(asked):
            raise Late("nobody demanded what Mallory made up")
        await self.devnet.pass_time(self.show_time + 1)
        if not await soon(over):
            raise Late("nobody convicted Mallory")
        self.stage.narrator.say(f"      Mallory lost her bond of {show_amount(self.bond, DECIMALS)}")

    async def repair(self) -> None:
        """With Ana's machine off, and Mallory's, two others make her pieces anew and keep them. Raises Corrupt."""
        roots = self.pieces["Mallory"]
        await self.stage.ask("Ana", "storage.drop", replicas=roots, request="dismiss")
        await self.stage.people["Ana"].stop()
        await self.stage.people["Mallory"].stop()
        for who, root in zip(("Jon", "Rita"), roots, strict=True):
            await self._take(who, [root])
            shown: Any = await self.stage.ask(who, "storage.show", check=200)
            if len(shown["replicas"]) != 3 or shown["lost"]:
                raise Corrupt(f"{who} does not keep three whole pieces: {shown}")

    async def restore(self, asset: str, sha256: str) -> None:
        """Ana's disk lost every block, and the pieces give her capture back. Raises Corrupt."""
        ana = self.stage.people["Ana"]
        await trio.to_thread.run_sync(lose, ana.directory)
        await ana.start()
        into = self.stage.directory / "restored" / "room.pcd"
        await trio.Path(into.parent).mkdir()
        told = await self.stage.ask("Ana", "storage.restore", asset=asset, into=str(into))
        self.stage.narrator.say(f"      {told['bytes']:,} bytes from {told['from']}")
        if _digest(into) != sha256:
            raise Corrupt(f"{into} is not what Ana published")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
