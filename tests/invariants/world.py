"""A small town on a fresh machine, and a model of what everybody is owed that knows no contract code.

A trace is decided by its seed alone: the same seed sends the same calls and ends in the same state.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from graph_twin import GraphTwin
from ledger_twin import LedgerTwin
from machine import Answer, Machine

from thenar.adapters.chain.blueprint import MODULES, Parameters
from thenar.domain.ids import Address

PEOPLE = tuple(Address(f"0x{n:02x}" * 1 + f"{n:02x}" * 19) for n in range(0xA1, 0xA7))
"""Six accounts; whoever is drawn may act as anybody: owner, buyer, contributor, thief."""
FORTUNE = 10**13
PURSE = 20_000
"""What everybody has in the Ledger at first."""
UNLIMITED = 2**256 - 1
PARAMETERS = Parameters(
    delivery_window=3_600,
    dispute_window=7_200,
    unbonding_period=86_400,
    preview_bond=500,
    least_deposit=500,
    call_bond=700,
    defence_window=600,
    run_window=7_200,
    reject_window=3_600,
    smallest_panel=1,
    capture_answer_bond=300,
    capture_smallest_budget=1_000,
    capture_reveal_window=9_000,
    capture_challenge_window=50,
    word_window=12_000,
    accusation_bond=903,
    epoch_length=500,
    epoch_window=50,
    epoch_bond=777,
    epoch_halving=3,
)

Move = Callable[["World"], None]


class Broken(AssertionError):
    """The chain did something else than the model: the message says what, the seed how to see it again."""


class World:
    """One trace: the machine, the dice, and the books."""

    def __init__(self, seed: int, make: Callable[[Parameters], Machine] = Machine) -> None:
        self.dice = random.Random(seed)
        self.machine = make(PARAMETERS)
        self.ledger = LedgerTwin(lambda amount: amount)
        self.graph = GraphTwin()
        self.wallets = dict.fromkeys(PEOPLE, FORTUNE)
        self.mix: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.shelf: dict[str, Any] = {}
        for person in PEOPLE:
            self.machine.call(person, "token", "mint", person, FORTUNE)
            self.machine.call(person, "token", "approve", self.machine.contracts["Ledger"], UNLIMITED)
            self.ask(person, "Ledger", "deposit", person, PURSE)
            self.wallets[person] -= PURSE
            self.ledger.deposit(person, PURSE)

    @property
    def now(self) -> int:
        """Unix seconds of the next block."""
        return self.machine.now

    def person(self) -> Address:
        """Anybody."""
        return self.dice.choice(PEOPLE)

    def ask(self, sender: Address, contract: str, name: str, *arguments: Any, refusal: str | None = None) -> Answer:
        """Send what the model expects to go through, or to be refused with ``refusal``. Raises Broken."""
        answer = self.machine.call(sender, contract, name, *arguments)
        self.mix[f"{contract}.{name}"] += 1
        if answer.error:
            self.refusals[answer.error] += 1
        if answer.error != (refusal or ""):
            found = f"{answer.error} {answer.details}" if answer.error else "success"
            raise Broken(f"{contract}.{name} ended in {found}; the model says {refusal or 'success'}")
        return answer

    def same(self, what: str, found: Any, expected: Any) -> None:
        """Compare one answer of the chain with the model's. Raises Broken."""
        if found != expected:
            raise Broken(f"{what} is {found}; the model says {expected}")

    # What follows is the money's side of every move: the twin moves as the contracts must.

    def collected(self, module: str, payer: Address, amount: int) -> None:
        """A wallet paid into a module's lock."""
        self.wallets[payer] -= amount
        self.ledger.collect(module, amount)

    def locked(self, module: str, account: Address, amount: int) -> None:
        """A module locked part of an account."""
        if not self.ledger.lock(module, account, amount):
            raise Broken(f"{module} locked {amount} of {account}, who has less")

    def released(self, module: str, account: Address, amount: int) -> None:
        """A module paid an account."""
        if not self.ledger.release(module, account, amount):
            raise Broken(f"{module} released {amount}, more than it holds")

    def check(self) -> None:
        """The invariants of money: held = accounts + locks, every account, every lock, every wallet as in the books."""
        held = self.machine.view("token", "balanceOf", self.machine.contracts["Ledger"])
        owed = sum(self.ledger.accounts.values()) + sum(self.ledger.locks.values())
        self.same("what the Ledger holds", held, owed)
        for module in MODULES:
            locked = self.machine.view("Ledger", "lockedBy", self.machine.contracts[module])
            self.same(f"the lock of {module}", locked, self.ledger.locks[module])
        for person in PEOPLE:
            self.same(
                f"the account of {person}", self.machine.view("Ledger", "balanceOf", person), self.account(person)
            )
            wallet = self.machine.view("token", "balanceOf", person)
            self.same(f"the wallet of {person}", wallet, self.wallets[person])
        if self.ledger.locks["RevenueGraph"] < self.graph.due():
            raise Broken("the RevenueGraph owes more than it holds")

    def account(self, person: Address) -> int:
        """A Ledger account in the books."""
        return self.ledger.accounts[person]
