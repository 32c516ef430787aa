"""Commands about assets: add, list, show, fetch."""

from __future__ import annotations

from pathlib import Path

import trio

from thenar.adapters import media
from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import asset_view, money, published_view, tell_bytes
from thenar.domain.assets import AssetKind, Terms
from thenar.domain.catalog import AssetRecord
from thenar.domain.ids import AssetId, TermsId
from thenar.domain.licenses import Offer
from thenar.domain.money import parse_amount, parse_share
from thenar.errors import Late, NotFound
from thenar.services.keep import fetch_description
from thenar.services.licensing import offer, write_terms
from thenar.services.ports import Draft, Tell
from thenar.services.publish import CardDraft, Publication, announcement, publish_asset
from thenar.services.records import held
from thenar.services.retrieve import open_asset


async def add_capture(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Decode, describe, seal, store, mint and announce a recording; offer it when a price is given."""
    path = arg.existing_file(arguments, "path")
    sidecar = arg.existing_file(arguments, "description") if arguments.get("description") else None
    tell({"label": "decoding and describing", "done": 0, "total": 0})
    layout = arg.existing_file(arguments, "layout") if arguments.get("layout") else None
    draft = await trio.to_thread.run_sync(lambda: media.describe(path, sidecar, layout=layout))
    published = await _publish(node, arguments, tell, path, draft, AssetKind.CAPTURE)
    return {**published, "format": draft.format, "modality": draft.modality, "notes": list(draft.notes)}


async def add_model(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Publish a file as a derived asset (model, dataset or result) that names what it was made from."""
    path = arg.existing_file(arguments, "path")
    parents = arg.assets(arguments, "parents")
    for parent in parents:
        _record(node, parent)
    kind = arg.derived_kind(arguments)
    license_id = arg.text(arguments, "license", "LicenseRef-Thenar")
    draft = CardDraft(kind, arg.text(arguments, "title"), parents, license_id, path.name)
    return await _publish(node, arguments, tell, path, draft, kind)


async def _publish(
    node: Node, arguments: arg.Arguments, tell: Tell, path: Path, draft: Draft, kind: AssetKind
) -> dict[str, object]:
    terms = await write_terms(node.trade_for(arg.request_id(arguments)), _terms(node, arguments))
    publication = Publication(path, draft, kind, terms, arg.number(arguments, "royalty_bps", 0, high=1_000))
    done = await publish_asset(
        publication,
        node.me,
        sealer=node.sealer,
        store=node.store,
        journal=node.journal,
        outbox=node.outbox,
        belief=node.belief,
        progress=tell_bytes(tell, "sealing and storing"),
    )
    if arguments.get("price") is not None:
        await offer(node.trade_for(arg.request_id(arguments)), done.asset, terms, await _offer(node, arguments))
    body = await announcement(node.journal, done.asset, node.peers.addresses)
    if body is not None:
        await node.peers.announce("announcement", body)
    return published_view(node, done, terms)


def _terms(node: Node, arguments: arg.Arguments) -> Terms:
    return Terms(
        purposes=arg.purposes(arguments),
        derivative_share=parse_share(arg.text(arguments, "share", "5%")),
        price_floor=parse_amount(arg.text(arguments, "floor", "0"), node.decimals),
        notice=arg.number(arguments, "notice_days", 30, high=3650) * 86_400,
        max_duration=arg.number(arguments, "max_days", 0, high=36_500) * 86_400,
    )


async def _offer(node: Node, arguments: arg.Arguments) -> Offer:
    now = (await node.chain.head()).timestamp
    return Offer(
        price=parse_amount(arg.text(arguments, "price"), node.decimals),
        duration=arg.number(arguments, "days", 0, high=36_500) * 86_400,
        expires_at=now + arg.number(arguments, "offer_days", 365, low=1, high=36_500) * 86_400,
    )


async def offer_license(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Offer licenses of an owned asset, under its own terms unless others are named."""
    asset = arg.asset(arguments)
    record = _record(node, asset)
    named = arg.number(arguments, "terms", 0, high=2**32 - 1)
    terms = TermsId(named) if named else record.terms
    made = await _offer(node, arguments)
    receipt = await offer(node.trade_for(arg.request_id(arguments)), asset, terms, made)
    return {
        "asset": asset,
        "terms": terms,
        "price": money(node, made.price),
        "transaction": receipt.tx_hash,
        "gas": receipt.gas_used,
    }


async def list_assets(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Every asset as of the catalog's block, mine only when asked."""
    found = [
        asset_view(node, record)
        for record in sorted(node.belief.catalog.assets.values(), key=lambda a: a.serial)
        if not arg.flag(arguments, "mine") or record.owner == node.me
    ]
    return {"block": node.belief.block, "assets": found}


async def show_asset(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """One asset with its description, offers and income."""
    record = _record(node, arg.asset(arguments))
    shown: dict[str, object] = asset_view(node, record)
    description = await fetch_description(record.commitment, store=node.store, holders=await node.holders(record.id))
    shown["description"] = description.encode().decode()
    return shown


async def wait_kept(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Wait until this node holds a verified copy of an asset; its own duties bring it here."""
    asset = arg.asset(arguments)
    patience = arg.number(arguments, "patience", 60, low=1, high=86_400)
    with trio.move_on_after(patience):
        while True:
            places = await held(node.journal, asset)
            if places is not None:
                return {"asset": asset, "manifest": str(places[0]), "sealed": str(places[1])}
            await trio.sleep(0.2)
    raise Late(f"this node holds no copy of {asset} yet", next_step="`thenar status` shows its open duties")


async def fetch_asset(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Fetch, verify and open an asset this node has a key for."""
    asset = arg.asset(arguments)
    _record(node, asset)
    target = await open_asset(
        asset,
        Path(arg.text(arguments, "into")),
        sealer=node.sealer,
        store=node.store,
        journal=node.journal,
        peers=node.peers,
        belief=node.belief,
        limit=node.config.store_quota_mb * 1_000_000,
        progress=tell_bytes(tell, "fetching and opening"),
    )
    return {"asset": asset, "path": str(target), "bytes": target.stat().st_size}


def _record(node: Node, asset: AssetId) -> AssetRecord:
    found = node.belief.catalog.assets.get(asset)
    if found is None:
        raise NotFound(
            f"no asset {asset} as of block {node.belief.block}", next_step="`thenar capture list` shows what exists"
        )
    return found
