"""Merkle-sum trees: who shares a payout, provably. The twin of contracts/libraries/SumTree.sol.

A leaf binds chain, contract, asset, payout, place, beneficiary and weight; an inner node binds hashes and sums of both
sides. A place without leaves below it is 64 zero bytes: hash 0 and sum 0. Nodes are kept as hash ‖ sum, which is
also how they stand in their parent's preimage.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from sha3 import keccak_256

from thenar.domain.ids import Address, AssetId, address, asset_id
from thenar.domain.keccak import keccak256, tag32
from thenar.domain.revenue import Beneficiary, ClaimLeaf
from thenar.domain.statements import MAX_LICENSES
from thenar.errors import BadInput, NotFound

MAX_DEPTH = 20
MAX_WEIGHT = 2**96 - 1
NODE = 64  # bytes: hash ‖ sum
LEAF_TAG, INNER_TAG = tag32("thenar.leaf/1"), tag32("thenar.sum/1")

MAGIC = b"thenar.payout/1\x00"
_HEAD = struct.Struct(">16sQ20s32sIII")  # magic, chain id, graph, asset, payout, numbers of shares and of licenses
_SHARE = struct.Struct(">B32s12s")  # kind, beneficiary, weight
MAX_BYTES = _HEAD.size + _SHARE.size * 2**MAX_DEPTH + 32 * MAX_LICENSES


@dataclass(frozen=True, slots=True)
class Scope:
    """The one payout a tree is good for; ``payout`` counts from 1."""

    chain_id: int
    graph: Address
    asset: AssetId
    payout: int

    def __post_init__(self) -> None:
        address(self.graph)
        asset_id(self.asset)
        if not 0 < self.chain_id < 2**64 or not 0 < self.payout < 2**32:
            raise BadInput(f"chain id {self.chain_id} or payout number {self.payout} is out of range")

    def words(self) -> bytes:
        """The first five words of every leaf's preimage."""
        chain, payout = self.chain_id.to_bytes(32, "big"), self.payout.to_bytes(32, "big")
        return LEAF_TAG + chain + bytes(12) + bytes.fromhex(self.graph[2:]) + bytes.fromhex(self.asset[2:]) + payout


@dataclass(frozen=True, slots=True)
class Share:
    """A beneficiary's weight in a payout."""

    kind: Beneficiary
    beneficiary: bytes  # 32 bytes: asset id, or address left-padded
    weight: int

    def __post_init__(self) -> None:
        if len(self.beneficiary) != 32:
            raise BadInput("a beneficiary is 32 bytes: an asset id, or an address padded on the left")
        if self.kind == Beneficiary.ACCOUNT and (any(self.beneficiary[:12]) or not any(self.beneficiary)):
            raise BadInput(f"0x{self.beneficiary.hex()} is not an account that can be paid")
        if not 0 < self.weight <= MAX_WEIGHT:
            raise BadInput(f"weight {self.weight} is not between 1 and 2^96 - 1")


@dataclass(frozen=True, slots=True)
class SumTree:
    """A built tree: levels of hash ‖ sum from the leaves up; the last level is the root alone."""

    scope: Scope
    shares: Sequence[Share]
    levels: tuple[bytes, ...]

    @classmethod
    def build(cls, scope: Scope, shares: Sequence[Share]) -> Self:
        """Hash the shares in order into the lowest tree that holds them. Raises BadInput for none or too many."""
        if not 1 <= len(shares) <= 2**MAX_DEPTH:
            raise BadInput(f"a payout has 1 to {2**MAX_DEPTH} shares, not {len(shares)}")
        sums = [share.weight for share in shares]
        if sum(sums) > MAX_WEIGHT:
            raise BadInput(
                "the weights add up to more than 2^96 - 1", next_step="divide all weights by a common number"
            )
        return cls(scope, shares, levels_over(b"".join(_leaves(scope, shares)), sums))

    @property
    def depth(self) -> int:
        """Levels above the leaves."""
        return len(self.levels) - 1

    @property
    def root(self) -> bytes:
        """The 32-byte root to publish."""
        return self.levels[-1][:32]

    @property
    def total_weight(self) -> int:
        """The sum of all weights, to publish beside the root."""
        return int.from_bytes(self.levels[-1][32:], "big")

    def prove(self, index: int) -> ClaimLeaf:
        """One leaf with its proof. Raises NotFound when no share has this index."""
        if not 0 <= index < len(self.shares):
            raise NotFound(f"payout {self.scope.payout} has no share {index}: it has {len(self.shares)}")
        siblings, sums = beside(self.levels, index)
        share = self.shares[index]
        return ClaimLeaf(
            index=index,
            kind=share.kind,
            beneficiary=share.beneficiary,
            weight=share.weight,
            siblings=siblings,
            sums=sums,
        )


def levels_over(leaves: bytes, sums: Sequence[int]) -> tuple[bytes, ...]:
    """All levels over leaves that are kept as hash ‖ sum, from the leaves up to the root alone."""
    levels, sums = [leaves], list(sums)
    while len(levels[-1]) > NODE:
        if len(levels[-1]) % (2 * NODE):
            levels[-1] += bytes(NODE)
            sums.append(0)
        sums = list(map(int.__add__, sums[::2], sums[1::2]))
        levels.append(b"".join(_inners(levels[-1], sums)))
    return tuple(levels)


def beside(levels: Sequence[bytes], index: int) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
    """The siblings of a leaf from the bottom up, and their sums."""
    places = [((index >> height) ^ 1) * NODE for height in range(len(levels) - 1)]
    nodes = [level[at : at + NODE] for level, at in zip(levels, places, strict=False)]
    return tuple(node[:32] for node in nodes), tuple(int.from_bytes(node[32:], "big") for node in nodes)


def verify(scope: Scope, root: bytes, total_weight: int, depth: int, leaf: ClaimLeaf) -> bool:
    """Say whether the contract would accept this leaf under a published root."""
    if not len(leaf.siblings) == len(leaf.sums) == depth or not 0 <= leaf.index < 2**depth:
        return False
    if not all(0 <= value <= MAX_WEIGHT for value in (leaf.weight, *leaf.sums)):
        return False
    words = leaf.index.to_bytes(32, "big") + leaf.kind.to_bytes(32, "big") + leaf.beneficiary
    digest, total = keccak256(scope.words() + words + leaf.weight.to_bytes(32, "big")), leaf.weight
    for height, (sibling, other) in enumerate(zip(leaf.siblings, leaf.sums, strict=True)):
        pair = [digest + total.to_bytes(32, "big"), sibling + other.to_bytes(32, "big")]
        if leaf.index >> height & 1:
            pair.reverse()
        digest, total = keccak256(INNER_TAG + pair[0] + pair[1]), total + other
    return digest == root and total == total_weight


@dataclass(frozen=True, slots=True)
class Published:
    """What lies in the store for everybody: the shares of a payout, and the assets its license set names in order."""

    scope: Scope
    shares: Sequence[Share]
    licenses: tuple[AssetId, ...] = ()


def encode(published: Published) -> bytes:
    """The bytes to publish, from which anybody rebuilds tree and set: head 88, share 45, license 32 bytes."""
    scope, shares, licenses = published.scope, published.shares, published.licenses
    graph, asset = bytes.fromhex(scope.graph[2:]), bytes.fromhex(scope.asset[2:])
    head = _HEAD.pack(MAGIC, scope.chain_id, graph, asset, scope.payout, len(shares), len(licenses))
    rows = (_SHARE.pack(share.kind, share.beneficiary, share.weight.to_bytes(12, "big")) for share in shares)
    return b"".join((head, *rows, *(bytes.fromhex(licensed[2:]) for licensed in licenses)))


def decode(data: bytes) -> Published:
    """Read what `encode` wrote. Raises BadInput for anything `encode` would not have written."""
    if not _HEAD.size < len(data) <= MAX_BYTES:
        raise BadInput(f"a published payout has {_HEAD.size + _SHARE.size} to {MAX_BYTES} bytes, not {len(data)}")
    magic, chain_id, graph, asset, payout, count, licensed = _HEAD.unpack_from(data)
    end = _HEAD.size + _SHARE.size * count
    if magic != MAGIC or len(data) != end + 32 * licensed:
        raise BadInput("this is not a published payout of version 1, or it was cut short")
    scope = Scope(chain_id, Address("0x" + graph.hex()), AssetId("0x" + asset.hex()), payout)
    rows = _SHARE.iter_unpack(memoryview(data)[_HEAD.size : end])
    shares = [Share(_kind(kind), beneficiary, int.from_bytes(weight, "big")) for kind, beneficiary, weight in rows]
    licenses = tuple(AssetId("0x" + data[at : at + 32].hex()) for at in range(end, len(data), 32))
    return Published(scope, shares, licenses)


def published_digest(data: bytes) -> bytes:
    """SHA-256 of the published bytes: the ``manifest`` of ``PayoutPublished``, hence the CID of one raw block."""
    return hashlib.sha256(data).digest()


def _kind(value: int) -> Beneficiary:
    try:
        return Beneficiary(value)
    except ValueError as cause:
        raise BadInput(f"{value} is not a kind of beneficiary") from cause


def _leaves(scope: Scope, shares: Sequence[Share]) -> Iterator[bytes]:
    begin = keccak_256(scope.words()).copy  # the first five words are the same for every leaf: absorb them once
    for index, share in enumerate(shares):
        weight = share.weight.to_bytes(32, "big")
        hasher = begin()
        hasher.update(index.to_bytes(32, "big") + share.kind.to_bytes(32, "big") + share.beneficiary + weight)
        yield hasher.digest()
        yield weight


def _inners(level: bytes, sums: Sequence[int]) -> Iterator[bytes]:
    for at, total in enumerate(sums):
        yield keccak_256(INNER_TAG + level[at * 2 * NODE : (at + 1) * 2 * NODE]).digest()
        yield total.to_bytes(32, "big")
