"""Commands about epochs of rewards: list, build, verify, claim, pay, judge."""

from __future__ import annotations

from dataclasses import replace

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.earnings import THN_DECIMALS, thn
from thenar.commands.view import as_of, receipt_view
from thenar.domain.catalog import EpochBook, EpochRecord
from thenar.domain.epochs.pools import EpochRoot
from thenar.domain.epochs.rules import RULES
from thenar.domain.epochs.tree import RewardTree
from thenar.domain.ids import RAW, Cid
from thenar.domain.money import parse_amount
from thenar.errors import Corrupt, NotFound, Refused
from thenar.services.epochs import claiming, proposing
from thenar.services.epochs.desk import EpochDesk
from thenar.services.ports import Capability, Tell
from thenar.services.work.hiring import enlist

JUDGING = "epoch roots"


async def list_epochs(node: Node, _: arg.Arguments, __: Tell) -> dict[str, object]:
    """All epochs, what each shares out, and where its root stands."""
    book = node.epoch_desk.book
    due = book.due(book.newest)[node.me]
    return {
        **as_of(node),
        "epochs": [_short(node, book, record) for record in book.epochs.values()],
        "due": thn(due),
        "claimed": thn(book.claimed[node.me]),
    }


async def build_epoch(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Compute who is due what up to an epoch; with ``propose`` publish it and answer for its root."""
    desk, number = _desk(node, arguments), _number(arguments)
    tree = await desk.tree(number)
    found = {**_root(tree.root), "accounts": len(tree.due), "kinds": _kinds(desk.book.epochs[number])}
    found["due"] = thn(dict(tree.due).get(node.me, 0))
    if arg.flag(arguments, "propose"):
        sent = await proposing.propose(desk, number, f"{number}/{arg.request_id(arguments) or 'asked'}")
        if sent is None:
            raise Refused(
                f"the root of epoch {number} needs no proposal", next_step="`thenar epoch list` shows where it stands"
            )
        await node.catch_up()
        found["proposed"] = True
    return found


async def verify_epoch(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Compute an epoch again and hold it against the root on chain. Raises Corrupt when they differ."""
    desk, number = _desk(node, arguments), _number(arguments)
    tree, stated = await desk.tree(number), _stated(desk.book, number)
    if stated is None:
        raise NotFound(
            f"nobody answers for a root of epoch {number}", next_step=f"`thenar epoch build {number} --propose` does"
        )
    if not _agrees(tree, stated):
        raise Corrupt(
            f"epoch {number} has root 0x{stated.root.hex()} on chain, and facts give 0x{tree.root.root.hex()}",
            next_step="a running node with a bond in its Ledger account challenges a proposed root by itself",
        )
    return {**_root(tree.root), "accounts": len(tree.due), "agrees": True, "state": _state(desk.book, number)}


async def claim_reward(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Mint what an account is due under the settled root and has not had; this node's unless another is named."""
    account = arg.address_or(arguments, "account", node.me)
    due, receipt = await claiming.claim(_desk(node, arguments), account)
    return {"account": account, "claimed": thn(due), **receipt_view(receipt)}


async def pay_usage(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Pay for using an asset in ThenarToken; a twentieth is burnt, and fills the next pool."""
    amount = parse_amount(arg.text(arguments, "amount"), THN_DECIMALS)
    receipt = await claiming.pay(_desk(node, arguments), arg.asset(arguments), amount)
    return {"asset": arg.asset(arguments), "paid": thn(amount), **receipt_view(receipt)}


async def judge_roots(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Take seats among those who judge disputed roots, and answer for them with stake."""
    seats = arg.number(arguments, "seats", 1, low=1, high=64)
    bench = replace(node.bench, trade=node.trade_for(arg.request_id(arguments)))
    member = await enlist(bench, Capability(RULES.hash, JUDGING, (), RULES.hash, 0), seats)
    return {"class": "0x" + RULES.hash.hex(), "seats": member.seats}


def _desk(node: Node, arguments: arg.Arguments) -> EpochDesk:
    return replace(node.epoch_desk, trade=node.trade_for(arg.request_id(arguments)))


def _number(arguments: arg.Arguments) -> int:
    return arg.number(arguments, "epoch", 0, low=1, high=2**32 - 1)


def _stated(book: EpochBook, epoch: int) -> EpochRoot | None:
    """The root on chain of an epoch: settled, or proposed."""
    proposed = book.proposal.root if book.proposal and book.proposal.root.epoch == epoch else None
    return book.roots.get(epoch, proposed)


def _agrees(tree: RewardTree, stated: EpochRoot) -> bool:
    return tree.root.verdict(tree.place) == stated.verdict(tree.place)


def _state(book: EpochBook, epoch: int) -> str:
    if epoch in book.roots:
        return "settled"
    if book.proposal is not None and book.proposal.root.epoch == epoch:
        return "proposed" if book.dispute is None else f"before the court, dispute {book.dispute}"
    return "running" if epoch > book.newest else "closed"


def _short(node: Node, book: EpochBook, record: EpochRecord) -> dict[str, object]:
    stated = _stated(book, record.number)
    return {
        "epoch": record.number,
        "state": _state(book, record.number),
        "pool": thn(record.pool),
        "burnt": thn(record.burnt),
        "contributions": len(record.contributions),
        "mine": thn(record.due[node.me]),
        "root": None if stated is None else "0x" + stated.root.hex(),
    }


def _kinds(record: EpochRecord) -> list[dict[str, object]]:
    return [
        {
            "kind": kind.value,
            "budget": thn(rate.budget),
            "scores": str(rate.scored),
            "least": str(RULES.budget(kind).least),
            "units_per_score": str(rate.whole),
        }
        for kind, rate in record.rates.items()
    ]


def _root(root: EpochRoot) -> dict[str, object]:
    return {
        "epoch": root.epoch,
        "root": "0x" + root.root.hex(),
        "total": thn(root.total),
        "depth": root.depth,
        "tree": str(Cid.of(RAW, root.tree)),
    }
