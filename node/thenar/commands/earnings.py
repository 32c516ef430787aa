"""Where every unit of an account came from: one view for the command line, the API and the pages."""

from __future__ import annotations

from typing import Final

from thenar.adapters.web import View
from thenar.adapters.web.kinds import IF_ANY, fields
from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import as_of, money
from thenar.domain.earnings import DOLLARS, THN, Earning, Returned, statement
from thenar.domain.ids import Address
from thenar.domain.money import show_amount
from thenar.services.ports import Tell

THN_DECIMALS = 18
_ACCOUNT: Final = {"type": "string", "pattern": "^0[xX][0-9a-fA-F]{40}$"}


def thn(units: int) -> str:
    """An amount of ThenarToken as people write it."""
    return f"{show_amount(units, THN_DECIMALS)} {THN}"


async def show_earnings(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Everything an account earned, this node's unless another is named: the same on every node, from public facts."""
    return {**as_of(node), **await earnings_view(node, arg.address_or(arguments, "account", node.me))}


def earnings_views(node: Node) -> dict[str, View]:
    """The same under an account's address. Raises BadInput for what is none."""
    entry = {"amount": "text", "units": "count", "block": "number", "transaction": "digest"}
    words = dict.fromkeys(("source", "proof", "formula", "recompute"), "text")
    earned = {**words, "numbers": "object", "epoch": f"number{IF_ANY}", "coming": f"tokens{IF_ANY}"}
    return {
        "earnings": View(
            "Where every unit of an account came from, and how anybody computes it again",
            lambda account: earnings_view(node, arg.address_or({"account": account}, "account", node.me)),
            {
                **fields(account="account", amount="earned returned released", tokens="rewards used coming claimed"),
                "list": {**entry, **earned},
                "back": {**entry, "what": "text", "amount": "amount"},
            },
            id=_ACCOUNT,
        )
    }


async def earnings_view(node: Node, account: Address) -> dict[str, object]:
    """What the Ledger released to an account, row by row: earned or the account's own; and its rewards in THN."""
    told = await node.journal.facts()
    catalog, block = node.belief.catalog, node.belief.block
    entries = list(statement(catalog, (fact for fact in told if fact.at.block <= block), account))
    earned = [one for one in entries if isinstance(one, Earning)]
    back = [one for one in entries if isinstance(one, Returned)]
    dollars, returned = sum(one.amount for one in earned if one.unit == DOLLARS), sum(one.amount for one in back)
    tokens = [one for one in earned if one.unit == THN]
    return {
        "account": account,
        "earned": money(node, dollars),
        "returned": money(node, returned),
        "released": money(node, dollars + returned),
        "rewards": thn(sum(one.amount for one in tokens if one.epoch is not None)),
        "used": thn(sum(one.amount for one in tokens if one.epoch is None)),
        "coming": thn(sum(one.coming for one in tokens)),
        "claimed": thn(catalog.epochs.claimed[account]),
        "list": [_earning(node, one) for one in earned],
        "back": [_returned(node, one) for one in back],
    }


def _earning(node: Node, one: Earning) -> dict[str, object]:
    is_token = one.unit == THN
    told: dict[str, object] = {
        "source": one.source,
        "amount": thn(one.amount) if is_token else money(node, one.amount),
        "units": str(one.amount),
        "proof": one.proof,
        "block": one.at.block,
        "transaction": one.at.tx_hash,
        "formula": one.formula,
        "numbers": {name: str(number) for name, number in one.numbers},
        "recompute": one.recompute,
    }
    if one.epoch is not None:
        told |= {"epoch": one.epoch, "coming": thn(one.coming)}
    return told


def _returned(node: Node, one: Returned) -> dict[str, object]:
    return {
        "what": one.what,
        "amount": money(node, one.amount),
        "units": str(one.amount),
        "block": one.at.block,
        "transaction": one.at.tx_hash,
    }
