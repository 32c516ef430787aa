"""What a sponsor demands beside a score, and what a contributor shows for it, from what people say."""

from __future__ import annotations

import trio

from thenar.adapters import media
from thenar.commands import arguments as arg
from thenar.domain.bounty.asks import PLACE_CLASSES
from thenar.domain.bounty.cells import MOST_CELLS, around
from thenar.domain.bounty.subjects import MOST_TAXELS, Subject, plain
from thenar.domain.gestures.checking import GestureCheck
from thenar.domain.place import parse_cell
from thenar.domain.scoring.plugins import plugin_for
from thenar.domain.scoring.signals import Recorded
from thenar.errors import BadInput

DAY = 86_400
_UNITS = {"d": DAY, "h": 3_600, "m": 60}


def wanted_cells(arguments: arg.Arguments, place: str | None) -> tuple[int, ...]:
    """The cells that are named, separated by commas or space; none means the whole area."""
    text = arg.optional_text(arguments, "cells")
    if text is None:
        return ()
    if place is None:
        raise BadInput("what is no place has no cells")
    found = tuple(parse_cell(one, "cell") for one in text.replace(",", " ").split())
    if not 0 < len(found) <= 8 * MOST_CELLS:
        raise BadInput(f"name 1 to {MOST_CELLS} cells, not {len(found)}")
    return found


def wanted_subject(arguments: arg.Arguments, modality: str) -> Subject | None:
    """What is touched or done, in words, where no class of place is named."""
    place, said = arg.optional_text(arguments, "place"), arg.optional_text(arguments, "subject")
    if (place is None) == (said is None):
        raise BadInput("name a class of place, or a subject", next_step=f"classes: {', '.join(PLACE_CLASSES)}")
    least = arg.number(arguments, "least_taxels", 0, high=MOST_TAXELS)
    if least and (said is None or modality != "tactile"):
        raise BadInput("taxels are of touch", next_step="name --modality tactile and what is touched: --subject WORDS")
    return None if said is None else Subject(plain(said), least)


def among(known: tuple[str, ...], word: str, what: str) -> int:
    """The place of a word among those that are known, from 1. Raises BadInput that lists them."""
    if word not in known:
        raise BadInput(f"{word[:40]!r} is no {what}", next_step=f"use one of: {', '.join(known)}")
    return known.index(word) + 1


def wanted_area(arguments: arg.Arguments, wanted: tuple[int, ...]) -> int:
    """The area that is named, else the finest cell that holds all those wanted."""
    if wanted and arg.optional_text(arguments, "area") is None:
        return around(wanted)
    return arg.cell(arguments, "area")


def longest_age(text: str | None) -> int:
    """Seconds from ``30d``, ``12h`` or ``45m``; 0 where nothing is said."""
    if text is None:
        return 0
    count, unit = text[:-1], _UNITS.get(text[-1:], 0)
    if not count.isdecimal() or len(count) > 5 or not unit * int(count):
        raise BadInput(f"{text[:40]!r} is no age", next_step="write it like 30d, 12h or 45m")
    return int(count) * unit


async def checked(arguments: arg.Arguments, scan: Recorded, head: bytes) -> GestureCheck:
    """Whether a scan shows a gesture: by the motion log that came with it, where one is named, else by itself.

    Raises BadInput where nothing in them can show one.
    """
    log = None
    if arg.optional_text(arguments, "gesture") is not None:
        log, _ = await trio.to_thread.run_sync(media.read_recorded, arg.existing_file(arguments, "gesture"))
    return await look(scan, head, log)


async def look(recorded: Recorded, head: bytes, log: Recorded | None = None) -> GestureCheck:
    """Look for the gesture as the recording's modality shows it. Raises BadInput where nothing can show one."""
    plugin = plugin_for(recorded.modality)
    found = await trio.to_thread.run_sync(lambda: plugin.gesture_check(recorded, head, log))
    if found.trace is None:
        raise BadInput(found.reason, next_step="give the motion log that was recorded with it: --gesture FILE")
    return found
