"""Commands about income: pay, link, publish, challenge, claim, show."""

from __future__ import annotations

import hashlib

import trio

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands import weights
from thenar.commands.view import as_of, income_view, money, receipt_view
from thenar.domain.catalog.omissions import must_name
from thenar.domain.ids import AssetId
from thenar.domain.money import parse_amount
from thenar.domain.sumtree import Share
from thenar.errors import BadInput, NotFound
from thenar.services import account, earn, omissions, payouts
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


async def publish_payout(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Share an owned asset's own part by weight from now on, with a bond that every license is named."""
    asset, trade = arg.asset(arguments), node.trade_for(arg.request_id(arguments))
    shares = await _shares(node, asset, arguments)
    bond = parse_amount(arg.text(arguments, "bond", "0"), node.decimals)
    tell({"label": f"building a tree of {len(shares)} shares", "done": 0, "total": 0})
    receipt = await payouts.publish_payout(trade, node.store, asset, shares, bond=bond)
    published = node.belief.catalog.income_of(asset).payouts[-1]
    return {
        "asset": asset,
        "payout": published.payout,
        "shares": len(shares),
        "licenses": published.statement.license_count,
        "bond": money(node, bond),
        **receipt_view(receipt),
    }


async def _shares(node: Node, asset: AssetId, arguments: arg.Arguments) -> list[Share]:
    pairs, by_licenses = arguments.get("weights"), arg.flag(arguments, "licenses")
    file = arg.existing_file(arguments, "file") if arguments.get("file") is not None else None
    if sum((bool(pairs), by_licenses, file is not None)) != 1:
        raise BadInput(
            "name the shares in exactly one way", next_step="BENEFICIARY=WEIGHT …, or --weights FILE.csv, or --licenses"
        )
    if file is not None:
        return await trio.to_thread.run_sync(weights.from_csv, file)
    if by_licenses:
        payouts.owned(node.trade, asset)
        return weights.from_pairs([f"{one}=1" for one in must_name(node.belief.catalog, asset, node.me)])
    if not isinstance(pairs, list) or len(pairs) > arg.MAX_LISTED:
        raise BadInput(f"weights must be a list of at most {arg.MAX_LISTED} BENEFICIARY=WEIGHT")
    return weights.from_pairs(pairs)


async def challenge_payout(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Look for a license that a payout does not name, and prove it."""
    asset = arg.asset(arguments)
    published = payouts.find_payout(node.belief.catalog, asset, arg.number(arguments, "payout", 0))
    tell({"label": "comparing licenses", "done": 0, "total": 0})
    found = await omissions.challenge(node.trade, node.store, node.peers, published)
    return {
        "asset": asset,
        "payout": published.payout,
        "omitted": found.omitted if found else None,
        "proved": found.proved if found else False,
        "bond": money(node, published.statement.bond),
        **(receipt_view(found.receipt) if found else {}),
    }


async def roll_share(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Move a parent's share of a child's income up to it; anybody may."""
    child, parent = arg.asset(arguments, "child"), arg.asset(arguments, "parent")
    amount, receipt = await earn.roll(node.trade_for(arg.request_id(arguments)), child, parent)
    return {"child": child, "parent": parent, "amount": money(node, amount), **receipt_view(receipt)}


async def claim_income(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Bring in everything owed to this account; with ``withdraw``, on to its wallet."""
    tell({"label": "claiming", "done": 0, "total": 0})
    earned = await earn.claim(node.trade_for(arg.request_id(arguments)), node.store, node.peers)
    found: dict[str, object] = {
        "rolled": money(node, earned.rolled),
        "own": money(node, earned.own),
        "leaves": money(node, earned.leaves),
        "licenses": money(node, earned.streams),
        "total": money(node, earned.total),
        "transactions": [receipt_view(receipt) for receipt in earned.receipts],
        "passed_over": list(earned.passed_over),
    }
    if arg.flag(arguments, "withdraw") and (await node.chain.wallet(node.me)).account > 0:
        found["withdrawn"] = receipt_view(
            await account.withdraw(node.trade_for(arg.request_id(arguments)), node.me, None)
        )
    return found


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
        **as_of(node),
        "wallet": money(node, wallet.tokens),
        "account": money(node, wallet.account),
        "assets": [income_view(node, record) for record in chosen],
    }


async def count_owed(node: Node, _: arg.Arguments, __: Tell) -> dict[str, object]:
    """Everything the Ledger owes, accounts and locks, by the facts this node has seen."""
    catalog = node.belief.catalog
    owed = sum(catalog.accounts.values()) + sum(catalog.locks.values())
    return {**as_of(node), "units": str(owed), "owed": money(node, owed)}
