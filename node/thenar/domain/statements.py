"""What a publisher states with a payout: the twin of contracts/libraries/{Statements,LicenseSet}.sol.

A license set is a member tree over strictly increasing asset ids. It says which assets a publisher was licensed to
learn from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from thenar.domain.assets import Commitment
from thenar.domain.ids import Address, AssetId
from thenar.domain.keccak import keccak256, tag32
from thenar.domain.membertree import MemberTree
from thenar.errors import BadInput, NotFound

STATEMENT_TAG, PAYOUT_TAG = tag32("thenar.statement/1"), tag32("thenar.payout/1")
MAX_LICENSES = 2**20
"""Assets one set may name here; the contract would take 2^32."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Who published a payout, when (unix seconds), with which bond (token units) and which license set."""

    publisher: Address
    published_at: int
    bond: int
    license_set_root: bytes
    license_count: int

    @property
    def hash(self) -> bytes:
        """What a claim hands over: keccak256(abi.encode("thenar.statement/1", statement))."""
        publisher = bytes.fromhex(self.publisher[2:]).rjust(32, b"\0")
        published_at, bond, count = (
            number.to_bytes(32, "big") for number in (self.published_at, self.bond, self.license_count)
        )
        return keccak256(STATEMENT_TAG + publisher + published_at + bond + self.license_set_root + count)


def commitment(root: bytes, statement: Statement) -> bytes:
    """What the chain keeps of a payout's tree and statement."""
    return keccak256(PAYOUT_TAG + root + statement.hash)


@dataclass(frozen=True, slots=True)
class Filing:
    """A payout spelled out for the OmissionCourt."""

    asset: AssetId
    payout: int
    root: bytes
    statement: Statement


@dataclass(frozen=True, slots=True)
class Listed:
    """One place of a license set with its proof, siblings from the leaf up."""

    index: int
    asset: AssetId
    siblings: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an asset, or a range of it, belongs into a set: ``licensee`` bought a license to train on it."""

    omitted: AssetId
    range: int
    licensee: Address
    made: Commitment  # of the payout's asset: names its author


@dataclass(frozen=True, slots=True)
class LicenseSet:
    """The assets a publisher was licensed to learn from, in the order they were written, and their tree."""

    assets: tuple[AssetId, ...]
    tree: MemberTree | None  # None for no assets

    @classmethod
    def of(cls, assets: Iterable[AssetId]) -> Self:
        """The set of these assets, named twice or not. Raises BadInput for too many."""
        return cls.as_written(sorted(set(assets)))

    @classmethod
    def as_written(cls, assets: Sequence[AssetId]) -> Self:
        """The tree over these ids in their order, right or wrong: what somebody else may have published."""
        if len(assets) > MAX_LICENSES:
            raise BadInput(f"a license set names at most {MAX_LICENSES} assets, not {len(assets)}")
        ids = [bytes.fromhex(asset[2:]) for asset in assets]
        return cls(tuple(assets), MemberTree.build(ids) if ids else None)

    @property
    def root(self) -> bytes:
        """The root to publish; 32 zero bytes for no assets."""
        return self.tree.root if self.tree else bytes(32)

    def prove(self, index: int) -> Listed:
        """The place at an index. Raises NotFound."""
        if self.tree is None:
            raise NotFound("the license set names nothing")
        siblings = self.tree.prove(index)
        return Listed(index, self.assets[index], siblings)

    def place_of(self, asset: AssetId) -> Listed:
        """Where an asset stands. Raises NotFound when it is missing."""
        if asset not in self.assets:
            raise NotFound(f"{asset} is not in the license set")
        return self.prove(self.assets.index(asset))

    def beside(self, asset: AssetId) -> tuple[Listed, ...]:
        """What proves that an asset is missing, whatever the order the set was written in. Raises NotFound."""
        if asset in self.assets:
            raise NotFound(f"{asset} is in the license set")
        if not self.assets:
            return ()
        last = len(self.assets) - 1
        if asset < self.assets[0]:
            return (self.prove(0),)
        if self.assets[last] < asset:
            return (self.prove(last),)
        at = next(at for at in range(last) if self.assets[at] < asset < self.assets[at + 1])
        return self.prove(at), self.prove(at + 1)
