"""What a robot's own program imports: hire nodes for a model, and ask one of them in every control period.

    async with open_robot(directory, password, model, period=0.02) as robot:
        while True:
            action = await robot.act(observation)

The directory is a node's data directory on which no node runs; this process becomes that node for as long. The robot
stands on its own feet: without an answer in time it does what ``local`` says, or holds its last action.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import pack, unpack

from thenar.assembly import open_node
from thenar.commands.infer import report, robot_key
from thenar.commands.trials import bond_of, watching
from thenar.config import load
from thenar.domain.ids import asset_id
from thenar.domain.money import parse_amount
from thenar.services.reflex.calling import Acted, Caller
from thenar.services.reflex.robot import Hiring, hired
from thenar.supervisor import running

__all__ = ["Robot", "open_robot"]

Reflex = Callable[[Sequence[float]], Sequence[float]]
"""A robot's own reflex: an action for an observation, at once."""


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot that has hired nodes."""

    caller: Caller

    async def act(self, observation: Sequence[float], deadline: float | None = None) -> Sequence[float]:
        """The action for an observation, within a control period or by ``deadline`` (trio time)."""
        return floats(await self.acted(observation, deadline))

    async def acted(self, observation: Sequence[float], deadline: float | None = None) -> Acted:
        """The same with who answered and how long it took."""
        return await self.caller.act(pack(f"<{len(observation)}f", *observation), deadline)

    def report(self) -> dict[str, object]:
        """How the calls went: percentiles (ms), hedged and missed calls, and who answered how many."""
        return report(self.caller)


def floats(acted: Acted) -> Sequence[float]:
    """An action as numbers; empty when there never was one."""
    return unpack(f"<{len(acted.action) // 4}f", acted.action)


@asynccontextmanager
async def open_robot(
    directory: Path,
    password: str,
    model: str,
    *,
    period: float = 0.02,
    deposit: str = "1",
    max_price: str = "1",
    nodes: int = 2,
    local: Reflex | None = None,
    check: bool = False,
) -> AsyncIterator[Robot]:
    """Open a data directory and hire nodes for a model; amounts in settlement tokens, the period in seconds.

    With ``check`` this directory has a license of the model: sampled calls are run again here, and a node whose answer
    is not the model's is accused.

    Raises Conflict while a node runs on the directory, NotFound when nobody offers the model, Refused for a deposit
    that is not worth five redemptions, Poor, Unavailable.
    """
    config, _ = load(directory)
    async with open_node(directory, config, password) as node, running(node):
        await node.catch_up()
        left, most = (parse_amount(text, node.decimals) for text in (deposit, max_price))
        least = await node.till.least_deposit()
        hiring = Hiring(asset_id(model), period, left, most, nodes=nodes, least=least)
        async with AsyncExitStack() as stack:
            watch = None
            if check:
                watch = await stack.enter_async_context(watching(node, hiring.model, bond_of(node), _quiet))
            calling = hired(node.house, robot_key(node), hiring, _packed(local), watch)
            yield Robot(await stack.enter_async_context(calling))


def _quiet(_: object) -> None:
    return


def _packed(local: Reflex | None) -> Callable[[bytes], bytes] | None:
    if local is None:
        return None

    def act(observation: bytes) -> bytes:
        made = local(unpack(f"<{len(observation) // 4}f", observation))
        return pack(f"<{len(made)}f", *made)

    return act
