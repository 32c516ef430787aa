"""What the stories need from the world, as small verbs.

Adapters implement these; fakes implement them too and pass the same tests. Every method may raise
``Unavailable`` (try later) and ``Corrupt`` (a hash disagrees) besides what its docstring names.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from thenar.domain.actions import Action
from thenar.domain.duties import Duty
from thenar.domain.facts import Fact
from thenar.domain.ids import Address, Cid, PeerId, TxHash
from thenar.domain.sending import Call, Failure, Intent, Mined, Signed

Progress = Callable[[int, int], None]
"""Called with (done, total) bytes; total is 0 when unknown."""


Tell = Callable[[dict[str, object]], None]
"""Takes one piece of progress of a command: ``label``, ``done`` and ``total``."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A byte string kept as IPFS blocks."""

    root: Cid
    size: int
    blocks: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What a store occupies, in bytes, and what it may occupy."""

    used: int
    quota: int
    blocks: int
    pins: int


async def one_part(data: bytes) -> AsyncIterator[bytes]:
    """A stream of one part."""
    yield data


class Blocks(Protocol):
    """Blocks by content id. What comes in is hashed before it is kept; what goes out is hashed again."""

    async def has(self, cid: Cid) -> bool: ...

    async def get(self, cid: Cid) -> bytes:
        """Raises NotFound, Corrupt."""
        ...

    async def put(self, cid: Cid, block: bytes) -> None:
        """Keep a block durably. Raises Corrupt (wrong hash), Refused (too big, over quota)."""
        ...


class Exchange(Protocol):
    """Blocks from other peers."""

    def want(self, cids: Sequence[Cid], peers: Sequence[PeerId]) -> AsyncIterator[tuple[Cid, bytes]]:
        """Yield each wanted block once, hash already checked, in any order.

        Raises NotFound when every named peer said it has none of what is left, Late after the deadline.
        """
        ...


class Store(Protocol):
    """Files as UnixFS DAGs: CIDv1, raw leaves, SHA-256, 256 KiB chunks, width 174."""

    async def add(self, parts: AsyncIterable[bytes], *, progress: Progress | None = None) -> Stored:
        """Store, pin and sync a stream of any part sizes in constant memory. Raises Refused over quota."""
        ...

    def read(self, root: Cid, *, offset: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes of a stored file in order, hashes checked. Raises NotFound when a block is missing."""
        ...

    async def fetch(
        self, root: Cid, peers: Sequence[PeerId], *, limit: int, progress: Progress | None = None
    ) -> Stored:
        """Bring a whole DAG of at most ``limit`` bytes here from the named peers, verify and pin it."""
        ...

    async def pin(self, root: Cid) -> None: ...

    async def unpin(self, root: Cid) -> None:
        """Drop a pin; the blocks stay until ``collect``. No error when it was not pinned."""
        ...

    async def pins(self) -> frozenset[Cid]: ...

    async def collect(self) -> int:
        """Delete every block no pin reaches; return the bytes freed."""
        ...

    async def usage(self) -> Usage: ...


@dataclass(frozen=True, slots=True)
class Sealed:
    """What sealing one plaintext file yields. All roots are 32 bytes."""

    stored: Stored
    size: int
    content_hash: bytes
    cipher_root: bytes
    plain_root: bytes
    key_commit: bytes
    chunks: int


class Sealer(Protocol):
    """Turns plaintext files into sealed streams and back. Holds the owner's sealing secret."""

    async def seal(self, path: Path, store: Store, *, progress: Progress | None = None) -> Sealed:
        """Seal a file into the store. Repeatable: the same file and owner give the same roots and CID."""
        ...

    def root_key(self, content_hash: bytes) -> bytes:
        """The 32-byte root key of a file this owner sealed."""
        ...

    async def open(
        self,
        root_key: bytes,
        sealed: AsyncIterable[bytes],
        *,
        expected: Sealed,
        into: Path,
        progress: Progress | None = None,
    ) -> None:
        """Decrypt, check plain root and content hash, write atomically. Raises Corrupt, leaving no file."""
        ...


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A root key for one buyer: ``blob = root_key xor kdf(ECDH)``; points are secp256k1, 64 bytes x‖y."""

    blob: bytes
    ephemeral: bytes


class Description(Protocol):
    """A manifest or card: canonical bytes and their keccak256."""

    def encode(self) -> bytes: ...

    @property
    def keccak(self) -> bytes: ...


class Draft(Protocol):
    """A description that lacks only the seal."""

    def seal_with(self, owner: Address, sealed: Sealed) -> Description:
        """Complete the description. Raises BadInput."""
        ...


class KeyWrapper(Protocol):
    """One-time secp256k1 keys for fair exchange; must agree bit for bit with KeyExchange on chain."""

    def one_time_key(self, seed: bytes) -> tuple[bytes, bytes]:
        """Derive (secret 32 bytes, public point 64 bytes) from this node's keyring and a seed."""
        ...

    def wrap(self, root_key: bytes, buyer: bytes, context: bytes) -> Wrapped:
        """Wrap for the buyer's point. ``context`` is the 32-byte deal id. Repeatable for equal arguments."""
        ...

    def unwrap(self, wrapped: Wrapped, secret: bytes, context: bytes) -> bytes: ...

    def shared_point(self, point: bytes, secret: bytes) -> bytes:
        """The ECDH point secret·point, 64 bytes x‖y: what a key dispute shows."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """A gossip envelope's payload that passed every check, with its origin."""

    origin: PeerId
    kind: str
    body: dict[str, object]


class Peers(Protocol):
    """Other nodes: gossip to all, requests to one, dialling."""

    @property
    def me(self) -> PeerId: ...

    @property
    def addresses(self) -> tuple[str, ...]:
        """Multiaddresses this node listens on, each ending in /p2p/<id>."""
        ...

    def connected(self) -> frozenset[PeerId]: ...

    async def dial(self, multiaddr: str) -> PeerId:
        """Connect to a peer and keep the connection up from now on."""
        ...

    def learn(self, peer: PeerId, addresses: Sequence[str]) -> None:
        """Remember where a peer can be reached; dialled when needed."""
        ...

    async def announce(self, kind: str, body: dict[str, object]) -> None:
        """Sign and gossip an envelope. Raises Refused when it is over the size cap."""
        ...

    def heard(self) -> AbstractAsyncContextManager[AsyncIterator[Heard]]:
        """A stream of verified envelopes from others, each once."""
        ...

    async def ask(self, peer: PeerId, protocol: str, request: dict[str, object]) -> dict[str, object]:
        """One request, one answer. Raises Refused with the peer's reason, Late after the deadline."""
        ...


class Clock(Protocol):
    """Wall time in integer nanoseconds since 1970 (UTC)."""

    def now_ns(self) -> int: ...


class Keyring(Protocol):
    """Secrets of this node, unlocked once."""

    @property
    def account(self) -> Address: ...

    def sign_digest(self, digest: bytes) -> bytes:
        """65-byte secp256k1 signature r‖s‖v (v 27 or 28) over a 32-byte digest, by the account key."""
        ...


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

    async def note_failed(self, key: str, failure: Failure) -> None: ...


class Journal(Protocol):
    """What this node remembers on disk. Every method is one durable transaction."""

    async def cursor(self) -> int | None:
        """The last block taken in, or None."""
        ...

    async def block_hash(self, block: int) -> str | None:
        """The hash of a block when it was taken in, or None. Kept for at least the last 64 batches."""
        ...

    async def facts(self) -> Sequence[Fact]:
        """Every fact taken in, in chain order."""
        ...

    async def take_in(self, batch: Batch, duties: Sequence[Duty]) -> None: ...

    async def rewind(self, to_block: int) -> None:
        """Drop facts after a block and the duties they gave that are not done."""
        ...

    async def open_duties(self) -> Sequence[Duty]:
        """Duties neither done nor failed, oldest first."""
        ...

    async def finish(self, duty: Duty) -> None: ...

    async def fail(self, duty: Duty, reason: str) -> None: ...

    async def put(self, name: str, value: bytes) -> None:
        """Remember a small value under a name."""
        ...

    async def get(self, name: str) -> bytes | None: ...

    async def names(self, prefix: str) -> Sequence[str]:
        """The remembered names that start with ``prefix``, in order."""
        ...
