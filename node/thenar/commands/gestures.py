"""Commands about gestures: draw the moves a recording begins with, and look whether they are in it."""

from __future__ import annotations

from dataclasses import replace

import trio

from thenar.adapters import media
from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.demands import look
from thenar.domain.catalog import BeaconRecord
from thenar.domain.gestures.moves import OPENING
from thenar.domain.gestures.trace import Kind
from thenar.domain.ids import AskId
from thenar.errors import BadInput
from thenar.services.bounty.beacons import beacon, light
from thenar.services.bounty.conditions import require_gesture
from thenar.services.bounty.desk import BountyDesk
from thenar.services.ports import Tell

MADE_WITH = {"turns": Kind.TURNS, "presses": Kind.PRESSES, "joints": Kind.JOINTS}


async def draw_gesture(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """The moves of a fresh beacon, lit now when nobody lit one; with ``check`` whether a recording begins with them."""
    desk: BountyDesk = replace(node.bounty_desk, trade=node.trade_for(arg.request_id(arguments)))
    word, number = arg.text(arguments, "made_with", "turns"), arg.number(arguments, "beacon", 0)
    if word not in MADE_WITH:
        raise BadInput(f"{word[:40]!r} makes no gesture", next_step=f"use one of: {', '.join(MADE_WITH)}")
    if not number:
        tell({"label": "lighting a beacon", "done": 0, "total": 0})
    found = beacon(desk, number) if number else await light(desk)
    if arg.optional_text(arguments, "check") is not None:
        return await _checked(arguments, found)
    return {**_drawn(found, MADE_WITH[word]), "answer_until": _until(desk, arguments, found)}


def _drawn(found: BeaconRecord, kind: Kind) -> dict[str, object]:
    opening = [OPENING] if kind is Kind.TURNS else []
    return {
        "beacon": found.number,
        "hash": "0x" + found.hash.hex(),
        "lit_at": found.lit_at,
        "moves": [*opening, *(kind.words[move] for move in found.moves)],
    }


def _until(desk: BountyDesk, arguments: arg.Arguments, found: BeaconRecord) -> int | str:
    """Until when an answer to a bounty may be committed to with this beacon."""
    number = arg.number(arguments, "bounty", 0, high=2**32 - 1)
    if not number:
        return "as long as the bounty takes captures: name it with --bounty"
    ask = desk.ask(AskId(number)).ask
    return min(ask.deadline, found.lit_at + ask.max_age) if ask.max_age else ask.deadline


async def _checked(arguments: arg.Arguments, found: BeaconRecord) -> dict[str, object]:
    recorded, notes = await trio.to_thread.run_sync(media.read_recorded, arg.existing_file(arguments, "check"))
    checked = await look(recorded, found.head)
    require_gesture(checked.trace, found)
    return {"beacon": found.number, "seen": checked.reason, "shows": True, "notes": list(notes)}
