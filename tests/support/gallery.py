"""A crowded catalog behind the real door: as many assets and covered cells as a browser has to put up with.

python tests/support/gallery.py [ASSETS CELLS]      prints the address to open, and serves until it is stopped
"""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import trio
from statuses import HEALTHY

from thenar.adapters.web import Door, Shelf, View, serve
from thenar.commands import COMMANDS
from thenar.commands.shelf import shelf_of
from thenar.domain import facts as f
from thenar.domain.assets import AssetKind, Commitment
from thenar.domain.bounty.asks import NO_SUBJECT, Ask
from thenar.domain.bounty.coverage import BP, Spot
from thenar.domain.catalog import AskRecord, Catalog, CoverageRecord, apply
from thenar.domain.ids import Address, AskId, AssetId, TermsId, TxHash
from thenar.domain.revenue import Parent
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.signals import Signal
from thenar.domain.showing import cloud_of, shell_of, stream_of
from thenar.services.belief import Belief
from thenar.services.bounty.hearsay import Hearsay
from thenar.services.ports import Tell

TOKEN = "g" * 64
ME = Address("0x" + "a1" * 20)
OTHERS = tuple(Address("0x" + f"{n:02x}" * 20) for n in range(0xB1, 0xB9))
TOWN = 0x861F8D7A7FFFFFF
"""A cell of resolution 6 in Munich."""
FINE, BASE = 12, 6
BLOCK = 4_000


def cells(count: int) -> list[int]:
    """So many cells of resolution 12 below the town's, those beside each other first."""
    found = []
    for number in range(count):
        cell = TOWN & ~(0xF << 52) | FINE << 52
        for step, resolution in enumerate(range(FINE, BASE, -1)):
            shift = 3 * (15 - resolution)
            cell = cell & ~(7 << shift) | (number // 7**step % 7) << shift
        found.append(cell)
    return found


def crowded(assets: int, covered: int) -> Catalog:
    """A catalog of that size: a few models earn for captures, a few areas are paid for."""
    catalog, now = Catalog(), int(time.time())
    minted = [_minted(number) for number in range(assets)]
    for fact in minted:
        apply(catalog, fact)
    _income(catalog, [fact.id for fact in minted[-12:]])
    dice = np.random.default_rng(5)
    for cell, amount, age in zip(
        cells(covered), dice.integers(800, BP, covered), dice.integers(0, 600, covered), strict=True
    ):
        spot = Spot(1, 1, cell, 0, NO_SUBJECT)
        catalog.coverage[spot.key] = CoverageRecord(spot, int(amount), now - int(age) * 86_400)
    for number, area in enumerate(_areas(), 1):
        catalog.asks[AskId(number)] = AskRecord(AskId(number), OTHERS[0], _ask(area, number, now), now, _at(number, 0))
    return catalog


def _areas() -> list[int]:
    found = []
    for digit in range(4):
        cell = TOWN & ~(0xF << 52) | 7 << 52
        found.append(cell & ~(7 << 24) | digit << 24)
    return found


def _ask(area: int, number: int, now: int) -> Ask:
    price = 20_000_000 * number
    money = {"price": price, "top_price": 3 * price, "budget": 100 * price}
    return Ask(
        modality=1,
        place_class=1,
        grain=12,
        needs_device=False,
        lowest=0,
        highest=2,
        min_quality=6_000,
        area=area,
        target=BP,
        deadline=now + 864_000 * number,
        slope=86_400,
        terms=TermsId(1),
        subject=NO_SUBJECT,
        rules=RULES.hash,
        **money,
    )


def _income(catalog: Catalog, ids: list[AssetId]) -> None:
    child, first, second, *leaves = ids
    links = {
        first: tuple(Parent(leaf, 120_000) for leaf in leaves[:4]),
        second: tuple(Parent(leaf, 90_000) for leaf in leaves[3:8]),
        child: (Parent(first, 300_000), Parent(second, 250_000)),
    }
    for number, (asset, parents) in enumerate(links.items()):
        apply(catalog, f.Linked(_at(BLOCK, number), asset, parents, 0))
    apply(catalog, f.Paid(_at(BLOCK, 9), child, OTHERS[0], 1_000_000_000, bytes(32)))


def _at(block: int, place: int) -> f.At:
    return f.At(block, place, f"0x{block:064x}", TxHash(f"0x{block:064x}"))


def _minted(number: int) -> f.AssetMinted:
    author = ME if number % 5 == 0 else OTHERS[number % len(OTHERS)]
    kind = AssetKind.MODEL if number % 40 == 0 else AssetKind.CAPTURE
    words = [bytes([place]) * 28 + number.to_bytes(4, "big") for place in range(1, 6)]
    made = Commitment(author, kind, 1_000 + number, words[0], words[1], words[2], words[3], words[4])
    at = _at(1 + number // 4, number)
    return f.AssetMinted(at, made.asset_id, author, Address("0x" + "00" * 20), number + 1, TermsId(1), 0, made)


def room() -> Any:
    """Points of a room with a table, in millimetres."""
    dice = np.random.default_rng(3)
    flat = [
        dice.uniform((0, 0, 0), (6_000, 4_000, 20), (60_000, 3)),
        dice.uniform((0, 0, 0), (20, 4_000, 2_600), (40_000, 3)),
    ]
    flat += [dice.uniform((0, 3_980, 0), (6_000, 4_000, 2_600), (50_000, 3))]
    flat += [dice.uniform((2_000, 1_200, 720), (3_800, 2_300, 760), (20_000, 3))]
    return np.concatenate(flat).astype(np.int64)


def touch() -> Signal:
    """Ninety-two sensors that close round something twice."""
    times = np.arange(2_000) * 10_000_000 + np.random.default_rng(1).integers(0, 900_000, 2_000)
    wave = np.clip(np.sin(np.arange(2_000) / 160), 0, None)[:, None] * np.linspace(0.1, 1, 92)[None, :] ** 2
    values = (wave * 4_000 + np.random.default_rng(2).integers(0, 60, (2_000, 92))).astype(np.int64)
    return Signal("fingertips", "normal_force", "N", Fraction(1, 1000), values, times.astype(np.int64), 92)


def looked_at() -> dict[str, AssetId]:
    """An asset that shows a room, and one that shows touch."""
    ids = [_minted(number).id for number in range(1, 30)]
    return {"scan": next(filter(is_scan, ids)), "touch": next(one for one in ids if not is_scan(one))}


def is_scan(asset: str) -> bool:
    """Whether an asset shows a room: those whose id is even do."""
    return int(asset[-1], 16) % 2 == 0


def views(shelf: Shelf) -> dict[str, View]:
    """What an asset shows: a room for one with an even number, touch for the others; everything opens."""
    points = {"name": "points", "sensors": 1, "axes": 3, "samples": 170_000, "rate_mhz": 0, "units": "m"}
    sketch: dict[str, object] = {
        "kind": "capture",
        "what": "spatial",
        "bytes": 4_200_000,
        "license": "LicenseRef-Thenar",
        "place_class": "public_interior",
        "milliseconds": 61_000,
        "streams": 1,
        "shown": [points],
        "preview": None,
    }
    region = {"load": [15, 9, 4, 2, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1], "contact": 35}
    felt = {"sensors": 92, "seconds": 60, "rate_hz": 100, "live": 95, "bits": 13, "regions": [region, region, region]}
    shell = shell_of(PlaceSketch.of(room(), RULES.spatial))

    async def look(asset: str) -> dict[str, object]:
        is_room = is_scan(asset)
        said = sketch if is_room else sketch | {"what": "tactile", "preview": felt, "place_class": None}
        return {"asset": asset, "opens": True, "why": "", "sketch": said, "shell": shell if is_room else None}

    async def content(asset: str) -> dict[str, object]:
        is_room = is_scan(asset)
        cloud, streams = (cloud_of(room()), []) if is_room else (None, [stream_of(touch())])
        return {"asset": asset, "modality": "spatial", "cloud": cloud, "streams": streams, "notes": []}

    return {
        **shelf.views,
        "looks": replace(shelf.views["looks"], look=look),
        "contents": replace(shelf.views["contents"], look=content),
    }


def door_of(catalog: Catalog) -> Door:
    """The door of a node that believes this catalog; of its commands, those that only read it."""
    belief = Belief()
    belief.catalog, belief.block = catalog, BLOCK

    async def now() -> int:
        return int(time.time())

    async def facts() -> list[f.Fact]:
        return []

    node: Any = SimpleNamespace(
        belief=belief,
        decimals=6,
        me=ME,
        bounty_desk=SimpleNamespace(now=now, hearsay=Hearsay(), subjects={}),
        journal=SimpleNamespace(facts=facts),
    )
    status = copy.deepcopy(HEALTHY) | {"account": ME, "peer": "12D3KooWGallery", "running": True}
    status["as_of"]["block"] = BLOCK
    status["catalog"]["assets"] = len(catalog.assets)
    status["parts"]["chain"]["chain_id"] = 31_337
    status["parts"]["store"]["kind"] = "embedded"
    status["parts"]["wallet"] |= {"tokens": "812.50", "account": "64.00"}

    def bound(name: str) -> Any:
        async def run(arguments: dict[str, object], tell: Tell) -> dict[str, object]:
            return await COMMANDS[name](node, arguments, tell)

        return run

    async def told() -> dict[str, object]:
        return status

    async def ready() -> list[str]:
        return []

    async def metrics() -> str:
        return ""

    shelf = shelf_of(node)
    commands = {name: bound(name) for name in ("bounty.gaps", "earnings.show")}
    return Door(TOKEN, ready, metrics, told, commands, replace(shelf, views=views(shelf)))


@asynccontextmanager
async def opened(assets: int, covered: int) -> AsyncIterator[str]:
    """Serve a crowded catalog; yields the address that carries the key."""
    door = door_of(crowded(assets, covered))
    async with trio.open_nursery() as nursery:
        address = cast(str, await nursery.start(serve, door, "127.0.0.1:0"))
        yield f"http://{address}/#token={TOKEN}"
        nursery.cancel_scope.cancel()


async def main(assets: int, covered: int) -> None:
    """Serve until stopped."""
    async with opened(assets, covered) as address:
        print(address, flush=True)
        await trio.sleep_forever()


if __name__ == "__main__":
    sizes = [int(word) for word in sys.argv[1:]] or [10_000, 50_000]
    trio.run(main, *sizes)
