"""What commands answer: plain JSON values made of domain records."""

from __future__ import annotations

from thenar.assembly import Node
from thenar.domain.catalog import AssetRecord, SaleRecord
from thenar.domain.ids import TermsId
from thenar.domain.money import show_amount, show_share
from thenar.services.ports import Progress, Receipt, Tell
from thenar.services.publish import Published

REFUND_REASONS = {1: "no key came in time", 2: "the key was wrong", 3: "consent was revoked"}


def tell_bytes(tell: Tell, label: str) -> Progress:
    """Byte progress under a label."""
    return lambda done, total: tell({"label": label, "done": done, "total": total})


def money(node: Node, units: int) -> str:
    """An amount as people write it."""
    return show_amount(units, node.decimals)


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
            {"terms": number, "price": money(node, made.price), "days": made.duration // 86_400}
            for number, made in node.belief.catalog.offers_of(record.id)
        ],
        "received": money(node, income.received),
    }


def published_view(node: Node, done: Published, terms: TermsId) -> dict[str, object]:
    """A freshly minted asset."""
    return {
        "asset": done.asset,
        "manifest": str(done.manifest),
        "sealed": str(done.sealed),
        "bytes": done.bytes,
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
        "terms": sale.deal.terms,
        "stage": sale.stage.name.lower(),
        "deadline": sale.deadline,
        "until": sale.until,
        "reason": REFUND_REASONS.get(sale.reason, ""),
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
