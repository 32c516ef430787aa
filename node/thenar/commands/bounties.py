"""Commands about capture bounties: post, list, show, gaps, answer, settle, challenge, judge."""

from __future__ import annotations

from dataclasses import replace

import trio

from thenar.adapters import media
from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.demands import DAY, among, checked, longest_age, wanted_area, wanted_cells, wanted_subject
from thenar.commands.view import as_of, money, receipt_view
from thenar.domain.bounty.answers import NO_ASSET, NOBODY, ask_of, place_of
from thenar.domain.bounty.asks import MODALITIES, NO_SUBJECT, PLACE_CLASSES, Ask
from thenar.domain.bounty.cells import spread
from thenar.domain.bounty.coverage import BP
from thenar.domain.bounty.gaps import gap_of
from thenar.domain.bounty.sealed import forms_of
from thenar.domain.bounty.visibility import is_public
from thenar.domain.catalog import AnswerRecord, AskRecord
from thenar.domain.ids import AnswerId, AskId, TermsId
from thenar.domain.money import parse_amount, parse_share
from thenar.domain.place import FINEST, cell_resolution
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.report import percent
from thenar.domain.work.disputes import Ruling
from thenar.errors import BadInput, Refused
from thenar.services.bounty import answering, checking, sponsoring
from thenar.services.bounty.answering import Offered, Worth
from thenar.services.bounty.beacons import beacon
from thenar.services.bounty.conditions import charge_for, unmet
from thenar.services.bounty.desk import BountyDesk
from thenar.services.bounty.subjects import learn
from thenar.services.devices import device_named
from thenar.services.ports import Capability, Tell
from thenar.services.scoring import score
from thenar.services.work.hiring import enlist

SCORING = "capture scoring"
RULINGS = {
    Ruling.NONE: "",
    Ruling.CLAIM: "for the answer",
    Ruling.OTHER: "for the challenger",
    Ruling.VOID: "for nobody",
}


async def post_ask(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Ask for captures of a class of places in an area, or of a subject, and lock the budget."""
    desk, subject = _desk(node, arguments), wanted_subject(arguments, _modality(arguments))
    ask = ask_from(node, arguments, 0)
    asked_at = await desk.trade.asked_at(sponsoring.name_of(ask))
    record, receipt = await sponsoring.post(desk, replace(ask, deadline=asked_at + ask.deadline), subject)
    return {**await _view(node, record), **receipt_view(receipt)}


def ask_from(node: Node, arguments: arg.Arguments, now: int) -> Ask:
    """What is asked for, from what people say. Raises BadInput for what cannot be meant."""
    place, subject = arg.optional_text(arguments, "place"), wanted_subject(arguments, _modality(arguments))
    price, wanted = parse_amount(arg.text(arguments, "price"), node.decimals), wanted_cells(arguments, place)
    top = arg.optional_text(arguments, "top_price")
    area = 0 if place is None else wanted_area(arguments, wanted)
    finest = max(map(cell_resolution, wanted)) if wanted else _grain(place or "", area)
    grain = 0 if place is None else arg.number(arguments, "grain", finest, high=15)
    lowest, highest = _levels(arg.text(arguments, "levels", "0"))
    return Ask(
        modality=among(MODALITIES, _modality(arguments), "modality"),
        place_class=0 if place is None else among(PLACE_CLASSES, place, "class of place"),
        grain=grain,
        needs_device=arg.flag(arguments, "needs_device"),
        lowest=lowest,
        highest=highest,
        min_quality=parse_share(arg.text(arguments, "quality", "60%")) // 100,
        area=area,
        target=arg.number(arguments, "captures", 2, low=1, high=100) * BP,
        deadline=now + arg.number(arguments, "days", 10, low=1, high=3_650) * DAY,
        slope=arg.number(arguments, "rise_days", 10, low=1, high=3_650) * DAY,
        price=price,
        top_price=price if top is None else parse_amount(top, node.decimals),
        budget=parse_amount(arg.text(arguments, "budget"), node.decimals),
        terms=TermsId(arg.number(arguments, "terms", 0, high=2**32 - 1)),
        subject=NO_SUBJECT if subject is None else subject.digest,
        rules=RULES.hash,
        max_age=longest_age(arg.optional_text(arguments, "max_age")),
        needs_gesture=arg.flag(arguments, "needs_gesture"),
        cells=spread(wanted, grain) if wanted else (),
    )


def _grain(place: str, area: int) -> int:
    """Cells two steps finer than the area, as far as the class allows."""
    return min(FINEST.get(place, 15), cell_resolution(area) + 2) if area else 0


def _modality(arguments: arg.Arguments) -> str:
    return arg.text(arguments, "modality", "spatial")


def _levels(text: str) -> tuple[int, int]:
    """Levels written as ``0`` or ``-2:5``."""
    low, _, high = text.partition(":")
    try:
        found = int(low), int(high or low)
    except ValueError as cause:
        raise BadInput(f"{text[:40]!r} are no levels", next_step="write them like 0 or -2:5") from cause
    if not all(-50 <= level <= 300 for level in found):
        raise BadInput("levels lie between -50 and 300", next_step="ground is 0, a basement -1")
    return found


async def list_asks(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Capture bounties that can be answered; all of them with ``all``, of this account with ``mine``."""
    now, everything = await node.bounty_desk.now(), arg.flag(arguments, "all")
    found = [
        one
        for one in node.belief.catalog.asks.values()
        if (everything or (not one.closed and now < one.ask.deadline))
        and (not arg.flag(arguments, "mine") or one.sponsor == node.me)
    ]
    await learn(node.bounty_desk, found)
    return {**as_of(node), "bounties": [_short(node, one, now) for one in found]}


async def show_ask(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """A capture bounty with its answers."""
    return await _view(node, node.bounty_desk.ask(_number(arguments)))


async def list_gaps(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """What is still wanted, by bounty: the class, the area and how many of its cells are covered; never which."""
    now, modality = await node.bounty_desk.now(), arg.optional_text(arguments, "modality")
    found = [
        one
        for one in node.belief.catalog.asks.values()
        if not one.closed and now < one.ask.deadline and one.left and modality in (None, one.ask.modality_name)
    ]
    await learn(node.bounty_desk, found)
    return {**as_of(node), "gaps": [_gap(node, one, now) for one in found]}


def _gap(node: Node, record: AskRecord, now: int) -> dict[str, object]:
    gap = gap_of(node.belief.catalog, record, now)
    return {
        "bounty": record.id,
        "wanted": _wanted(node, record.ask),
        "spots": gap.spots,
        "covered_spots": gap.covered_spots,
        "missing": percent(gap.missing_bp),
        "price": money(node, record.ask.price_at(record.opened_at, now)),
        "left": money(node, record.left),
        "sponsor_heard": node.bounty_desk.hearsay.seconds_since(record.id),
    }


async def answer_ask(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Score a scan beside what others have shown and answer with it.

    With ``dry`` only tell what it would be paid, also before it is an asset.
    """
    dry = arg.flag(arguments, "dry")
    asset = NO_ASSET if dry and arg.optional_text(arguments, "asset") is None else arg.asset(arguments)
    desk, path = _desk(node, arguments), arg.existing_file(arguments, "path")
    record = desk.ask(_number(arguments))
    tell({"label": f"reading {path.name}", "done": 0, "total": 0})
    recorded, notes = await trio.to_thread.run_sync(media.read_recorded, path)
    tell({"label": "fetching what others have shown", "done": 0, "total": 0})
    earlier = await answering.earlier_of(desk, record)
    scored = await trio.to_thread.run_sync(lambda: score(recorded, earlier, say=lambda _: None))
    forms = await trio.to_thread.run_sync(forms_of, recorded)
    cell = arg.cell(arguments, "cell") if record.ask.place_class else 0
    named = arg.optional_text(arguments, "device")
    device = NOBODY if named is None else await device_named(named, journal=node.journal)
    level = _levels(arg.text(arguments, "level", "0"))[0]
    given = arg.number(arguments, "beacon", 0)
    lit = beacon(desk, given) if given else None
    gesture = None if lit is None else await checked(arguments, recorded, lit.head)
    trace = None if gesture is None else gesture.trace
    offered = Offered(asset, cell, level, forms, scored, device, lit, trace)
    found = await answering.value(desk, record, offered)
    told = {**_worth(node, found), "compared_with": [one.name for one in scored.earlier], "notes": list(notes)}
    if gesture is not None:
        told |= {"gesture": gesture.reason, "gesture_shown": gesture.shows}
    if dry:
        return {"bounty": record.id, **told}
    answer, receipt = await answering.answer(desk, record, offered)
    return {**_answer(node, answer), **told, **receipt_view(receipt)}


def _worth(node: Node, found: Worth) -> dict[str, object]:
    return {
        "quality": percent(found.quality),
        "novelty": percent(found.novelty),
        "why": found.reason,
        "coverage": f"{percent(found.before)} to {percent(found.covered)} of a good capture",
        "price": money(node, found.pay),
        "bond": money(node, found.bond),
    }


async def settle_answer(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Have an answer paid whose window is over, whoever it belongs to, and those before it ended."""
    desk, number = _desk(node, arguments), _answer_number(arguments)
    desk.answer(number)
    await answering.settle(desk, number)
    await node.catch_up()
    return _answer(node, desk.answer(number))


async def challenge_answer(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Look for the transform that makes an answer a copy of an older one, and challenge it when there is one."""
    desk, number = _desk(node, arguments), _answer_number(arguments)
    if arg.optional_text(arguments, "prior") is None:
        return await _challenge_condition(node, desk, number, dry=arg.flag(arguments, "dry"))
    if not is_public(desk.ask(ask_of(desk.answer(number).id)).ask):
        return await _challenge_sealed(node, desk, number, arguments)
    charge, found = await checking.charge_of(desk, number, arg.asset(arguments, "prior"))
    told: dict[str, object] = {"verdict": found.verdict.value, "novelty": percent(found.novelty)}
    told["witness"] = charge.witness.decode()
    if arg.flag(arguments, "dry"):
        return {"bounty": ask_of(number), "place": place_of(number), **told}
    await checking.challenge(desk, number, charge)
    await node.catch_up()
    return {**_answer(node, desk.answer(number)), **told}


async def _challenge_sealed(
    node: Node, desk: BountyDesk, number: AnswerId, arguments: arg.Arguments
) -> dict[str, object]:
    """Challenge what only a jury can see; nobody can tell beforehand what it will find."""
    charge = checking.blind_charge(desk, number, arg.asset(arguments, "prior"))
    told = {"verdict": "sealed: only a jury sees both sketches", "at_stake": money(node, desk.challenge_bond)}
    if arg.flag(arguments, "dry"):
        return {"bounty": ask_of(number), "place": place_of(number), **told}
    await checking.challenge(desk, number, charge)
    await node.catch_up()
    return {**_answer(node, desk.answer(number)), **told}


async def _challenge_condition(node: Node, desk: BountyDesk, number: AnswerId, *, dry: bool) -> dict[str, object]:
    """Challenge an answer that lacks the gesture it names, or is older than it may be."""
    failed = await unmet(desk, desk.answer(number))
    if failed is None:
        raise Refused(
            "the answer meets what the bounty demands: a jury would find for it, and your bond would be lost",
            next_step="name the asset it copies: --prior ASSET",
        )
    if dry:
        return {"bounty": ask_of(number), "place": place_of(number), "unmet": failed}
    await checking.challenge(desk, number, charge_for(desk.answer(number), failed))
    await node.catch_up()
    return {**_answer(node, desk.answer(number)), "unmet": failed}


async def judge_answers(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Take seats among those who judge disputed scores, and answer for them with stake."""
    seats = arg.number(arguments, "seats", 1, low=1, high=64)
    scoring = Capability(RULES.hash, SCORING, (), RULES.hash, 0)
    bench = replace(node.bench, trade=node.trade_for(arg.request_id(arguments)))
    member = await enlist(bench, scoring, seats)
    return {"class": "0x" + RULES.hash.hex(), "seats": member.seats}


def _desk(node: Node, arguments: arg.Arguments) -> BountyDesk:
    return replace(node.bounty_desk, trade=node.trade_for(arg.request_id(arguments)))


def _number(arguments: arg.Arguments) -> AskId:
    return AskId(arg.number(arguments, "bounty", 0, low=1, high=2**32 - 1))


def _answer_number(arguments: arg.Arguments) -> AnswerId:
    return AnswerId(_number(arguments) << 32 | arg.number(arguments, "place", 0, high=2**32 - 1))


def _wanted(node: Node, ask: Ask) -> str:
    good = f"quality {percent(ask.min_quality)} or better{_conditions(ask)}"
    if not ask.place_class:
        subject = node.bounty_desk.subjects.get(ask.subject) or f"subject 0x{ask.subject.hex()}"
        return f"{ask.modality_name} of {subject}, {good}"
    levels = str(ask.lowest) if ask.lowest == ask.highest else f"{ask.lowest} to {ask.highest}"
    among = f"{len(ask.cells)} listed cells of " if ask.cells else ""
    where = f"{ask.place_name} in {among}cell {ask.area:x}, level {levels}"
    return f"{ask.modality_name} of {where}, {good}"


def _conditions(ask: Ask) -> str:
    gesture = ", beginning with a gesture" if ask.needs_gesture else ""
    return f"{gesture}, at most {ask.max_age / DAY:g} days old" if ask.max_age else gesture


def _short(node: Node, record: AskRecord, now: int) -> dict[str, object]:
    ask = record.ask
    return {
        "bounty": record.id,
        "sponsor": record.sponsor,
        "wanted": _wanted(node, ask),
        "price": money(node, ask.price_at(record.opened_at, min(now, ask.deadline))),
        "left": money(node, record.left),
        "answers": len(record.answers),
        "ends": "closed" if record.closed else ask.deadline,
    }


async def _view(node: Node, record: AskRecord) -> dict[str, object]:
    ask, now = record.ask, await node.bounty_desk.now()
    await learn(node.bounty_desk, [record])
    return {
        **_short(node, record, now),
        "grain": ask.grain,
        "captures_per_spot": f"{ask.target / BP:g}",
        "price_rises": f"from {money(node, ask.price)} to {money(node, ask.top_price)}",
        "budget": money(node, ask.budget),
        "paid": money(node, record.paid),
        "needs_device": ask.needs_device,
        "needs_gesture": ask.needs_gesture,
        "max_age_seconds": ask.max_age,
        "cells": [f"{cell:x}" for cell in ask.cells],
        "terms": ask.terms,
        "rules": "0x" + ask.rules.hex(),
        "list": [_answer(node, node.bounty_desk.answer(number)) for number in record.answers],
    }


def _answer(node: Node, record: AnswerRecord) -> dict[str, object]:
    shown = record.shown
    scored: dict[str, object] = {}
    if shown is not None:
        scored = {"asset": shown.asset, "quality": percent(shown.quality), "novelty": percent(shown.novelty)}
    return {
        "bounty": ask_of(record.id),
        "place": place_of(record.id),
        "contributor": record.contributor,
        "stage": record.stage.name.lower(),
        "until": record.until,
        **scored,
        "dispute": record.dispute,
        "ruling": _ruling(node, record),
        "paid": money(node, record.paid),
        "bond": money(node, record.bond),
    }


def _ruling(node: Node, record: AnswerRecord) -> str:
    """What the court found so far: for the answer, for who challenged it, neither; or nothing yet."""
    case = node.belief.catalog.cases.get(record.dispute) if record.dispute else None
    return RULINGS[case.ruling] if case is not None else ""
