"""Previews worked out in Python: what is asked, drawn, handed over and shown, with the calls in order."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Any

from assets import Commitment
from brownie import chain, web3
from eth_abi import encode
from eth_utils import keccak
from sales import mask, point, product, seeded, xor
from sealed_bytes import SealedBytes, as_call
from system import System, fund

from thenar.domain.previews import number_at, wrapping_context

ASKED, OPENED = 1, 2
PAID, REFUTED, EXPIRED = 1, 2, 3
FEE = 3_000_000
BLOCKS_TO_EXPIRY = 258

_PREVIEW = "(bytes32,address,address,uint256,uint256,uint64,uint32,uint16,uint96)"
_OPENED = "(bytes32,uint256,uint256,bytes32[])"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a challenger asked for."""

    asset: bytes
    seller: str
    challenger: str
    key_x: int
    key_y: int
    asked_in: int
    chunks: int
    count: int
    fee: int

    @property
    def call(self) -> tuple[Any, ...]:
        return astuple(self)

    def id(self, desk: Any) -> bytes:
        """The preview's id on the running chain."""
        types = ("bytes32", "uint256", "address", _PREVIEW)
        return keccak(encode(types, (b"thenar.preview/1".ljust(32, b"\0"), chain.id, str(desk), self.call)))

    def seed(self, desk: Any) -> bytes:
        """What draws its chunks, once the next block is there."""
        block_hash = bytes(web3.eth.get_block(self.asked_in + 1)["hash"])
        return keccak(block_hash + self.id(desk))


@dataclass(frozen=True, slots=True)
class Opened:
    """Keys as they were handed over."""

    seed: bytes
    ephemeral_x: int
    ephemeral_y: int
    wrapped: tuple[bytes, ...]

    @property
    def call(self) -> tuple[Any, ...]:
        return (self.seed, self.ephemeral_x, self.ephemeral_y, list(self.wrapped))

    def agreement(self, preview_id: bytes) -> bytes:
        """What the desk keeps of an opened preview."""
        return keccak(encode(("bytes32", _OPENED), (preview_id, self.call)))[:26] + bytes(6)


@dataclass(frozen=True, slots=True)
class Shown:
    """A minted file, and who asks for a preview of it with which one-time secret."""

    system: System
    file: SealedBytes
    made: Commitment
    seller: Any
    challenger: Any
    secret: int = seeded("preview")

    @property
    def desk(self) -> Any:
        return self.system.preview_desk

    def ask(self, count: int = 3, fee: int = FEE) -> Preview:
        """Ask for a preview and mine the block that draws it."""
        key = point(self.secret)
        sent = self.desk.challengePreview(self.made.call, count, fee, *key, {"from": self.challenger})
        chain.mine(1)
        return replace(self.ask_words(count, fee), asked_in=sent.block_number)

    def ask_words(self, count: int, fee: int) -> Preview:
        """A preview whose block is not known yet."""
        people = str(self.seller), str(self.challenger)
        return Preview(self.made.id, *people, *point(self.secret), 0, self.file.layout.chunks, count, fee)

    def keys(self, preview: Preview) -> tuple[bytes, ...]:
        """The right keys of the drawn chunks."""
        seed = preview.seed(self.desk)
        return tuple(self.file.chunk_key(number_at(seed, preview.chunks, at)) for at in range(preview.count))

    def wrap(self, preview: Preview, keys: tuple[bytes, ...], ephemeral: int = seeded("ephemeral")) -> Opened:
        """Wrap keys for the challenger, position by position."""
        shared_x, _ = product(ephemeral, (preview.key_x, preview.key_y))
        preview_id = preview.id(self.desk)
        wrapped = [xor(key, mask(wrapping_context(preview_id, at), shared_x)) for at, key in enumerate(keys)]
        return Opened(preview.seed(self.desk), *point(ephemeral), tuple(wrapped))

    def open(self, preview: Preview, opened: Opened | None = None) -> Opened:
        """Hand over keys, the right ones unless others are given."""
        opened = opened or self.wrap(preview, self.keys(preview))
        self.desk.openPreview(preview.call, opened.call, {"from": self.seller})
        return opened

    def reveal(self, opened: Opened, position: int) -> tuple[int, int, int, int]:
        """What the challenger shows about a position."""
        return (position, self.secret, *product(self.secret, (opened.ephemeral_x, opened.ephemeral_y)))

    def dispute(self, preview: Preview, opened: Opened, position: int, place: int, **other: Any) -> Any:
        """Show the leaf at ``place`` of the chunk drawn at ``position``; ``other`` replaces parts of what is sent.

        ``asked_only`` asks what would happen: the trace of a refused dispute is too long for a busy machine.
        """
        chunk = other.get("chunk", number_at(opened.seed, preview.chunks, position))
        send = self.desk.disputePreview.call if other.get("asked_only") else self.desk.disputePreview
        return send(
            preview.call,
            other.get("forged", opened).call,
            other.get("made", self.made).call,
            other.get("reveal", self.reveal(opened, position)),
            as_call(self.file.opening(chunk, place)),
            {"from": other.get("sender", self.challenger)},
        )


def prepare(system: System, file: SealedBytes, seller: Any, challenger: Any) -> Shown:
    """Mint a file and give both sides money."""
    made = file.commitment(seller)
    system.asset_registry.mint(made.call, 0, 0, "0x" + "00" * 20, b"", {"from": seller})
    fund(system.token, challenger, 100_000_000, system.ledger)
    fund(system.token, seller, 100_000_000, system.ledger)
    system.ledger.deposit(seller, 50_000_000, {"from": seller})
    return Shown(system, file, made, seller, challenger)
