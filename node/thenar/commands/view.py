"""What commands answer: plain JSON values made of domain records."""

from __future__ import annotations

from thenar.assembly import Node
from thenar.domain.assets import AssetKind
from thenar.domain.catalog import AssetRecord, SaleRecord
from thenar.domain.ids import AssetId, TermsId
from thenar.domain.money import show_amount, show_share
from thenar.domain.openings import Layout
from thenar.domain.parts import WHOLE_FILE, chunks_of
from thenar.errors import BadInput
from thenar.services.licensing import bond_of
from thenar.services.ports import Progress, Receipt, Tell
from thenar.services.publish import Published

REFUND_REASONS = {
    1: "no key came in time",
    2: "the key was wrong",
    3: "consent was revoked",
    4: "a leaf was not what was promised",
}


def tell_bytes(tell: Tell, label: str) -> Progress:
    """Byte progress under a label."""
    return lambda done, total: tell({"label": label, "done": done, "total": total})


def money(node: Node, units: int) -> str:
    """An amount as people write it."""
    return show_amount(units, node.decimals)


def as_of(node: Node) -> dict[str, object]:
    """The block a list is as of, and how long ago the catalog moved there."""
    return {"block": node.belief.block, "age_s": round(node.belief.age, 1)}


def asset_view(node: Node, record: AssetRecord) -> dict[str, object]:
    """An asset with its offers and income."""
    income = node.belief.catalog.income_of(record.id)
    return {
        "asset": record.id,
        "serial": record.serial,
        "kind": record.kind.name.lower(),
        "owner": record.owner,
        "author": record.author,
        "terms": record.terms,
        "consent_epoch": record.consent_epoch,
        "manifest": str(record.commitment.manifest_cid),
        "block": record.minted.block,
        "transaction": record.minted.tx_hash,
        "offers": [
            {
                "terms": number,
                "price": money(node, made.price),
                "days": made.duration // 86_400,
                "bond": money(node, bond_of(made)),
                "part": part_view(node, record.id, part),
            }
            for part in node.belief.catalog.parts_of(record.id)
            for number, made in node.belief.catalog.offers_of(record.id, part)
        ],
        "received": money(node, income.received),
    }


def consent_view(node: Node, record: AssetRecord) -> dict[str, object]:
    """What was withdrawn and who says so, who alone may be licensed, and below which price nothing may be sold."""
    catalog = node.belief.catalog
    exclusive = catalog.exclusives.get(record.id)
    return {
        "revoked_at": record.revoked_at,
        "left_out": left_out_view(record),
        "acknowledged_by": [
            {"model": model, "consent_epoch": epoch, "exclusion_root": "0x" + root.hex()}
            for (model, asset), (epoch, root) in catalog.acknowledged.items()
            if asset == record.id
        ],
        "exclusive": {"licensee": exclusive[0], "until": exclusive[1]} if exclusive else None,
        "floor": money(node, catalog.floors.get(record.id, 0)),
    }


def left_out_view(record: AssetRecord) -> str:
    """What must be left out of everything made from now on: nothing, all of it, or the root of a published list."""
    if not record.consent_epoch:
        return "nothing"
    return "0x" + record.exclusion_root.hex() if any(record.exclusion_root) else "all of it"


def part_view(node: Node, asset: AssetId, part: int) -> str:
    """The chunks of a part as ``first..last``; ``whole`` for the file, ``unknown`` for what is no part of it."""
    if part == WHOLE_FILE:
        return "whole"
    record = node.belief.catalog.assets.get(asset)
    if record is None or record.kind is AssetKind.BATCH:
        return "unknown"  # a part of each member, whose sizes differ
    try:
        held = chunks_of(part, Layout(record.commitment.size).chunks)
    except BadInput:  # anybody may write such an offer into the chain
        return "unknown"
    return f"{held.start}..{held.stop - 1}"


def published_view(node: Node, done: Published, terms: TermsId) -> dict[str, object]:
    """A freshly minted asset."""
    return {
        "asset": done.asset,
        "manifest": str(done.manifest),
        "sealed": str(done.sealed),
        "bytes": done.bytes,
        "sha256": done.sha256,
        "terms": terms,
        **receipt_view(done.receipt),
    }


def receipt_view(receipt: Receipt) -> dict[str, object]:
    """A mined transaction."""
    return {"transaction": receipt.tx_hash, "gas": receipt.gas_used, "block": receipt.block}


def sale_view(node: Node, sale: SaleRecord) -> dict[str, object]:
    """A sale and where it stands."""
    return {
        "deal": "0x" + sale.deal_id.hex(),
        "asset": sale.deal.asset,
        "seller": sale.deal.seller,
        "buyer": sale.deal.buyer,
        "price": money(node, sale.deal.price),
        "bond": money(node, sale.deal.bond),
        "part": part_view(node, sale.deal.asset, sale.deal.range),
        "terms": sale.deal.terms,
        "stage": sale.stage.name.lower(),
        "deadline": sale.deadline,
        "until": sale.until,
        "reason": REFUND_REASONS.get(sale.reason, "a complaint without cause" if sale.complained else ""),
        "transaction": sale.opened.tx_hash,
    }


def income_view(node: Node, record: AssetRecord) -> dict[str, object]:
    """Who shares an asset's income, and what is due now."""
    income = node.belief.catalog.income_of(record.id)
    return {
        "asset": record.id,
        "owner": record.owner,
        "received": money(node, income.received),
        "own": money(node, income.own),
        "own_due": money(node, income.own_due()),
        "parents": [
            {"asset": parent, "share": show_share(edge.share), "due": money(node, income.roll_due(parent))}
            for parent, edge in income.parents.items()
        ],
        "payouts": [
            {
                "payout": p.payout,
                "total_weight": p.total_weight,
                "start": money(node, p.start),
                "tree": p.manifest.hex(),
            }
            for p in income.payouts
        ],
        "claimed": money(node, sum(income.claimed.values())),
    }
