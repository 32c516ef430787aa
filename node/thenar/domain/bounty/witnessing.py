"""Who has seen again what a capture shows, and how much a witness's word counts. Twin of contracts/WitnessBook.sol."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar, Final

from thenar.domain.bounty.answers import MOST_WITNESS
from thenar.domain.bounty.coverage import BP
from thenar.domain.documents import Document
from thenar.domain.ids import Address, AssetId, address, asset_id
from thenar.domain.keccak import keccak256
from thenar.domain.records import Wide
from thenar.domain.typed import account_word, number_word, typed_digest
from thenar.errors import BadInput

ALONE: Final = 4_000
"""Basis points of trust in a capture nobody has seen again."""
WITNESS: Final = 4
"""A node's role bit, as the contract counts it."""
_OVERLAP: Final = b"thenar.overlap/1".ljust(32, b"\0")
_WORD: Final = 3_000
_FULL_STAKE: Final = 2
_LEAST_LOWERED: Final = (4, 5)
_TYPE: Final = keccak256(
    b"Attestation(bytes32 capture,bytes32 scan,address witness,uint16 overlap,bytes laid,uint256 nonce)"
)


class WordStage(IntEnum):
    """Where a word stands."""

    NONE = 0
    COUNTED = 1
    DISPUTED = 2
    FREED = 3
    STRUCK = 4


@dataclass(frozen=True, slots=True)
class Attestation:
    """A witness's word: a later scan of his own, laid on a capture as stated, shows so many basis points of it again.

    ``laid`` is a transform in canonical JSON; ``nonce`` the witness's, as it stands.
    """

    capture: AssetId
    scan: AssetId
    witness: Address
    overlap: int
    laid: bytes
    nonce: int

    def signed(self, chain_id: int, book: Address) -> bytes:
        """The 32 bytes the witness signs for a WitnessBook."""
        body = _TYPE + bytes.fromhex(self.capture[2:]) + bytes.fromhex(self.scan[2:]) + account_word(self.witness)
        body += number_word(self.overlap) + keccak256(self.laid) + number_word(self.nonce)
        return typed_digest("Thenar WitnessBook", chain_id, book, body)


@dataclass(frozen=True, slots=True)
class SignedWord(Document):
    """A witness's word as it is told to everybody: whoever has it may lodge it."""

    noun: ClassVar[str] = "witness's word"
    most: ClassVar[int] = 2 * MOST_WITNESS + 1_024

    asset: str
    scan: str
    witness: str
    overlap: int
    laid: str
    nonce: Wide
    signature: str

    def __post_init__(self) -> None:
        if not 0 < self.overlap <= BP or len(self.laid) > MOST_WITNESS or len(self.signature) > MOST_WITNESS:
            raise BadInput("a witness's word names 1 to 10,000 basis points, a transform and a signature")

    @classmethod
    def of(cls, word: Attestation, signature: bytes) -> SignedWord:
        """A word and its signature in letters."""
        names = (word.capture, word.scan, word.witness)
        return cls(*names, word.overlap, word.laid.decode(), word.nonce, signature.hex())

    @property
    def opened(self) -> tuple[Attestation, bytes]:
        """The word and its signature. Raises BadInput for letters that spell neither."""
        try:
            signature = bytes.fromhex(self.signature)
        except ValueError as cause:
            raise BadInput("the signature of a witness's word is no hex") from cause
        names = (asset_id(self.asset), asset_id(self.scan), address(self.witness))
        return Attestation(*names, self.overlap, self.laid.encode(), self.nonce), signature


def overlap_leaf(overlap: int) -> bytes:
    """The leaf that stands for an overlap before the court, in basis points."""
    return keccak256(_OVERLAP + number_word(overlap))


def weighs(said: int, found: int) -> bool:
    """Whether a word says so much more than is found that the court takes an accusation: by a quarter."""
    part, of = _LEAST_LOWERED
    return of * found <= part * said


def weight_of(stake: int, minimum_stake: int, earlier: int) -> int:
    """Basis points a word counts, with that stake behind it, after so many between the same two accounts.

    3,000, less below two minimum stakes in proportion, divided by one and the earlier ones; rounded down.
    """
    full = _FULL_STAKE * minimum_stake
    behind = stake * BP // full if stake < full else BP
    return _WORD * behind // (BP * (1 + earlier))


def pair_of(one: Address, other: Address) -> tuple[Address, Address]:
    """What two accounts are counted by, whichever is named first."""
    return (one, other) if one < other else (other, one)


@dataclass(slots=True)
class Trust:
    """Words by capture and witness, and how many two accounts have spoken for each other."""

    weights: dict[AssetId, dict[Address, int]] = field(default_factory=dict)
    words: dict[tuple[Address, Address], int] = field(default_factory=dict)
    struck: set[tuple[AssetId, Address]] = field(default_factory=set)
    """Words that were false, by capture and witness: they count nothing, and nobody speaks again after one."""

    def of(self, capture: AssetId) -> int:
        """How far a capture is trusted, in basis points."""
        return ALONE + sum(self.weights.get(capture, {}).values())

    def between(self, one: Address, other: Address) -> int:
        """How many words two accounts have spoken for each other, either way."""
        return self.words.get(pair_of(one, other), 0)

    def worth(self, capture: AssetId, weight: int) -> int:
        """What a word of that weight counts: no more than trust is missing."""
        return min(weight, BP - self.of(capture))

    def count(self, capture: AssetId, witness: Address, contributor: Address, weight: int) -> None:
        """Take in a word that counts so much."""
        self.weights.setdefault(capture, {})[witness] = weight
        pair = pair_of(witness, contributor)
        self.words[pair] = self.words.get(pair, 0) + 1

    def strike(self, capture: AssetId, witness: Address) -> None:
        """Take back what a false word counted."""
        self.weights[capture][witness] = 0
        self.struck.add((capture, witness))
