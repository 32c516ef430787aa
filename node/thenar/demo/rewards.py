"""What contributions of the story earn in the end: the epoch closes, a root stands, and everybody claims."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.devnet import Devnet
from thenar.adapters.chain.views import View, Views
from thenar.commands.earnings import THN_DECIMALS
from thenar.demo.stage import PATIENCE, Stage, soon
from thenar.domain.earnings import THN
from thenar.domain.epochs.epoch_duties import TURN
from thenar.domain.money import parse_amount, show_amount
from thenar.errors import Corrupt, Late, NotFound

EPOCH: Final = 1
EARNERS: Final = ("Ana", "Ben", "Jon", "Rita")
SHOWN_DECIMALS: Final = 6
_SOURCE: Final = "epoch rewards, "


@dataclass(slots=True)
class RewardStory:
    """The part of the story that is about rewards; amounts are ThenarToken units, ``rows`` the table of who earned."""

    stage: Stage
    devnet: Devnet
    terms: Parameters
    pool: int = 0
    due: int = 0
    claimed: int = 0
    rows: list[dict[str, object]] = field(default_factory=list)

    @property
    def sums(self) -> dict[str, str]:
        """What was shared out, for the final table."""
        return {"THN claimed": _show(self.claimed), "THN in the pool": _show(self.pool)}

    async def close(self) -> None:
        """The epoch ends; a node answers for its root, another computes the same, and it stands. Raises Late."""
        turns = TURN * len(self.stage.people)
        await self.devnet.pass_time(self.terms.epoch_length + turns)
        await self._until("closed", "proposed")
        await self.devnet.pass_time(turns)
        told = await self._until("proposed")
        self.pool = _units(told["pool"])
        checked = await self.stage.ask("Ben", "epoch.verify", epoch=EPOCH)
        self.due = _units(checked["total"])
        self.stage.narrator.say(
            f"      root {str(checked['root'])[:18]}…, the same on Ben's node: {_show(self.due)} THN"
        )
        await self.devnet.pass_time(self.terms.epoch_window + TURN + turns)
        await self._until("settled")

    async def _until(self, *states: str) -> dict[str, Any]:
        """Wait until Rita's node sees the epoch in a state. Raises Late."""
        seen: dict[str, Any] = {}

        async def reached() -> bool:
            told: Any = await self.stage.ask("Rita", "epoch.list")
            seen.update(next(one for one in told["epochs"] if one["epoch"] == EPOCH))
            return seen["state"] in states

        if not await soon(reached):
            raise Late(f"the epoch was not {' or '.join(states)} in {PATIENCE:g} s: it is {seen['state']}")
        return seen

    async def claim(self, lucky: int) -> None:
        """Everybody claims, and no unit more was made than was claimed.

        Mallory is due nothing, but for rounds in which by luck she was asked for nothing she had lost. Raises Corrupt.
        """
        for who in (*EARNERS, "Mallory") if lucky else EARNERS:
            had = _units((await self.stage.ask(who, "epoch.claim", request="reward"))["claimed"])
            told: Any = await self.stage.ask(who, "earnings.show")
            rewards = [one for one in told["list"] if str(one["source"]).startswith(_SOURCE)]
            self.rows += [self._row(who, one) for one in rewards]
            if not had == sum(int(one["units"]) for one in rewards) == await self._tokens("balanceOf", who):
                raise Corrupt(f"{who} claimed {had} units, and the proofs say otherwise: {rewards}")
            self.claimed += had
            self.stage.narrator.say(f"      {who} claims {_show(had)} THN")
        if not lucky:
            await self._nothing_for("Mallory")
        if not self.claimed == self.due == await self._tokens("totalSupply") <= self.pool:
            raise Corrupt(f"{self.claimed} units were claimed, {self.due} are due, the pool is {self.pool}")

    async def _nothing_for(self, who: str) -> None:
        """Nobody can claim anything for an account. Raises Corrupt."""
        try:
            told = await self.stage.ask("Rita", "epoch.claim", account=self.stage.people[who].account, request="none")
        except NotFound:
            self.stage.narrator.say(f"      {who} is due nothing")
            return
        raise Corrupt(f"{who} was paid {told['claimed']}")

    def _row(self, who: str, one: dict[str, Any]) -> dict[str, object]:
        """A line of the table; the rest of an amount comes free while what it is for is proved to be kept."""
        proof = str(one["proof"]).split(" for ")[0]
        for person in self.stage.people.values():
            proof = proof.replace(person.account, person.name)
        row: dict[str, object] = {"who": who, "for": str(one["source"]).removeprefix(_SOURCE), "proof": proof}
        return row | {"THN now": _show(int(one["units"])), "THN vesting": _show(_units(one["coming"]))}

    async def _tokens(self, function: str, who: str | None = None) -> int:
        """What the token itself says: what somebody has, or what there is."""
        given = {} if who is None else {"account": self.stage.people[who].account}
        views = Views(self.devnet.rpc, self.devnet.deployment.contracts)
        return int(await views.one(View("ThenarToken", function, given, int)))


def _units(shown: object) -> int:
    """An amount as commands tell it."""
    return parse_amount(str(shown).removesuffix(f" {THN}"), THN_DECIMALS)


def _show(units: int) -> str:
    """An amount of THN as people read it, the rest cut off."""
    return show_amount(units // 10 ** (THN_DECIMALS - SHOWN_DECIMALS), SHOWN_DECIMALS)
