"""Commands about lending this machine: enable, disable, status."""

from __future__ import annotations

from dataclasses import replace

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import money
from thenar.domain.ids import Address
from thenar.domain.money import parse_amount
from thenar.domain.work.bounties import MAX_COUNT, ClaimStage
from thenar.domain.work.classes import CLASSES, WEAKER
from thenar.errors import BadInput, Refused
from thenar.services.ports import Capabilities, Capability, Tell
from thenar.services.work.hiring import WorkOffer, enlist, offer_of, resign_all, set_offer, trusted

MAX_SEATS = 64


async def enable_work(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Probe this machine, enlist in its classes and take work from now on."""
    found = await node.bench.executor.capabilities()
    chosen = _chosen(found, arg.optional_text(arguments, "classes"))
    seats = arg.number(arguments, "seats", 0, high=MAX_SEATS)
    offer = WorkOffer(
        cores=arg.number(arguments, "cores", max(1, found.cores - 1), low=1, high=4_096),
        classes=tuple(one.name for one in chosen),
        min_price=parse_amount(arg.text(arguments, "min_price", "0"), node.decimals),
        batch=arg.number(arguments, "batch", 0, high=MAX_COUNT),
        since=node.belief.block + 1,
    )
    bench = replace(node.bench, trade=node.trade_for(arg.request_id(arguments)))
    for one in chosen:
        await enlist(bench, one, seats)
    await set_offer(node.trade, offer)
    node.bench.executor.lend(offer.cores)
    return await show_work(node, {}, _)


def _chosen(found: Capabilities, named: str | None) -> list[Capability]:
    known = {one.name: one for one in found.classes}
    wanted = (
        [name for name in known if name not in WEAKER]
        if named is None
        else [word for word in named.replace(" ", "").split(",") if word]
    )
    missing = [word for word in wanted if word not in known]
    if missing:
        offered = ", ".join(known) or "none"
        raise BadInput(f"this machine does not offer the class {missing[0]!r}", next_step=f"it offers: {offered}")
    if not wanted:
        why = "; ".join(found.missing) or "no probe gave what it should"
        raise Refused(f"this machine cannot be lent: {why}", next_step="`thenar doctor` says what is missing")
    return [known[word] for word in wanted]


async def disable_work(node: Node, _: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Take no more work and leave the draws; what is claimed is finished."""
    offer = await offer_of(node.trade)
    if offer is not None:
        await set_offer(node.trade, replace(offer, enabled=False))
    await resign_all(node.trade)
    return await show_work(node, {}, tell)


async def show_work(node: Node, _: arg.Arguments, __: Tell) -> dict[str, object]:
    """What is lent, in which classes, and what it does and earned."""
    offer, catalog = await offer_of(node.trade), node.belief.catalog
    mine = [claim for claim in catalog.work.values() if claim.worker == node.me]
    audits = [claim for claim in catalog.work.values() if claim.auditor == node.me]
    return {
        "enabled": bool(offer and offer.enabled),
        "cores": offer.cores if offer else 0,
        "min_price": money(node, offer.min_price) if offer else None,
        "classes": [_member(node, class_id, offer) for who, class_id in catalog.members if who == node.me],
        "running": [
            {"unit": unit, "segments": done, "of": total} for (_, unit), (done, total) in node.bench.progress.items()
        ],
        "claims": [
            {"claim": one.id, "bounty": one.bounty, "units": one.count, "stage": one.stage.name.lower()}
            for one in mine
            if one.runs
        ],
        "units_done": sum(one.count for one in mine if one.stage is ClaimStage.FINALIZED),
        "audits_done": sum(1 for one in audits if one.audit_paid),
        "earned": money(node, sum(one.paid for one in mine) + sum(one.audit_paid for one in audits)),
        "lost": money(node, sum(one.lost for one in mine)),
        "refused": [{"bounty": number, "reason": why} for number, why in node.hiring.refused.items()],
    }


def _member(node: Node, class_id: bytes, offer: WorkOffer | None) -> dict[str, object]:
    member, known = node.belief.catalog.members[Address(node.me), class_id], CLASSES.get(class_id)
    return {
        "class": known.name if known else "0x" + class_id.hex(),
        "seats": member.seats,
        "leaving": member.leaving,
        "free_at": member.free_at or None,
        "score": member.score,
        "works": bool(offer and offer.enabled and trusted(member, offer)),
    }
