"""Previews: the twin of contracts/types/Previews.sol and libraries/Sampling.sol, and what a preview finds out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import comb

from thenar.domain.ids import Address, AssetId
from thenar.domain.keccak import keccak256
from thenar.errors import BadInput

MAX_COUNT = 256
ROUNDS = 10
"""Among few chunks four rounds, which are enough for many, favour some pairs."""


class Stage(IntEnum):
    """Where a preview stands. None → Asked → Opened → None."""

    NONE = 0
    ASKED = 1
    OPENED = 2


class End(IntEnum):
    """How a preview ended."""

    PAID = 1
    REFUTED = 2
    EXPIRED = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything a preview's id commits to beside chain and contract. ``fee`` in token units."""

    asset: AssetId
    seller: Address
    challenger: Address
    key_x: int
    key_y: int
    asked_in: int  # block number; the hash of the next block draws the chunks
    chunks: int
    count: int
    fee: int

    def id_on(self, chain_id: int, contract: Address) -> bytes:
        """keccak256(abi.encode("thenar.preview/1", chain id, PreviewDesk, preview))."""
        numbers = (self.key_x, self.key_y, self.asked_in, self.chunks, self.count, self.fee)
        words = (
            b"thenar.preview/1".ljust(32, b"\0"),
            chain_id.to_bytes(32, "big"),
            bytes.fromhex(contract[2:]).rjust(32, b"\0"),
            bytes.fromhex(self.asset[2:]),
            bytes.fromhex(self.seller[2:]).rjust(32, b"\0"),
            bytes.fromhex(self.challenger[2:]).rjust(32, b"\0"),
            *(number.to_bytes(32, "big") for number in numbers),
        )
        return keccak256(b"".join(words))

    @property
    def point(self) -> bytes:
        """The challenger's one-time public key, 64 bytes x‖y."""
        return self.key_x.to_bytes(32, "big") + self.key_y.to_bytes(32, "big")


@dataclass(frozen=True, slots=True)
class OpenedKeys:
    """The wrapped keys of the drawn chunks, in the order they were drawn, under one ephemeral point."""

    seed: bytes
    ephemeral_x: int
    ephemeral_y: int
    wrapped: tuple[bytes, ...]

    @property
    def ephemeral_point(self) -> bytes:
        """The ephemeral public key, 64 bytes x‖y."""
        return self.ephemeral_x.to_bytes(32, "big") + self.ephemeral_y.to_bytes(32, "big")


@dataclass(frozen=True, slots=True)
class Reveal:
    """Which key was handed over at a position: the one-time secret and the shared point."""

    position: int
    secret: int
    shared_x: int
    shared_y: int


def wrapping_context(preview_id: bytes, position: int) -> bytes:
    """What a key at a position is wrapped with: keccak256(abi.encode(previewId, position))."""
    return keccak256(preview_id + position.to_bytes(32, "big"))


def number_at(seed: bytes, size: int, position: int) -> int:
    """The number drawn at ``position`` from 0 … ``size`` − 1 without replacement. Raises BadInput outside.

    A keyed permutation: Feistel rounds over the smallest 4^k not below ``size``, walked on until below ``size``.
    Source: Luby, Rackoff, "How to construct pseudorandom permutations" (1988); Black, Rogaway, "Ciphers with
    arbitrary finite domains" (2002), cycle walking.
    """
    if not 0 <= position < size:
        raise BadInput(f"there is no position {position} among {size}")
    half = ((size - 1).bit_length() + 1) // 2
    number = position
    while True:
        number = _permuted(seed, half, number)
        if number < size:
            return number


def drawn(seed: bytes, preview: Preview) -> tuple[int, ...]:
    """The chunks a seed draws for a preview, all different."""
    return tuple(number_at(seed, preview.chunks, position) for position in range(preview.count))


def chance_of_missing(chunks: int, bad: int, count: int) -> float:
    """The chance that ``count`` chunks drawn from ``chunks`` show none of ``bad`` garbage ones (hypergeometric)."""
    if not (0 <= bad <= chunks and 0 <= count <= chunks):
        raise BadInput(f"{bad} bad and {count} drawn do not fit into {chunks} chunks")
    return comb(chunks - bad, count) / comb(chunks, count)


def fresh_share(opened: Sequence[int], wanted: Sequence[int], chunks: int) -> float:
    """The share of a file that is open to somebody once ``wanted`` is opened beside what was ``opened`` before."""
    return len({*opened, *wanted}) / chunks


def _permuted(seed: bytes, half: int, number: int) -> int:
    mask = (1 << half) - 1
    left, right = number >> half, number & mask
    for turn in range(ROUNDS):
        mixed = keccak256(seed + turn.to_bytes(32, "big") + right.to_bytes(32, "big"))
        left, right = right, left ^ (int.from_bytes(mixed, "big") & mask)
    return left << half | right
