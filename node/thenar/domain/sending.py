"""What this node wants the chain to do, and how far it got."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from thenar.domain.ids import Address, TxHash


@dataclass(frozen=True, slots=True)
class Call:
    """A contract call: calldata, and value in wei."""

    to: Address
    data: bytes
    value: int = 0


class SendState(StrEnum):
    """Where an intent stands: wanted → signed → mined → final, or failed without effect."""

    WANTED = "wanted"
    SIGNED = "signed"
    MINED = "mined"
    FINAL = "final"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed transaction as it was, or will be, broadcast. Fees in wei per gas; ``block`` is the head at signing."""

    tx_hash: TxHash
    nonce: int
    raw: bytes
    gas: int
    max_fee: int
    priority_fee: int
    block: int


@dataclass(frozen=True, slots=True)
class Mined:
    """Where a transaction was mined and how it ended. ``fee`` is what it cost, in wei."""

    tx_hash: TxHash
    block: int
    block_hash: str
    succeeded: bool
    gas_used: int
    fee: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an intent ended without effect: a sentence, and name and values of the contract's error when it gave one."""

    reason: str
    name: str = ""
    values: tuple[str, ...] = ()
    poor: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """One wanted effect and everything signed for it, oldest first; all of that has the same nonce and call."""

    key: str
    call: Call
    state: SendState
    attempts: tuple[Signed, ...] = ()
    mined: Mined | None = None
    failure: Failure | None = None
