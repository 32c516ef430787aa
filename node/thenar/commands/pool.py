"""Commands about the pool of those who work, audit and judge: its members, groups, seats that are free, challenges."""

from __future__ import annotations

from dataclasses import replace

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import as_of, money, receipt_view
from thenar.domain.actions import Action, AdmitOperator, FreeSeats, JoinGroup, LeaveGroup
from thenar.domain.catalog import MemberRecord
from thenar.domain.ids import Address, ClaimId, address
from thenar.domain.work.classes import CLASSES
from thenar.errors import Refused
from thenar.services.ports import Tell
from thenar.services.work.challenging import challenge


async def challenge_claim(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Run a unit of somebody's claim here and dispute the claim when it comes to something else."""
    number, unit = arg.number(arguments, "claim", 0, low=1), arg.number(arguments, "unit", -1)
    bench = replace(node.bench, trade=node.trade_for(arg.request_id(arguments)))
    made = await challenge(bench, ClaimId(number), unit)
    return {
        "claim": number,
        "unit": unit,
        "claimed": "0x" + made.claimed.hex(),
        "found": "0x" + made.found.hex(),
        "bond": money(node, made.bond),
        "dispute": node.bench.claim(ClaimId(number)).dispute,
        **receipt_view(made.receipt),
    }


async def show_pool(node: Node, _: arg.Arguments, __: Tell) -> dict[str, object]:
    """Who is enlisted in which class: seats, record, group."""
    catalog = node.belief.catalog
    return {**as_of(node), "members": [_member(node, member) for member in catalog.members.values()]}


def _member(node: Node, member: MemberRecord) -> dict[str, object]:
    known = CLASSES.get(member.class_id)
    return {
        "operator": member.operator,
        "class": known.name if known else "0x" + member.class_id.hex(),
        "seats": member.seats,
        "leaving": member.leaving,
        "free_at": member.free_at or None,
        "record": member.score,
        "group": node.belief.catalog.groups.get(member.operator, member.operator),
    }


async def free_seats(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Have the stake of one's own seats unbound whose notice has passed. Raises Refused when there are none."""
    trade = node.trade_for(arg.request_id(arguments))
    now = await node.bench.now()
    mine = [one for one in node.belief.catalog.members.values() if one.operator == node.me and one.leaving]
    ripe = [one for one in mine if now >= one.free_at]
    if not ripe:
        soonest = min((one.free_at - now for one in mine), default=None)
        step = "`thenar work disable` gives seats up" if soonest is None else f"the next are free in {soonest} s"
        raise Refused("no seat of this account has resigned and waited for its notice", next_step=step)
    freed = 0
    for member in ripe:
        freed += member.leaving
        receipt = await trade.send(f"free-seats/{member.class_id.hex()}", FreeSeats(node.me, member.class_id))
        await trade.seen(receipt)
    return {"freed": freed, **as_of(node)}


async def join_group(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Ask to belong to a leader's group."""
    return await _sent(node, arguments, "join", JoinGroup(address(arg.text(arguments, "leader"))))


async def admit_operator(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Let an operator who asked belong to one's own group."""
    return await _sent(node, arguments, "admit", AdmitOperator(address(arg.text(arguments, "operator"))))


async def leave_group(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Leave the group one belongs to."""
    return await _sent(node, arguments, "leave", LeaveGroup())


async def _sent(node: Node, arguments: arg.Arguments, name: str, action: Action) -> dict[str, object]:
    trade = node.trade_for(arg.request_id(arguments))
    receipt = await trade.send(f"group-{name}", action)
    await trade.seen(receipt)
    leader = node.belief.catalog.groups.get(node.me, node.me)
    members: list[Address] = [one for one, led in node.belief.catalog.groups.items() if led == leader != one]
    return {"leader": leader, "members": members, **receipt_view(receipt)}
