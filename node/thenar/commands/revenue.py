"""Commands about income: pay, link, publish, claim, show, withdraw."""

from __future__ import annotations

import hashlib

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import income_view, money, receipt_view
from thenar.domain.money import parse_amount
from thenar.errors import NotFound
from thenar.services import earn
from thenar.services.ports import Tell


async def pay_asset(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Pay an asset from the wallet."""
    amount = parse_amount(arg.text(arguments, "amount"), node.decimals)
    ref = hashlib.sha256(arg.text(arguments, "reference", "").encode()).digest()
    asset = arg.asset(arguments)
    receipt = await earn.pay(node.trade_for(arg.request_id(arguments)), asset, amount, ref)
    return {"asset": asset, "amount": money(node, amount), **receipt_view(receipt)}


async def link_parents(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Give parents shares of an owned asset's future income."""
    child = arg.asset(arguments, "child")
    return {
        "child": child,
        **receipt_view(
            await earn.link(node.trade_for(arg.request_id(arguments)), child, arg.shares(arguments, "parents"))
        ),
    }


async def publish_payout(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Share an owned asset's own part by weight from now on."""
    asset = arg.asset(arguments)
    receipt = await earn.publish_payout(
        node.trade_for(arg.request_id(arguments)), node.store, asset, arg.weights(arguments, "weights")
    )
    return {"asset": asset, **receipt_view(receipt)}


async def claim_income(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Bring in everything owed to this account; with ``withdraw``, on to its wallet."""
    tell({"label": "claiming", "done": 0, "total": 0})
    earned = await earn.claim(node.trade_for(arg.request_id(arguments)), node.store, node.peers)
    found: dict[str, object] = {
        "rolled": money(node, earned.rolled),
        "own": money(node, earned.own),
        "leaves": money(node, earned.leaves),
        "total": money(node, earned.total),
        "transactions": [receipt_view(receipt) for receipt in earned.receipts],
        "passed_over": list(earned.passed_over),
    }
    if arg.flag(arguments, "withdraw") and (await node.chain.wallet(node.me)).account > 0:
        found["withdrawn"] = receipt_view(await earn.withdraw(node.trade_for(arg.request_id(arguments)), node.me, None))
    return found


async def withdraw_income(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Send tokens from the Ledger account to a wallet."""
    named = arg.optional_text(arguments, "amount")
    amount = None if named is None else parse_amount(named, node.decimals)
    return receipt_view(
        await earn.withdraw(node.trade_for(arg.request_id(arguments)), arg.address_or(arguments, "to", node.me), amount)
    )


async def show_income(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """The income of one asset, or of every asset of this account, and its balances."""
    wallet = await node.chain.wallet(node.me)
    if arguments.get("asset") is not None:
        asset = arg.asset(arguments)
        if asset not in node.belief.catalog.assets:
            raise NotFound(f"no asset {asset}", next_step="`thenar capture list` shows what exists")
        chosen = [node.belief.catalog.assets[asset]]
    else:
        chosen = [a for a in node.belief.catalog.assets.values() if a.owner == node.me]
    return {
        "block": node.belief.block,
        "wallet": money(node, wallet.tokens),
        "account": money(node, wallet.account),
        "assets": [income_view(node, record) for record in chosen],
    }


async def count_owed(node: Node, _: arg.Arguments, __: Tell) -> dict[str, object]:
    """Everything the Ledger owes, accounts and locks, by the facts this node has seen."""
    catalog = node.belief.catalog
    owed = sum(catalog.accounts.values()) + sum(catalog.locks.values())
    return {"block": node.belief.block, "units": str(owed), "owed": money(node, owed)}
