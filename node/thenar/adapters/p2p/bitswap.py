"""The bitswap 1.0 to 1.2 message, read defensively and written plainly.

Source: https://specs.ipfs.tech/bitswap-protocol/ ; the protobuf classes are libp2p's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import DecodeError
from libp2p.bitswap.pb.bitswap_pb2 import Message
from libp2p.custom_types import TProtocol

from thenar.adapters.p2p import wire
from thenar.domain.ids import DAG_PB, RAW, SHA2_256, Cid
from thenar.errors import BadInput

V1_2: Final = TProtocol("/ipfs/bitswap/1.2.0")
V1_1: Final = TProtocol("/ipfs/bitswap/1.1.0")
V1_0: Final = TProtocol("/ipfs/bitswap/1.0.0")
PROTOCOLS: Final = (V1_2, V1_1, V1_0)

MAX_MESSAGE: Final = 4 * 1024 * 1024
MAX_BLOCK_TAKEN: Final = 2 * 1024 * 1024
"""What other implementations may send at most."""
MAX_BLOCK_SERVED: Final = 512 * 1024
MAX_ENTRIES: Final = 1024
"""Entries of one wantlist, and presences and blocks of one message; a message with more is refused whole."""

_V1_HEAD: Final = bytes((SHA2_256, 32))
_PREFIXES: Final = frozenset({bytes((1, RAW)), bytes((1, DAG_PB)), bytes((0, DAG_PB))})
_DIGEST: Final = 32
# Protobuf tags of the fields that carry blocks: blocks = 2, payload = 3 {prefix = 1, data = 2}.
_OLD_BLOCK: Final = b"\x12"
_PAYLOAD: Final = b"\x1a"
_PREFIX: Final = b"\x0a\x04"
_DATA: Final = b"\x12"


@dataclass(frozen=True, slots=True)
class Ask:
    """One entry of somebody's wantlist. ``spelling`` is the CID as they wrote it."""

    cid: Cid
    spelling: bytes
    have: bool
    tell_missing: bool
    priority: int = 1


@dataclass(slots=True)
class Received:
    """One message, understood. Blocks carry no CID: what they are is what they hash to."""

    asks: list[Ask] = field(default_factory=list)
    cancels: list[bytes] = field(default_factory=list)
    unknown: list[bytes] = field(default_factory=list)
    full: bool = False
    blocks: list[tuple[tuple[int, ...], bytes]] = field(default_factory=list)
    haves: list[Cid] = field(default_factory=list)
    missing: list[Cid] = field(default_factory=list)


def spell(cid: Cid) -> bytes:
    """The binary form of a CID: version, codec, hash function, length, digest."""
    return bytes((1, cid.codec)) + _V1_HEAD + cid.digest


def parse_cid(raw: bytes) -> Cid | None:
    """Read a binary CID: v1 raw or dag-pb, or v0, over SHA-256. None for every other kind."""
    if len(raw) == 2 + _DIGEST and raw[:2] == _V1_HEAD:
        return Cid.of(DAG_PB, raw[2:])
    if len(raw) == 4 + _DIGEST and raw[0] == 1 and raw[1] in (RAW, DAG_PB) and raw[2:4] == _V1_HEAD:
        return Cid.of(raw[1], raw[4:])
    return None


def cid_of(codec: int, block: bytes) -> Cid:
    """Hash a block."""
    return Cid.of(codec, hashlib.sha256(block).digest())


def read(data: bytes) -> Received:
    """Understand one message of at most ``MAX_MESSAGE`` bytes. Raises BadInput."""
    try:
        message = Message.FromString(data)
    except DecodeError as cause:
        raise BadInput("a peer sent bytes that are no bitswap message") from cause
    lists = (message.wantlist.entries, message.payload, message.blocks, message.blockPresences)
    if any(len(entries) > MAX_ENTRIES for entries in lists):
        raise BadInput(f"a bitswap message has more than {MAX_ENTRIES} entries")
    received = Received(full=message.wantlist.full)
    for entry in message.wantlist.entries:
        _read_entry(entry, received)
    received.blocks = [*_payload(message), *(((RAW, DAG_PB), block) for block in message.blocks)]
    received.blocks = [(codecs, block) for codecs, block in received.blocks if len(block) <= MAX_BLOCK_TAKEN]
    for presence in message.blockPresences:
        cid = parse_cid(presence.cid)
        if cid is not None:
            (received.haves if presence.type == Message.Have else received.missing).append(cid)
    return received


def _read_entry(entry: Message.Wantlist.Entry, received: Received) -> None:
    cid = parse_cid(entry.block)
    if entry.cancel:
        received.cancels.append(entry.block)
    elif cid is not None:
        have = entry.wantType == Message.Wantlist.Have
        received.asks.append(Ask(cid, entry.block, have, entry.sendDontHave, entry.priority))
    elif entry.sendDontHave and len(entry.block) <= 128:
        received.unknown.append(entry.block)


def _payload(message: Message) -> Iterator[tuple[tuple[int, ...], bytes]]:
    for block in message.payload:
        prefix = block.prefix
        if len(prefix) == 4 and prefix[:2] in _PREFIXES and prefix[2:] == _V1_HEAD:
            yield (prefix[1],), block.data


@dataclass(slots=True)
class Outgoing:
    """One message being put together; blocks are joined to it at the end, so that they are copied once."""

    message: Message = field(default_factory=Message)
    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def want(self, cids: Iterable[Cid]) -> None:
        """Ask for blocks, and to be told at once when they are missing."""
        for cid in cids:
            self.message.wantlist.entries.add(block=spell(cid), priority=1, sendDontHave=True)

    def cancel(self, cids: Iterable[Cid]) -> None:
        """Ask no longer."""
        for cid in cids:
            self.message.wantlist.entries.add(block=spell(cid), cancel=True)

    def block(self, ask: Ask, data: bytes, protocol: str | None) -> None:
        """Give a block, in the shape the negotiated protocol knows."""
        if protocol == V1_0:
            self.parts += (_OLD_BLOCK + wire.varint(len(data)), data)
        else:
            version_and_codec = b"\x00\x70" if len(ask.spelling) == 2 + _DIGEST else ask.spelling[:2]
            head = _PREFIX + version_and_codec + _V1_HEAD + _DATA + wire.varint(len(data))
            self.parts += (_PAYLOAD + wire.varint(len(head) + len(data)) + head, data)
        self.size += len(data)

    def presence(self, spelling: bytes, *, have: bool, protocol: str | None) -> None:
        """Say that a block is here or is not; only 1.2 has words for that."""
        if protocol == V1_2:
            kind = Message.Have if have else Message.DontHave
            self.message.blockPresences.add(cid=spelling, type=kind)
            self.size += len(spelling)

    def frame(self) -> bytes:
        """The message with its length before it; empty when there is nothing to say."""
        rest = self.message.SerializeToString()
        length = len(rest) + sum(map(len, self.parts))
        return b"".join((wire.varint(length), rest, *self.parts)) if length else b""
