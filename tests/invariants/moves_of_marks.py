"""Marked copies: proposed, accepted, recalled, found by finders with true and false readings, answered or not."""

from __future__ import annotations

from dataclasses import dataclass, field

from machine import CHAIN_ID
from moves_of_assets import thing
from moves_of_sales import DELIVERED, SETTLED, sales
from moves_of_time import time_of
from world import PARAMETERS, World

from thenar.domain.ids import Address, AssetId
from thenar.domain.marking import Secrets, agreeing, is_clear
from thenar.domain.marks import Leak, Mark, Shares

PROPOSED, HELD, ENDED = 1, 2, 3
BURNT = Address("0x" + "00" * 18 + "dead")
CELLS = 60


@dataclass
class Agreed:
    """A mark as the model knows it."""

    mark: Mark
    id: bytes
    secrets: Secrets
    stage: int = PROPOSED
    spent: int = 0
    leak: Leak | None = None
    finder: Address | None = None
    answer_by: int = 0
    sealed: dict[Address, tuple[Leak, int]] = field(default_factory=dict)

    @property
    def call(self) -> tuple[object, ...]:
        """The mark as the contract takes it."""
        mark = self.mark
        return (bytes.fromhex(mark.copy[2:]), mark.owner, mark.buyer, mark.root, mark.bond, mark.until, mark.step)


def _leak_call(leak: Leak) -> tuple[object, ...]:
    return (leak.chapter, leak.salt, leak.seen)


def marks(world: World) -> list[Agreed]:
    """Every mark, oldest first."""
    found: list[Agreed] = world.shelf.setdefault("marks", [])
    return found


def _is_sold(world: World, made: Agreed) -> bool:
    return (bytes.fromhex(made.mark.copy[2:]), made.mark.buyer) in time_of(world).handed


def _any(world: World, stage: int) -> Agreed | None:
    found = [one for one in marks(world) if one.stage == stage]
    if stage == HELD and world.dice.random() < 0.7:
        found = [one for one in found if _is_sold(world, one)] or found
    if world.dice.random() < 0.95:
        return world.dice.choice(found) if found else None
    return world.dice.choice(marks(world)) if marks(world) else None


def propose(world: World) -> None:
    """An owner proposes a mark to somebody, or a stranger about what is not his."""
    known, sender, buyer = thing(world), world.person(), world.person()
    if known is None:
        return
    sold = [(one.thing, one.buyer) for one in sales(world).values() if one.stage in (DELIVERED, SETTLED)]
    if sold and world.dice.random() < 0.9:
        known, buyer = world.dice.choice(sold)
    elif world.dice.random() < 0.7:
        return
    if world.dice.random() < 0.9:
        sender = known.owner
    bond, until = world.dice.choice((7, *[80, 4_000] * 8)), world.now + world.dice.choice((0, *[5_000, 50_000] * 8))
    secrets = Secrets.of(world.dice.randbytes(32))
    mark = Mark(AssetId("0x" + known.id.hex()), sender, buyer, secrets.tree.root, bond, until, 4)
    made = Agreed(mark, mark.id_on(CHAIN_ID, world.machine.contracts["MarkDesk"]), secrets)
    refusal = None
    if sender != known.owner:
        refusal = "MarkDesk_NotOwner"
        if getattr(known, "own", known) is None:
            refusal = "AssetRegistry_Unknown"
    elif getattr(known, "own", known) is None:
        refusal = "AssetRegistry_Unknown"
    elif buyer == sender:
        refusal = "MarkDesk_BadBuyer"
    elif bond < 8:
        refusal = "MarkDesk_SmallBond"
    elif world.now >= until:
        refusal = "MarkDesk_TooLate"
    elif world.account(sender) < Shares.of(bond).stake:
        refusal = "Ledger_NotEnough"
    answer = world.ask(sender, "MarkDesk", "propose", made.call, refusal=refusal)
    if refusal is None:
        world.same("the mark's id", answer.values, (made.id,))
        marks(world).append(made)
        world.ledger.lock("MarkDesk", sender, Shares.of(bond).stake)


def accept(world: World) -> None:
    """The buyer lays down the bond, in time or not; nobody else does."""
    made = _any(world, PROPOSED)
    if made is None:
        return
    sender = made.mark.buyer if world.dice.random() < 0.9 else world.person()
    refusal = None
    if made.stage != PROPOSED:
        refusal = "MarkDesk_WrongStage"
    elif sender != made.mark.buyer:
        refusal = "MarkDesk_NotBuyer"
    elif world.now >= made.mark.until:
        refusal = "MarkDesk_TooLate"
    elif world.account(sender) < made.mark.bond:
        refusal = "Ledger_NotEnough"
    world.ask(sender, "MarkDesk", "accept", made.call, refusal=refusal)
    if refusal is None:
        made.stage = HELD
        world.ledger.lock("MarkDesk", sender, made.mark.bond)


def recall(world: World) -> None:
    """The owner takes the stake back; a stranger only once the time is over."""
    made = _any(world, PROPOSED)
    if made is None:
        return
    sender = made.mark.owner if world.dice.random() < 0.5 else world.person()
    refusal = "MarkDesk_WrongStage" if made.stage != PROPOSED else None
    if refusal is None and sender != made.mark.owner and world.now < made.mark.until:
        refusal = "MarkDesk_TooEarly"
    world.ask(sender, "MarkDesk", "recall", made.call, refusal=refusal)
    if refusal is None:
        made.stage = ENDED
        world.released("MarkDesk", made.mark.owner, Shares.of(made.mark.bond).stake)


def seal(world: World) -> None:
    """A finder commits to what a file says: the copy, another file, or a copy with half of its bits gone."""
    made = _any(world, HELD)
    if made is None:
        return
    finder, chapter = world.person(), world.dice.randrange(16)
    cells = sorted(chapter << 252 | world.dice.getrandbits(251) << 1 for _ in range(CELLS))
    lost = world.dice.choice((0, 0, 2, 8, CELLS))
    seen = [cell | made.secrets.bit(cell) ^ (at < lost and world.dice.random() < 0.5) for at, cell in enumerate(cells)]
    leak = Leak(chapter, world.dice.randbytes(32), tuple(seen))
    world.ask(finder, "MarkDesk", "sealLeak", made.id, leak.sealed_by(finder, made.id))
    made.sealed[finder] = (leak, world.machine.block)


def show(world: World) -> None:
    """A finder shows what he committed to, or something else."""
    made = _any(world, HELD)
    if made is None or not made.sealed:
        return
    finder = world.dice.choice(sorted(made.sealed))
    leak, block = made.sealed[finder]
    if world.dice.random() < 0.05:
        leak = Leak(leak.chapter, bytes(32), leak.seen)
    refusal = None
    if made.stage != HELD:
        refusal = "MarkDesk_WrongStage"
    elif made.leak is not None:
        refusal = "MarkDesk_Waiting"
    elif world.now >= made.mark.until:
        refusal = "MarkDesk_TooLate"
    elif not _is_sold(world, made):
        refusal = "MarkDesk_NotSold"
    elif made.spent >> leak.chapter & 1:
        refusal = "MarkDesk_Spent"
    elif leak != made.sealed[finder][0]:
        refusal = "MarkDesk_NotCommitted"
    elif world.machine.block <= block:
        refusal = "MarkDesk_TooEarly"
    elif world.account(finder) < Shares.of(made.mark.bond).deposit:
        refusal = "Ledger_NotEnough"
    world.ask(finder, "MarkDesk", "showLeak", made.call, _leak_call(leak), refusal=refusal)
    if refusal is None:
        made.leak, made.finder, made.answer_by = leak, finder, world.now + PARAMETERS.answer_window
        world.ledger.lock("MarkDesk", finder, Shares.of(made.mark.bond).deposit)


def _waiting(world: World) -> Agreed | None:
    found = [one for one in marks(world) if one.leak is not None]
    return world.dice.choice(found) if found else None


def answer(world: World) -> None:
    """Whoever knows the secret opens the chapter; another secret opens nothing."""
    made = _waiting(world)
    if made is None or made.leak is None or made.finder is None:
        return
    leak, shares = made.leak, Shares.of(made.mark.bond)
    secret, proof = made.secrets.chapters[leak.chapter], made.secrets.tree.prove(leak.chapter)
    refusal = None if world.now < made.answer_by else "MarkDesk_TooLate"
    if refusal is None and world.dice.random() < 0.1:
        secret, refusal = bytes(32), "MarkDesk_WrongSecret"
    world.ask(world.person(), "MarkDesk", "answer", made.call, _leak_call(leak), secret, proof, refusal=refusal)
    if refusal is not None:
        return
    made.leak = None
    if is_clear(agreeing(secret, leak.seen), len(leak.seen)):
        made.stage = ENDED
        world.released("MarkDesk", made.finder, shares.deposit + shares.reward)
        world.released("MarkDesk", made.mark.owner, shares.deposit)
        world.released("MarkDesk", BURNT, made.mark.bond - shares.reward + shares.stake - shares.deposit)
    else:
        made.spent |= 1 << leak.chapter
        world.released("MarkDesk", made.mark.owner, shares.deposit)


def lapse(world: World) -> None:
    """Anybody ends a mark whose owner did not answer."""
    made = _waiting(world)
    if made is None or made.finder is None:
        return
    shares = Shares.of(made.mark.bond)
    refusal = None if world.now >= made.answer_by else "MarkDesk_TooEarly"
    world.ask(world.person(), "MarkDesk", "lapse", made.call, refusal=refusal)
    if refusal is None:
        made.stage, made.leak = ENDED, None
        world.released("MarkDesk", made.finder, shares.deposit)
        world.released("MarkDesk", made.mark.buyer, made.mark.bond)
        world.released("MarkDesk", BURNT, shares.stake)


def release(world: World) -> None:
    """Anybody gives both their money back once the time is over."""
    made = _any(world, HELD)
    if made is None:
        return
    refusal = None
    if made.stage != HELD:
        refusal = "MarkDesk_WrongStage"
    elif world.now < made.mark.until:
        refusal = "MarkDesk_TooEarly"
    elif made.leak is not None:
        refusal = "MarkDesk_Waiting"
    world.ask(world.person(), "MarkDesk", "release", made.call, refusal=refusal)
    if refusal is None:
        made.stage = ENDED
        world.released("MarkDesk", made.mark.buyer, made.mark.bond)
        world.released("MarkDesk", made.mark.owner, Shares.of(made.mark.bond).stake)
