"""Batches: what describes one, and the list that lets anybody prove each of its members.

The list has 168 bytes a member, in order: size (8 bytes, big-endian), cipher root, plain root, key commitment, manifest
digest and manifest hash (32 bytes each). Author, kind and batch are the same for all. Whoever has it rebuilds the
member tree, so the list needs no signature and no proofs beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Self

from thenar.domain.assets import NO_BATCH, AssetKind, BatchLeaf, Commitment
from thenar.domain.description import check_license, require
from thenar.domain.documents import Document
from thenar.domain.ids import Address, AssetId, Cid, address
from thenar.domain.keccak import keccak256
from thenar.domain.membertree import MemberTree
from thenar.errors import Corrupt, NotFound

SCHEMA: Final = "thenar.batch/1"
LIMIT: Final = 4_096
"""Bytes a batch's description may have; checked before it is parsed."""
MEMBER_BYTES: Final = 168
MAX_MEMBERS: Final = 100_000
"""Members this version handles: a list of 17 MB. The chain allows 2^32 - 1."""
NOTHING: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class BatchCard(Document):
    """One batch: whose it is, what it is called, how many members it has and where their list lies."""

    owner: str
    title: str
    count: int
    members: str
    license: str
    schema: str = SCHEMA
    noun: ClassVar = "batch"
    most: ClassVar = LIMIT

    def __post_init__(self) -> None:
        require(self.schema == SCHEMA, f"the description has schema {self.schema[:40]!r}, not {SCHEMA}")
        require(address(self.owner) == self.owner, "owner must be an address in lower case")
        require(0 < len(self.title) <= 200 and self.title.isprintable(), "title needs 1 to 200 printable characters")
        require(1 <= self.count <= MAX_MEMBERS, f"a batch has 1 to {MAX_MEMBERS:,} members, not {self.count:,}")
        Cid.parse(self.members)
        check_license(self.license)

    def commit(self, author: Address, root: bytes) -> Commitment:
        """What the batch's id commits to."""
        data = self.encode()
        return Commitment(
            author=author,
            kind=AssetKind.BATCH,
            size=self.count,
            cipher_root=NOTHING,
            plain_root=root,
            key_commit=NOTHING,
            manifest_digest=hashlib.sha256(data).digest(),
            manifest_hash=keccak256(data),
        )


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a batch and the tree that proves them."""

    author: Address
    listed: bytes
    tree: MemberTree

    @classmethod
    def read(cls, author: Address, listed: bytes) -> Self:
        """Build the tree over a list. Raises Corrupt for a length that is none."""
        count, rest = divmod(len(listed), MEMBER_BYTES)
        if rest or not 1 <= count <= MAX_MEMBERS:
            raise Corrupt(f"a list of {len(listed):,} bytes does not hold 1 to {MAX_MEMBERS:,} members")
        bare = [_hashed(author, listed[at : at + MEMBER_BYTES]) for at in range(0, len(listed), MEMBER_BYTES)]
        return cls(author, listed, MemberTree.build(bare))

    @classmethod
    def of(cls, batch: Commitment, listed: bytes) -> Self:
        """Read the list of a batch. Raises Corrupt when it is not the one the batch committed to."""
        found = cls.read(batch.author, listed)
        if found.tree.count != batch.size or found.tree.root != batch.plain_root:
            raise Corrupt("the list of members is not the one the batch was committed with")
        return found

    def __len__(self) -> int:
        return self.tree.count

    def member(self, index: int, batch: AssetId) -> Commitment:
        """What the id of a member commits to. Raises NotFound."""
        if not 0 <= index < len(self):
            raise NotFound(f"the batch has no member {index}", next_step=f"members count from 0 to {len(self) - 1}")
        record = self.listed[index * MEMBER_BYTES : (index + 1) * MEMBER_BYTES]
        return replace(read_member(self.author, record), batch=batch)

    def all(self, batch: AssetId) -> Iterator[Commitment]:
        """Every member in order."""
        return (self.member(index, batch) for index in range(len(self)))

    def leaf(self, index: int, batch: Commitment) -> BatchLeaf:
        """The proof of a member. Raises NotFound."""
        return BatchLeaf(batch, index, self.member(index, batch.asset_id), self.tree.prove(index))

    def find(self, asset: AssetId, batch: AssetId) -> int | None:
        """The place of a member, or None when the asset is none."""
        return next((index for index, member in enumerate(self.all(batch)) if member.asset_id == asset), None)


def write_member(member: Commitment) -> bytes:
    """A member as the list has it."""
    parts = (member.cipher_root, member.plain_root, member.key_commit, member.manifest_digest, member.manifest_hash)
    return member.size.to_bytes(8, "big") + b"".join(parts)


def read_member(author: Address, record: bytes, batch: AssetId = NO_BATCH) -> Commitment:
    """A capture from its place in a list. Raises Corrupt."""
    if len(record) != MEMBER_BYTES:
        raise Corrupt(f"a member has {MEMBER_BYTES} bytes, not {len(record)}")
    cipher, plain, key, digest, manifest = (record[at : at + 32] for at in range(8, MEMBER_BYTES, 32))
    size = int.from_bytes(record[:8], "big")
    return Commitment(author, AssetKind.CAPTURE, size, cipher, plain, key, digest, manifest, batch)


def _hashed(author: Address, record: bytes) -> bytes:
    return bytes.fromhex(read_member(author, record).asset_id[2:])
