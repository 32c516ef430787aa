"""Commands about duties: list, retry."""

from __future__ import annotations

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import as_of
from thenar.domain.duties import Duty
from thenar.errors import BadInput, NotFound
from thenar.services.ports import Tell


async def list_duties(node: Node, _: arg.Arguments, __: Tell) -> dict[str, object]:
    """Open duties and failed ones, oldest first."""
    waiting, failed = await node.journal.open_duties(), await node.journal.failed_duties()
    return {
        **as_of(node),
        "open": [_view(duty) for duty in waiting],
        "failed": [{**_view(duty), "reason": why} for duty, why in failed],
    }


async def retry_duties(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Open one failed duty again, or all of them; the running node takes them up at once."""
    named, every = arg.optional_text(arguments, "key"), arg.flag(arguments, "all")
    if (named is None) != every:
        raise BadInput("name one failed duty, or ask for all", next_step="`thenar duty list` names them")
    chosen = [duty for duty, _ in await node.journal.failed_duties() if every or duty.key == named]
    if not chosen and named is not None:
        raise NotFound(f"no failed duty {named[:200]!r}", next_step="`thenar duty list` names them")
    for duty in chosen:
        await node.journal.reopen(duty)
    return {"opened": [duty.key for duty in chosen]}


def _view(duty: Duty) -> dict[str, object]:
    return {"duty": duty.key, "block": duty.block, "not_before": duty.not_before}
