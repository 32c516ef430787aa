"""Time as the simulation has it: a block every two hours, so the pauses that wait for blocks are longer by as much.

Nothing else of the node is changed: no line of its code, and no time that is measured in blocks or by the chain.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import trio

from thenar import supervisor
from thenar.adapters.chain import reader, rpc, sender
from thenar.services import licensing, once, perform, reach
from thenar.services.perform import Pace
from thenar.services.reflex import house
from thenar.services.work import hiring

BLOCK = 7_200.0
"""Seconds between blocks, on average."""
LOOK = 4_800.0
"""Seconds between looks at the head."""
SOON = 1_800.0
"""Seconds between looks at what was sent."""
SELDOM = 30 * 86_400.0
"""Between looks at what nobody does here: robots."""
WORK = 4 * 3_600.0
"""Between looks for work, and at streams."""
PATIENCE = 4 * 86_400.0
BACKOFF = (1_200.0, 2_400.0, 4_800.0, 9_600.0)


async def _at_once(work: Callable[..., Any], *arguments: Any, **_: Any) -> Any:
    await trio.lowlevel.checkpoint()
    return work(*arguments)


@contextmanager
def stretched(seed: int) -> Iterator[None]:
    """Pauses as long as the blocks, threads that take no time, and a scheduler that a seed decides."""
    run = trio._core._run
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "_ALLOW_DETERMINISTIC_SCHEDULING", True)
        patch.setattr(run, "_r", random.Random(seed))
        patch.setattr(trio.to_thread, "run_sync", _at_once)
        patch.setattr(trio._path, "run_sync", _at_once)
        for module in (reader, sender):
            patch.setattr(module, "MAX_PAUSE", LOOK)
        patch.setattr(rpc, "READ_PAUSES", (5.0, 30.0))
        patch.setattr(perform, "BACKOFF", BACKOFF)
        patch.setattr(supervisor, "Pace", partial(Pace, look_every=2 * LOOK, deadline=PATIENCE))
        patch.setattr(supervisor, "LIVE_EVERY", WORK)
        patch.setattr(supervisor, "ANNOUNCE_EVERY", SELDOM)
        patch.setattr(hiring, "LEAST_WINDOW", 6 * int(BLOCK))
        patch.setattr(reach, "ASKED", 0)  # nobody's port is closed to strangers here
        for name in ("LOOK_EVERY", "OFFER_EVERY", "ATTEST_EVERY"):
            patch.setattr(house, name, SELDOM)
        for module in (once, licensing):
            patch.setattr(module, "PATIENCE", PATIENCE)
        random.seed(seed)
        chance = random.Random(f"{seed}/salts")
        patch.setattr(secrets, "token_bytes", chance.randbytes)
        patch.setattr(secrets, "token_hex", lambda size: chance.randbytes(size).hex())
        patch.setattr(random, "SystemRandom", lambda: chance)
        yield
