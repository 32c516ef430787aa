"""Previews: asked, opened rightly and wrongly, disputed, closed, forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from moves_of_assets import Thing, things
from moves_of_sales import point, times
from sealed_bytes import as_call
from world import PARAMETERS, World

from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256, tag32
from thenar.domain.previews import wrapping_context

HASHES = 256
"""Blocks whose hash can be read."""


@dataclass
class Shown:
    """A running preview as the model knows it; files here have one chunk, so its key is the root key."""

    thing: Thing
    seller: Address
    secret: int
    call: tuple[Any, ...]
    id: bytes
    fee: int
    asked_in: int
    opened: tuple[Any, ...] | None = None
    right: bool = False
    deadline: int = 0


def previews(world: World) -> dict[tuple[bytes, Address], Shown]:
    """Every running preview by asset and challenger."""
    found: dict[tuple[bytes, Address], Shown] = world.shelf.setdefault("previews", {})
    return found


def bond_of(fee: int) -> int:
    """What a seller lays down."""
    return PARAMETERS.preview_bond + fee


def challenge(world: World) -> None:
    """Somebody asks to see the only chunk of a file, or one too many."""
    files = [one for one in things(world) if one.file is not None]
    if not files:
        return
    known, who, secret = world.dice.choice(files), world.person(), world.dice.randrange(1, 2**200)
    fee, count = world.dice.choice((0, 5, 1_000)), world.dice.choice((*[1] * 20, 0, 2))
    refusal = None
    if count != 1:
        refusal = "PreviewDesk_BadCount"
    elif who == known.owner:
        refusal = "PreviewDesk_OwnAsset"
    elif (known.id, who) in previews(world):
        refusal = "PreviewDesk_AlreadyRunning"
    arguments = (known.commitment, count, fee, *point(secret))
    answer = world.ask(who, "PreviewDesk", "challengePreview", *arguments, refusal=refusal)
    if refusal is None:
        block = world.machine.block
        call = (known.id, known.owner, who, *point(secret), block, 1, 1, fee)
        previews(world)[known.id, who] = Shown(known, known.owner, secret, call, answer.values[0], fee, block)
        if fee:
            world.collected("PreviewDesk", who, fee)


def _any(world: World, opened: bool) -> tuple[tuple[bytes, Address], Shown] | None:
    found = [pair for pair in previews(world).items() if (pair[1].opened is not None) == opened]
    return world.dice.choice(found) if found else None


def open_preview(world: World) -> None:
    """A seller hands over the right key, a wrong one, or comes too late; a stranger hands over nothing."""
    pair = _any(world, opened=False)
    if pair is None:
        return
    shown, right, ephemeral = pair[1], world.dice.random() < 0.7, world.dice.randrange(1, 2**200)
    sender = shown.seller if world.dice.random() < 0.9 else world.person()
    readable = 1 <= world.machine.block - shown.asked_in - 1 <= HASHES
    seed = world.machine.view("PreviewDesk", "seedOf", shown.call)
    world.same("whether the block's hash can be read", any(seed), readable)
    key = shown.thing.file.root_key if right else world.dice.randbytes(32)
    shared, _ = times(ephemeral, point(shown.secret))
    context = wrapping_context(shown.id, 0)
    mask = keccak256(encode(["bytes32", "bytes32", "uint256"], [tag32("thenar.wrap/1"), context, shared]))
    wrapped = bytes(a ^ b for a, b in zip(key, mask, strict=True))
    opened = (seed, *point(ephemeral), (wrapped,))
    refusal = None
    if sender != shown.seller:
        refusal = "PreviewDesk_NotSeller"
    elif not readable:
        refusal = "PreviewDesk_NoSeed"
    elif world.account(sender) < bond_of(shown.fee):
        refusal = "Ledger_NotEnough"
    world.ask(sender, "PreviewDesk", "openPreview", shown.call, opened, refusal=refusal)
    if refusal is None:
        shown.opened, shown.right, shown.deadline = opened, right, world.now + PARAMETERS.dispute_window
        world.ledger.lock("PreviewDesk", sender, bond_of(shown.fee))


def close(world: World) -> None:
    """Anybody has the seller paid once the window has passed."""
    pair = _any(world, opened=True)
    if pair is None:
        return
    key, shown = pair
    refusal = None if world.now >= shown.deadline else "PreviewDesk_TooEarly"
    world.ask(world.person(), "PreviewDesk", "closePreview", shown.call, shown.opened, refusal=refusal)
    if refusal is None:
        del previews(world)[key]
        world.released("PreviewDesk", shown.seller, shown.fee + bond_of(shown.fee))


def expire(world: World) -> None:
    """Anybody has the fee given back once the block's hash is forgotten."""
    pair = _any(world, opened=False)
    if pair is None:
        return
    key, shown = pair
    refusal = None if world.machine.block >= shown.asked_in + HASHES + 2 else "PreviewDesk_TooEarly"
    world.ask(world.person(), "PreviewDesk", "expirePreview", shown.call, refusal=refusal)
    if refusal is None:
        del previews(world)[key]
        world.released("PreviewDesk", key[1], shown.fee)


def dispute(world: World) -> None:
    """A challenger shows a leaf: good, garbage, or under a key that opens nothing."""
    pair = _any(world, opened=True)
    if pair is None or pair[1].opened is None:
        return
    (key, shown), file = pair, pair[1].thing.file
    sender = key[1] if world.dice.random() < 0.9 else world.person()
    place = world.dice.randrange(len(file.promised))
    reveal = (0, shown.secret, *times(shown.secret, (shown.opened[1], shown.opened[2])))
    refusal = None
    if sender != key[1]:
        refusal = "PreviewDesk_NotChallenger"
    elif world.now >= shown.deadline:
        refusal = "PreviewDesk_TooLate"
    elif shown.right and not (shown.thing.garbage and place == 0):
        refusal = "PreviewDesk_LeafIsGood"
    arguments = (shown.call, shown.opened, shown.thing.commitment, reveal, as_call(file.opening(0, place)))
    world.ask(sender, "PreviewDesk", "disputePreview", *arguments, refusal=refusal)
    if refusal is None:
        del previews(world)[key]
        world.released("PreviewDesk", sender, shown.fee + bond_of(shown.fee))
