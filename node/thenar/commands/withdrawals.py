"""The command that takes consent back, and what it says about itself first."""

from __future__ import annotations

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.captures import known_asset
from thenar.commands.view import money, receipt_view
from thenar.services.payouts import owned
from thenar.services.ports import Tell
from thenar.services.withdrawal import toll_of, withdraw

DAY = 86_400
DOES = (
    "every license and every offer of it ends on chain, at once",
    "whoever paid for time that is lost gets it back from the escrow, by the second",
    "running sales are refunded, bonds too",
    "the share its key hangs from is overwritten: this node can never work the key out again, nor sell it",
    "this node drops its copies now; other nodes drop theirs, with keys and what they opened, once the notice is over",
    "trainers are told on chain what to leave out, and can say on chain that they did (`thenar model acknowledge`)",
)
CANNOT = (
    "what was learned before stays learned, and whoever was licensed then used it rightly",
    "whoever has the key already can keep it, and copies outside Thenar's nodes cannot be called back",
    "the chain keeps the asset's commitments and its history; they say nothing about what was recorded",
    "backups of this node's keys/shares, and what a disk keeps under an overwritten block, are yours to destroy",
    "this cannot be undone: publishing the same recording again makes another asset",
)


async def withdraw_asset(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Say what taking consent back does and cannot do; with ``yes``, do it."""
    asset = arg.asset(arguments)
    record = known_asset(node, asset)
    owned(node.trade, asset)
    toll = toll_of(node.belief.catalog, asset, (await node.chain.head()).timestamp)
    said: dict[str, object] = {
        "asset": asset,
        "licensees": list(toll.licensees),
        "running_sales": toll.sales,
        "refunded": money(node, toll.unearned),
        "notice_days": toll.notice // DAY,
        "does": list(DOES),
        "cannot": list(CANNOT),
        "withdrawn": False,
    }
    if not arg.flag(arguments, "yes"):
        return said | {"next_step": f"thenar capture withdraw {record.id} --yes"}
    tell({"label": "withdrawing", "done": 0, "total": 0})
    done = await withdraw(node.trade_for(arg.request_id(arguments)), node.store, asset)
    return said | {
        "withdrawn": True,
        "keys_destroyed": done.keys,
        "files_dropped": done.files,
        "bytes_freed": done.freed,
        "same_key": list(done.shared),
        **(receipt_view(done.receipt) if done.receipt else {}),
    }
