"""Batches of captures: commitments, member trees and proofs as the contracts take them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from assets import BATCH, ZERO, Commitment, commitment

from thenar.domain.membertree import MemberTree


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch, its members as their ids commit to them, and the tree over what they commit to without it."""

    made: Commitment
    members: tuple[Commitment, ...]
    tree: MemberTree

    @property
    def id(self) -> bytes:
        """The batch's asset id."""
        return self.made.id

    def leaf(self, member: int, **changes: Any) -> tuple[Any, ...]:
        """The proof that a member belongs to the batch, as a contract takes it; ``changes`` spoil it."""
        parts = {"batch": self.made, "index": member, "leaf": self.members[member], "siblings": self.tree.prove(member)}
        parts |= changes
        return (parts["batch"].call, parts["index"], parts["leaf"].call, parts["siblings"])


def batch_of(author: Any, count: int, label: str = "batch", **changes: Any) -> Batch:
    """Build a batch of captures; ``changes`` alter every member."""
    bare = [replace(commitment(author, f"{label}/{index}"), **changes) for index in range(count)]
    tree = MemberTree.build([one.id for one in bare])
    sealed = replace(commitment(author, label, BATCH), size=count, plain_root=tree.root)
    made = replace(sealed, cipher_root=ZERO, key_commit=ZERO)
    members = tuple(replace(one, batch=made.id) for one in bare)
    return Batch(made, members, tree)


def commit(registry: Any, author: Any, count: int = 5, label: str = "batch") -> Batch:
    """Commit to a batch and return it."""
    batch = batch_of(author, count, label)
    registry.commitBatch(batch.made.call, {"from": author})
    return batch
