"""Commands about consent: licenses given, ended, shortened; withdrawal, and what trainers say they left out."""

from __future__ import annotations

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.captures import known_asset
from thenar.commands.licenses import part_named
from thenar.commands.naming import Named
from thenar.commands.view import as_of, left_out_view, money, receipt_view
from thenar.domain.exclusion import Chunks, Exclusion
from thenar.domain.ids import AssetId, TermsId, address
from thenar.domain.licenses import FOREVER, Stage
from thenar.errors import BadInput
from thenar.services import consent
from thenar.services.licensing import Trade
from thenar.services.ports import Tell

DAY = 86_400


async def revoke(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """End every license of an owned asset; with ``who`` only that licensee's, of the whole or of a part."""
    trade, asset = node.trade_for(arg.request_id(arguments)), arg.asset(arguments)
    record = known_asset(node, asset)
    if arguments.get("who") is not None:
        who, part = address(arg.text(arguments, "who")), part_named(Named(asset, record), arguments)
        back, receipt = await consent.end_license(trade, asset, who, part)
        return {"asset": asset, "licensee": who, "paid_back": money(node, back), **receipt_view(receipt)}
    left_out = _left_out(asset, arguments)
    receipt = await consent.revoke_all(trade, node.store, asset, left_out)
    now = node.belief.catalog.assets[asset]
    return {
        "asset": asset,
        "consent_epoch": now.consent_epoch,
        "left_out": "all of it" if left_out is None else _spelled(left_out),
        "exclusion_root": "0x" + now.exclusion_root.hex(),
        **receipt_view(receipt),
    }


async def set_expiry(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Set when a licensee's license that came without a key ends, in days from now."""
    asset, who = arg.asset(arguments), address(arg.text(arguments, "who"))
    trade = node.trade_for(arg.request_id(arguments))
    until = await _until(trade, consent.expiry_name(asset, who), arguments)
    receipt = await consent.set_expiry(trade, asset, who, until)
    return {"asset": asset, "licensee": who, "until": until, **receipt_view(receipt)}


async def give(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Give a license of an owned asset away, under its own terms unless others are named."""
    asset, who = arg.asset(arguments), address(arg.text(arguments, "who"))
    named = arg.number(arguments, "terms", 0, high=2**32 - 1)
    terms = TermsId(named) if named else known_asset(node, asset).terms
    trade = node.trade_for(arg.request_id(arguments))
    until = await _until(trade, consent.gift_name(asset, who), arguments)
    receipt = await consent.give(trade, asset, who, terms, until)
    return {"asset": asset, "licensee": who, "terms": terms, "until": until, **receipt_view(receipt)}


async def close_offer(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Take an offer back: the one under the asset's own terms unless others are named."""
    asset = arg.asset(arguments)
    record = known_asset(node, asset)
    named = arg.number(arguments, "terms", 0, high=2**32 - 1)
    terms = TermsId(named) if named else record.terms
    part = part_named(Named(asset, record), arguments)
    receipt = await consent.close_offer(node.trade_for(arg.request_id(arguments)), asset, terms, part)
    return {"asset": asset, "terms": terms, **receipt_view(receipt)}


async def acknowledge(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Say in public that an owned model leaves out what was named when an asset's consent was withdrawn."""
    model, asset = arg.asset(arguments, "model"), arg.asset(arguments)
    receipt = await consent.acknowledge(node.trade_for(arg.request_id(arguments)), model, asset)
    epoch, root = node.belief.catalog.acknowledged[model, asset]
    listed = await consent.exclusion_of(node.store, root, await node.holders(asset))
    return {
        "model": model,
        "asset": asset,
        "consent_epoch": epoch,
        "exclusion_root": "0x" + root.hex(),
        "left_out": _spelled(listed) if listed else "all of it" if not any(root) else "a list nobody serves now",
        **receipt_view(receipt),
    }


async def list_exclusions(node: Node, _: arg.Arguments, __: Tell) -> dict[str, object]:
    """Everything this account was licensed to use and must leave out by now, and which of its models say they do."""
    catalog, found = node.belief.catalog, []
    held = {asset for asset, licensee in catalog.grants if licensee == node.me}
    sold = (s.deal for s in catalog.sales.values() if s.deal.buyer == node.me and s.stage is Stage.SETTLED)
    held |= {deal.asset if deal.asset in catalog.assets else deal.batch for deal in sold}
    for record in sorted((catalog.assets[one] for one in held if one in catalog.assets), key=lambda a: a.serial):
        if not record.consent_epoch:
            continue
        said = [
            model
            for (model, asset), (epoch, root) in catalog.acknowledged.items()
            if (asset, epoch, root) == (record.id, record.consent_epoch, record.exclusion_root)
            and catalog.assets[model].owner == node.me
        ]
        listed = await consent.exclusion_of(node.store, record.exclusion_root, await node.holders(record.id))
        left_out = _spelled(listed) if listed else left_out_view(record)
        row = {"asset": record.id, "revoked_at": record.revoked_at, "left_out": left_out, "acknowledged_by": said}
        found.append(row)
    return {**as_of(node), "exclusions": found}


async def bind_floor(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Bind the price floor a parent was bought under to what was made of it; anybody may."""
    child, parent = arg.asset(arguments, "model"), arg.asset(arguments, "parent")
    receipt = await consent.bind_floor(node.trade_for(arg.request_id(arguments)), child, parent)
    floor = money(node, node.belief.catalog.floors.get(child, 0))
    return {"model": child, "parent": parent, "floor": floor, **(receipt_view(receipt) if receipt else {})}


async def _until(trade: Trade, name: str, arguments: arg.Arguments) -> int:
    """The end that ``days`` from when this was asked for come to."""
    days = arg.number(arguments, "days", 0, high=36_500)
    return await trade.asked_at(name) + days * DAY if days else FOREVER


def _left_out(asset: AssetId, arguments: arg.Arguments) -> Exclusion | None:
    """The list that ``leave_out`` spells as runs; None when all of the asset is left out. Raises BadInput."""
    listed = arguments.get("leave_out")
    if not listed:
        return None
    if not isinstance(listed, list) or len(listed) > arg.MAX_LISTED:
        raise BadInput(f"leave_out must be a list of at most {arg.MAX_LISTED} runs such as 0..15")
    runs: list[tuple[int, int]] = []
    for run in sorted(arg.run(str(item)) for item in listed):
        if runs and run[0] <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(runs[-1][1], run[1]))
        else:
            runs.append(run)
    return Exclusion(asset, tuple(Chunks(*run) for run in runs))


def _spelled(listed: Exclusion) -> str:
    return ", ".join(f"{part.first}..{part.last}" for part in listed.parts)
