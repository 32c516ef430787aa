"""Calls about capture bounties: asking, answering, settling, challenging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.bounty.answers import Backing, Charge, Shown
from thenar.domain.bounty.asks import Ask
from thenar.domain.bounty.witnessing import Attestation
from thenar.domain.ids import AnswerId, AskId


@dataclass(frozen=True, slots=True)
class PostAsk:
    """Ask for captures, with a budget from the wallet."""

    ask: Ask


@dataclass(frozen=True, slots=True)
class CommitAnswer:
    """Commit to an answer, for a bond."""

    bounty: AskId
    commitment: bytes


@dataclass(frozen=True, slots=True)
class RevealAnswer:
    """Show what was committed to."""

    answer: AnswerId
    shown: Shown
    salt: bytes
    backing: Backing


@dataclass(frozen=True, slots=True)
class SettleAnswer:
    """Have an answer paid that nobody refuted in time."""

    answer: AnswerId
    shown: Shown


@dataclass(frozen=True, slots=True)
class LapseAnswer:
    """End an answer that was not shown in time."""

    answer: AnswerId


@dataclass(frozen=True, slots=True)
class SkipAnswers:
    """Pass over answers at the front that are over."""

    bounty: AskId
    most: int


@dataclass(frozen=True, slots=True)
class CloseAsk:
    """Give what is left of a budget back."""

    bounty: AskId


@dataclass(frozen=True, slots=True)
class ChallengeAnswer:
    """Bring an answer before the court, for a bond."""

    answer: AnswerId
    shown: Shown
    charge: Charge


@dataclass(frozen=True, slots=True)
class LodgeWord:
    """Have a witness's word counted."""

    word: Attestation
    capture: Shown
    scan: Shown
    signature: bytes


@dataclass(frozen=True, slots=True)
class WithdrawWords:
    """Make void what this account signed as a witness and nobody has lodged."""


@dataclass(frozen=True, slots=True)
class LightBeacon:
    """Keep the hash of a block, for gestures to be drawn from."""

    number: int


CaptureAction: TypeAlias = (
    PostAsk
    | CommitAnswer
    | RevealAnswer
    | SettleAnswer
    | LapseAnswer
    | SkipAnswers
    | CloseAsk
    | ChallengeAnswer
    | LodgeWord
    | WithdrawWords
    | LightBeacon
)
