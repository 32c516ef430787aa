"""A town for the pages' commands: a chain, three living nodes in a thread of their own, and what people have."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import trio
from command_line import PASSWORD
from compute_party import QUICK
from living import meet, settle_in
from local_chain import local_chain

from thenar.assembly import open_node
from thenar.commands import run
from thenar.config import load
from thenar.supervisor import at_door

DOLLAR = 10**6
PATIENT = replace(
    QUICK,
    dispute_window=2,
    run_window=600,
    reject_window=3_600,
    vote_window=1_200,
    ballot_window=1_200,
    appeal_window=1_200,
    seat_notice=40_000,
    smallest_panel=1,
    longest_channel=3_600,
    evidence_window=3_600,
    defence_window=3_600,
    capture_answer_bond=5 * DOLLAR,
    capture_challenge_bond=20 * DOLLAR,
    capture_reveal_window=3_600,
    capture_challenge_window=7_200,
    word_window=40_000,
    beacon_every=16,
    epoch_length=400_000,
    epoch_window=4_000,
    epoch_bond=5_000 * DOLLAR,
)
"""Short where the pages wait, long where they act; no node alone may lay down an epoch's bond."""
NAMES = ("ana", "ben", "jon")
ROLES, EVERY_ROLE = "store,compute,juror", 19
PATIENCE = 180


@dataclass
class Town:
    """Nodes that live while the pages are read, and the things that stand for the pages' placeholders."""

    folder: Path
    nodes: dict[str, Any] = field(default_factory=dict)
    things: dict[str, object] = field(default_factory=dict)
    here: Path = Path()
    walker: Any = None
    variables: dict[str, str] = field(default_factory=dict)
    told: dict[str, object] = field(default_factory=dict)
    devnet: Any = None
    _token: Any = None
    _over: Any = None
    _trouble: BaseException | None = None
    _open: threading.Event = field(default_factory=threading.Event)

    def open(self) -> None:
        """Start the thread in which the nodes live; back when all are registered. Raises what went wrong."""
        self._thread = threading.Thread(target=self._run, name="town", daemon=True)
        self._thread.start()
        self._open.wait()
        if self._trouble is not None:
            raise self._trouble

    def close(self) -> None:
        """End everything that lives here."""
        trio.from_thread.run_sync(self._over.set, trio_token=self._token)
        self._thread.join(60)
        assert not self._thread.is_alive()

    def home(self, who: str) -> Path:
        """Somebody's data directory."""
        return self.folder / who

    def account(self, who: str) -> str:
        """Somebody's account."""
        return str(self.nodes[who].me)

    def do(self, task: Callable[..., Any], *arguments: object) -> Any:
        """Have something done where the nodes live."""
        return trio.from_thread.run(task, *arguments, trio_token=self._token)

    def ask(self, who: str, command: str, **arguments: object) -> dict[str, Any]:
        """Ask somebody's node."""
        return dict(self.do(self._ask, who, command, arguments))

    def until(self, who: str, command: str, holds: Callable[[Any], bool], **arguments: object) -> dict[str, Any]:
        """Ask again and again until the answer holds."""
        return dict(self.do(self._until, who, command, holds, arguments))

    def take_roles_back(self) -> None:
        """Whoever registered for one role on an earlier page offers every one again and leaves a group joined there."""
        for name, node in self.nodes.items():
            if node.belief.catalog.groups.get(node.me, node.me) != node.me:
                self.ask(name, "work.leave")
            if node.belief.catalog.nodes[node.me].roles != EVERY_ROLE:
                self.ask(name, "node.register", stake="1", roles=ROLES)
                self.believed(name, lambda catalog, me=node.me: catalog.nodes[me].roles == EVERY_ROLE)

    def jump(self, seconds: int) -> None:
        """Let the chain's clock go forward."""
        self.do(self.devnet.pass_time, seconds)

    def believed(self, who: str, holds: Callable[[Any], object]) -> object:
        """Wait until somebody's catalog has something."""

        async def wait() -> object:
            return await self.nodes[who].belief.until(holds, seconds=PATIENCE, what="what a page needs")

        return self.do(wait)

    def _run(self) -> None:
        try:
            trio.run(self._live)
        except BaseException as trouble:  # noqa: BLE001  told to who waits for the town
            self._trouble = trouble
        finally:
            self._open.set()

    async def _live(self) -> None:
        self._token, self._over = trio.lowlevel.current_trio_token(), trio.Event()
        async with AsyncExitStack() as stack:
            self.devnet = await stack.enter_async_context(
                local_chain(self.folder / "chain", block_time=0.5, parameters=PATIENT)
            )
            for name in NAMES:
                await stack.enter_async_context(self._member(name))
            self._open.set()
            await self._over.wait()

    @asynccontextmanager
    async def _member(self, name: str) -> AsyncIterator[None]:
        home = self.home(name)
        settings = {"store_pin": "none", "preview_max_share": 100, "chain_deep": 2, "infer_redemption_cost": "0.001"}
        await settle_in(self.devnet, home, **settings)
        if self.nodes:
            meet(self.nodes[NAMES[0]], home)
        config, _ = load(home, environment={})
        async with open_node(home, config, PASSWORD) as node, at_door(node):
            self.nodes[name] = node
            await self._ask(name, "node.register", {"stake": "1000", "roles": ROLES})
            yield

    async def _ask(self, who: str, command: str, arguments: dict[str, object]) -> dict[str, object]:
        with trio.fail_after(PATIENCE):
            return await run(self.nodes[who], command, arguments, lambda _: None)

    async def _until(
        self, who: str, command: str, holds: Callable[[Any], bool], arguments: dict[str, object]
    ) -> dict[str, object]:
        answered: dict[str, object] = {}
        with trio.move_on_after(PATIENCE):
            while True:
                answered = await self._ask(who, command, arguments)
                if holds(answered):
                    return answered
                await trio.sleep(0.5)
        raise AssertionError(f"{command} of {who} still answers {answered}")
