"""Commands about assets: add, list, show, fetch."""

from __future__ import annotations

from pathlib import Path

import trio

from thenar.adapters import media
from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.devices import device_name, vouched_view
from thenar.commands.licenses import part_named
from thenar.commands.naming import Named, named_asset
from thenar.commands.terms import terms_named
from thenar.commands.view import as_of, asset_view, consent_view, money, part_view, published_view, tell_bytes
from thenar.directory import workspace
from thenar.domain.assets import AssetKind
from thenar.domain.catalog import AssetRecord
from thenar.domain.ids import AssetId, TermsId
from thenar.domain.licenses import Offer
from thenar.domain.money import parse_amount, parse_share
from thenar.domain.protocols import spell
from thenar.errors import BadInput, Late, NotFound, Unavailable
from thenar.services.answer import KEY_PURPOSES
from thenar.services.ask import ask_each, ask_key, ask_sketch
from thenar.services.devices import device_named, vouch
from thenar.services.keep import fetch_description
from thenar.services.licensing import bond_of, offer, offer_name
from thenar.services.members import members_of
from thenar.services.ports import Draft, Tell
from thenar.services.publish import CardDraft, Publication, Vouch, announcement, publish_asset
from thenar.services.records import held, key_held
from thenar.services.retrieve import open_asset


async def add_capture(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Scrub, describe, seal, store, mint and announce a recording; offer it when a price is given."""
    path = arg.existing_file(arguments, "path")
    sidecar = arg.existing_file(arguments, "description") if arguments.get("description") else None
    tell({"label": "scrubbing and describing", "done": 0, "total": 0})
    layout = arg.existing_file(arguments, "layout") if arguments.get("layout") else None
    with workspace(node.directory) as folder:
        draft = await trio.to_thread.run_sync(
            lambda: media.describe(path, sidecar, workspace=folder, layout=layout, salt=node.keyring.place_salt)
        )
        published = await _publish(node, arguments, tell, draft.path, draft, AssetKind.CAPTURE)
    return {**published, "format": draft.format, "modality": draft.modality, "notes": list(draft.notes)}


async def add_model(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Publish a file as a derived asset (model, dataset or result) that names what it was made from."""
    path = arg.existing_file(arguments, "path")
    parents = arg.assets(arguments, "parents")
    for parent in parents:
        known_asset(node, parent)
    kind = arg.derived_kind(arguments)
    license_id = arg.text(arguments, "license", "LicenseRef-Thenar")
    draft = CardDraft(kind, arg.text(arguments, "title"), parents, license_id, path.name)
    return await _publish(node, arguments, tell, path, draft, kind)


async def _publish(
    node: Node, arguments: arg.Arguments, tell: Tell, path: Path, draft: Draft, kind: AssetKind
) -> dict[str, object]:
    terms = await terms_named(node, arguments)
    royalty = _bps(arg.text(arguments, "royalty", "0%"), "royalty")
    publication = Publication(path, draft, kind, terms, royalty, await _voucher(node, arguments))
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
        await offer_at_once(node, arguments, done.asset, terms)
    await announce(node, done.asset)
    return published_view(node, done, terms)


async def _voucher(node: Node, arguments: arg.Arguments) -> Vouch | None:
    if arguments.get("device") is None:
        return None
    name = device_name(arguments, "device")
    await device_named(name, journal=node.journal)
    return lambda commitment: vouch(name, commitment, keys=node.keyring, chain=node.chain)


async def announce(node: Node, asset: AssetId) -> None:
    """Tell other nodes that an asset is held here."""
    body = await announcement(node.journal, asset, node.peers.addresses)
    if body is not None:
        await node.peers.announce("announcement", body)


async def offer_at_once(node: Node, arguments: arg.Arguments, asset: AssetId, terms: TermsId) -> None:
    """Offer licenses of what was just published at the price named with it."""
    trade = node.trade_for(arg.request_id(arguments))
    await offer(trade, asset, terms, _offer(node, arguments, await trade.asked_at(offer_name(asset, terms))))


def _offer(node: Node, arguments: arg.Arguments, now: int) -> Offer:
    return Offer(
        price=parse_amount(arg.text(arguments, "price"), node.decimals),
        duration=arg.number(arguments, "days", 0, high=36_500) * 86_400,
        expires_at=now + arg.number(arguments, "offer_days", 365, low=1, high=36_500) * 86_400,
        bond_bps=_bps(arg.text(arguments, "bond", "0%"), "bond"),
    )


def _bps(text: str, what: str) -> int:
    """Basis points of a percentage. Raises BadInput for what is finer than they are."""
    bps, rest = divmod(parse_share(text), 100)
    if rest:
        raise BadInput(f"a {what} of {text} is finer than 0.01%", next_step="write it like 10% or 2.5%")
    return bps


async def offer_license(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Offer licenses of an owned asset, under its own terms unless others are named."""
    asset = arg.asset(arguments)
    record = known_asset(node, asset)
    named = arg.number(arguments, "terms", 0, high=2**32 - 1)
    terms = TermsId(named) if named else record.terms
    part = part_named(Named(asset, record), arguments)
    trade = node.trade_for(arg.request_id(arguments))
    made = _offer(node, arguments, await trade.asked_at(offer_name(asset, terms, part)))
    receipt = await offer(trade, asset, terms, made, part)
    return {
        "asset": asset,
        "terms": terms,
        "price": money(node, made.price),
        "bond": money(node, bond_of(made)),
        "part": part_view(node, asset, part),
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
    return {**as_of(node), "assets": found}


async def show_asset(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """One asset with its description, offers and income."""
    found = await named_asset(node, arguments)
    record = found.record
    if found.leaf is None and record.kind is AssetKind.BATCH:
        record, members = await members_of(found.asset, node.library)
        return {**asset_view(node, record), "members": len(members)}
    holders = await node.holders(found.asset) or await node.holders(record.id)
    description = await fetch_description(found.commitment, store=node.store, holders=holders, peers=node.peers)
    own = {"asset": found.asset, "kind": found.commitment.kind.name.lower(), "batch": found.commitment.batch}
    shown = asset_view(node, record) | own | {"description": description.encode().decode()}
    return shown | consent_view(node, record) | vouched_view(node, record, description)


async def sketch_asset(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """What a holder's card about an asset shows, without fetching its description."""
    record = known_asset(node, arg.asset(arguments))
    holders = await node.holders(record.id)
    found = await ask_each(holders, lambda peer: ask_sketch(node.peers, peer, record.id), "sketch")
    if found is None:
        raise Unavailable(f"no known holder of {record.id} answers now", next_step="ask again when one is running")
    return {"told_by": found[0], **spell(found[1])}


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
    found = await named_asset(node, arguments)
    target = await open_known(node, found.asset, found.record, Path(arg.text(arguments, "into")), tell)
    return {"asset": found.asset, "path": str(target), "bytes": target.stat().st_size}


async def open_known(node: Node, asset: AssetId, record: AssetRecord, into: Path, tell: Tell) -> Path:
    """Open an asset into a folder or file, asking for its key where a license allows that. Raises as ``open_asset``.

    ``record`` stands for the asset: its own, or its batch's while it has none.
    """
    if await key_held(node.journal, node.sealer, asset) is None and await _is_licensed(node, record):
        tell({"label": "asking for the key", "done": 0, "total": 0})
        await ask_key(node.trade, node.peers, node.keyring, asset, await node.holders(asset))
    return await open_asset(
        asset,
        into,
        sealer=node.sealer,
        store=node.store,
        journal=node.journal,
        peers=node.peers,
        belief=node.belief,
        limit=node.config.store_quota_mb * 1_000_000,
        progress=tell_bytes(tell, "fetching and opening"),
    )


async def _is_licensed(node: Node, record: AssetRecord) -> bool:
    now = (await node.chain.head()).timestamp
    return any(node.belief.catalog.is_allowed(record.id, node.me, purpose, now) for purpose in KEY_PURPOSES)


def known_asset(node: Node, asset: AssetId) -> AssetRecord:
    """The asset as the catalog has it. Raises NotFound."""
    found = node.belief.catalog.assets.get(asset)
    if found is None:
        raise NotFound(
            f"no asset {asset} as of block {node.belief.block}", next_step="`thenar capture list` shows what exists"
        )
    return found
