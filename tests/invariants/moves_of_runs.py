"""Programs that come to the data: approved, ordered, delivered, paid, burnt, given back.

Nobody here is licensed for COMPUTE_ONLY, so whoever orders owns the asset; what he ordered stands no more once he hands
it on or withdraws consent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from moves_of_assets import BATCH, Thing, thing
from world import PARAMETERS, World

from thenar.domain.ids import Address
from thenar.domain.runs.programs import RunLimits, RunStage, fits

DESK: Final = "RunDesk"
BURNT = Address("0x000000000000000000000000000000000000dead")
PROGRAMS: Final = (b"\x11" * 32, b"\x22" * 32)


@dataclass
class Approval:
    """A program as the model knows it."""

    thing: Thing
    owner: Address
    epoch: int
    limits: RunLimits

    @property
    def stands(self) -> bool:
        """Whether it can be ordered."""
        return (self.owner, self.epoch) == (self.thing.owner, self.thing.epoch)


@dataclass
class Running:
    """A run that has not ended."""

    number: int
    thing: Thing
    program: bytes
    buyer: Address
    price: int
    epoch: int
    deadline: int
    stage: RunStage = RunStage.ORDERED


Approvals = dict[tuple[bytes, bytes], Approval]


def approvals(world: World) -> Approvals:
    """Every approval, by asset and program."""
    found: Approvals = world.shelf.setdefault("approvals", {})
    return found


def running(world: World) -> dict[int, Running]:
    """Every run that has not ended."""
    found: dict[int, Running] = world.shelf.setdefault("runs at home", {})
    return found


def _orders(world: World) -> list[tuple[bytes, bytes, Address, int]]:
    found: list[tuple[bytes, bytes, Address, int]] = world.shelf.setdefault("orders of runs", [])
    return found


def _any(world: World) -> Running | None:
    return world.dice.choice(list(running(world).values())) if running(world) else None


def _holds(world: World, run: Running) -> bool:
    """Whether everything a run was ordered under still holds."""
    approval = approvals(world).get((run.thing.id, run.program))
    stands = approval is not None and approval.stands and approval.epoch == run.epoch
    return stands and run.thing.owner == run.buyer


def _is_approver(world: World, run: Running, who: Address) -> bool:
    approval = approvals(world).get((run.thing.id, run.program))
    return approval is not None and approval.owner == who


def approve(world: World) -> None:
    """An owner approves a program, or somebody tries what he may not."""
    known, program = thing(world), world.dice.choice(PROGRAMS)
    if known is None:
        return
    sender = known.owner if world.dice.random() < 0.9 else world.person()
    budget = world.dice.choice((0, 1, 2, 3))
    limits = RunLimits(world.dice.choice((0, 1, 700)), 1_000, 64, world.dice.choice((1, 3)), budget, 2 * budget)
    refusal = None
    if sender != known.owner:
        refusal = "RunDesk_NotOwner"
    elif known.kind == BATCH:
        refusal = "RunDesk_Batch"
    elif not budget:
        refusal = "RunDesk_EmptyLimits"
    said = (limits.price, limits.fuel, limits.output_bytes, limits.parts, limits.per_buyer, limits.per_day)
    world.ask(sender, DESK, "approve", known.id, program, said, refusal=refusal)
    if refusal is None:
        approvals(world)[known.id, program] = Approval(known, sender, known.epoch, limits)


def disapprove(world: World) -> None:
    """Whoever approved takes it back, or somebody tries to."""
    known, program = thing(world), world.dice.choice(PROGRAMS)
    if known is None:
        return
    approval = approvals(world).get((known.id, program))
    sender = approval.owner if approval and world.dice.random() < 0.8 else world.person()
    allowed = approval is not None and approval.owner == sender
    world.ask(sender, DESK, "disapprove", known.id, program, refusal=None if allowed else "RunDesk_NotOwner")
    if allowed:
        del approvals(world)[known.id, program]


def order(world: World) -> None:
    """An owner orders a run of what he approved, or a stranger does."""
    if not approvals(world):
        return
    (asset, program), approval = world.dice.choice(list(approvals(world).items()))
    sender = approval.thing.owner if world.dice.random() < 0.9 else world.person()
    limits, part = approval.limits, world.dice.choice((0, 0, 1, 3))
    most = limits.price - (world.dice.random() < 0.05)
    earlier = [(who, at) for of, run, who, at in _orders(world) if (of, run) == (asset, program)]
    refusal = None
    if not approval.stands:
        refusal = "RunDesk_NotApproved"
    elif part >= limits.parts:
        refusal = "RunDesk_NoPart"
    elif limits.price > most >= 0:
        refusal = "RunDesk_PriceAbove"
    elif sender != approval.thing.owner:
        refusal = "RunDesk_NotAllowed"
    elif (spent := fits(limits, earlier, sender, world.now)) is not None:
        refusal = "RunDesk_BuyerSpent" if spent.startswith("the buyer") else "RunDesk_DaySpent"
    world.ask(sender, DESK, "order", asset, program, part, max(most, 0), 7, 8, refusal=refusal)
    if refusal is None:
        _orders(world).append((asset, program, sender, world.now))
        number, deadline = len(_orders(world)), world.now + PARAMETERS.run_window
        made = Running(number, approval.thing, program, sender, limits.price, approval.epoch, deadline)
        running(world)[number] = made
        if made.price:
            world.collected(DESK, sender, made.price)


def deliver(world: World) -> None:
    """An owner delivers: in time or late, what stands or not, to the buyer or to somebody else."""
    run = _any(world)
    if run is None:
        return
    sender = run.thing.owner if world.dice.random() < 0.9 else world.person()
    buyer = run.buyer if world.dice.random() < 0.95 else world.person()
    refusal = None
    if run.stage is not RunStage.ORDERED:
        refusal = "RunDesk_WrongStage"
    elif buyer != run.buyer:
        refusal = "RunDesk_NotBuyer"
    elif world.now > run.deadline:
        refusal = "RunDesk_TooLate"
    elif not _holds(world, run):
        refusal = "RunDesk_Withdrawn"
    elif sender != run.thing.owner:
        refusal = "RunDesk_NotOwner"
    world.ask(sender, DESK, "deliver", run.number, buyer, b"\x55" * 32, refusal=refusal)
    if refusal is None:
        run.stage, run.deadline = RunStage.DELIVERED, world.now + PARAMETERS.reject_window


def settle(world: World) -> None:
    """A delivered run is paid to its asset: by the buyer, by anybody once it is time, or too early."""
    run = _any(world)
    if run is None:
        if world.dice.random() < 0.05:
            world.ask(world.person(), DESK, "settle", 10**6, refusal="RunDesk_Ended")
        return
    sender, refusal = run.buyer if world.dice.random() < 0.5 else world.person(), None
    if run.stage is not RunStage.DELIVERED:
        refusal = "RunDesk_WrongStage"
    elif sender != run.buyer and world.now <= run.deadline:
        refusal = "RunDesk_StillRuns"
    world.ask(sender, DESK, "settle", run.number, refusal=refusal)
    if refusal is None:
        del running(world)[run.number]
        if run.price:
            world.ledger.move(DESK, "RevenueGraph", run.price)
            world.graph.pay(run.thing.id, run.price)


def reject(world: World) -> None:
    """A buyer burns the price, or somebody tries to."""
    run = _any(world)
    if run is None:
        return
    sender = run.buyer if world.dice.random() < 0.8 else world.person()
    refusal = None
    if run.stage is not RunStage.DELIVERED:
        refusal = "RunDesk_WrongStage"
    elif sender != run.buyer:
        refusal = "RunDesk_NotBuyer"
    elif world.now > run.deadline:
        refusal = "RunDesk_TooLate"
    world.ask(sender, DESK, "reject", run.number, refusal=refusal)
    if refusal is None:
        del running(world)[run.number]
        if run.price:
            world.released(DESK, BURNT, run.price)


def refund(world: World) -> None:
    """The price of a run without output comes back: late, without consent, by the owner, or too early."""
    run = _any(world)
    if run is None:
        return
    sender = run.thing.owner if world.dice.random() < 0.3 else world.person()
    refusal = None
    if run.stage is not RunStage.ORDERED:
        refusal = "RunDesk_WrongStage"
    elif world.now <= run.deadline and _holds(world, run) and not _is_approver(world, run, sender):
        refusal = "RunDesk_StillRuns"
    world.ask(sender, DESK, "refund", run.number, refusal=refusal)
    if refusal is None:
        del running(world)[run.number]
        if run.price:
            world.released(DESK, run.buyer, run.price)
