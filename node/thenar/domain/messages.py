"""The gossip envelope: what every peer says to all, spelled canonically and checked without any I/O.

An envelope travels as 64 bytes of Ed25519 signature followed by canonical JSON
``{"body":{…},"chain":31337,"kind":"offer","origin":"12D3KooW…","seq":1795300000000000000,"v":1}``.
The signature covers ``DOMAIN`` and those JSON bytes (RFC 8032); signing and verifying belong to the adapter that
holds the key.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from thenar.domain import canonical
from thenar.domain.ids import PeerId
from thenar.errors import BadInput

VERSION: Final = 1
DOMAIN: Final = b"thenar envelope 1\x00"
SIGNATURE_BYTES: Final = 64
MAX_BYTES: Final = 64 * 1024
"""Signature and JSON of one envelope together."""

KINDS: Final = frozenset(
    {"announcement", "offer", "want", "coverage", "attestation", "challenge", "audit_draw", "presence"}
)

OLDEST_NS: Final = 10 * 60 * 10**9
"""An envelope older than ten minutes is a replay, not news."""
NEWEST_NS: Final = 2 * 60 * 10**9
"""Clocks may disagree by two minutes."""

_FIELDS: Final = frozenset({"v", "chain", "kind", "origin", "seq", "body"})
_PEER: Final = re.compile(r"12D3KooW[1-9A-HJ-NP-Za-km-z]{44}")
_SEQ_LIMIT: Final = 2**63


@dataclass(frozen=True, slots=True)
class Envelope:
    """One statement of one peer. ``seq`` is its wall clock in nanoseconds, strictly increasing per origin."""

    chain: int
    kind: str
    origin: PeerId
    seq: int
    body: dict[str, canonical.Value]

    def encode(self) -> bytes:
        """The bytes that are signed and hashed. Raises BadInput when a field breaks the rules or all is too long."""
        data = canonical.encode(
            {
                "v": VERSION,
                "chain": self.chain,
                "kind": self.kind,
                "origin": self.origin,
                "seq": self.seq,
                "body": self.body,
            }
        )
        decode(data, chain=self.chain)
        return data


def decode(data: bytes, *, chain: int) -> Envelope:
    """Read the JSON part of an envelope for one chain. Raises BadInput; the size is checked before decoding."""
    value = canonical.decode_object(data, limit=MAX_BYTES - SIGNATURE_BYTES)
    if value.keys() != _FIELDS:
        raise BadInput(f"an envelope has the fields {', '.join(sorted(_FIELDS))} and no others")
    kind, origin, seq, body = value["kind"], value["origin"], value["seq"], value["body"]
    if value["v"] != VERSION:
        raise BadInput(f"envelope version {value['v']!r} is not {VERSION}")
    if value["chain"] != chain:
        raise BadInput(f"the envelope is for chain {value['chain']!r}, not {chain}")
    if not isinstance(kind, str) or kind not in KINDS:
        raise BadInput(f"{kind!r} is not a kind of envelope")
    if not isinstance(seq, int) or not 0 < seq < _SEQ_LIMIT:
        raise BadInput("seq must be a positive 63-bit integer of nanoseconds")
    if not isinstance(body, dict):
        raise BadInput("the body of an envelope is an object")
    return Envelope(chain, kind, peer_id(origin), seq, body)


def peer_id(text: object) -> PeerId:
    """Parse the base58 id of a peer with an Ed25519 key. Raises BadInput."""
    if not isinstance(text, str) or _PEER.fullmatch(text) is None:
        raise BadInput("that is not the id of a peer with an Ed25519 key: expected 12D3KooW and 44 base58 characters")
    return PeerId(text)


def check_fresh(envelope: Envelope, now_ns: int) -> None:
    """Raise BadInput when an envelope is too old or from the future. ``now_ns`` is nanoseconds since 1970."""
    if envelope.seq < now_ns - OLDEST_NS:
        raise BadInput("the envelope is older than ten minutes")
    if envelope.seq > now_ns + NEWEST_NS:
        raise BadInput("the envelope is from the future", next_step="set this machine's clock, for instance by NTP")


def envelope_id(data: bytes) -> bytes:
    """The 32-byte SHA-256 of an envelope's signed bytes: its name for duplicates."""
    return hashlib.sha256(DOMAIN + data).digest()


def signed_bytes(data: bytes) -> bytes:
    """What the origin's key signs for the JSON bytes of an envelope."""
    return DOMAIN + data


def split(packet: bytes) -> tuple[bytes, bytes]:
    """Cut a packet into (signature, JSON bytes). Raises BadInput when it is too short or too long."""
    if not SIGNATURE_BYTES < len(packet) <= MAX_BYTES:
        raise BadInput(f"an envelope has {SIGNATURE_BYTES + 1} to {MAX_BYTES} bytes, not {len(packet)}")
    return packet[:SIGNATURE_BYTES], packet[SIGNATURE_BYTES:]
