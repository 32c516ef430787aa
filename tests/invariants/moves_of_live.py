"""Live streams: opened, subscribed to, topped up, paid out, ended by their parties, by strangers and by consent."""

from __future__ import annotations

from dataclasses import dataclass, field

from moves_of_assets import CAPTURE, Thing, thing
from moves_of_sales import write_terms
from world import World

from thenar.domain.ids import Address

LAST_TIME = 2**40 - 1


@dataclass
class Paying:
    """A running subscription as the model knows it."""

    since: int
    deposit: int
    paid: int = 0


@dataclass
class Live:
    """A stream as the model knows it."""

    number: int
    thing: Thing
    seller: Address
    rate: int
    seconds: int
    opened_at: int
    epoch: int
    closed_at: int = 0
    paying: dict[Address, Paying] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """When it ended: closed, or the consent it was opened under withdrawn, whichever is earlier."""
        return min(self.closed_at or LAST_TIME, *self.thing.withdrawn[self.epoch : self.epoch + 1], LAST_TIME)

    def through(self, who: Address) -> int:
        """How far a subscription is paid, or the stream lasts."""
        held = self.paying[who]
        return min(held.since + held.deposit // self.rate, self.end)

    def debt(self, who: Address, now: int) -> int:
        """What a subscription owes."""
        held = self.paying[who]
        return min(held.deposit, max(0, min(now, self.end) - held.since) * self.rate)


def streams(world: World) -> list[Live]:
    """Every stream, oldest first."""
    found: list[Live] = world.shelf.setdefault("streams", [])
    return found


def _any(world: World) -> Live | None:
    return world.dice.choice(streams(world)[-4:]) if streams(world) else None


def open_stream(world: World) -> None:
    """An owner streams a capture, or somebody tries what he may not."""
    known, sender = thing(world), world.person()
    if known is None:
        return
    write_terms(world)
    if world.dice.random() < 0.9:
        sender = known.owner
    rate, seconds = world.dice.choice((0, 1, 7, 500, 500)), world.dice.choice((0, 1, 60, 600, 86_400, 86_401))
    answer = world.ask(
        sender, "LiveDesk", "openStream", known.id, 1, rate, seconds, refusal=_refused(known, sender, rate, seconds)
    )
    if not answer.error:
        number = len(streams(world)) + 1
        streams(world).append(Live(number, known, sender, rate, seconds, world.now, known.epoch))


def _refused(known: Thing, sender: Address, rate: int, seconds: int) -> str | None:
    if sender != known.owner:
        return "LiveDesk_NotOwner"
    if known.kind != CAPTURE:
        return "LiveDesk_NotCapture"
    if not 0 < seconds <= 86_400:
        return "LiveDesk_BadEpoch"
    return None if rate else "LiveDesk_Free"


def subscribe(world: World) -> None:
    """Somebody subscribes, with enough or too little."""
    live, who = _any(world), world.person()
    if live is None:
        return
    smallest = live.rate * live.seconds
    deposit = (
        smallest * world.dice.choice((1, 1, 3))
        + world.dice.choice((0, 0, 1, live.rate // 2))
        - (world.dice.random() < 0.05)
    )
    ceiling = live.rate - (world.dice.random() < 0.05)
    refusal = None
    if live.thing.owner != live.seller:
        refusal = "LiveDesk_NotOwner"
    elif live.end != LAST_TIME:
        refusal = "LiveDesk_Ended"
    elif live.rate > ceiling:
        refusal = "LiveDesk_RateAbove"
    elif deposit < smallest:
        refusal = "LiveDesk_DepositTooSmall"
    elif who in live.paying:
        refusal = "LiveDesk_Runs"
    world.ask(who, "LiveDesk", "subscribe", live.number, deposit, ceiling, 5, 6, refusal=refusal)
    if refusal is None:
        begun = -((live.opened_at - world.now) // live.seconds)
        live.paying[who] = Paying(live.opened_at + begun * live.seconds, deposit)
        world.collected("LiveDesk", who, deposit)


def _subscriber(world: World, live: Live) -> Address:
    if live.paying and world.dice.random() < 0.9:
        return world.dice.choice(sorted(live.paying))
    return world.person()


def top_up(world: World) -> None:
    """A subscriber adds to his deposit, in time or too late."""
    live = _any(world)
    if live is None:
        return
    who, amount = _subscriber(world, live), world.dice.choice((1, 499, 50_000))
    refusal = None
    if who not in live.paying:
        refusal = "LiveDesk_NotRunning"
    elif live.through(who) <= world.now:
        refusal = "LiveDesk_Ended"
    world.ask(who, "LiveDesk", "topUp", live.number, amount, refusal=refusal)
    if refusal is None:
        live.paying[who].deposit += amount
        world.collected("LiveDesk", who, amount)


def collect(world: World) -> None:
    """Anybody has a debt paid out."""
    live = _any(world)
    if live is None:
        return
    who, refusal = _subscriber(world, live), None
    if who not in live.paying:
        refusal = "LiveDesk_NotRunning"
    elif live.debt(who, world.now) == live.paying[who].paid:
        refusal = "LiveDesk_NothingDue"
    world.ask(world.person(), "LiveDesk", "collect", live.number, who, refusal=refusal)
    if refusal is None:
        debt = live.debt(who, world.now)
        world.released("LiveDesk", live.seller, debt - live.paying[who].paid)
        live.paying[who].paid = debt


def stop(world: World) -> None:
    """A party settles, or a stranger before or after the end."""
    live = _any(world)
    if live is None:
        return
    who = _subscriber(world, live)
    sender, refusal = world.dice.choice((who, live.seller, world.person())), None
    if who not in live.paying:
        refusal = "LiveDesk_NotRunning"
    elif sender not in (who, live.seller) and live.through(who) > world.now:
        refusal = "LiveDesk_NotParty"
    world.ask(sender, "LiveDesk", "stop", live.number, who, refusal=refusal)
    if refusal is None:
        _settled(world, live, who)


def _settled(world: World, live: Live, who: Address) -> None:
    debt, held = live.debt(who, world.now), live.paying.pop(who)
    world.released("LiveDesk", live.seller, debt - held.paid)
    world.released("LiveDesk", who, held.deposit - debt)


def close(world: World) -> None:
    """A stream is ended by whoever may, and now and then by whoever may not."""
    live, sender = _any(world), world.person()
    if live is None:
        return
    withdrawn, refusal = live.thing.epoch != live.epoch, None
    if live.closed_at:
        refusal = "LiveDesk_Ended"
    elif not withdrawn and sender not in (live.seller, live.thing.owner):
        refusal = "LiveDesk_NotParty"
    world.ask(sender, "LiveDesk", "close", live.number, refusal=refusal)
    if refusal is None:
        live.closed_at = live.thing.withdrawn[live.epoch] if withdrawn else world.now


def owed(world: World) -> None:
    """What the desk says a subscription owes is what the model says."""
    live = _any(world)
    if live is None or not live.paying:
        return
    who = world.dice.choice(sorted(live.paying))
    found = world.machine.view("LiveDesk", "debtOf", live.number, who)
    world.same(f"the debt of {who} to stream {live.number}", found, live.debt(who, world.now))
    cover = world.machine.view("LiveDesk", "coverOf", live.number, who)
    since = live.paying[who].since
    world.same("its cover", tuple(cover), (since, max(since, live.through(who))))
