"""Other nodes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from thenar.domain.ids import Cid, PeerId


@dataclass(frozen=True, slots=True)
class Heard:
    """A gossip envelope's payload that passed every check, with its origin."""

    origin: PeerId
    kind: str
    body: dict[str, object]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a peer found that dialled this node: the IP address it sees it at, and the multiaddresses it got through to,
    with this node's key proven, or not; without /p2p. What it would not dial is in neither. ``served``: whether it got
    the block it was to ask for, None when there was none."""

    place: str
    through: tuple[str, ...]
    silent: tuple[str, ...]
    served: bool | None = None


class Peers(Protocol):
    """Other nodes: gossip to all, requests to one, dialling."""

    @property
    def me(self) -> PeerId: ...

    @property
    def addresses(self) -> tuple[str, ...]:
        """Multiaddresses this node tells others, each ending in /p2p/<id>."""
        ...

    def connected(self) -> frozenset[PeerId]: ...

    async def dial(self, multiaddr: str) -> PeerId:
        """Connect to a peer and keep the connection up from now on."""
        ...

    def learn(self, peer: PeerId, addresses: Sequence[str]) -> None:
        """Remember where a peer can be reached; dialled when needed."""
        ...

    async def seen_by(self, peer: PeerId, block: Cid | None = None) -> Seen:
        """Have a peer dial this node where it says that it is, and fetch a block. Raises Refused, Unavailable, Late."""
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
