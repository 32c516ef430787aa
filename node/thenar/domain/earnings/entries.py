"""What a statement of an account is made of: something earned, or the account's own money on its way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from thenar.domain import facts as f

DOLLARS, THN = "settlement token", "THN"
UNEXPLAINED: Final = "unexplained"


@dataclass(frozen=True, slots=True)
class Earning:
    """Something an account earned, in units of ``unit``. ``coming`` is what may still come free of it."""

    source: str
    amount: int
    unit: str
    proof: str
    at: f.At
    formula: str
    numbers: tuple[tuple[str, int], ...]
    recompute: str
    epoch: int | None = None
    coming: int = 0


@dataclass(frozen=True, slots=True)
class Returned:
    """Settlement-token units that had been the account's before: a bond, a stake, a deposit, the rest of a price."""

    what: str
    amount: int
    at: f.At


Entry: TypeAlias = Earning | Returned


def half(at: f.At, source: str, lost: int, proof: str, how: str, **also: int) -> Earning:
    """Half of what somebody lost, rounded down; the other half is burnt or goes where ``also`` says."""
    numbers = (("lost", lost), *also.items())
    return Earning(source, lost // 2, DOLLARS, proof, at, "half of what was lost", numbers, how)


def whole(at: f.At, source: str, name: str, amount: int, proof: str, how: str, formula: str) -> Earning:
    """A sum that a fact names as it is."""
    return Earning(source, amount, DOLLARS, proof, at, formula, ((name, amount),), how)
