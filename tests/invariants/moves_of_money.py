"""Deposits, withdrawals, and strangers who speak as modules."""

from __future__ import annotations

from world import World


def deposit(world: World) -> None:
    """Somebody pays into anybody's account."""
    payer, account, amount = world.person(), world.person(), world.dice.randint(0, 10_000)
    refusal = None if amount else "Ledger_NothingReceived"
    world.ask(payer, "Ledger", "deposit", account, amount, refusal=refusal)
    if amount:
        world.wallets[payer] -= amount
        world.ledger.deposit(account, amount)


def withdraw(world: World) -> None:
    """Somebody takes money out, sometimes more than there is."""
    holder, to = world.person(), world.person()
    amount = world.dice.choice((world.account(holder), world.dice.randint(0, 10_000)))
    refusal = None if amount <= world.account(holder) else "Ledger_NotEnough"
    world.ask(holder, "Ledger", "withdraw", to, amount, refusal=refusal)
    if refusal is None:
        world.wallets[to] += amount
        world.ledger.withdraw(holder, amount)


def pose_as_module(world: World) -> None:
    """A stranger asks for other people's money in a module's words."""
    thief, victim, amount = world.person(), world.person(), world.dice.randint(1, 10_000)
    verb = world.dice.choice(("collect", "lock", "release"))
    world.ask(thief, "Ledger", verb, victim, amount, refusal="Ledger_NotModule")
