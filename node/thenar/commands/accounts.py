"""Commands about the Ledger account: deposit, withdraw, show."""

from __future__ import annotations

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import as_of, money, receipt_view
from thenar.domain.money import parse_amount
from thenar.services import account
from thenar.services.ports import Tell


async def deposit(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Bring tokens from the wallet into its Ledger account, for bonds."""
    amount = parse_amount(arg.text(arguments, "amount"), node.decimals)
    receipt = await account.deposit(node.trade_for(arg.request_id(arguments)), amount)
    held = (await node.chain.wallet(node.me)).account
    return {"amount": money(node, amount), "account": money(node, held), **receipt_view(receipt)}


async def withdraw(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Send tokens from the Ledger account to a wallet."""
    named = arg.optional_text(arguments, "amount")
    amount = None if named is None else parse_amount(named, node.decimals)
    trade, to = node.trade_for(arg.request_id(arguments)), arg.address_or(arguments, "to", node.me)
    return receipt_view(await account.withdraw(trade, to, amount))


async def show(node: Node, _: arg.Arguments, __: Tell) -> dict[str, object]:
    """What wallet and Ledger account hold, what bonds of payouts wait, and what licenses with an end still earn."""
    wallet = await node.chain.wallet(node.me)
    bonds = [
        payout.statement.bond
        for income in node.belief.catalog.income.values()
        for payout in income.payouts
        if payout.statement.publisher == node.me
        and payout.payout not in income.bonds_returned
        and payout.payout not in income.convictions
    ]
    waiting = [record for record in node.belief.catalog.streams.values() if record.open]
    return {
        **as_of(node),
        "wallet": money(node, wallet.tokens),
        "account": money(node, wallet.account),
        "bonds": money(node, sum(bonds)),
        "earning": money(node, sum(one.stream.price - one.taken for one in waiting if one.stream.seller == node.me)),
    }
