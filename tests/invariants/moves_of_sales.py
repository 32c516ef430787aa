"""Fair sales: offered, opened, delivered or not, disputed rightly and wrongly, ended by whoever may end them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coincurve import PrivateKey, PublicKey
from eth_abi.abi import encode
from moves_of_assets import BATCH, CAPTURE, Thing, thing, things
from moves_of_time import EXCHANGE, Flow, begin, later, time_of
from sealed_bytes import as_call
from world import PARAMETERS, World

from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256, tag32

Point = tuple[int, int]
FOREVER = 2**40 - 1
ANY_SHARE = 1_000_000
OPEN, DELIVERED, SETTLED, REFUNDED = 1, 2, 3, 4
TERMS = (1, 0, 0, 0, 0, False, bytes(32), bytes(32))
"""TRAIN, nothing else asked."""


@dataclass
class Standing:
    """The owner's offer of an asset as the model knows it."""

    price: int
    duration: int
    expires_at: int
    bond_bps: int
    epoch: int


@dataclass
class Sale:
    """One sale from opening to end."""

    thing: Thing
    deal: tuple[Any, ...]
    deal_id: bytes
    seller: Address
    buyer: Address
    secret: int
    price: int
    bond: int
    duration: int
    epoch: int
    derived: bool
    deadline: int
    stage: int = OPEN
    delivery: tuple[bytes, int, int] = (bytes(32), 0, 0)
    right: bool = False
    until: int = 0
    ended_at: int = 0


def sales(world: World) -> dict[tuple[bytes, Address], Sale]:
    """The newest sale of every asset to every buyer."""
    found: dict[tuple[bytes, Address], Sale] = world.shelf.setdefault("sales", {})
    return found


def offers(world: World) -> dict[tuple[bytes, Address], Standing]:
    """The newest offer of every asset by every owner it had: one who owns it again offers again."""
    found: dict[tuple[bytes, Address], Standing] = world.shelf.setdefault("offers", {})
    return found


def point(secret: int) -> Point:
    """secret · G on secp256k1."""
    return PrivateKey.from_int(secret).public_key.point()


def times(secret: int, at: Point) -> Point:
    """secret · P."""
    return PublicKey.from_point(*at).multiply(secret.to_bytes(32, "big")).point()


def offer(world: World) -> None:
    """An owner makes an offer, or somebody who owns nothing."""
    known, sender = thing(world), world.person()
    if known is None:
        return
    write_terms(world)
    if world.dice.random() < 0.8:
        sender = known.owner
    price = world.dice.choice((0, 1, 999, 100_000))
    duration = world.dice.choice((0, 0, 5_000, 50_000))
    expires, bond = world.now + world.dice.choice((1, 100_000, 10**7)), world.dice.choice((0, 0, 1_000, 10_000))
    refusal = None if sender == known.owner else "LicenseDesk_NotOwner"
    world.ask(sender, "LicenseDesk", "offer", known.id, 1, 0, (price, duration, expires, bond), refusal=refusal)
    if refusal is None:
        offers(world)[known.id, sender] = Standing(price, duration, expires, bond, known.epoch)


def write_terms(world: World) -> None:
    """Terms 1 exist from now on."""
    if not world.shelf.get("terms"):
        world.ask(world.person(), "TermsBook", "write", TERMS)
        world.shelf["terms"] = True


def revoke(world: World) -> None:
    """An owner ends every license, or a stranger tries to."""
    known, sender = thing(world), world.person()
    if known is None:
        return
    if world.dice.random() < 0.7:
        sender = known.owner
    refusal = None if sender == known.owner else "AssetRegistry_NotOwner"
    world.ask(sender, "AssetRegistry", "revokeAll", known.id, bytes(32), refusal=refusal)
    if refusal is None:
        known.withdrawn.append(world.now)


def open_sale(world: World) -> None:
    """Somebody opens a sale; whether he may depends on who he is and what stands."""
    known, buyer = thing(world), world.person()
    if offers(world) and world.dice.random() < 0.9:
        wanted, _ = world.dice.choice(list(offers(world)))
        known = next(one for one in things(world) if one.id == wanted)
    if known is None:
        return
    secret = world.dice.randrange(1, 2**200)
    standing = offers(world).get((known.id, known.owner))
    limit = (standing.price if standing else 0) - (world.dice.random() < 0.05)
    refusal = refusal_of_opening(world, known, buyer, standing, limit)
    order = (known.id, 1, max(0, limit), ANY_SHARE, 0, *point(secret), 0)
    answer = world.ask(buyer, "KeyExchange", "open", order, refusal=refusal)
    if refusal is None and standing is not None:
        opened(world, known, buyer, secret, standing, answer.values[0])


def refusal_of_opening(
    world: World, known: Thing, buyer: Address, standing: Standing | None, limit: int, member: bytes | None = None
) -> str | None:
    """Why a sale of an asset, or of a member of a batch, cannot be opened."""
    if known.owner == buyer:
        return "KeyExchange_SellerBuys"
    if standing is None or standing.epoch != known.epoch or standing.expires_at <= world.now:
        return "LicenseDesk_NoOffer"
    if standing.price > max(0, limit):
        return "LicenseDesk_PriceAbove"
    if known.kind == BATCH and member is None:
        return "KeyExchange_BatchSold"
    last = sales(world).get((member or known.id, buyer))
    if last and last.stage in (OPEN, DELIVERED):
        return "KeyExchange_WrongStage"
    if last and last.stage == REFUNDED and last.ended_at >= world.now:
        return "KeyExchange_TooEarly"
    runs = last is not None and last.epoch == known.epoch and world.now < last.until
    if last and last.stage == SETTLED and (runs or last.until == world.now):
        return "KeyExchange_AlreadyLicensed"
    if bond_of(standing) > world.account(known.owner):
        return "Ledger_NotEnough"
    return None


def bond_of(standing: Standing) -> int:
    """What each side lays down beside the price, rounded down."""
    return standing.price * standing.bond_bps // 10_000


def opened(
    world: World,
    known: Thing,
    buyer: Address,
    secret: int,
    standing: Standing,
    deal_id: bytes,
    batch: bytes = bytes(32),
) -> None:
    """A sale runs, of an asset or of a member of a batch; money is held."""
    bond, derived = bond_of(standing), known.kind not in (CAPTURE, BATCH)
    x, y = point(secret)
    deal = (known.id, known.owner, buyer, x, y, world.now, standing.duration, known.epoch, 1, standing.price)
    deal = (*deal, derived, bond, False, 0, batch)
    world.same("the deal's id", world.machine.view("KeyExchange", "dealIdOf", deal), deal_id)
    sales(world)[known.id, buyer] = Sale(
        known, deal, deal_id, known.owner, buyer, secret, standing.price, bond, standing.duration, known.epoch, derived,
        world.now + PARAMETERS.delivery_window,
    )  # fmt: skip
    if standing.price:
        world.collected("KeyExchange", buyer, standing.price + bond)
        world.ledger.lock("KeyExchange", known.owner, bond)


def running(world: World, stage: int) -> Sale | None:
    """Any sale in a stage."""
    found = [one for one in sales(world).values() if one.stage == stage]
    return world.dice.choice(found) if found else None


def deliver(world: World) -> None:
    """A seller delivers the right key, a wrong one, or too late; a stranger delivers nothing."""
    sale = running(world, OPEN)
    if sale is None:
        return
    right, ephemeral = world.dice.random() < 0.6, world.dice.randrange(1, 2**200)
    shared, _ = times(ephemeral, point(sale.secret))
    mask = keccak256(encode(["bytes32", "bytes32", "uint256"], [tag32("thenar.wrap/1"), sale.deal_id, shared]))
    file = sale.thing.file
    key = file.root_key if right and file else world.dice.randbytes(32)
    delivery = (bytes(a ^ b for a, b in zip(key, mask, strict=True)), *point(ephemeral))
    sender = sale.seller if world.dice.random() < 0.9 else world.person()
    refusal = None
    if sender != sale.seller:
        refusal = "KeyExchange_NotSeller"
    elif world.now >= sale.deadline:
        refusal = "KeyExchange_TooLate"
    world.ask(sender, "KeyExchange", "deliver", sale.deal, delivery, refusal=refusal)
    if refusal is None:
        sale.stage, sale.delivery, sale.right = DELIVERED, delivery, right
        sale.deadline = world.now + PARAMETERS.dispute_window


def settle(world: World) -> None:
    """Anybody settles once the dispute window is over."""
    sale = running(world, DELIVERED)
    if sale is None:
        return
    refusal = None
    if world.now < sale.deadline:
        refusal = "KeyExchange_TooEarly"
    elif sale.thing.epoch != sale.epoch:
        refusal = "KeyExchange_ConsentRevoked"
    world.ask(world.person(), "KeyExchange", "settle", sale.deal, sale.delivery, refusal=refusal)
    if refusal is None:
        settled(world, sale, sale.buyer)


def settled(world: World, sale: Sale, buyers_bond_to: Address) -> None:
    """The license begins; the price and both bonds go where they belong."""
    sale.stage, sale.ended_at = SETTLED, world.now
    time_of(world).handed.setdefault((sale.thing.id, sale.buyer), world.now)
    sale.until = later(world.now, sale.duration)
    if sale.price and sale.until != FOREVER:
        times = (sale.price, world.now, world.now, sale.until, sale.epoch)
        begin(world, Flow(sale.thing, sale.deal[14], EXCHANGE, sale.buyer, sale.seller, *times))
    elif sale.price and sale.derived:
        world.ledger.move("KeyExchange", "RevenueGraph", sale.price)
        world.graph.pay(sale.thing.id, sale.price)
    elif sale.price:
        world.released("KeyExchange", sale.seller, sale.price)
    world.released("KeyExchange", sale.seller, sale.bond)
    world.released("KeyExchange", buyers_bond_to, sale.bond)


def refunded(world: World, sale: Sale, sellers_bond_to: Address) -> None:
    """The buyer has the money back; the seller's bond goes where it belongs."""
    sale.stage, sale.ended_at = REFUNDED, world.now
    world.released("KeyExchange", sale.buyer, sale.price + sale.bond)
    world.released("KeyExchange", sellers_bond_to, sale.bond)


def time_out(world: World) -> None:
    """Anybody returns the money when no key came in time."""
    sale = running(world, OPEN)
    if sale is None:
        return
    refusal = None if world.now >= sale.deadline else "KeyExchange_TooEarly"
    world.ask(world.person(), "KeyExchange", "timeoutRefund", sale.deal, refusal=refusal)
    if refusal is None:
        refunded(world, sale, sale.buyer)


def consent_refund(world: World) -> None:
    """Consent was withdrawn: each has his own back, but for a seller who did so when it was too late to deliver."""
    sale = running(world, world.dice.choice((OPEN, DELIVERED)))
    if sale is None:
        return
    sender = world.person()
    refusal = None
    if sale.thing.epoch == sale.epoch:
        refusal = "KeyExchange_ConsentStands"
    elif sale.stage == DELIVERED and world.now < sale.deadline and sender != sale.buyer:
        refusal = "KeyExchange_TooEarly"
    world.ask(sender, "KeyExchange", "consentRefund", sale.deal, sale.delivery, refusal=refusal)
    if refusal is None:
        late = sale.stage == OPEN and sale.thing.withdrawn[sale.epoch] >= sale.deadline
        refunded(world, sale, sale.buyer if late else sale.seller)


def dispute_key(world: World) -> None:
    """The buyer complains, rightly or wrongly, in time or not; the mirrored point is refused."""
    sale = running(world, DELIVERED)
    if sale is None or sale.thing.kind != CAPTURE:
        return
    sender = sale.buyer if world.dice.random() < 0.9 else world.person()
    x, y = times(sale.secret, (sale.delivery[1], sale.delivery[2]))
    if world.dice.random() < 0.1:
        y = 2**256 - 2**32 - 977 - y
    refusal = _dispute_refusal(world, sale, sender, (x, y), sale.right)
    arguments = (sale.deal, sale.delivery, sale.thing.commitment, sale.secret, x, y)
    world.ask(sender, "KeyExchange", "disputeKey", *arguments, refusal=refusal)
    if refusal is None and sale.right:
        settled(world, sale, sale.seller)
    elif refusal is None:
        refunded(world, sale, sale.buyer)


def dispute_leaf(world: World) -> None:
    """The buyer complains about one leaf: it may be garbage, good, or out of a file whose key never came."""
    sale = running(world, DELIVERED)
    if sale is None or sale.thing.file is None:
        return
    file, sender = sale.thing.file, sale.buyer if world.dice.random() < 0.9 else world.person()
    place = world.dice.randrange(len(file.promised))
    shared = times(sale.secret, (sale.delivery[1], sale.delivery[2]))
    unfounded = sale.right and not (sale.thing.garbage and place == 0)
    refusal = _dispute_refusal(world, sale, sender, shared, unfounded)
    opening = as_call(file.opening(0, place))
    arguments = (sale.deal, sale.delivery, sale.thing.commitment, sale.secret, *shared, opening)
    world.ask(sender, "KeyExchange", "disputeChunk", *arguments, refusal=refusal)
    if refusal is None and unfounded:
        settled(world, sale, sale.seller)
    elif refusal is None:
        refunded(world, sale, sale.buyer)


def _dispute_refusal(world: World, sale: Sale, sender: Address, shared: Point, unfounded: bool) -> str | None:
    if sender != sale.buyer:
        return "KeyExchange_NotBuyer"
    if world.now >= sale.deadline:
        return "KeyExchange_TooLate"
    if shared != times(sale.secret, (sale.delivery[1], sale.delivery[2])):
        return "KeyExchange_WrongSharedPoint"
    if sale.thing.epoch != sale.epoch and unfounded:
        return "KeyExchange_ConsentRevoked"
    return None


def forged_end(world: World) -> None:
    """Somebody ends a sale with a deal that was never made."""
    sale = running(world, world.dice.choice((OPEN, DELIVERED)))
    if sale is None:
        return
    richer = (*sale.deal[:9], sale.price + 1, *sale.deal[10:])
    verb, refusal = ("timeoutRefund", (richer,)) if sale.stage == OPEN else ("settle", (richer, sale.delivery))
    world.ask(world.person(), "KeyExchange", verb, *refusal, refusal="KeyExchange_WrongDeal")


def allowed(world: World) -> None:
    """May they? Asked of anybody about anything, at any time."""
    known, who = thing(world), world.person()
    if known is None:
        return
    at = world.now + world.dice.choice((0, 1, 49_999, 50_000, 10**6))
    sale = sales(world).get((known.id, who))
    grant = time_of(world).grants.get((known.id, who))
    ends = [sale.until] if sale and sale.stage == SETTLED and sale.epoch == known.epoch else []
    ends += [grant.until] if grant and grant.epoch == known.epoch else []
    expected = known.owner == who or any(at < end or end == FOREVER for end in ends)
    world.same("isAllowed", world.machine.view("LicenseDesk", "isAllowed", known.id, who, 1, at), expected)
