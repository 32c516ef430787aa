"""A town whose every log is folded as a node folds it, behind the node's own door."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

from machine import Machine
from world import PEOPLE, World

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.decode import Decoder
from thenar.adapters.web import Door
from thenar.commands import COMMANDS
from thenar.commands.shelf import shelf_of
from thenar.domain.catalog import apply
from thenar.domain.facts import Fact
from thenar.services.belief import Belief
from thenar.services.ports import Tell

TOKEN = "f" * 64
ME = PEOPLE[0]
DECIMALS = 6


class Heard(Machine):
    """A machine that keeps what was logged, in order, until somebody takes it."""

    def __init__(self, parameters: Parameters) -> None:
        self.waiting: list[dict[str, str]] = []
        self.count = 0
        super().__init__(parameters)

    def logged(self, logs: list[Any]) -> None:
        """Keep a transaction's logs as JSON-RPC spells them."""
        transaction = f"0x{self.count:064x}"
        for log in logs:
            topics, data = log.data
            self.waiting.append(
                {
                    "address": log.address,
                    "topics": ["0x" + topic.hex() for topic in topics],
                    "data": "0x" + data.hex(),
                    "blockNumber": hex(self.block),
                    "logIndex": hex(self.count),
                    "blockHash": f"0x{self.block:064x}",
                    "transactionHash": transaction,
                }
            )
            self.count += 1


class Followed:
    """A town of a seed, and what a node of its first inhabitant believes of it."""

    def __init__(self, seed: int) -> None:
        self.world = World(seed, Heard)
        self.belief = Belief()
        self.machine: Any = self.world.machine
        self.decoder = Decoder(self.machine.contracts)
        self.facts: list[Fact] = []
        journal = SimpleNamespace(facts=self.remembered)
        desk = SimpleNamespace(subjects={})
        self.node: Any = SimpleNamespace(
            belief=self.belief, decimals=DECIMALS, me=ME, chain=self, journal=journal, bounty_desk=desk
        )
        self.catch_up()

    def catch_up(self) -> None:
        """Fold what was logged since."""
        logs, self.machine.waiting = self.machine.waiting, []
        for fact in self.decoder.in_order(log for log in logs if log["address"].lower() in self.decoder.addresses):
            apply(self.belief.catalog, fact)
            self.facts.append(fact)
        self.belief.advance(self.machine.block)

    async def remembered(self) -> list[Fact]:
        """Every fact so far: the journal's port, as far as commands that read need it."""
        return self.facts

    async def wallet(self, who: Any) -> Any:
        """What an account holds, asked of the contracts: the chain's port, as far as commands that read need it."""
        tokens = self.machine.view("token", "balanceOf", who)
        return SimpleNamespace(tokens=tokens, account=self.machine.view("Ledger", "balanceOf", who), gas=10**18)

    async def head(self) -> Any:
        """The newest block."""
        return SimpleNamespace(block=self.machine.block, timestamp=self.machine.now)

    def door(self) -> Door:
        """The node's door over this belief, with the commands that read."""

        def bound(name: str) -> Any:
            async def run(arguments: dict[str, object], tell: Tell) -> dict[str, object]:
                return await COMMANDS[name](self.node, arguments, tell)

            return run

        async def nothing() -> Any:
            return []

        async def status() -> dict[str, object]:
            return {"account": ME, "as_of": {"block": self.belief.block, "age_s": 0.0, "unix": int(time.time())}}

        names = ("capture.list", "revenue.show", "revenue.owed", "account.show", "bounty.gaps", "earnings.show")
        return Door(TOKEN, nothing, nothing, status, {name: bound(name) for name in names}, shelf_of(self.node))
