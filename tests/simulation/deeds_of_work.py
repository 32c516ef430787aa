"""What people do about work: lend their machines, and have jobs done by others'. Units are chains of hashes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from paper_executor import PAPER, paper_spec

from thenar.assembly import Node
from thenar.domain.work.audits import least_stake
from thenar.domain.work.bounties import NO_ASSET, Job
from thenar.errors import Unavailable
from thenar.services.ports import one_part
from thenar.services.work import bounties
from thenar.services.work.hiring import WorkOffer, enlist, set_offer

if TYPE_CHECKING:
    from life import Person

CENT, HOUR, DAY = 10**4, 3_600, 86_400
AUDITED = 3_000
"""Basis points of units that are run again once a worker's record counts."""


async def lend(person: Person, node: Node) -> None:
    """Be known as a worker with one seat among auditors and jurors, and take work from now on."""
    if node.me not in node.belief.catalog.nodes:
        raise Unavailable("the chain is not read as far as the registration")
    bench = replace(node.bench, trade=node.trade_for(person.request))
    (capability,) = (await bench.executor.capabilities()).classes
    await enlist(bench, capability, 1)
    await set_offer(node.trade, WorkOffer(1, (capability.name,), 0, 0, since=node.belief.block))
    person.lent = True


async def post_job(person: Person, node: Node) -> None:
    """Ask for a few units of work, some with an asset that earns with them, some with a unit whose end is known."""
    seed = hashlib.sha256(person.request.encode()).digest()
    content = b"a module, " + person.request.encode()
    stored = await node.store.add(one_part(content))
    file = ("job.wasm", content, str(stored.root))
    spec = paper_spec(file, units=1 + seed[0] % 6, segments=2 + seed[1] % 6, seed=seed[2])
    earning = person.chooses([NO_ASSET, *node.belief.catalog.assets]) if seed[3] % 2 else NO_ASSET
    bench, price = replace(node.bench, trade=node.trade_for(person.request)), (1 + seed[4] % 9) * 10 * CENT
    job = Job(
        class_id=PAPER,
        spec=spec.digest,
        input=earning,
        canary_root=bytes(32),
        units=spec.units,
        segments=spec.segments,
        audit_bps=AUDITED,
        deadline=await bench.trade.asked_at(bounties.name_of(spec.digest)) + 4 * DAY,
        work_window=36 * HOUR,
        price=price,
        audit_price=price * 11 // 10,
        input_price=0 if earning == NO_ASSET else CENT,
        stake=least_stake(price, AUDITED),
    )
    await bounties.post(bench, spec, job, canaries=seed[5] % 2)
