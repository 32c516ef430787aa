"""Names of things: parse, check and print. Every id is a distinct type."""

from __future__ import annotations

import base64
import re
from typing import NewType, Self

from thenar.errors import BadInput

AssetId = NewType("AssetId", str)  # "0x" + 64 lower-case hex digits
TermsId = NewType("TermsId", int)  # uint32, 0 means "no terms"
StreamId = NewType("StreamId", int)  # uint64, from 1
ChannelId = NewType("ChannelId", int)  # uint64, from 1
BountyId = NewType("BountyId", int)  # uint64, from 1
RunId = NewType("RunId", int)  # uint64, from 1: a program that comes to the data
ClaimId = NewType("ClaimId", int)  # uint64, from 1
DisputeId = NewType("DisputeId", int)  # uint64, from 1
AskId = NewType("AskId", int)  # uint32, from 1: a capture bounty
AnswerId = NewType("AnswerId", int)  # uint64: a capture bounty's number << 32 | the answer's place in it
Address = NewType("Address", str)  # "0x" + 40 lower-case hex digits
TxHash = NewType("TxHash", str)  # "0x" + 64 lower-case hex digits
PeerId = NewType("PeerId", str)  # base58 libp2p peer id, "12D3KooW…" for Ed25519

RAW, DAG_PB, SHA2_256 = 0x55, 0x70, 0x12


_HEX = re.compile(r"0x[0-9a-f]*", re.ASCII)


def _hex(text: str, digits: int, noun: str) -> str:
    lowered = text.lower()
    if len(lowered) != digits + 2 or _HEX.fullmatch(lowered) is None:
        raise BadInput(f"{text[:80]!r} is not {noun}: expected 0x and {digits} hex digits")
    return lowered


def asset_id(text: str) -> AssetId:
    """Parse an asset id. Raises BadInput."""
    return AssetId(_hex(text, 64, "an asset id"))


def address(text: str) -> Address:
    """Parse an account address; the checksum case is not needed. Raises BadInput."""
    return Address(_hex(text, 40, "an address"))


def stream_id(number: int) -> StreamId:
    """Check the number of a live stream. Raises BadInput."""
    if not 0 < number < 2**53:
        raise BadInput(f"{number} is not a live stream: they are numbered from 1")
    return StreamId(number)


def tx_hash(text: str) -> TxHash:
    """Parse a transaction hash. Raises BadInput."""
    return TxHash(_hex(text, 64, "a transaction hash"))


_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def peer_id_of(ed25519_key: bytes) -> PeerId:
    """The peer id of a raw 32-byte Ed25519 key: base58 of its identity multihash (libp2p peer-ids specification)."""
    if len(ed25519_key) != 32:
        raise BadInput(f"an Ed25519 key has 32 bytes, not {len(ed25519_key)}")
    number, digits = int.from_bytes(bytes.fromhex("002408011220") + ed25519_key, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    return PeerId("1" + digits)  # the multihash begins with one zero byte


class Cid(str):
    """A CIDv1 over SHA-256 in base32, raw or dag-pb codec: the only kinds Thenar writes.

    Source: https://github.com/multiformats/cid (CIDv1), multibase ``b``.
    """

    __slots__ = ()

    @classmethod
    def of(cls, codec: int, digest: bytes) -> Self:
        """Make the CID of a 32-byte SHA-256 digest."""
        if codec not in (RAW, DAG_PB) or len(digest) != 32:
            raise BadInput("a CID needs codec raw or dag-pb and a 32-byte SHA-256 digest")
        packed = bytes((1, codec, SHA2_256, 32)) + digest
        return cls("b" + base64.b32encode(packed).decode().rstrip("=").lower())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse and check a base32 CIDv1. Raises BadInput."""
        if len(text) != 59 or not text.startswith("b") or text != text.lower():
            raise BadInput(f"{text[:80]!r} is not a base32 CIDv1 of a SHA-256 digest")
        try:
            packed = base64.b32decode(text[1:].upper() + "======")
        except ValueError as cause:
            raise BadInput(f"{text!r} is not base32") from cause
        if packed[0] != 1 or packed[1] not in (RAW, DAG_PB) or packed[2:4] != bytes((SHA2_256, 32)):
            raise BadInput(f"{text!r} is not a raw or dag-pb CIDv1 over SHA-256")
        made = cls.of(packed[1], packed[4:])
        if made != text:
            raise BadInput(f"{text!r} is not the canonical spelling of its CID")
        return made

    @property
    def codec(self) -> int:
        """0x55 raw or 0x70 dag-pb."""
        return RAW if self.startswith("bafkr") else DAG_PB  # version, codec and half of the hash's number

    @property
    def digest(self) -> bytes:
        """The 32-byte SHA-256 digest."""
        return self._packed()[4:]

    def _packed(self) -> bytes:
        return base64.b32decode(self[1:].upper() + "======")
