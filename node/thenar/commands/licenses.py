"""Commands about licenses: buy, list, wait."""

from __future__ import annotations

import trio

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import receipt_view, sale_view
from thenar.domain.assets import Purpose
from thenar.domain.catalog import Catalog, SaleRecord
from thenar.domain.ids import TermsId
from thenar.domain.licenses import Stage
from thenar.domain.money import parse_amount, parse_share
from thenar.errors import Late, NotFound
from thenar.services.licensing import buy
from thenar.services.licensing import revoke_all as revoke
from thenar.services.ports import Tell
from thenar.services.records import bought_key


async def buy_license(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Open a fair sale; with ``wait``, stay until it has settled or the money is back."""
    asset = arg.asset(arguments)
    named = arg.number(arguments, "terms", 0, high=2**32 - 1)
    ceiling = arg.optional_text(arguments, "max_price")
    tell({"label": "opening the sale", "done": 0, "total": 0})
    sale = await buy(
        node.trade_for(arg.request_id(arguments)),
        asset,
        TermsId(named) if named else None,
        max_price=None if ceiling is None else parse_amount(ceiling, node.decimals),
        max_share=parse_share(arg.text(arguments, "max_share", "100%")),
    )
    if arg.flag(arguments, "wait"):
        await _wait(node, sale.deal_id, tell, arg.number(arguments, "patience", 600, low=1, high=86_400))
    found = node.belief.catalog.sales[sale.deal_id]
    return {**sale_view(node, found), "key": await bought_key(node.journal, asset) is not None}


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
    """This account's sales, as buyer or seller; everybody's with ``all``."""
    chosen = [
        sale_view(node, sale)
        for sale in node.belief.catalog.sales.values()
        if arg.flag(arguments, "all") or node.me in (sale.deal.buyer, sale.deal.seller)
    ]
    return {"block": node.belief.block, "sales": chosen}


async def check_license(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Whether an account may use an asset for some purposes now."""
    asset, now = arg.asset(arguments), (await node.chain.head()).timestamp
    who = arg.address_or(arguments, "who", node.me)
    purposes: Purpose = arg.purposes(arguments)
    allowed = node.belief.catalog.is_allowed(asset, who, purposes, now)
    return {"asset": asset, "who": who, "allowed": allowed, "at": now, "block": node.belief.block}


async def revoke_all(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """End every license of an owned asset."""
    return receipt_view(await revoke(node.trade_for(arg.request_id(arguments)), arg.asset(arguments)))
