"""Bonds of demands, challenges and appeals: brought from the wallet where the account lacks them, within a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from thenar.domain import canonical
from thenar.domain.records import from_value, to_value
from thenar.errors import Poor
from thenar.services.account import provide
from thenar.services.licensing import Trade

NAME: Final = "work/bonds"
LIMIT: Final = 256
DAY: Final = 86_400
"""Seconds of chain time for which a limit holds."""


@dataclass(frozen=True, slots=True)
class Bonds:
    """What contracts lock of whoever demands, challenges or appeals first, in token units; ``most`` is what the node
    brings from its wallet for them by itself within a day."""

    demand: int = 0
    challenge: int = 0
    appeal: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Brought:
    """What was brought since a time, written down before it is sent."""

    since: int
    amount: int


async def back(trade: Trade, bonds: Bonds, amount: int) -> None:
    """Have a bond in the Ledger account, from the wallet as far as it is missing and the day's limit allows.

    Killed after writing and before sending, the limit counts what was never sent; it is never passed. Raises Poor.
    """
    missing = amount - (await trade.chain.wallet(trade.me)).account
    if missing <= 0:
        return
    brought = await brought_today(trade, NAME)
    if brought.amount + missing > bonds.most:
        raise Poor(
            f"a bond of {amount} token units is missing {missing}, and {brought.amount} of the {bonds.most} that may "
            "come from the wallet in a day did already",
            next_step="`thenar account deposit` fills the account; work.bonds in thenar.toml is the limit",
        )
    await write_down(trade, NAME, brought, missing)
    await provide(trade, amount)


async def brought_today(trade: Trade, name: str) -> Brought:
    """What was written down under a name since the day it is of began; nothing when that day is over."""
    now, data = (await trade.chain.head()).timestamp, await trade.journal.get(name)
    if data is None:
        return Brought(now, 0)
    known = from_value(Brought, canonical.decode_object(data, limit=LIMIT), "what was brought for bonds")
    return known if now < known.since + DAY else Brought(now, 0)


async def write_down(trade: Trade, name: str, brought: Brought, more: int) -> None:
    """Count more under a name."""
    written = Brought(brought.since, brought.amount + more)
    await trade.journal.put(name, canonical.encode(to_value(written)))
