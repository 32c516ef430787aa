"""What a catalog keeps of capture bounties, of answers to them, and of what is covered."""

from __future__ import annotations

from dataclasses import dataclass, field

from thenar.domain import facts as f
from thenar.domain.bounty.answers import AnswerStage, Charge, Shown
from thenar.domain.bounty.asks import Ask
from thenar.domain.bounty.coverage import Spot, faded, half_life_of
from thenar.domain.bounty.witnessing import Attestation, WordStage
from thenar.domain.gestures.moves import HEAD_BYTES, moves_of
from thenar.domain.ids import Address, AnswerId, AskId, AssetId, DisputeId


@dataclass(slots=True)
class AskRecord:
    """A capture bounty and what was spent of it."""

    id: AskId
    sponsor: Address
    ask: Ask
    opened_at: int
    opened: f.At
    answers: list[AnswerId] = field(default_factory=list)
    paid: int = 0
    closed: bool = False

    @property
    def left(self) -> int:
        """What can still be paid."""
        return 0 if self.closed else self.ask.budget - self.paid


@dataclass(slots=True)
class AnswerRecord:
    """An answer, from the commitment to its end."""

    id: AnswerId
    contributor: Address
    commitment: bytes
    bond: int
    committed_at: int
    until: int  # unix seconds: to be shown, then to be challenged
    committed: f.At
    stage: AnswerStage = AnswerStage.COMMITTED
    shown: Shown | None = None
    dispute: DisputeId | None = None
    charge: Charge | None = None
    challenger: Address | None = None
    paid: int = 0
    before: int = 0
    covered: int = 0


@dataclass(frozen=True, slots=True)
class BeaconRecord:
    """A block's hash that gestures are drawn from."""

    number: int
    hash: bytes
    lit_at: int

    @property
    def head(self) -> bytes:
        """What the chain keeps of the hash."""
        return self.hash[:HEAD_BYTES]

    @property
    def moves(self) -> tuple[int, ...]:
        """The moves it asks for, each 0 to 3."""
        return moves_of(self.head)


@dataclass(slots=True)
class WordRecord:
    """A witness's word that was counted, and what became of it."""

    capture: AssetId
    scan: AssetId
    witness: Address
    overlap: int
    laid: bytes
    nonce: int
    until: int  # unix seconds: to be accused
    stage: WordStage = WordStage.COUNTED
    dispute: DisputeId | None = None
    accuser: Address | None = None
    charged: int = 0

    @property
    def attestation(self) -> Attestation:
        """The word as it was signed."""
        return Attestation(self.capture, self.scan, self.witness, self.overlap, self.laid, self.nonce)


@dataclass(slots=True)
class CoverageRecord:
    """Coverage of a spot as of its last raise."""

    spot: Spot
    amount: int = 0
    at: int = 0

    def now(self, time: int) -> int:
        """Basis points at a time; before the last raise what it was then."""
        return faded(self.amount, max(0, time - self.at), half_life_of(self.spot.place_class))
