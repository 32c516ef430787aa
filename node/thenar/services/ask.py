"""Asking other nodes directly: quicker than walking blocks, and never believed without a check.

Whoever does not answer, refuses or lies is passed over; when nobody is left the caller goes the slower way.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import trio

from thenar.domain import protocols
from thenar.domain.assets import Commitment
from thenar.domain.catalog import Catalog
from thenar.domain.ids import AssetId, PeerId, peer_id_of
from thenar.domain.keccak import keccak256
from thenar.domain.keytree import key_commit
from thenar.domain.leaves import LEAF_BYTES, sealed_leaves
from thenar.domain.manifest import LIMIT
from thenar.domain.segments import CHUNK_BYTES, verify
from thenar.domain.sketch import Sketch
from thenar.errors import Corrupt, NotFound, Refused, Unavailable
from thenar.services.licensing import Trade
from thenar.services.ports import Keyring, Peers, Wrapped
from thenar.services.records import remember_key

log = logging.getLogger(__name__)

ASKED: Final = 3
"""Peers asked one after the other before the slower way is taken."""
SECONDS: Final = 12.0
"""All of them together may take so long."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Segment:
    """A checked run of sealed leaves: their bytes, where they begin, and how many leaves the file has."""

    first: int
    data: bytes
    size: int


async def ask_each(
    peers: Sequence[PeerId], ask: Callable[[PeerId], Awaitable[Found]], what: str
) -> tuple[PeerId, Found] | None:
    """The first good answer and who gave it, or None when a few peers gave none in time."""
    with trio.move_on_after(SECONDS):
        for peer in peers[:ASKED]:
            try:
                return peer, await ask(peer)
            except (Refused, Unavailable, Corrupt) as cause:
                log.info("no answer", extra={"peer": peer, "asked": what, "reason": cause.message})
    return None


async def ask_manifest(peers: Peers, peer: PeerId, commitment: Commitment) -> bytes:
    """The bytes of an asset's description. Raises Corrupt when they are not those the asset was minted with."""
    asked = protocols.spell(protocols.AssetRequest(commitment.asset_id))
    answer = protocols.read(protocols.ManifestAnswer, await peers.ask(peer, protocols.MANIFEST, asked), "the answer")
    data = protocols.from_text(answer.manifest, limit=LIMIT)
    if keccak256(data) != commitment.manifest_hash:
        raise Corrupt(f"{peer} gave another description than the asset was minted with")
    return data


async def ask_sketch(peers: Peers, peer: PeerId, asset: AssetId) -> Sketch:
    """What a peer says a card about an asset shows; only its description proves it."""
    asked = protocols.spell(protocols.AssetRequest(asset))
    found = protocols.read(Sketch, await peers.ask(peer, protocols.SKETCH, asked), "the sketch")
    if found.asset != asset:
        raise Corrupt(f"{peer} gave the sketch of another asset")
    return found


async def ask_segment(peers: Peers, peer: PeerId, commitment: Commitment, first: int, count: int) -> Segment:
    """A run of sealed leaves, checked against the cipher root the asset was minted with. Raises Corrupt."""
    asked = protocols.spell(protocols.SegmentRequest(commitment.asset_id, first, count))
    answer = protocols.read(protocols.SegmentAnswer, await peers.ask(peer, protocols.SEGMENTS, asked), "the answer")
    data = protocols.from_text(answer.data, limit=count * LEAF_BYTES)
    joined = protocols.from_text(answer.path, limit=32 * protocols.MAX_PATH)
    path = [joined[at : at + 32] for at in range(0, len(joined), 32)]
    hashes = [leaf for at in range(0, len(data), CHUNK_BYTES) for leaf in sealed_leaves(data[at : at + CHUNK_BYTES])]
    if len(hashes) != count or not verify(commitment.cipher_root, hashes, first, answer.size, path):
        raise Corrupt(f"{peer} gave sealed bytes that are not under the asset's cipher root")
    return Segment(first, data, answer.size)


async def ask_key(trade: Trade, peers: Peers, keyring: Keyring, asset: AssetId, holders: Sequence[PeerId]) -> bytes:
    """The root key of an asset this account is licensed for, from its owner's or author's node; remembered.

    Raises Unavailable while none of them gives it.
    """
    catalog = trade.belief.catalog
    record = catalog.assets.get(asset)
    if record is None:
        raise NotFound(f"no asset {asset}", next_step="`thenar capture list` shows what exists")
    knowing = [*nodes_of(catalog, record.owner), *nodes_of(catalog, record.author), *holders]
    found = await ask_each(
        [peer for peer in dict.fromkeys(knowing) if peer != peers.me],
        lambda peer: _ask_key(trade, peers, keyring, peer, record.commitment),
        "key",
    )
    if found is None:
        raise Unavailable(
            f"nobody who knows the key of {asset} gave it", next_step="ask again when its owner's node is running"
        )
    await remember_key(trade.journal, asset, found[1])
    return found[1]


async def _ask_key(trade: Trade, peers: Peers, keyring: Keyring, peer: PeerId, commitment: Commitment) -> bytes:
    asset, at = commitment.asset_id, (await trade.chain.head()).timestamp
    seed = hashlib.sha256(f"thenar.ask-key/1/{asset}/{peer}/{at}".encode()).digest()
    secret, point = trade.wrapper.one_time_key(seed)
    chain = trade.chain.chain_id
    digest = protocols.key_digest(asset, trade.me, point, at, chain=chain, asker=peers.me, answerer=peer)
    signature = keyring.sign_digest(digest).hex()
    asked = protocols.spell(protocols.KeyRequest(asset, trade.me, point.hex(), at, signature))
    answer = protocols.read(protocols.KeyAnswer, await peers.ask(peer, protocols.KEY, asked), "the answer")
    wrapped = Wrapped(bytes.fromhex(answer.wrapped), bytes.fromhex(answer.ephemeral))
    root_key = trade.wrapper.unwrap(wrapped, secret, digest)
    if key_commit(root_key) != commitment.key_commit:
        raise Corrupt(f"{peer} gave another key than the asset was minted with")
    return root_key


def nodes_of(catalog: Catalog, account: str) -> list[PeerId]:
    """The registered peers of an account."""
    return [peer_id_of(node.peer_key) for node in catalog.nodes.values() if node.operator == account]
