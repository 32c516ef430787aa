"""The largest inputs that the contracts take: files, trees and batches made up around a few true leaves."""

from __future__ import annotations

import hashlib
import random
from typing import Any

from eth_abi.abi import encode
from machine import Answer
from moves_of_sales import ANY_SHARE, TERMS, point, times
from world import PEOPLE, World

from thenar.domain import keytree, membertree
from thenar.domain.ids import Address, AssetId
from thenar.domain.keccak import keccak256, tag32
from thenar.domain.openings import CHUNK_BYTES, Layout
from thenar.domain.previews import number_at, wrapping_context
from thenar.domain.sumtree import INNER_TAG, Scope, Share, SumTree

ANA, BEN, CHIDI = PEOPLE[:3]
NOBODY = "0x" + "00" * 20
FOREVER = 2**40 - 1
DICE = random.Random("largest")
Commitment = tuple[Any, ...]


def must(world: World, sender: Address, contract: str, name: str, *arguments: Any) -> Answer:
    """Send what has to go through. Raises AssertionError."""
    answer = world.machine.call(sender, contract, name, *arguments)
    if answer.error:
        raise AssertionError(f"{contract}.{name} ended in {answer.error} {answer.details}")
    return answer


def commitment(author: Address, kind: int, size: int = 0, roots: tuple[bytes, ...] = (bytes(32),) * 3) -> Commitment:
    """A commitment nobody has made yet."""
    return (author, kind, size, *roots, DICE.randbytes(32), DICE.randbytes(32), bytes(32))


def asset_id(made: Commitment) -> bytes:
    """The id of what was committed to."""
    return keccak256(encode(["address", "uint8", "uint64", *["bytes32"] * 6], made))


def mint(world: World, made: Commitment) -> bytes:
    """Mint it for its author."""
    must(world, made[0], "AssetRegistry", "mint", made, 0, 0, NOBODY, b"")
    return asset_id(made)


class Vast:
    """A file of a power of two of chunks whose leaves are all the same, and garbage: any place of it can be shown."""

    def __init__(self, chunks: int) -> None:
        self.layout, self.root_key = Layout(chunks * CHUNK_BYTES), bytes(range(32))
        self.ciphertext, self.plain_leaf = DICE.randbytes(1_024), DICE.randbytes(32)
        levels = (self.layout.sealed_leaves - 1).bit_length()
        sealed = _alike(hashlib.sha256(b"\x00" + self.ciphertext).digest(), levels)
        plain = _alike(self.plain_leaf, levels)
        self.paths = (sealed[:-1], plain[:-1])
        self.roots = (sealed[-1], plain[-1], keytree.key_commit(self.root_key))

    def opening(self, chunk: int, place: int = 113) -> tuple[Any, ...]:
        """A leaf as a contract takes it."""
        return (chunk, place, self.ciphertext, self.paths[0], self.plain_leaf, self.paths[1])


def _alike(leaf: bytes, levels: int) -> tuple[bytes, ...]:
    """The nodes of an RFC 9162 tree whose leaves are all the same, one of each level, the root last."""
    nodes = [leaf]
    for _ in range(levels):
        nodes.append(hashlib.sha256(b"\x01" + nodes[-1] * 2).digest())
    return tuple(nodes)


def wrapped(key: bytes, context: bytes, shared: int) -> bytes:
    """A key under the mask that both sides of an exchange can work out."""
    mask = keccak256(encode(["bytes32", "bytes32", "uint256"], [tag32("thenar.wrap/1"), context, shared]))
    return bytes(a ^ b for a, b in zip(key, mask, strict=True))


def disputed_sale(world: World, file: Vast) -> Answer:
    """Sell a file, deliver its right key, and dispute the leaf."""
    made = commitment(ANA, 0, file.layout.size, file.roots)
    asset, secret, ephemeral = mint(world, made), 11, 13
    must(world, ANA, "TermsBook", "write", TERMS)
    must(world, ANA, "LicenseDesk", "offer", asset, 1, 0, (1_000, 0, FOREVER, 0))
    order = (asset, 1, 1_000, ANY_SHARE, 0, *point(secret), 0)
    deal_id = must(world, BEN, "KeyExchange", "open", order).values[0]
    deal = (asset, ANA, BEN, *point(secret), world.now, 0, 0, 1, 1_000, False, 0, False, 0, bytes(32))
    shared = times(secret, point(ephemeral))
    delivery = (wrapped(file.root_key, deal_id, shared[0]), *point(ephemeral))
    must(world, ANA, "KeyExchange", "deliver", deal, delivery)
    return must(world, BEN, "KeyExchange", "disputeChunk", deal, delivery, made, secret, *shared, file.opening(2**31))


def disputed_preview(world: World, file: Vast, count: int) -> tuple[Answer, Answer]:
    """Ask for a preview, have every key handed over, and dispute the last one: the opening and the dispute."""
    secret, ephemeral, made = 17, 19, commitment(ANA, 0, file.layout.size, file.roots)
    must(world, ANA, "Ledger", "deposit", ANA, 10**9)
    asset = mint(world, made)
    must(world, BEN, "PreviewDesk", "challengePreview", made, count, 1_000, *point(secret))
    preview = (asset, ANA, BEN, *point(secret), world.machine.block, file.layout.chunks, count, 1_000)
    world.machine.wait(36)
    seed = world.machine.view("PreviewDesk", "seedOf", preview)
    preview_id = world.machine.view("PreviewDesk", "previewIdOf", preview)
    shared = times(secret, point(ephemeral))
    keys = [wrapped(DICE.randbytes(32), wrapping_context(preview_id, at), shared[0]) for at in range(count)]
    opened = (seed, *point(ephemeral), tuple(keys))
    opening = must(world, ANA, "PreviewDesk", "openPreview", preview, opened)
    chunk = number_at(seed, file.layout.chunks, count - 1)
    reveal = (count - 1, secret, *shared)
    shown = file.opening(chunk)
    return opening, must(world, BEN, "PreviewDesk", "disputePreview", preview, opened, made, reveal, shown)


def tall(scope: Scope, shares: list[Share], depth: int) -> tuple[bytes, int, list[tuple[Any, ...]]]:
    """A payout tree of any depth whose first places are the given shares: its root, total weight and claims."""
    tree = SumTree.build(scope, shares)
    digest, total = tree.root, tree.total_weight
    above = [(DICE.randbytes(32), DICE.randrange(1, 2**80)) for _ in range(depth - tree.depth)]
    for sibling, weight in above:
        digest = keccak256(INNER_TAG + digest + total.to_bytes(32, "big") + sibling + weight.to_bytes(32, "big"))
        total += weight
    hashes, sums = tuple(one for one, _ in above), tuple(one for _, one in above)
    leaves = [tree.prove(index) for index in range(len(shares))]
    return (
        digest,
        total,
        [
            (leaf.index, int(leaf.kind), leaf.beneficiary, leaf.weight, leaf.siblings + hashes, leaf.sums + sums)
            for leaf in leaves
        ],
    )


def crowd(author: Address, known: int, count: int) -> tuple[Commitment, list[tuple[Any, ...]], list[bytes]]:
    """A batch of ``count`` members of which the first ``known`` are true: its commitment, their proofs and ids."""
    bare = [commitment(author, 0, 1, tuple(DICE.randbytes(32) for _ in range(3))) for _ in range(known)]
    tree = membertree.MemberTree.build([asset_id(one) for one in bare])
    levels = membertree.depth_of(count) - membertree.depth_of(known)
    above, root = tuple(DICE.randbytes(32) for _ in range(levels)), tree.root
    for sibling in above:
        root = membertree.inner_hash(root, sibling)
    batch = commitment(author, 4, count, (bytes(32), root, bytes(32)))
    named = asset_id(batch)
    members = [(*one[:8], named) for one in bare]
    proofs = [(batch, index, member, tree.prove(index) + above) for index, member in enumerate(members)]
    return batch, proofs, [asset_id(member) for member in members]


def scope_of(world: World, asset: bytes) -> Scope:
    """The scope of an asset's first payout."""
    return Scope(1, world.machine.contracts["RevenueGraph"], AssetId("0x" + asset.hex()), 1)
