"""What the door shows of the catalog: one collection a kind of thing."""

from __future__ import annotations

import secrets
from typing import Final

from thenar.adapters.web import Collection, Shelf
from thenar.assembly import Node
from thenar.commands.devices import device_view
from thenar.commands.earnings import earnings_views
from thenar.commands.looking import views_of
from thenar.commands.mapping import map_views
from thenar.commands.terms import terms_view
from thenar.commands.view import asset_view, income_view, money, sale_view
from thenar.domain.bounty.asks import MODALITIES, PLACE_CLASSES
from thenar.domain.bounty.coverage import half_life_of
from thenar.domain.catalog import (
    AnswerRecord,
    AskRecord,
    BountyRecord,
    Catalog,
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


def shelf_of(node: Node) -> Shelf:
    """The collections of a node, as of the block its catalog is."""
    run = secrets.token_hex(4)  # tags of an earlier run mean nothing
    return Shelf(
        collections={
            **_ownership(node),
            **_licensing(node),
            **_accounts(node),
            **_reflex(node),
            **_bounties(node),
            **_asked(node),
            **_kept(node),
        },
        block=lambda: node.belief.block,
        tag=lambda: f"{run}-{node.belief.version}",
        changed=node.belief.changed,
        age=lambda: node.belief.age,
        views={**views_of(node), **map_views(node), **earnings_views(node)},
    )


def _ownership(node: Node) -> dict[str, Collection]:
    def catalog() -> Catalog:
        return node.belief.catalog

    return {
        "assets": Collection(
            "Everything that is owned: captures, batches, datasets, models, results",
            lambda: catalog().assets,
            lambda record: asset_view(node, record),
            _fields(
                "asset owner author kind manifest transaction received", "serial terms consent_epoch block", "offers"
            ),
            ("owner", "author", "kind"),
        ),
        "terms": Collection(
            "What licenses allow",
            lambda: {str(number): number for number in catalog().terms},
            lambda number: terms_view(node, number),
            _fields("purposes share floor territory text", "terms notice_days max_days") | {"exclusive": "flag"},
        ),
    }


def _licensing(node: Node) -> dict[str, Collection]:
    def catalog() -> Catalog:
        return node.belief.catalog

    return {
        "sales": Collection(
            "Fair sales of sealed assets, from opening to end",
            lambda: {"0x" + deal.hex(): sale for deal, sale in catalog().sales.items()},
            lambda sale: sale_view(node, sale),
            _fields("deal asset seller buyer price bond part stage reason transaction", "terms deadline until"),
            ("asset", "seller", "buyer", "stage"),
        ),
        "grants": Collection(
            "Licenses that came without a key",
            lambda: {f"{asset}-{who}": (asset, who, grant) for (asset, who), grant in catalog().grants.items()},
            lambda held: _grant(node, *held),
            _fields("asset licensee price", "terms since until consent_epoch"),
            ("asset", "licensee"),
        ),
        "income": Collection(
            "What every asset has received, and who shares it",
            lambda: {asset: catalog().assets[asset] for asset in catalog().income if asset in catalog().assets},
            lambda record: income_view(node, record),
            _fields("asset owner received own own_due claimed", "", "parents payouts"),
            ("owner",),
        ),
    }


def _accounts(node: Node) -> dict[str, Collection]:
    return {
        "accounts": Collection(
            "What the Ledger holds for whom, as the facts add up",
            lambda: {who: (who, units) for who, units in node.belief.catalog.accounts.items()},
            lambda held: {"account": held[0], "balance": money(node, held[1])},
            _fields("account balance"),
        )
    }


def _reflex(node: Node) -> dict[str, Collection]:
    return {
        "nodes": Collection(
            "Registered nodes",
            lambda: node.belief.catalog.nodes,
            lambda record: _node(node, record),
            _fields("operator peer_key stake unbonding bound", "roles unbonded_at"),
        ),
        "services": Collection(
            "Nodes that answer with a model, with stake behind it",
            lambda: {
                f"{who}-{model}": (who, model, made) for (who, model), made in node.belief.catalog.services.items()
            },
            lambda held: _service(node, *held),
            _fields("node model price share stake", "leaves_at") | {"runs": "flag"},
            ("node", "model", "runs"),
        ),
        "channels": Collection(
            "Money that robots set apart for nodes",
            lambda: {str(number): record for number, record in node.belief.catalog.channels.items()},
            lambda record: _channel(node, record),
            _fields("client node model signer deposit redeemed share", "channel until calls") | {"settled": "flag"},
            ("client", "node", "model"),
        ),
    }


def _bounties(node: Node) -> dict[str, Collection]:
    def catalog() -> Catalog:
        return node.belief.catalog

    return {
        "bounties": Collection(
            "Work that is asked for: units of a job, their price, and how far they are",
            lambda: {str(number): record for number, record in catalog().bounties.items()},
            lambda record: _bounty(node, record),
            _fields(
                "requester class spec input price audit_price budget paid refunded",
                "bounty units segments open_units done deadline",
            )
            | {"closed": "flag"},
            ("requester", "class", "input", "closed"),
        ),
        "claims": Collection(
            "Units that workers claimed, from the claim to its end",
            lambda: {str(number): record for number, record in catalog().work.items()},
            lambda record: _claim(node, record),
            _fields("worker stage audit paid lost", "claim bounty first count by")
            | {"auditor": "text or null", "dispute": "text or null"},
            ("worker", "stage", "bounty"),
        ),
    }


def _asked(node: Node) -> dict[str, Collection]:
    def catalog() -> Catalog:
        return node.belief.catalog

    return {
        "asks": Collection(
            "Captures that are asked for: where, how good, at what price",
            lambda: {str(number): record for number, record in catalog().asks.items()},
            lambda record: _ask(node, record),
            _fields(
                "sponsor modality place_class area subject wanted price top_price budget left",
                "ask grain lowest highest min_quality max_age listed_cells deadline terms answers",
            )
            | {"needs_device": "flag", "needs_gesture": "flag", "closed": "flag"},
            ("sponsor", "modality", "place_class", "area", "closed"),
        ),
        "answers": Collection(
            "Captures offered to those who asked, from the commitment to its end",
            lambda: {str(number): record for number, record in catalog().answers.items()},
            lambda record: _answer(node, record),
            _fields("contributor stage bond paid", "answer until")
            | {"asset": "text or null", "challenger": "text or null"},
            ("contributor", "stage", "asset"),
        ),
    }


def _kept(node: Node) -> dict[str, Collection]:
    return {
        "coverage": Collection(
            "What is covered, by kind, class of place, coarse cell and level; never a private cell",
            lambda: {"0x" + key.hex(): record for key, record in node.belief.catalog.coverage.items()},
            _coverage,
            _fields("modality place_class cell subject", "level amount_bp at half_life_s"),
            ("modality", "place_class", "cell"),
        ),
        "replicas": Collection(
            "Ciphertexts that are to be kept, and who keeps which",
            lambda: {"0x" + root.hex(): record for root, record in node.belief.catalog.replicas.items()},
            _replica,
            _fields("replica asset lister cid", "leaves") | {"holder": "text or null"},
            ("asset", "lister", "holder"),
        ),
        "devices": Collection(
            "Devices that vouch for captures",
            lambda: node.belief.catalog.devices,
            _device,
            _fields("device kind owner", "since")
            | {"parent": "text or null", "until": "number or null", "compromised": "flag"},
            ("owner", "kind"),
        ),
    }


def _fields(texts: str, numbers: str = "", lists: str = "") -> dict[str, str]:
    named = ((texts, "text"), (numbers, "number"), (lists, "list"))
    return {name: kind for names, kind in named for name in names.split()}


def _device(record: DeviceRecord) -> dict[str, object]:
    shown = device_view(record, None)
    return {**shown, "kind": str(shown["kind"])}


def _grant(node: Node, asset: AssetId, who: Address, grant: Grant) -> dict[str, object]:
    until = grant.end(node.belief.catalog.terms[grant.terms])
    times = {"since": grant.since, "until": until, "consent_epoch": grant.consent_epoch}
    return {"asset": asset, "licensee": who, "price": money(node, grant.price), "terms": grant.terms, **times}


def _node(node: Node, record: NodeRecord) -> dict[str, object]:
    return {
        "operator": record.operator,
        "peer_key": "0x" + record.peer_key.hex(),
        "roles": record.roles,
        "stake": money(node, record.stake),
        "unbonding": money(node, record.unbonding),
        "unbonded_at": record.unbonded_at,
        "bound": money(node, record.bound),
    }


def _service(node: Node, who: Address, model: AssetId, made: Service) -> dict[str, object]:
    shown = {"price": money(node, made.price), "share": show_share(made.share), "stake": money(node, made.stake)}
    return {"node": who, "model": model, **shown, "leaves_at": made.leaves_at, "runs": made.runs}


def _channel(node: Node, record: ChannelRecord) -> dict[str, object]:
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


def _bounty(node: Node, record: BountyRecord) -> dict[str, object]:
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


def _claim(node: Node, record: ClaimRecord) -> dict[str, object]:
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


def _ask(node: Node, record: AskRecord) -> dict[str, object]:
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


def _answer(node: Node, record: AnswerRecord) -> dict[str, object]:
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


def _coverage(record: CoverageRecord) -> dict[str, object]:
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


def _replica(record: ReplicaRecord) -> dict[str, object]:
    held = record.held
    shown = {"asset": record.asset, "lister": record.lister, "cid": record.cid, "leaves": held.leaves}
    return {"replica": "0x" + held.root.hex(), **shown, "holder": record.holder}
