"""What stories are played on: people with nodes of their own, a chain, and the books that must agree in the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import trio

from thenar.adapters.chain.devnet import Devnet
from thenar.adapters.chain.views import Views
from thenar.demo.cast import Person, enrol, free_port
from thenar.demo.steps import Narrator
from thenar.domain.money import parse_amount, show_amount
from thenar.errors import Corrupt
from thenar.services.ports import Wallet

DECIMALS = 6
PURSE = "10000"
PATIENCE = 600.0
"""Seconds for what takes a few where nothing else runs."""


@dataclass(slots=True)
class Stage:
    """People by name, and what they sent."""

    directory: Path
    narrator: Narrator
    people: dict[str, Person] = field(default_factory=dict)
    transactions: list[dict[str, object]] = field(default_factory=list)

    async def ask(self, who: str, command: str, **arguments: object) -> dict[str, object]:
        """Have somebody's node do something; its transaction is remembered for the final table."""
        answer = await self.people[who].ask(command, self.narrator.tell, **arguments)
        if {"transaction", "gas"} <= set(answer):
            keep = {key: answer.get(key) for key in ("transaction", "gas", "block")}
            self.transactions.append({"who": who, "did": command, **keep})
        return answer

    async def enrol(self, name: str, devnet: Devnet, settings: Mapping[str, object]) -> Person:
        """Somebody new with keys, settings and money."""
        chain = {"chain_rpc": devnet.rpc_url, "chain_deployment": str(devnet.deployment_file), "chain_poll_ms": 200}
        depth = {"chain_confirmations": 1, "chain_deep": 1, "p2p_listen": f"/ip4/127.0.0.1/tcp/{free_port()}"}
        values = {**chain, **depth, **settings}
        person = await trio.to_thread.run_sync(enrol, name, self.directory / name.lower(), values)
        self.people[name] = person
        await devnet.fund(person.account, tokens=parse_amount(PURSE, DECIMALS))
        return person

    async def wallet(self, devnet: Devnet, name: str) -> Wallet:
        """What somebody has now."""
        return await Views(devnet.rpc, devnet.deployment.contracts).wallet(self.people[name].account)

    async def books(self, devnet: Devnet, who: str) -> tuple[int, int]:
        """What the Ledger holds on chain, and what it owes by every fact somebody's node has seen. Raises Corrupt."""
        ledger = devnet.deployment.contracts["Ledger"]
        held = owed = 0
        with trio.move_on_after(20):
            while True:
                held = (await Views(devnet.rpc, devnet.deployment.contracts).wallet(ledger)).tokens
                owed = int(str((await self.ask(who, "revenue.owed"))["units"]))
                if owed == held:
                    return held, owed
                await trio.sleep(0.5)
        raise Corrupt(f"the Ledger holds {held} token units and owes {owed}")

    async def balances(self, devnet: Devnet) -> list[dict[str, object]]:
        """What everybody has in the end, in their wallets and in the Ledger."""
        rows: list[dict[str, object]] = []
        for person in self.people.values():
            wallet = await self.wallet(devnet, person.name)
            amounts = {"wallet": show_amount(wallet.tokens, DECIMALS), "ledger": show_amount(wallet.account, DECIMALS)}
            rows.append({"who": person.name, "account": person.account, **amounts})
        return rows

    async def stop_all(self) -> None:
        """Leave no process behind."""
        with trio.CancelScope(shield=True):
            for person in self.people.values():
                await person.stop()


async def soon(holds: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> bool:
    """Whether something comes true in time."""
    began = trio.current_time()
    while not (found := await holds()) and trio.current_time() < began + seconds:  # noqa: ASYNC110  nobody tells
        await trio.sleep(0.3)
    return found
