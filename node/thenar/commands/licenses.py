"""Commands about licenses: buy, list, wait."""

from __future__ import annotations

import trio

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.naming import Named, named_asset
from thenar.commands.view import as_of, money, receipt_view, sale_view, tell_bytes
from thenar.domain.assets import Purpose
from thenar.domain.catalog import Catalog, SaleRecord
from thenar.domain.ids import Address, AssetId, TermsId
from thenar.domain.licenses import Stage
from thenar.domain.money import parse_amount, parse_share
from thenar.domain.openings import Layout
from thenar.domain.parts import WHOLE_FILE, part_of
from thenar.errors import BadInput, Late, NotFound
from thenar.services.complaints import fetch_before_paying
from thenar.services.consent import buy_without_key
from thenar.services.licensing import Wish, appoint_keeper, buy
from thenar.services.ports import Tell
from thenar.services.records import bought_key, part_key

FETCH_PATIENCE = 120
"""Seconds to wait at most for somebody who holds what shall be bought."""
KEY_PATIENCE = 30
"""Seconds to wait at most for this node to unwrap the key of a sale that has settled."""


async def buy_license(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Have the sealed bytes, open a fair sale; with ``wait``, stay until it has settled or the money is back."""
    wish = await _wish(node, arguments)
    asset = wish.asset
    if arg.flag(arguments, "no_key"):
        return await _buy_without_key(node, wish, arguments)
    patience = arg.number(arguments, "patience", 600, low=1, high=86_400)
    progress = tell_bytes(tell, "fetching the sealed file before paying")
    await fetch_before_paying(node.shelf, asset, patience=min(patience, FETCH_PATIENCE), progress=progress)
    tell({"label": "opening the sale", "done": 0, "total": 0})
    sale = await buy(node.trade_for(arg.request_id(arguments)), wish)
    if arg.flag(arguments, "wait"):
        await _wait(node, sale.deal_id, tell, patience)
    sold = node.belief.catalog.sales[sale.deal_id]
    has = await _key(node, asset, wish.part)
    with trio.move_on_after(KEY_PATIENCE):  # this node's own duty unwraps it, perhaps a moment later
        while sold.stage is Stage.SETTLED and has is None:
            await trio.sleep(0.2)
            has = await _key(node, asset, wish.part)
    return {**sale_view(node, sold), "key": has is not None}


async def _key(node: Node, asset: AssetId, part: int) -> bytes | None:
    return await (part_key(node.journal, asset, part) if part else bought_key(node.journal, asset))


async def _wish(node: Node, arguments: arg.Arguments) -> Wish:
    found = await named_asset(node, arguments)
    named = arg.number(arguments, "terms", 0, high=2**32 - 1)
    ceiling = arg.optional_text(arguments, "max_price")
    return Wish(
        found.asset,
        TermsId(named) if named else None,
        part_named(found, arguments),
        max_price=None if ceiling is None else parse_amount(ceiling, node.decimals),
        max_share=parse_share(arg.text(arguments, "max_share", "100%")),
        leaf=found.leaf,
    )


async def _buy_without_key(node: Node, wish: Wish, arguments: arg.Arguments) -> dict[str, object]:
    if wish.part != WHOLE_FILE or wish.leaf is not None:
        raise BadInput("a part of a file, or a member of a batch, is licensed by a fair sale with its key")
    price, receipt = await buy_without_key(node.trade_for(arg.request_id(arguments)), wish)
    grant = node.belief.catalog.grants[wish.asset, node.me]
    bought = {"asset": wish.asset, "price": money(node, price), "terms": grant.terms, "until": grant.until}
    return {**bought, "key": False, **receipt_view(receipt)}


def part_named(found: Named, arguments: arg.Arguments) -> int:
    """The part of an asset that ``range`` names as ``first..last`` chunk. Raises BadInput, NotFound."""
    text = arg.optional_text(arguments, "range")
    if text is None:
        return WHOLE_FILE
    return part_of(*arg.run(text), Layout(found.commitment.size).chunks)


async def wait_for_sale(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Wait until a sale has ended."""
    deal = arg.deal_id(arguments)
    if deal not in node.belief.catalog.sales:
        raise NotFound("no such sale as of this block", next_step="`thenar license list` shows your sales")
    await _wait(node, deal, tell, arg.number(arguments, "patience", 600, low=1, high=86_400))
    return sale_view(node, node.belief.catalog.sales[deal])


async def _wait(node: Node, deal: bytes, tell: Tell, patience: int) -> None:
    steps = {Stage.OPEN: "waiting for the key", Stage.DELIVERED: "key delivered; dispute window running"}

    def ended(catalog: Catalog) -> SaleRecord | None:
        sale = catalog.sales.get(deal)
        if sale is None:
            return None
        tell({"label": steps.get(sale.stage, sale.stage.name.lower()), "done": int(sale.stage), "total": 3})
        return sale if sale.stage in (Stage.SETTLED, Stage.REFUNDED) else None

    with trio.move_on_after(patience):
        await node.belief.until(ended, seconds=patience, what="the end of the sale")
        return
    raise Late("the sale has not ended yet", next_step="it goes on by itself; `thenar license list` shows it")


async def list_licenses(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """This account's sales and licenses without a key, of either side; everybody's with ``all``."""
    catalog, everybody = node.belief.catalog, arg.flag(arguments, "all")
    chosen = [
        sale_view(node, sale)
        for sale in catalog.sales.values()
        if everybody or node.me in (sale.deal.buyer, sale.deal.seller)
    ]
    granted = [
        {"asset": asset, "licensee": who, "terms": grant.terms, "until": grant.until, "paid": money(node, grant.price)}
        for (asset, who), grant in catalog.grants.items()
        if (everybody or node.me in (who, catalog.assets[asset].owner))
        and grant.consent_epoch == catalog.assets[asset].consent_epoch
    ]
    return {**as_of(node), "sales": chosen, "granted": granted}


async def check_license(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Whether an account may use an asset for some purposes now."""
    found, now = await named_asset(node, arguments), (await node.chain.head()).timestamp
    who = arg.address_or(arguments, "who", node.me)
    purposes: Purpose = arg.purposes(arguments)
    allowed = node.belief.catalog.is_allowed(
        found.asset, who, purposes, now, part_named(found, arguments), record=found.record
    )
    return {"asset": found.asset, "who": who, "allowed": allowed, "at": now, **as_of(node)}


async def appoint(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Name who else may deliver this account's keys; nobody when left out."""
    nobody = Address("0x" + "0" * 40)
    keeper = arg.address_or(arguments, "keeper", nobody)
    done = await appoint_keeper(node.trade_for(arg.request_id(arguments)), keeper)
    return {"keeper": keeper if keeper != nobody else "", **receipt_view(done)}


async def list_keepers(node: Node, _: arg.Arguments, __: Tell) -> dict[str, object]:
    """Who may deliver this account's keys, and for whom this account may."""
    keepers = {seller: keeper for seller, keeper in node.belief.catalog.keepers.items() if int(keeper, 16)}
    return {
        **as_of(node),
        "keeper": keepers.get(node.me, ""),
        "backs_up": sorted(seller for seller, keeper in keepers.items() if keeper == node.me),
    }
