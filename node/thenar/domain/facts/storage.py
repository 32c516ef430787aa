"""Facts about replicas and proofs of storage. Rounds count from 1, leaves are of 1,024 bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId


@dataclass(frozen=True, slots=True)
class ReplicaListed:
    """A ciphertext of an asset is there to be kept."""

    at: At
    replica: bytes
    asset: AssetId
    lister: Address
    leaves: int
    cid: str


@dataclass(frozen=True, slots=True)
class ReplicaTaken:
    """A node keeps a replica from now on."""

    at: At
    replica: bytes
    asset: AssetId
    holder: Address


@dataclass(frozen=True, slots=True)
class ReplicaDropped:
    """A node keeps a replica no longer."""

    at: At
    replica: bytes
    asset: AssetId
    holder: Address


@dataclass(frozen=True, slots=True)
class StorageTerms:
    """When round 1 began, unix seconds; seconds a round lasts, to answer, to show; token units of bond and stake."""

    at: At
    start: int
    length: int
    answer_time: int
    show_time: int
    demand_bond: int
    gib_stake: int

    def began(self, round_: int) -> int:
        """When a round begins, unix seconds."""
        return self.start + (round_ - 1) * self.length

    def round_at(self, now: int) -> int:
        """The round that runs at a time, unix seconds."""
        return (now - self.start) // self.length + 1


@dataclass(frozen=True, slots=True)
class StoragePledged:
    """A node says what it holds from round ``since`` on."""

    at: At
    node: Address
    root: bytes
    leaves: int
    depth: int
    number: int
    since: int
    bond: int


@dataclass(frozen=True, slots=True)
class StorageRetired:
    """A node pledges nothing from round ``until`` on."""

    at: At
    node: Address
    until: int


@dataclass(frozen=True, slots=True)
class StorageFreed:
    """What was left of a node's bond is free."""

    at: At
    node: Address
    bond: int


@dataclass(frozen=True, slots=True)
class RoundOpened:
    """The hash of ``seed_block`` will be the round's seed."""

    at: At
    round: int
    seed_block: int


@dataclass(frozen=True, slots=True)
class RoundSeeded:
    """The round asks its questions until ``answer_by``."""

    at: At
    round: int
    seed: bytes
    answer_by: int


@dataclass(frozen=True, slots=True)
class StorageAnswered:
    """A node answered a round with the root over its eight answers."""

    at: At
    node: Address
    round: int
    answers: bytes


@dataclass(frozen=True, slots=True)
class AnswerMissed:
    """A node did not answer a round; a fine ends its pledge."""

    at: At
    node: Address
    round: int
    reporter: Address
    misses: int
    fine: int


@dataclass(frozen=True, slots=True)
class AnswerDemanded:
    """Somebody wants to see an answer before ``show_by``."""

    at: At
    node: Address
    round: int
    place: int
    by: Address
    answers: bytes
    show_by: int


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """The demanded answer was right."""

    at: At
    node: Address
    round: int
    place: int


@dataclass(frozen=True, slots=True)
class StorageConvicted:
    """The demanded answer was not shown; the node lost ``taken``."""

    at: At
    node: Address
    round: int
    place: int
    by: Address
    taken: int


ReplicaFact: TypeAlias = ReplicaListed | ReplicaTaken | ReplicaDropped
StorageFact: TypeAlias = (
    StorageTerms
    | StoragePledged
    | StorageRetired
    | StorageFreed
    | RoundOpened
    | RoundSeeded
    | StorageAnswered
    | AnswerMissed
    | AnswerDemanded
    | AnswerShown
    | StorageConvicted
)
