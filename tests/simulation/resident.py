"""One node of the simulation: the real node, put together as ``assembly`` does, on adapters in this process."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import trio
from durable import Disk, DurableJournal, new_tables
from near_rpc import Endpoint, NearRpc
from net_of_peers import NearPeers, Net, PowerCut
from paper_evm import CHAIN_ID, PaperEvm
from paper_executor import PaperExecutor
from stretched import LOOK, SOON

from thenar import assembly, supervisor
from thenar.adapters.chain.client import ChainClient
from thenar.adapters.chain.decode import Decoder, Log
from thenar.adapters.chain.deployments import Deployment
from thenar.adapters.chain.reader import Reader
from thenar.adapters.chain.sender import Sender, SendRules
from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.vault.keyring import OpenKeyring
from thenar.assembly import Node
from thenar.config import Config
from thenar.directory import STORE, WORK
from thenar.domain.facts import Fact
from thenar.domain.ids import AssetId, PeerId, peer_id_of
from thenar.domain.work.jobs import JobSpec
from thenar.errors import ThenarError, Unavailable
from thenar.services.belief import Belief
from thenar.services.epochs.desk import EpochDesk
from thenar.services.licensing import Trade
from thenar.services.once import Once
from thenar.services.ports import Plan
from thenar.services.reflex import trials
from thenar.services.work.hiring import Hiring
from thenar.services.work.jobfiles import Files
from thenar.services.work.workbench import Bench

FEE_CAP = 200
"""Gwei per gas."""
CONFIRMATIONS, DEEP = 2, 4


class SharedDecoder(Decoder):
    """The real decoder; a log that one node has read is not read again for the next."""

    read: dict[tuple[str, str], Fact | None]

    def fact(self, log: Log) -> Fact | None:
        place = (log["blockHash"], log["logIndex"])
        if place not in self.read:
            self.read[place] = super().fact(log)
        return self.read[place]


class NearChain(ChainClient):
    """The real client. What a contract can read of an old block is the EVM's own, whatever was reorganised since."""

    evm: PaperEvm

    async def block_hash(self, block: int) -> bytes:
        await trio.lowlevel.checkpoint()
        if block > self.evm.head.number:
            raise Unavailable(f"block {block} is not there yet")
        return bytes(self.evm.evm.block_hash(block))


class NearExecutor(PaperExecutor):
    """Hashes for whatever is to be run, here in this process."""

    async def prepare(self, spec: JobSpec, assets: Mapping[str, Path]) -> Plan:
        await trio.lowlevel.checkpoint()
        return Plan(spec, dict(assets))


@dataclass
class Surroundings:
    """What all residents share."""

    chain: PaperEvm
    net: Net
    deployment: Deployment
    decoder: SharedDecoder
    folder: Path
    note: Callable[..., None]
    told: Counter[str]
    wanted: dict[tuple[str, str], float] = field(default_factory=dict)
    signed_for: dict[str, tuple[str, str]] = field(default_factory=dict)
    keys_given: list[tuple[AssetId, str]] = field(default_factory=list)
    said: list[tuple[str, str, bytes]] = field(default_factory=list)
    damaged: dict[str, int] = field(default_factory=dict)
    quiet: bool = False
    broken: list[str] = field(default_factory=list)


class Resident:
    """A machine, its disk, and the node that runs on it whenever it can."""

    def __init__(self, around: Surroundings, name: str, seed: str, *, keeps: bool, lends: bool) -> None:
        words = [hashlib.sha256(f"{seed}/{name}/{part}".encode()).digest() for part in range(4)]
        self.around, self.name, self.keeps, self.lends = around, name, keeps, lends
        self.keyring = OpenKeyring(*words)
        self.peer: PeerId = peer_id_of(self.keyring.peer_key)
        self.dice = random.Random(f"{seed}/{name}")
        self.folder = around.folder / name
        self.folder.mkdir(parents=True)
        self.db = new_tables()
        self.disk = Disk(random.Random(f"{seed}/{name}/disk"), around.told)
        self.endpoint = Endpoint(around.chain, random.Random(f"{seed}/{name}/endpoint"), around.told)
        self.node: Node | None = None
        self.scope = trio.CancelScope()
        self.steps = 0.0
        self.stays_down = 0.0
        self.well_since: float | None = None
        self.unwell: list[tuple[float, float]] = []
        self._why = ""

    @property
    def me(self) -> str:
        """The account."""
        return self.keyring.account

    def stop(self, why: str, down: float) -> None:
        """Pull the plug; the node comes back after ``down`` seconds."""
        self._why, self.stays_down = why, down
        self.scope.cancel()

    async def live(self, people: Callable[[Resident, Node], Any]) -> None:
        """Run the node for ever, again after every stop, and what its person does with it while it runs."""
        while True:
            self._why, self.stays_down = "", 60.0 + self.dice.random() * 7_200
            with trio.CancelScope() as self.scope:
                await self._once(people)
            self.node = None
            self.around.net.homes.pop(self.peer, None)
            self.around.note("stopped", self.name, self._why)
            self.around.told[f"stops: {self._why}"] += 1
            await trio.sleep(self.stays_down)

    async def _once(self, people: Callable[[Resident, Node], Any]) -> None:
        try:
            async with self.opened() as node, supervisor.running(node):
                self.around.note("started", self.name, node.belief.block)
                await people(self, node)
                await trio.sleep_forever()
        except BaseExceptionGroup as group:
            self._ended(group)
        except (PowerCut, ThenarError) as one:
            self._ended(BaseExceptionGroup("one", [one]))

    def _ended(self, group: BaseExceptionGroup[BaseException]) -> None:
        """A node may end for want of power or disk; any other end is a bug."""
        cut, rest = group.split(PowerCut)
        unavailable, rest = rest.split(Unavailable) if rest is not None else (None, None)
        cancelled, rest = rest.split(trio.Cancelled) if rest is not None else (None, None)
        if rest is not None:
            self.around.broken.append(f"W1 {self.name} ended by a bug: {_said(rest)}")
            self._why = "a bug"
        elif cut is not None:
            self._why = "power cut"
        elif unavailable is not None:
            self._why = "disk or chain not there"
        if cancelled is not None:
            raise cancelled

    def _fell(self, _: PowerCut) -> None:
        self.stop("power cut while answering", 60.0 + self.dice.random() * 7_200)

    def _step(self, name: str) -> None:
        if self.steps and self.dice.random() < self.steps:
            self.around.told[f"power cuts after: {name}"] += 1
            raise PowerCut(f"after {name}")

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Node]:
        """The node, its adapters opened and closed as ``assembly`` does it."""
        around, config = self.around, self._config()
        journal = DurableJournal(self.db, self.disk, self._wanted, self._signed)
        peers = NearPeers(around.net, self.peer, self._fell)
        quota = config.store_quota_mb * 1_000_000
        async with open_embedded(self.folder / STORE, quota=quota, exchange=peers) as store:
            chain, belief = self._chain(journal), Belief()
            sealer, wrapper = self.keyring.sealer(), self.keyring.wrapper()
            trade = Trade(self.keyring.account, chain, Once(journal, chain), belief, wrapper, sealer)
            files = Files(store, cast(Any, peers))
            bounties = assembly._bounty_desk(trade, files, self.keyring, chain, config)
            bench = Bench(trade, files, NearExecutor(), self.folder / WORK)
            bench.bonds, bench.caller = assembly._bonds(config, chain), trials.verdict_leaf  # type: ignore[assignment]
            desk = EpochDesk(trade, files, bench.bonds)
            bench.scorer = lambda case: assembly._verdict(bounties, desk, case)
            self.node = Node(
                directory=self.folder,
                config=config,
                keyring=self.keyring,
                journal=journal,
                chain=chain,
                outbox=chain,
                store=store,
                peers=cast(Any, peers),
                sealer=sealer,
                belief=belief,
                trade=trade,
                bench=bench,
                bounty_desk=bounties,
                hiring=Hiring(bench),
                house=assembly._house(trade, chain, self.keyring, cast(Any, peers), ()),
                reach=assembly.Reach(cast(Any, peers), partial(assembly.some_block, journal)),
                wallets=set(),
                token="",
            )
            around.net.homes[self.peer], around.net.stores[self.peer] = peers, store
            yield self.node

    def _config(self) -> Config:
        return Config(
            chain_confirmations=CONFIRMATIONS,
            chain_deep=DEEP,
            chain_fee_cap_gwei=FEE_CAP,
            store_pin="all" if self.keeps else "none",
            store_quota_mb=1_000,
            preview_max_share=100,
            live_grace=12 * 3_600,
        )

    def _chain(self, journal: DurableJournal) -> ChainClient:
        around, rpc = self.around, NearRpc(self.endpoint)
        reader = Reader(rpc, around.decoder, chain_id=CHAIN_ID, confirmations=CONFIRMATIONS, interval=LOOK)
        rules = SendRules(CHAIN_ID, FEE_CAP * 10**9, confirmations=CONFIRMATIONS, interval=SOON)
        sender = Sender(rpc, journal, self.keyring, rules, on_step=self._step)
        client = NearChain(rpc, around.deployment, reader, sender, self.keyring)
        client.evm = around.chain
        return client

    def _wanted(self, key: str, _: Any) -> None:
        self.around.wanted.setdefault((self.name, key), trio.current_time())

    def _signed(self, key: str, signed: Any) -> None:
        self.around.signed_for[signed.tx_hash] = (self.name, key)


def _said(group: BaseExceptionGroup[BaseException]) -> str:
    """The first exception of a group, in one line, and where it came from."""
    one: BaseException = group
    while isinstance(one, BaseExceptionGroup):
        one = one.exceptions[0]
    trace, at = one.__traceback__, ""
    while trace is not None:
        at = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(one).__name__}: {one} at {at}"
