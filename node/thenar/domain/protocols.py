"""What one node may ask another directly: the five protocols, their requests and answers.

Every message is canonical JSON; bytes in it are base64 (RFC 4648 section 4), hashes and points hex. Whoever reads an
answer holds it against the chain; nothing in it is believed because of who sent it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from thenar.domain import canonical
from thenar.domain.description import require
from thenar.domain.ids import Address, AssetId, PeerId, address, asset_id
from thenar.domain.live import EpochRecord
from thenar.domain.records import from_value, to_value
from thenar.domain.segments import MAX_RUN
from thenar.errors import BadInput

MANIFEST: Final = "/thenar/manifest/1"
KEY: Final = "/thenar/key/1"
SEGMENTS: Final = "/thenar/segments/1"
SKETCH: Final = "/thenar/sketch/1"
EPOCHS: Final = "/thenar/epochs/1"

CLOCKS_APART: Final = 300
"""Seconds the clocks of asker and answerer may differ in a key request."""
MAX_PATH: Final = 2 * 48
"""Hashes of one segment's proof: at most two a level."""

_T = TypeVar("_T")
_KEY_DOMAIN: Final = b"thenar key request 1\x00"
_POINT: Final = re.compile(r"[0-9a-f]{128}")
_SIGNATURE: Final = re.compile(r"[0-9a-f]{130}")
_BLOB: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class AssetRequest:
    """Asks for an asset's manifest or sketch."""

    asset: str

    def __post_init__(self) -> None:
        require(asset_id(self.asset) == self.asset, "an asset id is written in lower case")


@dataclass(frozen=True, slots=True)
class ManifestAnswer:
    """An asset's description, base64."""

    manifest: str


@dataclass(frozen=True, slots=True)
class SegmentRequest:
    """Asks for leaves ``first`` to ``first + count - 1`` of an asset's sealed file."""

    asset: str
    first: int
    count: int

    def __post_init__(self) -> None:
        require(asset_id(self.asset) == self.asset, "an asset id is written in lower case")
        require(self.first >= 0, "the first leaf is not negative")
        require(0 < self.count <= MAX_RUN, f"a segment has 1 to {MAX_RUN} leaves")


@dataclass(frozen=True, slots=True)
class SegmentAnswer:
    """The leaves' bytes in order (base64), how many leaves the whole file has, and the run's proof (base64, joined)."""

    data: str
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """Asks for the root key of an asset its signer is licensed for, wrapped to a one-time key.

    ``key`` is a secp256k1 point x‖y in hex, ``at`` unix seconds, ``signature`` r‖s‖v in hex by ``account``.
    """

    asset: str
    account: str
    key: str
    at: int
    signature: str

    def __post_init__(self) -> None:
        require(asset_id(self.asset) == self.asset, "an asset id is written in lower case")
        require(address(self.account) == self.account, "an account is written in lower case")
        require(_POINT.fullmatch(self.key) is not None, "a one-time key has 128 hex digits")
        require(_SIGNATURE.fullmatch(self.signature) is not None, "a signature has 130 hex digits")

    @property
    def point(self) -> bytes:
        """The one-time key, 64 bytes."""
        return bytes.fromhex(self.key)


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """A wrapped key in hex: 32 bytes of blob, the ephemeral point x‖y."""

    wrapped: str
    ephemeral: str

    def __post_init__(self) -> None:
        require(_BLOB.fullmatch(self.wrapped) is not None, "a wrapped key has 64 hex digits")
        require(_POINT.fullmatch(self.ephemeral) is not None, "an ephemeral key has 128 hex digits")


@dataclass(frozen=True, slots=True)
class EpochRequest:
    """Asks what a seller stated about one epoch of a live stream."""

    stream: int
    epoch: int


@dataclass(frozen=True, slots=True)
class EpochAnswer:
    """An epoch's record and its seller's signature r‖s‖v in hex."""

    record: EpochRecord
    signature: str

    def __post_init__(self) -> None:
        require(_SIGNATURE.fullmatch(self.signature) is not None, "a signature has 130 hex digits")


@dataclass(frozen=True, slots=True)
class EpochKeyRequest:
    """Asks for the key of an epoch a subscriber has paid for; it comes wrapped to his one-time key on chain."""

    stream: int
    subscriber: str
    epoch: int

    def __post_init__(self) -> None:
        require(address(self.subscriber) == self.subscriber, "an account is written in lower case")


def key_digest(
    asset: AssetId, account: Address, point: bytes, at: int, *, chain: int, asker: PeerId, answerer: PeerId
) -> bytes:
    """The 32 bytes an account signs to ask for a key; bound to chain, both peers and time. Also the wrap's context."""
    said = {"account": account, "answerer": answerer, "asker": asker, "asset": asset, "at": at, "chain": chain}
    return hashlib.sha256(_KEY_DOMAIN + canonical.encode({**said, "key": point.hex()})).digest()


def spell(message: object) -> dict[str, object]:
    """A message as the JSON object that is sent."""
    return to_value(message)


def read(kind: type[_T], value: Mapping[str, object], what: str) -> _T:
    """A message from the JSON object that came. Raises BadInput naming what is wrong."""
    return from_value(kind, value, what)


def to_text(data: bytes) -> str:
    """Bytes as base64."""
    return base64.b64encode(data).decode()


def from_text(text: str, *, limit: int) -> bytes:
    """Bytes of base64 text. Raises BadInput when it is not base64 or means more than ``limit`` bytes."""
    if len(text) > 4 * -(-limit // 3):
        raise BadInput(f"base64 of more than {limit} bytes")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise BadInput("not base64") from cause
