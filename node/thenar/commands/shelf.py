"""What the door shows of the catalog: one collection a kind of thing."""

from __future__ import annotations

import secrets
from enum import IntEnum
from typing import Final

from thenar.adapters.web import Collection, Shelf
from thenar.adapters.web.kinds import OR_A_NUMBER, Fields, fields, one_of
from thenar.assembly import Node
from thenar.commands.earnings import earnings_views
from thenar.commands.looking import views_of
from thenar.commands.mapping import map_views
from thenar.commands.rows import (
    answer_row,
    ask_row,
    bounty_row,
    channel_row,
    claim_row,
    coverage_row,
    device_row,
    grant_row,
    node_row,
    replica_row,
    service_row,
)
from thenar.commands.terms import terms_view
from thenar.commands.view import asset_view, income_view, money, sale_view
from thenar.domain.assets import AssetKind
from thenar.domain.bounty.answers import AnswerStage
from thenar.domain.bounty.asks import MODALITIES, PLACE_CLASSES
from thenar.domain.catalog import Catalog
from thenar.domain.devices import DeviceKind
from thenar.domain.licenses import Stage
from thenar.domain.work.bounties import AuditStage, ClaimStage

_SPOT: Final[Fields] = {
    "modality": one_of(("", *MODALITIES)),
    "place_class": one_of(("", *PLACE_CLASSES)),
    "subject": "digest or nothing",
}


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
        tag=lambda: f"{run}-{node.belief.version}-{len(node.bounty_desk.subjects)}",
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
            {
                **fields(account="owner author", digest="asset transaction", text="manifest", amount="received"),
                **fields(number="serial terms consent_epoch block"),
                "kind": one_of(_said(AssetKind)),
                "offers": fields(number="terms days", amount="price bond", text="part"),
            },
            ("owner", "author", "kind"),
        ),
        "terms": Collection(
            "What licenses allow",
            lambda: {str(number): number for number in catalog().terms},
            lambda number: terms_view(node, number),
            {
                **fields(number="terms notice_days max_days", text="purposes text", share="share", amount="floor"),
                **fields(flag="exclusive"),
                "territory": "digest or nothing",
            },
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
            {
                **fields(digest="deal asset transaction", account="seller buyer", amount="price bond"),
                **fields(text="part reason", number="terms", time="deadline until"),
                "stage": one_of(_said(Stage)),
            },
            ("asset", "seller", "buyer", "stage"),
        ),
        "grants": Collection(
            "Licenses that came without a key",
            lambda: {f"{asset}-{who}": (asset, who, grant) for (asset, who), grant in catalog().grants.items()},
            lambda held: grant_row(node, *held),
            fields(
                digest="asset", account="licensee", amount="price", number="terms consent_epoch", time="since until"
            ),
            ("asset", "licensee"),
        ),
        "income": Collection(
            "What every asset has received, and who shares it",
            lambda: {asset: catalog().assets[asset] for asset in catalog().income if asset in catalog().assets},
            lambda record: income_view(node, record),
            {
                **fields(digest="asset", account="owner", amount="received own own_due claimed"),
                "parents": fields(digest="asset", share="share", amount="due"),
                "payouts": fields(number="payout total_weight", amount="start", text="tree"),
            },
            ("owner",),
        ),
    }


def _accounts(node: Node) -> dict[str, Collection]:
    return {
        "accounts": Collection(
            "What the Ledger holds for whom, as the facts add up",
            lambda: {who: (who, units) for who, units in node.belief.catalog.accounts.items()},
            lambda held: {"account": held[0], "balance": money(node, held[1])},
            fields(account="account", amount="balance"),
        )
    }


def _reflex(node: Node) -> dict[str, Collection]:
    return {
        "nodes": Collection(
            "Registered nodes",
            lambda: node.belief.catalog.nodes,
            lambda record: node_row(node, record),
            fields(
                account="operator",
                digest="peer_key",
                amount="stake unbonding bound",
                number="roles",
                time="unbonded_at",
            ),
        ),
        "services": Collection(
            "Nodes that answer with a model, with stake behind it",
            lambda: {
                f"{who}-{model}": (who, model, made) for (who, model), made in node.belief.catalog.services.items()
            },
            lambda held: service_row(node, *held),
            fields(account="node", digest="model", amount="price stake", share="share", time="leaves_at", flag="runs"),
            ("node", "model", "runs"),
        ),
        "channels": Collection(
            "Money that robots set apart for nodes",
            lambda: {str(number): record for number, record in node.belief.catalog.channels.items()},
            lambda record: channel_row(node, record),
            {
                **fields(account="client node signer", digest="model", amount="deposit redeemed", share="share"),
                **fields(number="channel calls", time="until", flag="settled"),
            },
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
            lambda record: bounty_row(node, record),
            {
                **fields(account="requester", digest="class spec input", flag="closed", time="deadline"),
                **fields(amount="price audit_price budget paid refunded"),
                **fields(number="bounty units segments open_units done"),
            },
            ("requester", "class", "input", "closed"),
        ),
        "claims": Collection(
            "Units that workers claimed, from the claim to its end",
            lambda: {str(number): record for number, record in catalog().work.items()},
            lambda record: claim_row(node, record),
            {
                **fields(account="worker", amount="paid lost", number="claim bounty first count", time="by"),
                "stage": one_of(_said(ClaimStage)),
                "audit": one_of(_said(AuditStage)),
                "auditor": "account or null",
                "dispute": "count or null",
            },
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
            lambda record: ask_row(node, record),
            {
                **fields(account="sponsor", text="wanted", amount="price top_price budget left", time="deadline"),
                **fields(number="ask grain lowest highest min_quality max_age listed_cells terms answers"),
                **fields(flag="needs_device needs_gesture closed"),
                **_SPOT,
                "area": "cell or nothing",
            },
            ("sponsor", "modality", "place_class", "area", "closed"),
        ),
        "answers": Collection(
            "Captures offered to those who asked, from the commitment to its end",
            lambda: {str(number): record for number, record in catalog().answers.items()},
            lambda record: answer_row(node, record),
            {
                **fields(account="contributor", amount="bond paid", number="answer", time="until"),
                "stage": one_of(_said(AnswerStage)),
                "asset": "digest or null",
                "challenger": "account or null",
            },
            ("contributor", "stage", "asset"),
        ),
    }


def _kept(node: Node) -> dict[str, Collection]:
    return {
        "coverage": Collection(
            "What is covered, by kind, class of place, coarse cell and level; never a private cell",
            lambda: {"0x" + key.hex(): record for key, record in node.belief.catalog.coverage.items()},
            coverage_row,
            {**fields(number="level amount_bp half_life_s", time="at"), **_SPOT, "cell": "cell or nothing"},
            ("modality", "place_class", "cell"),
        ),
        "replicas": Collection(
            "Ciphertexts that are to be kept, and who keeps which",
            lambda: {"0x" + root.hex(): record for root, record in node.belief.catalog.replicas.items()},
            replica_row,
            {
                **fields(digest="replica asset", account="lister", text="cid", number="leaves"),
                "holder": "account or null",
            },
            ("asset", "lister", "holder"),
        ),
        "devices": Collection(
            "Devices that vouch for captures",
            lambda: node.belief.catalog.devices,
            device_row,
            {
                **fields(account="device owner", time="since", flag="compromised"),
                "kind": one_of(_said(DeviceKind)) + OR_A_NUMBER,
                "parent": "account or null",
                "until": "time or null",
            },
            ("owner", "kind"),
        ),
    }


def _said(stages: type[IntEnum]) -> list[str]:
    """The names of an enumeration as they are shown."""
    return [one.name.lower() for one in stages]
