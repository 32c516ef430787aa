"""The peer key: libp2p identity, envelope signatures, ids between our spelling and libp2p's."""

from __future__ import annotations

from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.crypto.keys import KeyPair
from libp2p.peer.id import ID
from multiaddr import Multiaddr
from multiaddr.exceptions import Error as MultiaddrError
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from thenar.domain.ids import PeerId
from thenar.errors import BadInput

SEED_BYTES = 32
_ED25519_ID = bytes.fromhex("002408011220")  # identity multihash of a protobuf-wrapped Ed25519 key (libp2p peer-ids)
_ID_BYTES = len(_ED25519_ID) + 32


def key_pair(seed: bytes) -> KeyPair:
    """The libp2p Ed25519 key of a 32-byte seed. Raises BadInput."""
    if len(seed) != SEED_BYTES:
        raise BadInput(f"the peer key's seed has {SEED_BYTES} bytes, not {len(seed)}")
    return create_new_key_pair(seed)


def is_ed25519(raw: bytes) -> bool:
    """Whether raw peer-id bytes carry an Ed25519 key."""
    return len(raw) == _ID_BYTES and raw.startswith(_ED25519_ID)


def from_libp2p(peer: ID) -> PeerId:
    """Our spelling of a libp2p id."""
    return PeerId(peer.to_base58())


def to_libp2p(peer: PeerId) -> ID:
    """libp2p's spelling of our id. Raises BadInput when it is not base58."""
    try:
        return ID.from_base58(peer)
    except ValueError as cause:
        raise BadInput(f"{peer[:80]!r} is not a peer id") from cause


def verify(origin: PeerId, data: bytes, signature: bytes) -> bool:
    """Whether the origin's key signed these bytes. Raises BadInput when the id is no Ed25519 key."""
    raw = to_libp2p(origin).to_bytes()
    if not is_ed25519(raw):
        raise BadInput(f"{origin} is not the id of a peer with an Ed25519 key")
    try:
        VerifyKey(raw[len(_ED25519_ID) :]).verify(data, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def parse_address(text: str) -> tuple[PeerId, Multiaddr]:
    """Split ``/ip4/…/tcp/…/p2p/<id>`` into the peer and the address without it. Raises BadInput."""
    try:
        whole = Multiaddr(text)
        named = whole.get_peer_id()
    except (MultiaddrError, ValueError, LookupError) as cause:
        raise BadInput(f"{text[:120]!r} is not a multiaddress") from cause
    if named is None or not text.rstrip("/").endswith(f"/p2p/{named}"):
        raise BadInput(f"{text[:120]!r} does not end in /p2p/ and a peer id")
    return PeerId(named), whole.decapsulate(Multiaddr(f"/p2p/{named}"))
