"""Live streams and who pays for them: the twin of contracts/types/Live.sol and LiveDesk.sol.

Money in settlement-token units, times in unix seconds of the chain.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from thenar.domain import canonical
from thenar.domain.description import Encryption, File, require
from thenar.domain.ids import Address, AssetId, StreamId, TermsId
from thenar.domain.records import to_value

LAST_TIME: Final = (1 << 40) - 1
LONGEST_EPOCH: Final = 86_400

_EPOCH_DOMAIN: Final = b"thenar live epoch 1\x00"
_KEY_DOMAIN: Final = b"thenar live key 1\x00"


@dataclass(frozen=True, slots=True)
class LiveStream:
    """What is streamed, by whom, for how much a second. ``closed_at`` is 0 while open."""

    asset: AssetId
    seller: Address
    rate: int
    terms: TermsId
    consent_epoch: int
    epoch_seconds: int
    opened_at: int
    closed_at: int

    def epoch_at(self, time: int) -> int:
        """The epoch a time lies in; negative before the stream was opened."""
        return (time - self.opened_at) // self.epoch_seconds

    def start_of(self, epoch: int) -> int:
        """When an epoch begins; the one before ends."""
        return self.opened_at + epoch * self.epoch_seconds


@dataclass(frozen=True, slots=True)
class Cover:
    """The time a subscription has paid for or still can: from ``since`` to before ``until``."""

    since: int
    until: int

    def holds(self, stream: LiveStream, epoch: int) -> bool:
        """Whether all of an epoch is paid for."""
        return self.since <= stream.start_of(epoch) and stream.start_of(epoch + 1) <= self.until

    def epochs(self, stream: LiveStream) -> range:
        """The epochs that are paid for."""
        return range(stream.epoch_at(self.since), stream.epoch_at(self.until))


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """What a seller states about one epoch: the sealed file its records lie in. Stated once, signed by his account."""

    stream: int
    epoch: int
    files: tuple[File, ...]
    enc: Encryption

    def __post_init__(self) -> None:
        require(self.stream > 0 and self.epoch >= 0, "streams count from 1, epochs from 0")
        require(len(self.files) == 1, "an epoch is exactly one sealed file")

    def digest(self, chain: int, desk: Address) -> bytes:
        """The 32 bytes the seller signs."""
        said = {"chain": chain, "desk": desk, "record": to_value(self)}
        return hashlib.sha256(_EPOCH_DOMAIN + canonical.encode(said)).digest()


def key_context(chain: int, desk: Address, stream: StreamId, subscriber: Address, since: int, epoch: int) -> bytes:
    """The 32 bytes an epoch key is wrapped under: bound to one subscription and one epoch."""
    said = {"chain": chain, "desk": desk, "epoch": epoch, "since": since, "stream": stream, "subscriber": subscriber}
    return hashlib.sha256(_KEY_DOMAIN + canonical.encode(said)).digest()
