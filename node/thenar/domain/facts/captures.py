"""Facts about capture bounties: what is asked for, answered and disputed, and what is covered by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.bounty.answers import Charge, Shown
from thenar.domain.bounty.asks import Ask
from thenar.domain.bounty.coverage import Spot
from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AnswerId, AskId, AssetId, DisputeId
from thenar.domain.work.disputes import Ruling


@dataclass(frozen=True, slots=True)
class CapturesAsked:
    """A sponsor asks for captures."""

    at: At
    bounty: AskId
    sponsor: Address
    ask: Ask
    opened_at: int


@dataclass(frozen=True, slots=True)
class AnswerCommitted:
    """Somebody will answer, and shows it before ``until``."""

    at: At
    answer: AnswerId
    contributor: Address
    commitment: bytes
    bond: int
    committed_at: int
    until: int


@dataclass(frozen=True, slots=True)
class AnswerRevealed:
    """An answer was shown, to be challenged before ``until``."""

    at: At
    answer: AnswerId
    asset: AssetId
    shown: Shown
    until: int


@dataclass(frozen=True, slots=True)
class AnswerSettled:
    """An answer was paid for what it adds."""

    at: At
    answer: AnswerId
    contributor: Address
    paid: int
    before: int
    covered: int


@dataclass(frozen=True, slots=True)
class AnswerLapsed:
    """An answer was not shown in time."""

    at: At
    answer: AnswerId
    by: Address
    bond: int


@dataclass(frozen=True, slots=True)
class AnswerDisputed:
    """An answer is before the court."""

    at: At
    dispute: DisputeId
    answer: AnswerId
    challenger: Address
    shown: Shown
    charge: Charge
    bond: int


@dataclass(frozen=True, slots=True)
class AnswerJudged:
    """The court ruled about an answer, and where the loser's money went."""

    at: At
    dispute: DisputeId
    answer: AnswerId
    ruling: Ruling
    to_winner: int
    to_jurors: int
    burnt: int
    until: int


@dataclass(frozen=True, slots=True)
class AskClosed:
    """What was left of a budget went back."""

    at: At
    bounty: AskId
    sponsor: Address
    rest: int


@dataclass(frozen=True, slots=True)
class CoverageRaised:
    """Coverage of a spot rose, from what had faded by ``time``."""

    at: At
    key: bytes
    owner: Address
    spot: Spot
    before: int
    covered: int
    time: int


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A witness's word counts for a capture, which is trusted so far from now on, in basis points.

    Whoever accuses it does so before ``until``.
    """

    at: At
    capture: AssetId
    witness: Address
    scan: AssetId
    weight: int
    trust: int
    overlap: int
    laid: bytes
    until: int


@dataclass(frozen=True, slots=True)
class WordsWithdrawn:
    """What a witness signed with an earlier nonce is void."""

    at: At
    witness: Address
    nonce: int


@dataclass(frozen=True, slots=True)
class BeaconLit:
    """A block's hash is kept, which gestures are drawn from; nobody knew it before."""

    at: At
    number: int
    hash: bytes
    lit_at: int


CaptureFact: TypeAlias = (
    CapturesAsked
    | AnswerCommitted
    | AnswerRevealed
    | AnswerSettled
    | AnswerLapsed
    | AnswerDisputed
    | AnswerJudged
    | AskClosed
    | CoverageRaised
    | Witnessed
    | WordsWithdrawn
    | BeaconLit
)
