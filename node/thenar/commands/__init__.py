"""What people ask a node to do, by name: JSON in, progress, JSON out.

A running node answers these through its loopback door; without one, the command line opens the node for the length
of one command.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from thenar.assembly import Node
from thenar.commands import captures, licenses, overview, revenue
from thenar.services.ports import Tell

CommandOf = Callable[[Node, dict[str, object], Tell], Awaitable[dict[str, object]]]

COMMANDS: Mapping[str, CommandOf] = MappingProxyType(
    {
        "capture.add": captures.add_capture,
        "capture.list": captures.list_assets,
        "capture.show": captures.show_asset,
        "capture.kept": captures.wait_kept,
        "capture.fetch": captures.fetch_asset,
        "model.add": captures.add_model,
        "license.offer": captures.offer_license,
        "license.buy": licenses.buy_license,
        "license.wait": licenses.wait_for_sale,
        "license.list": licenses.list_licenses,
        "license.check": licenses.check_license,
        "license.revoke": licenses.revoke_all,
        "revenue.pay": revenue.pay_asset,
        "revenue.link": revenue.link_parents,
        "revenue.publish": revenue.publish_payout,
        "revenue.claim": revenue.claim_income,
        "revenue.withdraw": revenue.withdraw_income,
        "revenue.owed": revenue.count_owed,
        "revenue.show": revenue.show_income,
        "node.register": overview.register_node,
        "node.status": overview.show_status,
    }
)


async def run(node: Node, name: str, arguments: dict[str, object], tell: Tell) -> dict[str, object]:
    """Run a command by name, as of the newest confirmed block; with the chain down, as of the last block seen."""
    await node.catch_up()
    return await COMMANDS[name](node, arguments, tell)
