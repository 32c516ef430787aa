"""How the door shows the records of the catalog that no command shows: a row of plain JSON values each."""

from __future__ import annotations

from typing import Final

from thenar.assembly import Node
from thenar.commands.devices import device_view
from thenar.commands.view import money
from thenar.domain.bounty.asks import MODALITIES, PLACE_CLASSES
from thenar.domain.bounty.coverage import half_life_of
from thenar.domain.catalog import (
    AnswerRecord,
    AskRecord,
    BountyRecord,
    ClaimRecord,
    CoverageRecord,
    NodeRecord,
)
from thenar.domain.catalog.records import ChannelRecord, DeviceRecord
from thenar.domain.catalog.storage_records import ReplicaRecord
from thenar.domain.ids import Address, AssetId
from thenar.domain.licenses import Grant
from thenar.domain.money import show_share
from thenar.domain.reflex.channels import Service

MODALITY_NAMES: Final = dict(enumerate(MODALITIES, start=1))
PLACE_NAMES: Final = dict(enumerate(PLACE_CLASSES, start=1))


def device_row(record: DeviceRecord) -> dict[str, object]:
    shown = device_view(record, None)
    return {**shown, "kind": str(shown["kind"])}


def grant_row(node: Node, asset: AssetId, who: Address, grant: Grant) -> dict[str, object]:
    until = grant.end(node.belief.catalog.terms[grant.terms])
    times = {"since": grant.since, "until": until, "consent_epoch": grant.consent_epoch}
    return {"asset": asset, "licensee": who, "price": money(node, grant.price), "terms": grant.terms, **times}


def node_row(node: Node, record: NodeRecord) -> dict[str, object]:
    return {
        "operator": record.operator,
        "peer_key": "0x" + record.peer_key.hex(),
        "roles": record.roles,
        "stake": money(node, record.stake),
        "unbonding": money(node, record.unbonding),
        "unbonded_at": record.unbonded_at,
        "bound": money(node, record.bound),
    }


def service_row(node: Node, who: Address, model: AssetId, made: Service) -> dict[str, object]:
    shown = {"price": money(node, made.price), "share": show_share(made.share), "stake": money(node, made.stake)}
    return {"node": who, "model": model, **shown, "leaves_at": made.leaves_at, "runs": made.runs}


def channel_row(node: Node, record: ChannelRecord) -> dict[str, object]:
    held = record.channel
    return {
        "channel": record.id,
        "client": held.client,
        "node": held.node,
        "model": held.model,
        "signer": held.signer,
        "deposit": money(node, held.deposit),
        "redeemed": money(node, held.redeemed),
        "share": show_share(held.share),
        "until": held.until,
        "calls": record.calls,
        "settled": record.settled is not None,
    }


def bounty_row(node: Node, record: BountyRecord) -> dict[str, object]:
    job = record.job
    return {
        "bounty": record.id,
        "requester": record.requester,
        "class": "0x" + job.class_id.hex(),
        "spec": "0x" + job.spec.hex(),
        "input": job.input,
        "units": job.units,
        "segments": job.segments,
        "open_units": record.open_units,
        "done": record.done,
        "deadline": job.deadline,
        "price": money(node, job.price),
        "audit_price": money(node, job.audit_price),
        "budget": money(node, record.budget),
        "paid": money(node, record.paid),
        "refunded": money(node, record.refunded),
        "closed": record.closed,
    }


def claim_row(node: Node, record: ClaimRecord) -> dict[str, object]:
    return {
        "claim": record.id,
        "bounty": record.bounty,
        "worker": record.worker,
        "first": record.first,
        "count": record.count,
        "by": record.by,
        "stage": record.stage.name.lower(),
        "audit": record.audit.name.lower(),
        "auditor": record.auditor,
        "dispute": None if record.dispute is None else str(record.dispute),
        "paid": money(node, record.paid),
        "lost": money(node, record.lost),
    }


def ask_row(node: Node, record: AskRecord) -> dict[str, object]:
    ask = record.ask
    return {
        "ask": record.id,
        "sponsor": record.sponsor,
        "modality": MODALITY_NAMES.get(ask.modality, ""),
        "place_class": PLACE_NAMES.get(ask.place_class, ""),
        "area": f"{ask.area:x}" if ask.area else "",
        "subject": "0x" + ask.subject.hex() if any(ask.subject) else "",
        "wanted": str(node.bounty_desk.subjects.get(ask.subject, "")),
        "grain": ask.grain,
        "lowest": ask.lowest,
        "highest": ask.highest,
        "min_quality": ask.min_quality,
        "needs_device": ask.needs_device,
        "needs_gesture": ask.needs_gesture,
        "max_age": ask.max_age,
        "listed_cells": len(ask.cells),
        "deadline": ask.deadline,
        "terms": ask.terms,
        "price": money(node, ask.price),
        "top_price": money(node, ask.top_price),
        "budget": money(node, ask.budget),
        "left": money(node, record.left),
        "answers": len(record.answers),
        "closed": record.closed,
    }


def answer_row(node: Node, record: AnswerRecord) -> dict[str, object]:
    return {
        "answer": record.id,
        "contributor": record.contributor,
        "stage": record.stage.name.lower(),
        "until": record.until,
        "bond": money(node, record.bond),
        "paid": money(node, record.paid),
        "asset": record.shown.asset if record.shown else None,
        "challenger": record.challenger,
    }


def coverage_row(record: CoverageRecord) -> dict[str, object]:
    spot = record.spot
    return {
        "modality": MODALITY_NAMES.get(spot.modality, ""),
        "place_class": PLACE_NAMES.get(spot.place_class, ""),
        "cell": f"{spot.cell:x}" if spot.cell else "",
        "subject": "0x" + spot.subject.hex() if any(spot.subject) else "",
        "level": spot.level,
        "amount_bp": record.amount,
        "at": record.at,
        "half_life_s": half_life_of(spot.place_class),
    }


def replica_row(record: ReplicaRecord) -> dict[str, object]:
    held = record.held
    shown = {"asset": record.asset, "lister": record.lister, "cid": record.cid, "leaves": held.leaves}
    return {"replica": "0x" + held.root.hex(), **shown, "holder": record.holder}
