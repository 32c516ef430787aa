"""Commands that a page asks for a wallet of the browser's own: where the chain is, what to sign, what was delivered.

Amounts to be signed are in token units, as text: a browser's numbers end at 2^53.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any
from urllib.parse import urlsplit

import trio

from thenar.adapters import media
from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.licenses import FETCH_PATIENCE, part_named
from thenar.commands.naming import named_asset
from thenar.commands.terms import terms_named
from thenar.commands.view import money, sale_view, tell_bytes
from thenar.directory import workspace
from thenar.domain.actions import DisputeKey
from thenar.domain.assets import AssetKind
from thenar.domain.ids import TermsId, address
from thenar.domain.money import parse_amount
from thenar.domain.parts import WHOLE_FILE
from thenar.errors import BadInput
from thenar.services.complaints import evidence_of, fetch_before_paying
from thenar.services.licensing import Wish, sale
from thenar.services.ports import Tell
from thenar.services.publish import Publication, prepare_asset
from thenar.services.records import bought_key
from thenar.services.wallets import order_for, serve_wallet

CALLED = ("AssetRegistry", "KeyExchange", "LicenseDesk", "Ledger", "RevenueGraph")
"""Contracts that a page sends a wallet to."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


async def show_chain(node: Node, _: arg.Arguments, __: Tell) -> dict[str, object]:
    """Which chain and contracts this node is on. Its endpoint is told only on loopback: others may hold a secret."""
    deployment, rpc = node.chain.deployment, node.config.chain_rpc
    given = deployment.parameters
    return {
        "chain_id": deployment.chain_id,
        "rpc": rpc if urlsplit(rpc).hostname in LOOPBACK else "",
        "node": node.me,
        "decimals": node.decimals,
        "token": deployment.token,
        "contracts": {name: deployment.contracts[name] for name in CALLED},
        "delivery_window": int(given["delivery_window"]),
        "dispute_window": int(given["dispute_window"]),
        "keepers": {wallet: node.belief.catalog.keepers.get(wallet, "") for wallet in sorted(node.wallets)},
        "block": node.belief.block,
    }


async def order_license(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """What a wallet signs to buy a license; the sealed bytes are fetched first, so that any garbage can be proved."""
    wallet, label = address(arg.text(arguments, "wallet")), arg.request_id(arguments)
    if label is None:
        raise BadInput("an order names its request, so that asking again gives the same key")
    found = await named_asset(node, arguments)
    if found.leaf is not None:
        raise BadInput(
            "a wallet buys whole assets; a member of a batch is bought by the node",
            next_step="`thenar license buy BATCH/INDEX`",
        )
    named, ceiling = arg.number(arguments, "terms", 0, high=2**32 - 1), arg.optional_text(arguments, "max_price")
    wish = Wish(
        found.asset,
        TermsId(named) if named else None,
        part_named(found, arguments),
        max_price=None if ceiling is None else parse_amount(ceiling, node.decimals),
    )
    made = await order_for(node.trade, wish, wallet, label)
    if not made.keyless:
        progress = tell_bytes(tell, "fetching the sealed file before paying")
        await fetch_before_paying(node.shelf, found.asset, patience=FETCH_PATIENCE, progress=progress)
    await serve_wallet(node.journal, node.wallets, wallet)
    costs = {"price": money(node, made.price), "bond": money(node, made.bond), "units": str(made.price + made.bond)}
    return {**costs, "keyless": made.keyless, "order": spelled(made.order)}


async def prepare_capture(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Scrub, describe, seal and store a recording that a wallet will mint by itself."""
    wallet, path = address(arg.text(arguments, "wallet")), arg.existing_file(arguments, "path")
    sidecar = arg.existing_file(arguments, "description") if arguments.get("description") else None
    layout = arg.existing_file(arguments, "layout") if arguments.get("layout") else None
    tell({"label": "scrubbing and describing", "done": 0, "total": 0})
    terms = await terms_named(node, arguments)
    with workspace(node.directory) as folder:
        draft = await trio.to_thread.run_sync(
            lambda: media.describe(path, sidecar, workspace=folder, layout=layout, salt=node.keyring.place_salt)
        )
        ready = await prepare_asset(
            Publication(draft.path, draft, AssetKind.CAPTURE, terms),
            wallet,
            sealer=node.sealer,
            store=node.store,
            journal=node.journal,
            progress=tell_bytes(tell, "sealing and storing"),
        )
    await serve_wallet(node.journal, node.wallets, wallet)
    asset = ready.commitment.asset_id
    minted = asset in node.belief.catalog.assets
    return {"asset": asset, "terms": terms, "minted": minted, "commitment": spelled(ready.commitment)}


async def show_deal(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """A sale: where it stands, whether the file's key is here, and the deal as it is signed with."""
    found = sale(node.belief.catalog, arg.deal_id(arguments).hex())
    key = found.deal.range == WHOLE_FILE and await bought_key(node.journal, found.deal.asset)
    return {**sale_view(node, found), "key": bool(key), "signed": spelled(found.deal)}


async def find_evidence(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """What a wallet can show against a delivery, ready to sign; nothing where nothing is wrong."""
    tell({"label": "opening every leaf with the delivered key", "done": 0, "total": 0})
    shown = await evidence_of(node.trade, node.shelf, arg.deal_id(arguments).hex())
    if shown is None:
        return {"wrong": "", "evidence": {}}
    return {"wrong": "key" if isinstance(shown, DisputeKey) else "leaf", "evidence": spelled(shown)}


def spelled(value: Any) -> Any:
    """A record as JSON that a contract's encoder reads: numbers as text, bytes in hex, the contract's own names."""
    match value:
        case bool():
            return value
        case int():
            return str(int(value))
        case bytes():
            return "0x" + value.hex()
        case tuple():
            return [spelled(one) for one in value]
        case _ if is_dataclass(value):
            return {_camel(field.name): spelled(getattr(value, field.name)) for field in fields(value)}
        case _:
            return str(value)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)
