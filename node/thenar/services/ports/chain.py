"""The chain: what it says and how to speak to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from thenar.domain.actions import Action
from thenar.domain.facts import Fact
from thenar.domain.ids import Address, TxHash
from thenar.domain.sending import Call, Failure, Intent, Mined, Signed


@dataclass(frozen=True, slots=True)
class Head:
    """The newest block: height, unix seconds."""

    block: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Confirmed facts of blocks ``first`` to ``last``, in chain order."""

    first: int
    last: int
    last_hash: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Rewind:
    """The chain reorganised: everything after ``to_block`` never happened."""

    to_block: int


@dataclass(frozen=True, slots=True)
class Wallet:
    """What an account has: gas in wei; tokens in its wallet, in the Ledger, and what the Ledger may pull."""

    gas: int
    tokens: int
    account: int
    allowance: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A mined transaction."""

    tx_hash: TxHash
    block: int
    gas_used: int


@dataclass(frozen=True, slots=True)
class Permit:
    """This wallet's ERC-2612 permit for the Ledger: ``amount`` in token units, ``deadline`` in unix seconds."""

    amount: int
    deadline: int
    v: int
    r: bytes
    s: bytes


KnownBlock = Callable[[int], Awaitable[str | None]]
"""The block hash the journal holds for a height, or None."""


class Chain(Protocol):
    """What can be read from the chain now; the past comes as facts."""

    @property
    def chain_id(self) -> int: ...

    def contract(self, name: str) -> Address:
        """The address of a deployed contract by its name, ``token`` for the settlement token."""
        ...

    async def head(self) -> Head: ...

    def confirmed(self, start: int, known: KnownBlock) -> AsyncIterator[Batch | Rewind]:
        """Follow the chain from block ``start`` for ever, some confirmations behind its head.

        A reorg, found by comparing with ``known``, is told before what replaces it.
        """
        ...

    async def wallet(self, who: Address) -> Wallet: ...

    async def gas_price(self) -> int:
        """What a gas costs now, wei."""
        ...

    async def sign_permit(self, amount: int, deadline: int) -> Permit | None:
        """Let the Ledger pull once by signature; None when the settlement token knows no permits."""
        ...

    async def block_hash(self, block: int) -> bytes:
        """The 32-byte hash of a block as of now, which a reorganisation may change. Raises Unavailable before it is."""
        ...


class Outbox(Protocol):
    """The only way to send: intents on disk first, one nonce owner behind."""

    async def send(self, key: str, action: Action) -> Receipt:
        """Send once per key and wait until mined; a repeated key returns the first outcome.

        Raises Reverted with the decoded error, Poor, Unavailable when it cannot be known yet.
        """
        ...


class SendLog(Protocol):
    """What the outbox remembers on disk before it acts. Every method is one durable transaction."""

    async def remember_intent(self, key: str, call: Call) -> Intent:
        """Want a call once per key. A known key keeps what it has; one that failed without effect is wanted again.

        Raises Conflict when the key already stands for another call that may still be, or was, mined.
        """
        ...

    async def intent(self, key: str) -> Intent | None: ...

    async def open_intents(self) -> Sequence[Intent]:
        """Intents neither final nor failed, in the order they were wanted."""
        ...

    async def put(self, name: str, value: bytes) -> None: ...

    async def get(self, name: str) -> bytes | None: ...

    async def next_nonce(self) -> int:
        """One more than the highest nonce ever signed, or 0."""
        ...

    async def note_signed(self, key: str, signed: Signed) -> None:
        """Raises Conflict when the nonce was ever signed for another intent."""
        ...

    async def note_mined(self, key: str, mined: Mined) -> None: ...

    async def note_unmined(self, key: str) -> None:
        """A reorganisation took the transaction out of the chain; it is signed, no more."""
        ...

    async def note_displaced(self, key: str) -> None:
        """A transaction from elsewhere used the nonce for good; nothing signed so far can be mined, sign anew."""
        ...

    async def note_final(self, key: str) -> None: ...

    async def ended_since(self, block: int) -> Sequence[Intent]:
        """Intents that ended, final or failed, in a block after ``block``; of at most the newest 512 intents."""
        ...

    async def note_undone(self, keys: Sequence[str]) -> None:
        """The blocks these intents ended in are gone; they are signed, no more."""
        ...

    async def given_up_since(self, block: int) -> Sequence[tuple[str, TxHash]]:
        """Transactions signed after ``block`` and given up, and the keys of their intents, unless those are mined."""
        ...

    async def note_revived(self, key: str, tx_hash: TxHash) -> None:
        """What was given up is on the chain after all; it is the intent's only transaction."""
        ...

    async def signed_under(self, nonce: int) -> bytes | None:
        """The newest transaction ever signed under a nonce, or None."""
        ...

    async def note_failed(self, key: str, failure: Failure) -> None: ...
