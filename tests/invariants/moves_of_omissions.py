"""Omissions: payouts said to leave out what their publisher bought, convicted, answered, thawed, and let go."""

from __future__ import annotations

from dataclasses import dataclass, field

from moves_of_assets import things
from moves_of_revenue import FROZEN, THAWED, Published, payouts
from moves_of_sales import sales
from moves_of_time import time_of
from world import PARAMETERS, World

from thenar.domain.ids import Address, AssetId
from thenar.domain.statements import Listed

NOBODY = "0x" + "00" * 20
NO_COMMITMENT = (NOBODY, 0, 0, *(bytes(32),) * 6)


@dataclass
class Accused:
    """A question put to a publisher."""

    accuser: Address
    answer_by: int
    answered: bool = False


@dataclass
class Court:
    """Every question, by payout and omitted asset."""

    accused: dict[tuple[bytes, int, bytes], Accused] = field(default_factory=dict)


def court(world: World) -> Court:
    """The court's books."""
    found: Court = world.shelf.setdefault("court", Court())
    return found


def _id(asset: bytes) -> AssetId:
    return AssetId("0x" + asset.hex())


def _place(listed: Listed) -> tuple[object, ...]:
    """A place of a license set as the contract takes it."""
    return (listed.index, bytes.fromhex(listed.asset[2:]), listed.siblings)


def _any(world: World) -> tuple[bytes, int, Published, bytes] | None:
    """A payout, and something its publisher bought, or anything at all."""
    found = [(key, one) for key, one in payouts(world).items() if one.statement.license_count or one.statement.bond]
    if not found:
        return None
    (asset, number), published = world.dice.choice(found)
    who = published.statement.publisher
    held = {wanted for wanted, buyer in [*sales(world), *time_of(world).grants] if buyer == who}
    bought = [one.id for one in things(world) if one.id in held]
    if not bought and world.dice.random() < 0.8:
        return None
    wares = bought if bought and world.dice.random() < 0.9 else [one.id for one in things(world)]
    return asset, number, published, world.dice.choice(wares)


def _bought(world: World, omitted: bytes, published: Published) -> bool:
    """Whether the publisher bought it before he published."""
    who, end = published.statement.publisher, published.statement.published_at
    books = time_of(world)
    return any(one.get((omitted, who), end) < end for one in (books.bought, books.handed))


def _refused(world: World, published: Published) -> str | None:
    """Why a payout cannot be challenged."""
    if published.outcome:
        return "OmissionCourt_Decided"
    late = world.now >= published.statement.published_at + PARAMETERS.challenge_window
    return "OmissionCourt_TooLate" if late else None


def prove(world: World) -> None:
    """Somebody shows the two places between which an asset is missing, or claims so of one that is not."""
    found = _any(world)
    if found is None:
        return
    asset, number, published, omitted = found
    challenger, listed = world.person(), published.licenses
    missing = _id(omitted) not in listed.assets
    beside = listed.beside(_id(omitted)) if missing else (listed.place_of(_id(omitted)),)
    refusal = _refused(world, published)
    if refusal is None and not _bought(world, omitted, published):
        refusal = "OmissionCourt_NoLicense"
    elif refusal is None and not missing:
        refusal = "OmissionCourt_NotOmitted"
    evidence = (omitted, 0, published.statement.publisher, NO_COMMITMENT)
    places = [_place(place) for place in beside]
    filing = published.filing(asset, number)
    world.ask(challenger, "OmissionCourt", "proveOmission", filing, evidence, places, refusal=refusal)
    if refusal is None:
        _convict(world, published, omitted, challenger)


def _convict(world: World, published: Published, omitted: bytes, challenger: Address) -> None:
    """The payout pays nobody for now; half of its bond is the challenger's, half the omitted asset's."""
    published.outcome, published.omitted = FROZEN, omitted
    published.frozen_until = world.now + PARAMETERS.challenge_window
    bond = published.statement.bond
    if not bond:
        return
    world.released("OmissionCourt", challenger, bond // 2)
    world.ledger.move("OmissionCourt", "RevenueGraph", bond - bond // 2)
    world.graph.pay(omitted, bond - bond // 2)


def accuse(world: World) -> None:
    """Somebody asks where an asset stands."""
    found = _any(world)
    if found is None:
        return
    asset, number, published, omitted = found
    refusal, accuser = _refused(world, published), world.person()
    if refusal is None and not _bought(world, omitted, published):
        refusal = "OmissionCourt_NoLicense"
    elif refusal is None and (asset, number, omitted) in court(world).accused:
        refusal = "OmissionCourt_AlreadyAccused"
    evidence = (omitted, 0, published.statement.publisher, NO_COMMITMENT)
    world.ask(accuser, "OmissionCourt", "accuse", published.filing(asset, number), evidence, refusal=refusal)
    if refusal is None:
        until = world.now + PARAMETERS.answer_window
        court(world).accused[asset, number, omitted] = Accused(accuser, until)


def _asked(world: World) -> tuple[bytes, int, bytes] | None:
    waiting = list(court(world).accused)
    return world.dice.choice(waiting) if waiting else None


def answer(world: World) -> None:
    """A publisher, or anybody, shows the place."""
    key = _asked(world)
    if key is None:
        return
    asset, number, omitted = key
    published, asked = payouts(world)[asset, number], court(world).accused[key]
    if _id(omitted) not in published.licenses.assets:
        return
    refusal = None if world.now < asked.answer_by else "OmissionCourt_TooLate"
    if asked.answered:
        refusal = "OmissionCourt_NotAccused"
    place = _place(published.licenses.place_of(_id(omitted)))
    world.ask(world.person(), "OmissionCourt", "answer", published.filing(asset, number), place, refusal=refusal)
    if refusal is None:
        asked.answered = True


def condemn(world: World) -> None:
    """Anybody has a question decided that nobody answered."""
    key = _asked(world)
    if key is None:
        return
    asset, number, omitted = key
    published, asked = payouts(world)[asset, number], court(world).accused[key]
    end = published.statement.published_at + PARAMETERS.challenge_window + 2 * PARAMETERS.answer_window
    refusal = None
    if published.outcome:
        refusal = "OmissionCourt_Decided"
    elif asked.answered:
        refusal = "OmissionCourt_NotAccused"
    elif world.now < asked.answer_by:
        refusal = "OmissionCourt_TooEarly"
    elif world.now >= end:
        refusal = "OmissionCourt_TooLate"
    world.ask(world.person(), "OmissionCourt", "condemn", published.filing(asset, number), omitted, refusal=refusal)
    if refusal is None:
        _convict(world, published, omitted, asked.accuser)


def lapse(world: World) -> None:
    """Anybody thaws a payout whose time is over."""
    frozen = [key for key, one in payouts(world).items() if one.outcome == FROZEN]
    if not frozen:
        return
    asset, number = world.dice.choice(frozen)
    published = payouts(world)[asset, number]
    refusal = None if world.now >= published.frozen_until else "OmissionCourt_TooEarly"
    world.ask(world.person(), "OmissionCourt", "lapse", asset, number, refusal=refusal)
    if refusal is None:
        published.outcome = THAWED


def thaw(world: World) -> None:
    """A later payout that lists what was omitted thaws the earlier one."""
    frozen = [key for key, one in payouts(world).items() if one.outcome == FROZEN]
    if not frozen:
        return
    asset, number = world.dice.choice(frozen)
    published = payouts(world)[asset, number]
    later = [
        key
        for key in payouts(world)
        if key[0] == asset and _id(published.omitted) in payouts(world)[key].licenses.assets
    ]
    if not later:
        return
    key = world.dice.choice(later)
    place = _place(payouts(world)[key].licenses.place_of(_id(published.omitted)))
    refusal = None if key[1] > number else "OmissionCourt_NotLater"
    filing = payouts(world)[key].filing(*key)
    world.ask(world.person(), "OmissionCourt", "thaw", number, filing, place, refusal=refusal)
    if refusal is None:
        published.outcome = THAWED
