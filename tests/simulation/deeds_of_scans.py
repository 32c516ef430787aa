"""What people do about what is wanted: ask for recordings of touch, and answer with some."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from touches import publication, touch_of

from thenar.assembly import Node
from thenar.domain.bounty.asks import MODALITIES, Ask
from thenar.domain.bounty.coverage import BP
from thenar.domain.bounty.sealed import forms_of
from thenar.domain.bounty.subjects import Subject
from thenar.domain.catalog import AskRecord
from thenar.domain.ids import AskId, TermsId
from thenar.domain.scoring.parameters import RULES
from thenar.services import licensing
from thenar.services.bounty import answering, sponsoring
from thenar.services.bounty.answering import Offered
from thenar.services.publish import publish_asset
from thenar.services.scoring import score

if TYPE_CHECKING:
    from life import Person

DOLLAR, DAY = 10**6, 86_400
TERMS = TermsId(1)
TOUCH = "tactile"


async def ask_for_touch(person: Person, node: Node) -> None:
    """Ask for recordings of something soft, hard or rough, for some days."""
    seed = hashlib.sha256(person.request.encode()).digest()
    subject = Subject(f"something {('soft', 'hard', 'rough')[seed[0] % 3]}")
    asked = Ask(
        modality=MODALITIES.index(TOUCH) + 1,
        place_class=0,
        grain=0,
        needs_device=False,
        lowest=0,
        highest=0,
        min_quality=1_000,
        area=0,
        target=(1 + seed[1] % 3) * BP,
        deadline=(3 + seed[2] % 4) * DAY,
        slope=10 * DAY,
        price=5 * DOLLAR,
        top_price=9 * DOLLAR,
        budget=(20 + seed[3] % 30) * DOLLAR + person.count,
        terms=TermsId(0),
        subject=subject.digest,
        rules=RULES.hash,
    )
    desk = replace(node.bounty_desk, trade=node.trade_for(person.request))
    until = asked.deadline + await desk.trade.asked_at(sponsoring.name_of(asked))
    await sponsoring.post(desk, replace(asked, deadline=until), subject)


async def answer(person: Person, node: Node) -> None:
    """Record touch, publish it, and answer with it what somebody else asked for."""
    now = await node.bounty_desk.now()
    wanted = person.chooses([one.id for one in node.belief.catalog.asks.values() if _is_wanted(one, node, now)])
    if wanted is None:
        return
    recorded = touch_of(person.request)
    made = await publish_asset(
        publication(recorded, person.resident.folder / f"{person.request}.bin", TERMS),
        node.me,
        sealer=node.sealer,
        store=node.store,
        journal=node.journal,
        outbox=node.outbox,
        belief=node.belief,
        patience=licensing.PATIENCE,
    )
    desk = replace(node.bounty_desk, trade=node.trade_for(person.request))
    record = desk.ask(AskId(wanted))
    scored = score(recorded, await answering.earlier_of(desk, record))
    await answering.answer(desk, record, Offered(made.asset, 0, 0, forms_of(recorded), scored))


def _is_wanted(record: AskRecord, node: Node, now: int) -> bool:
    return record.sponsor != node.me and not record.closed and record.left > 0 and now + DAY < record.ask.deadline
