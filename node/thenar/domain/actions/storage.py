"""Calls about replicas and proofs of storage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.ids import Address, AssetId
from thenar.domain.storage.pledges import ShownAnswer


@dataclass(frozen=True, slots=True)
class ListReplica:
    """Offer a ciphertext of an own asset to be kept."""

    asset: AssetId
    replica: bytes
    leaves: int
    cid: str


@dataclass(frozen=True, slots=True)
class TakeReplicas:
    """Say that one keeps these replicas."""

    replicas: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class DropReplicas:
    """Say that these replicas are kept no longer by who took them."""

    replicas: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class PledgeStorage:
    """Freeze what this node holds from the next round on."""

    root: bytes
    leaves: int
    depth: int


@dataclass(frozen=True, slots=True)
class RetireStorage:
    """End the pledge with the running round."""


@dataclass(frozen=True, slots=True)
class FreeStorage:
    """Free what is left of a node's bond."""

    node: Address


@dataclass(frozen=True, slots=True)
class OpenRound:
    """Name the block that seeds the running round."""


@dataclass(frozen=True, slots=True)
class SeedRound:
    """Draw the running round's seed."""


@dataclass(frozen=True, slots=True)
class AnswerRound:
    """Answer the running round."""

    answers: bytes


@dataclass(frozen=True, slots=True)
class ReportMiss:
    """Say that a node did not answer a round."""

    node: Address
    round: int


@dataclass(frozen=True, slots=True)
class DemandAnswer:
    """Demand to see an answer a node gave in the running round."""

    node: Address
    place: int


@dataclass(frozen=True, slots=True)
class ShowAnswer:
    """Show a demanded answer."""

    node: Address
    round: int
    place: int
    shown: ShownAnswer


@dataclass(frozen=True, slots=True)
class ConvictNode:
    """Convict a node that did not show in time."""

    node: Address
    round: int
    place: int


StorageAction: TypeAlias = (
    ListReplica
    | TakeReplicas
    | DropReplicas
    | PledgeStorage
    | RetireStorage
    | FreeStorage
    | OpenRound
    | SeedRound
    | AnswerRound
    | ReportMiss
    | DemandAnswer
    | ShowAnswer
    | ConvictNode
)
