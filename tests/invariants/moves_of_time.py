"""Licenses without a key, time that is paid for as it passes, and whoever ends it early."""

from __future__ import annotations

from dataclasses import dataclass, field

from moves_of_assets import BATCH, CAPTURE, Thing, owned, thing
from world import World

from thenar.domain.ids import Address

FOREVER = 2**40 - 1
DESK, EXCHANGE = "LicenseDesk", "KeyExchange"


@dataclass
class Granted:
    """A license without a key as the model knows it."""

    until: int
    epoch: int
    since: int
    price: int

    def runs(self, known: Thing, now: int) -> bool:
        """Whether it is good at a time."""
        return self.until > now and self.epoch == known.epoch


@dataclass
class Flow:
    """The price of a license with an end, and how far it has come."""

    thing: Thing
    batch: bytes
    source: str
    licensee: Address
    seller: Address
    price: int
    bought_at: int
    since: int
    until: int
    epoch: int
    taken: int = 0
    closed: bool = False

    @property
    def derived(self) -> bool:
        """Whether its money is the graph's."""
        return self.thing.kind not in (CAPTURE, BATCH)

    def call(self, world: World) -> tuple[object, ...]:
        """The stream as the Escrow takes it."""
        who = (world.machine.contracts[self.source], self.licensee, self.seller)
        times = (self.price, self.bought_at, self.since, self.until, self.epoch, self.derived)
        return (self.thing.id, self.batch, 0, *who, *times)

    def earned(self, at: int) -> int:
        """What the seller has earned by some time, rounded down."""
        passed = max(0, min(at, self.until) - self.since)
        return self.price * passed // (self.until - self.since)

    def ended(self, ends: dict[tuple[bytes, Address, str], list[int]]) -> int:
        """When its license first ended early; 0 while it did not."""
        since = [at for at in ends.get((self.thing.id, self.licensee, self.source), []) if at >= self.bought_at]
        ended = min([*since, *self.thing.withdrawn[self.epoch :]], default=self.until)
        return 0 if ended >= self.until else ended


@dataclass
class Time:
    """Everything about licenses that end."""

    grants: dict[tuple[bytes, Address], Granted] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    ends: dict[tuple[bytes, Address, str], list[int]] = field(default_factory=dict)
    bought: dict[tuple[bytes, Address], int] = field(default_factory=dict)
    handed: dict[tuple[bytes, Address], int] = field(default_factory=dict)
    """When somebody first paid for a license, or had a key; what came later changes neither."""


def time_of(world: World) -> Time:
    """The books of time."""
    found: Time = world.shelf.setdefault("time", Time())
    return found


def later(start: int, duration: int) -> int:
    """When a license ends; without end for no duration."""
    return min(start + duration, FOREVER) if duration else FOREVER


def begin(world: World, flow: Flow) -> None:
    """Money that waits in the Escrow from now on."""
    world.ledger.move(flow.source, "Escrow", flow.price)
    time_of(world).flows.append(flow)


def buy(world: World) -> None:
    """Somebody buys a license alone: a new one, a longer one, or one that gains him nothing."""
    offers = world.shelf.get("offers", {})
    known, buyer = thing(world), world.person()
    if offers and world.dice.random() < 0.9:
        wanted, _ = world.dice.choice(list(offers))
        known = next((one for one in owned(world) if one.id == wanted), known)
    if known is None:
        return
    standing, books = offers.get((known.id, known.owner)), time_of(world)
    old = books.grants.get((known.id, buyer))
    old = old if old and old.runs(known, world.now) else None
    refusal, until, since = None, 0, old.until if old else world.now
    if standing is None or standing.epoch != known.epoch or standing.expires_at <= world.now:
        refusal = "LicenseDesk_NoOffer"
    elif world.now in books.ends.get((known.id, buyer, DESK), []):
        refusal = "LicenseDesk_JustEnded"
    else:
        until = later(since, standing.duration)
        refusal = "LicenseDesk_LicenseRuns" if old and until <= old.until else None
    world.ask(buyer, DESK, "buy", known.id, 1, 2**96 - 1, 1_000_000, 0, refusal=refusal)
    if refusal is None and standing is not None:
        _bought(world, known, buyer, Granted(until, known.epoch, world.now, standing.price), since)


def _bought(world: World, known: Thing, buyer: Address, made: Granted, since: int) -> None:
    books, price = time_of(world), made.price
    old = books.grants.get((known.id, buyer))
    if old and old.runs(known, world.now) and (old.until == FOREVER) == (made.until == FOREVER):
        made.price += old.price
    books.grants[known.id, buyer] = made
    if not price:
        return
    books.bought.setdefault((known.id, buyer), world.now)
    world.collected(DESK, buyer, price)
    if made.until != FOREVER:
        times = (price, world.now, since, made.until, known.epoch)
        begin(world, Flow(known, bytes(32), DESK, buyer, known.owner, *times))
    elif known.kind in (CAPTURE, BATCH):
        world.released(DESK, known.owner, price)
    else:
        world.ledger.move(DESK, "RevenueGraph", price)
        world.graph.pay(known.id, price)


def _flow(world: World) -> Flow | None:
    waiting = [one for one in time_of(world).flows if not one.closed and one.taken < one.price]
    if waiting and world.dice.random() < 0.8:
        return world.dice.choice(waiting)
    return world.dice.choice(time_of(world).flows) if time_of(world).flows else None


def _pay(world: World, flow: Flow, amount: int) -> None:
    if flow.derived:
        world.ledger.move("Escrow", "RevenueGraph", amount)
        world.graph.pay(flow.thing.id, amount)
    else:
        world.released("Escrow", flow.seller, amount)


def collect(world: World) -> None:
    """Anybody has what was earned by now paid out."""
    flow = _flow(world)
    if flow is None:
        return
    due = flow.earned(world.now) - flow.taken
    refusal = None if due else "Escrow_NothingDue"
    if flow.ended(time_of(world).ends):
        refusal = "Escrow_EndedEarly"
    if flow.closed:
        refusal = "Escrow_NotRunning"
    answer = world.ask(world.person(), "Escrow", "collect", flow.call(world), refusal=refusal)
    if refusal is None:
        world.same("what was earned", answer.values, (due,))
        flow.taken += due
        _pay(world, flow, due)


def refund(world: World) -> None:
    """Anybody has time that was lost paid back."""
    flow = _flow(world)
    if flow is None:
        return
    ended = flow.ended(time_of(world).ends)
    refusal = None if ended else "Escrow_StillRuns"
    if flow.closed:
        refusal = "Escrow_NotRunning"
    answer = world.ask(world.person(), "Escrow", "refund", flow.call(world), refusal=refusal)
    if refusal is None:
        earned = flow.earned(ended)
        world.same("what was lost", answer.values, (flow.price - earned,))
        due, flow.taken, flow.closed = earned - flow.taken, earned, True
        world.released("Escrow", flow.licensee, flow.price - earned)
        if due:
            _pay(world, flow, due)


def forged_flow(world: World) -> None:
    """Somebody asks the Escrow for the money of a license that was never sold."""
    flow = _flow(world)
    if flow is None:
        return
    richer = flow.call(world)
    richer = (*richer[:6], flow.price + 1, *richer[7:])
    world.ask(world.person(), "Escrow", world.dice.choice(("collect", "refund")), richer, refusal="Escrow_NotRunning")


def revoke_one(world: World) -> None:
    """An owner ends one licensee's licenses and pays time without end back, or a stranger tries to."""
    books, sales = time_of(world), world.shelf.get("sales", {})
    known, sender, licensee = thing(world), world.person(), world.person()
    held = [*books.grants, *sales]
    if held and world.dice.random() < 0.9:
        wanted, licensee = world.dice.choice(held)
        known = next((one for one in owned(world) if one.id == wanted), known)
    if known is None:
        return
    if world.dice.random() < 0.8:
        sender = known.owner
    grant, sale = books.grants.get((known.id, licensee)), sales.get((known.id, licensee))
    granted = grant is not None and grant.runs(known, world.now)
    sold = sale is not None and sale.until > world.now and sale.epoch == known.epoch
    back = (grant.price if granted and grant.until == FOREVER else 0) + (
        sale.price if sold and sale.until == FOREVER else 0
    )
    refusal = None if granted or sold else "LicenseDesk_NoLicense"
    if sender != known.owner:
        refusal = "LicenseDesk_NotOwner"
    world.ask(sender, DESK, "revokeOne", known.id, 0, licensee, refusal=refusal)
    if refusal is None:
        _ended(world, known, licensee, back, (granted, sold))


def _ended(world: World, known: Thing, licensee: Address, back: int, which: tuple[bool, bool]) -> None:
    books = time_of(world)
    if which[0]:
        books.grants[known.id, licensee].until = world.now
        books.ends.setdefault((known.id, licensee, DESK), []).append(world.now)
    if which[1]:
        world.shelf["sales"][known.id, licensee].until = world.now
        books.ends.setdefault((known.id, licensee, EXCHANGE), []).append(world.now)
    if back:
        world.collected(DESK, known.owner, back)
        world.released(DESK, licensee, back)
