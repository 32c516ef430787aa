"""Minting and handing on; what the other moves find on the shelf."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sealed_bytes import SealedBytes
from world import World

from thenar.domain.ids import Address

CAPTURE, DATASET, MODEL, RESULT, BATCH = range(5)
MOST = 12
"""Assets in one town."""


@dataclass
class Thing:
    """An asset as the model knows it."""

    id: bytes
    kind: int
    serial: int
    author: Address
    owner: Address
    withdrawn: list[int] = field(default_factory=list)
    commitment: tuple[Any, ...] = ()
    file: SealedBytes | None = None
    garbage: bool = False

    @property
    def epoch(self) -> int:
        """How often consent was withdrawn; ``withdrawn`` has when each epoch ended."""
        return len(self.withdrawn)


def things(world: World) -> list[Thing]:
    """Every asset, oldest first."""
    found: list[Thing] = world.shelf.setdefault("things", [])
    return found


def owned(world: World) -> list[Thing]:
    """Every asset with a record of its own."""
    return things(world)


def thing(world: World) -> Thing | None:
    """Any asset, if there is one."""
    return world.dice.choice(things(world)) if things(world) else None


def commitment(world: World, author: Address, kind: int) -> tuple[tuple[Any, ...], SealedBytes | None, bool]:
    """A commitment nobody has minted yet, with the file of a capture; every third file is garbage in its first leaf."""
    salt = world.dice.randbytes(32)
    if kind != CAPTURE:
        return (author, kind, 0, *(bytes(32),) * 3, salt, salt, bytes(32)), None, False
    plain = world.dice.randbytes(world.dice.choice((1, 900, 1_500)))
    garbage = {0: bytes([plain[0] ^ 1])} if world.dice.random() < 1 / 3 else {}
    file = SealedBytes.of(plain, world.dice.randbytes(32), garbage)
    return file.commitment(author, manifest_digest=salt, manifest_hash=salt).call, file, bool(garbage)


def mint(world: World) -> None:
    """Somebody mints for himself, or tries to for somebody else."""
    author, sender = world.person(), world.person()
    if world.dice.random() < 0.8:
        sender = author
    if len(things(world)) >= MOST:
        again(world)
        return
    made, file, garbage = commitment(world, author, world.dice.choice((CAPTURE, CAPTURE, DATASET, MODEL)))
    refusal = None if sender == author else "AssetRegistry_NotAuthor"
    answer = world.ask(sender, "AssetRegistry", "mint", made, 0, 0, "0x" + "00" * 20, b"", refusal=refusal)
    if refusal is None:
        (asset,) = answer.values
        serial = len(things(world)) + 1
        things(world).append(Thing(asset, made[1], serial, author, author, commitment=made, file=file, garbage=garbage))


def again(world: World) -> None:
    """An asset is minted once, also after it was sold."""
    known = thing(world)
    if known is None:
        return
    arguments = (known.commitment, 0, 0, "0x" + "00" * 20, b"")
    world.ask(known.author, "AssetRegistry", "mint", *arguments, refusal="AssetRegistry_Exists")


def hand_on(world: World) -> None:
    """An owner gives an asset away, or a stranger tries to take it."""
    known, sender, to = thing(world), world.person(), world.person()
    if known is None:
        return
    if world.dice.random() < 0.7:
        sender = known.owner
    token = int.from_bytes(known.id, "big")
    refusal = None if sender == known.owner else "ERC721InsufficientApproval"
    world.ask(sender, "AssetRegistry", "transferFrom", known.owner, to, token, refusal=refusal)
    if refusal is None:
        known.owner = to
    world.same("the owner", world.machine.view("AssetRegistry", "ownerOfAsset", known.id).lower(), known.owner)
