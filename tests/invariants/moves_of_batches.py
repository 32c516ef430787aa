"""Batches: many captures in one transaction, whose members are sold before and after they have a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from moves_of_assets import BATCH, CAPTURE, MOST, Thing, things
from moves_of_sales import ANY_SHARE, offers, opened, point, refusal_of_opening
from sealed_bytes import SealedBytes
from world import World

from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256
from thenar.domain.membertree import MemberTree

_COMMITMENT = ["address", "uint8", "uint64", *["bytes32"] * 6]


@dataclass
class Member:
    """A capture of a batch: under its batch's owner and consent until it has a record of its own."""

    id: bytes
    batch: Thing
    index: int
    author: Address
    commitment: tuple[Any, ...]
    file: SealedBytes
    garbage: bool
    siblings: tuple[bytes, ...]
    own: Thing | None = None
    kind: int = CAPTURE

    @property
    def owner(self) -> Address:
        return (self.own or self.batch).owner

    @property
    def epoch(self) -> int:
        return (self.own or self.batch).epoch

    @property
    def withdrawn(self) -> list[int]:
        return (self.own or self.batch).withdrawn

    @property
    def leaf(self) -> tuple[Any, ...]:
        """The proof that it belongs to its batch."""
        return (self.batch.commitment, self.index, self.commitment, self.siblings)


def members(world: World) -> list[Member]:
    """Every member of every batch."""
    found: list[Member] = world.shelf.setdefault("members", [])
    return found


def _id(commitment: tuple[Any, ...]) -> bytes:
    return keccak256(encode(_COMMITMENT, commitment))


def commit(world: World) -> None:
    """Somebody commits to two or three captures at once, now and then in somebody else's name."""
    if len(things(world)) >= MOST or len(members(world)) >= MOST:
        return
    author, sender = world.person(), world.person()
    if world.dice.random() < 0.9:
        sender = author
    files = []
    for _ in range(world.dice.choice((2, 3))):
        plain = world.dice.randbytes(world.dice.choice((1, 900)))
        spoiled = {0: bytes([plain[0] ^ 1])} if world.dice.random() < 1 / 3 else {}
        files.append((SealedBytes.of(plain, world.dice.randbytes(32), spoiled), bool(spoiled)))
    salts = [world.dice.randbytes(32) for _ in files]
    bare = [
        file.commitment(author, manifest_digest=salt, manifest_hash=salt).call
        for (file, _), salt in zip(files, salts, strict=True)
    ]
    tree = MemberTree.build([_id(one) for one in bare])
    salt = world.dice.randbytes(32)
    made = (author, BATCH, len(files), bytes(32), tree.root, bytes(32), salt, salt, bytes(32))
    refusal = None if sender == author else "AssetRegistry_NotAuthor"
    answer = world.ask(sender, "AssetRegistry", "commitBatch", made, refusal=refusal)
    if refusal is None:
        (asset,) = answer.values
        batch = Thing(asset, BATCH, len(things(world)) + 1, author, author, commitment=made)
        things(world).append(batch)
        for index, (file, garbage) in enumerate(files):
            own = (*bare[index][:8], asset)
            member = Member(_id(own), batch, index, author, own, file, garbage, tree.prove(index))
            members(world).append(member)


def open_leaf(world: World) -> None:
    """Somebody opens the sale of a member at its batch's offer, before or after it has a record."""
    if not members(world):
        return
    member, buyer, secret = world.dice.choice(members(world)), world.person(), world.dice.randrange(1, 2**200)
    batch = member.batch
    if world.dice.random() < 0.1:
        batch = world.dice.choice(things(world))
    standing = offers(world).get((batch.id, batch.owner))
    if standing is None and world.dice.random() < 0.8:
        return
    refusal = refusal_of_opening(world, batch, buyer, standing, standing.price if standing else 0, member.id)
    if member.own is not None or batch is not member.batch:
        refusal = "KeyExchange_NotOfBatch"
    order = (batch.id, 1, standing.price if standing else 0, ANY_SHARE, 0, *point(secret), 0)
    answer = world.ask(buyer, "KeyExchange", "openLeaf", order, member.leaf, refusal=refusal)
    if refusal is None and standing is not None:
        opened(world, member, buyer, secret, standing, answer.values[0], batch.id)


def materialise(world: World) -> None:
    """A batch's owner gives a member a record of its own, once; nobody else does."""
    if not members(world) or len(things(world)) >= MOST + 4:
        return
    member, sender = world.dice.choice(members(world)), world.person()
    if world.dice.random() < 0.8:
        sender = member.batch.owner
    refusal = "AssetRegistry_Exists" if member.own else None
    if sender != member.batch.owner:
        refusal = "AssetRegistry_NotOwner"
    answer = world.ask(sender, "AssetRegistry", "materialise", member.leaf, refusal=refusal)
    if refusal is None:
        world.same("the member's id", answer.values, (member.id,))
        until_now = list(member.batch.withdrawn)
        made = Thing(member.id, CAPTURE, len(things(world)) + 1, member.author, sender, until_now)
        made.commitment, made.file, made.garbage = member.commitment, member.file, member.garbage
        member.own = made
        things(world).append(made)
