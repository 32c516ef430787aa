"""What people do about programs at others' houses: approve some for what they own, and order runs of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thenar.assembly import Node
from thenar.domain.assets import Purpose
from thenar.domain.ids import AssetId
from thenar.domain.runs.programs import RunLimits
from thenar.errors import Refused
from thenar.services.runs import approving, ordering

if TYPE_CHECKING:
    from life import Person

CENT = 10**4


async def approve(person: Person, node: Node) -> None:
    """Let licensees have a program run over something of one's own."""
    asset = person.chooses(person.owned)
    if asset is None:
        return
    seed = hashlib.sha256(person.request.encode()).digest()
    limits = RunLimits(
        price=(1 + seed[0] % 9) * 10 * CENT, fuel=1_000, output_bytes=1_000, parts=4, per_buyer=2, per_day=3
    )
    code = b"a program, " + person.request.encode()
    await approving.approve_program(node.home_for(person.request), asset, code, limits, trial=bool(seed[1] % 2))


async def order(person: Person, node: Node) -> None:
    """Have a program run where one holds a license."""
    wanted = person.chooses(_open_to(node, await node.bench.now()))
    if wanted is not None:
        asset, program = wanted
        part = hashlib.sha256(person.request.encode()).digest()[0] % 4
        await ordering.order_run(node.home_for(person.request), asset, program, part, None)


def _open_to(node: Node, now: int) -> Iterator[tuple[AssetId, bytes]]:
    catalog = node.belief.catalog
    for asset, program in catalog.programs:
        if catalog.is_allowed(asset, node.me, Purpose.COMPUTE_ONLY, now) and catalog.assets[asset].owner != node.me:
            yield asset, program


async def reject(person: Person, node: Node) -> None:
    """Burn the price of a run that was delivered: of no use."""
    mine = [one.id for one in node.belief.catalog.runs.values() if one.run.buyer == node.me and one.stage == 2]
    number = person.chooses(mine)
    if number is not None:
        try:
            await ordering.reject_run(node.home_for(person.request), number)
        except Refused:
            person.around.told["runs rejected too late"] += 1
