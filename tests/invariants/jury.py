"""One juror who sits for everything, and the court led from the opening of a case to its end, as the dice rule."""

from __future__ import annotations

from typing import Any

from eth_abi.abi import decode
from machine import CHAIN_ID
from world import PARAMETERS, UNLIMITED, World

from thenar.domain.ids import Address, DisputeId
from thenar.domain.work.disputes import Ballot, Ruling

COURT = "SegmentCourt"
JUROR = Address("0x" + "b1" * 20)
ROLES, STAKE, ROUNDS = 2 | 16, 3 * PARAMETERS.minimum_stake, 3
SALT, BLOCK = b"\x51" * 32, 12
_OPENING = ("bytes32", "bytes32", "uint64", "uint16", "bytes32", "bytes32", "address", "address", "address")


def seat(world: World, class_id: bytes) -> None:
    """Let the juror sit for a class, before any case in it is opened."""
    if "juror" not in world.shelf:
        world.shelf["juror"] = JUROR
        send = world.machine.call
        send(JUROR, "token", "mint", JUROR, STAKE)
        send(JUROR, "token", "approve", world.machine.contracts["Ledger"], UNLIMITED)
        world.wallets[JUROR] = STAKE
        world.ask(JUROR, "NodeRegistry", "register", b"\xb1" * 32, ROLES, STAKE)
        world.collected("NodeRegistry", JUROR, STAKE)
    world.ask(JUROR, "WorkerPool", "enlist", class_id, bytes(32), 1)
    world.machine.wait(1)  # who sits down in the second in which a case is opened does not judge it


def opening(world: World) -> tuple[Any, ...]:
    """What the case is about that the last call opened, read from its log."""
    topic = world.machine.event("SegmentCourt", "CaseOpened")
    found = next(log for log in world.machine.logs() if log[0] == topic)
    values = decode((*_OPENING, "uint40"), found[1])
    return tuple(values[: len(_OPENING)])


def judge(world: World, dispute: int, opened: tuple[Any, ...], leaves: tuple[bytes, bytes], ruling: Ruling) -> None:
    """Draw, vote, count, wait and close; for a void the juror stays away from every panel."""
    for round_ in range(1 if ruling is not Ruling.VOID else ROUNDS):
        _draw(world, dispute, opened)
        if ruling is Ruling.VOID:
            world.machine.wait(PARAMETERS.vote_window + PARAMETERS.ballot_window)
            world.ask(world.person(), COURT, "rule", dispute)
            continue
        leaf = leaves[0] if ruling is Ruling.CLAIM else leaves[1]
        ballot = Ballot(CHAIN_ID, Address(world.machine.contracts[COURT]), DisputeId(dispute), round_, JUROR)
        world.ask(JUROR, COURT, "commitVote", dispute, [JUROR], 0, ballot.commitment(leaf, SALT))
        world.ask(JUROR, COURT, "revealVote", dispute, leaf, SALT)
    world.machine.wait(PARAMETERS.appeal_window)
    world.ask(world.person(), COURT, "close", dispute)


def _draw(world: World, dispute: int, opened: tuple[Any, ...]) -> None:
    """Have the juror drawn: by a later block where the chain has forgotten the one that should."""
    drawn = world.machine.event(COURT, "JuryDrawn")
    for _ in range(2):
        world.machine.wait((PARAMETERS.draw_delay + 1) * BLOCK)
        world.ask(world.person(), COURT, "drawJury", dispute, opened)
        if any(topic == drawn for topic, _ in world.machine.logs()):
            return


def paid(world: World, client: str, dispute: int, fee: int) -> None:
    """The juror has what the client gave; the last of a case is nothing."""
    if not fee:
        world.ask(world.person(), COURT, "collectFee", dispute, 0, JUROR, refusal="SegmentCourt_NothingDue")
        return
    world.ledger.move(client, COURT, fee)
    world.ask(world.person(), COURT, "collectFee", dispute, 0, JUROR)
    world.released(COURT, JUROR, fee)
