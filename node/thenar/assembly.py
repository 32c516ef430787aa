"""The only place where adapters are made: opened in order, closed in reverse."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import trio

from thenar.adapters.chain import deployments
from thenar.adapters.chain.client import ChainClient, ChainSettings, open_chain
from thenar.adapters.chain.deployments import Deployment
from thenar.adapters.chain.past import Memory
from thenar.adapters.compute.engine import open_engine
from thenar.adapters.compute.executor import Lent
from thenar.adapters.compute.fleet import open_fleet
from thenar.adapters.compute.offering import open_executor
from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.ipfs.kubo import open_kubo
from thenar.adapters.journal.sqlite import FILE_NAME as JOURNAL
from thenar.adapters.journal.sqlite import SqliteJournal, open_journal
from thenar.adapters.p2p.host import P2pPeers, P2pSettings, open_host
from thenar.adapters.vault.keyring import OpenKeyring, open_keyring, signer_of
from thenar.adapters.vault.parcels import Parcels
from thenar.adapters.vault.seal import FileSealer
from thenar.adapters.vault.shares import KeyShares
from thenar.config import Config
from thenar.directory import KEYS, OPENED, PREVIEWED, STORE, WORK, clear_leftovers, workspace
from thenar.domain.catalog import CaseRecord
from thenar.domain.duties import Me
from thenar.domain.endpoints import is_local
from thenar.domain.ids import Address, AssetId, Cid, PeerId
from thenar.domain.money import parse_amount
from thenar.domain.reflex.vouchers import Desk
from thenar.errors import BadConfig, Unavailable
from thenar.home import check_folder, check_home, check_store, only_one
from thenar.services.belief import Belief
from thenar.services.bounty.accusing import word_leaf
from thenar.services.bounty.checking import verdict_leaf
from thenar.services.bounty.desk import BountyDesk
from thenar.services.complaints import Shelf
from thenar.services.epochs.checking import root_leaf
from thenar.services.epochs.desk import EpochDesk
from thenar.services.licensing import Trade
from thenar.services.members import Library
from thenar.services.once import Once
from thenar.services.ports import Blocks, Exchange, Outbox, Store
from thenar.services.preview import Policy, Viewing
from thenar.services.reach import Reach, some_block
from thenar.services.records import sources
from thenar.services.reflex import trials
from thenar.services.reflex.channels import Till
from thenar.services.reflex.house import House
from thenar.services.runs.home import Home
from thenar.services.storing.keeping import Stock
from thenar.services.wallets import wallets_served
from thenar.services.work.bonds import Bonds
from thenar.services.work.hiring import Hiring, offer_of
from thenar.services.work.jobfiles import Files
from thenar.services.work.workbench import Bench

log = logging.getLogger(__name__)

RUNS = "runs"
"""Folder of outputs among what was opened."""
NEVER = "never"
"""How a setting says that a person rolls shares up, or brings the money for bonds."""
HEAD_SECONDS = 3.0
"""How long a command waits to hear where the chain stands before it goes by what it knows."""


class _Borrowed:
    """The exchange of a host that is opened after the store it serves from."""

    def __init__(self) -> None:
        self.exchange: Exchange | None = None

    def want(self, cids: Sequence[Cid], peers: Sequence[PeerId]) -> AsyncIterator[tuple[Cid, bytes]]:
        """Pass on to the host. Raises Unavailable before it is open."""
        if self.exchange is None:
            raise Unavailable("the node is not connected to any peers yet")
        return self.exchange.want(cids, peers)


@dataclass(frozen=True, slots=True)
class Node:
    """Everything a running node holds, behind ports where there is one."""

    directory: Path
    config: Config
    keyring: OpenKeyring
    journal: SqliteJournal
    chain: ChainClient
    outbox: Outbox
    store: Store
    peers: P2pPeers
    sealer: FileSealer
    belief: Belief
    trade: Trade
    bench: Bench
    bounty_desk: BountyDesk
    hiring: Hiring
    house: House
    reach: Reach
    wallets: set[Address]
    token: str

    @property
    def me(self) -> Address:
        """This node's account."""
        return self.keyring.account

    @property
    def decimals(self) -> int:
        """Decimals of the settlement token."""
        return self.chain.deployment.decimals

    @property
    def opened(self) -> Path:
        """Where bought captures are opened to."""
        return self.directory / OPENED

    @property
    def library(self) -> Library:
        """What finding members of batches needs."""
        return Library(self.journal, self.store, self.peers, self.belief)

    @property
    def shelf(self) -> Shelf:
        """Where bought files come from."""
        limit = self.config.store_quota_mb * 1_000_000
        return Shelf(self.store, self.journal, self.peers, self.belief, limit)

    @property
    def till(self) -> Till:
        """Where vouchers are redeemed."""
        least, coin = (self.config.infer_redemption_cost, self.config.infer_coin_price)
        return Till(self.trade, parse_amount(least, self.decimals), parse_amount(coin, self.decimals))

    @property
    def home(self) -> Home:
        """Where programs run over what lies here, and where outputs of runs elsewhere come to."""
        return Home(
            trade=self.trade,
            files=Files(self.store, self.peers),
            executor=self.bench.executor,
            parcels=Parcels(self.keyring.wrapper()),
            sign=self.keyring.sign_digest,
            signer_of=signer_of,
            workspace=partial(workspace, self.directory),
            outputs=self.opened / RUNS,
            limit=self.config.store_quota_mb * 1_000_000,
        )

    def home_for(self, request: str | None) -> Home:
        """The ports of a story about runs, for one request of a person; None when it has no id."""
        return replace(self.home, trade=self.trade_for(request))

    @property
    def previewed(self) -> Path:
        """Where chunks of previews are opened to, a folder for each."""
        return self.directory / PREVIEWED

    @property
    def epoch_desk(self) -> EpochDesk:
        """The ports of a story about epochs."""
        return EpochDesk(self.trade, self.bounty_desk.files, self.bench.bonds)

    def stock_for(self, request: str | None) -> Stock:
        """The ports of a storage story, for one request of a person; None when it has no id."""
        limit = self.config.store_quota_mb * 1_000_000
        return Stock(self.trade_for(request), self.store, self.peers, limit)

    def viewing_for(self, request: str | None) -> Viewing:
        """The ports of a preview story, for one request of a person; None when it has no id."""
        fee = parse_amount(self.config.preview_min_fee, self.decimals)
        policy = Policy(min_fee=fee, max_share=self.config.preview_max_share / 100)
        limit = self.config.store_quota_mb * 1_000_000
        return Viewing(self.trade_for(request), self.store, self.peers, policy, limit)

    @property
    def duties_of(self) -> Me:
        """Whose duties this node performs."""
        given, worth = self.chain.deployment.parameters, self.config.revenue_roll_min
        windows = int(given["challenge_window"]) + 2 * int(given["answer_window"])
        return Me(
            self.me,
            pins_for_others=self.config.store_pin == "all",
            challenges_for_others=self.bounty_desk.watch_bonds is not None,
            roll_minimum=None if worth == NEVER else parse_amount(worth, self.decimals),
            bond_seconds=windows,
            wallets=self.wallets,
        )

    def trade_for(self, request: str | None) -> Trade:
        """The ports of a license or income story, for one request of a person; None when it has no id."""
        return self.trade if request is None else replace(self.trade, request=request)

    def is_registered(self, peer: PeerId) -> bool:
        """Whether an operator with stake named this peer, as far as the chain was read."""
        return bool(self.belief.catalog.operators.get(peer))

    async def catch_up(self, *, patience: float = 60.0) -> None:
        """Wait until the catalog holds every block that is confirmed now. Does nothing while the chain is down."""
        try:
            with trio.fail_after(HEAD_SECONDS):
                head = await self.chain.head()
        except (Unavailable, trio.TooSlowError):
            return
        confirmed = head.block - self.config.chain_confirmations
        if confirmed < self.chain.deployment.block:
            return  # so young a chain that nothing of the deployment is confirmed
        await self.belief.until(
            lambda _: self.belief.block >= confirmed or None, seconds=patience, what=f"block {confirmed}"
        )

    async def holders(self, asset: AssetId) -> tuple[PeerId, ...]:
        """Peers that announced an asset, their addresses learned."""
        known = await sources(self.journal, asset)
        for source in known:
            self.peers.learn(source.peer, source.addresses)
        return tuple(source.peer for source in known if source.peer != self.peers.me)


@asynccontextmanager
async def open_node(directory: Path, config: Config, password: str) -> AsyncIterator[Node]:
    """Open journal, keyring, chain, store and host, in this order; close them in reverse.

    Raises Conflict when another process runs on the directory, BadConfig, Locked, Unavailable.
    """
    check_folder(directory)
    async with AsyncExitStack() as stack:
        journal = await stack.enter_async_context(open_journal(directory))
        keyring = open_keyring(directory / KEYS, password)
        clear_leftovers(directory)  # the journal's lock says that nobody works there
        stack.enter_context(only_one(keyring.account))
        deployment = _deployment(config)
        await check_home(journal, keyring.account, deployment)
        belief = Belief()
        chain = await _open_chain(stack, directory, config, deployment, keyring, journal)
        if config.store_kind == "embedded":
            await check_store(journal, directory)
        store, peers = await _open_content(stack, directory, config, keyring, chain.chain_id, belief)
        sealer = keyring.sealer(KeyShares(directory / KEYS))
        trade = Trade(keyring.account, chain, Once(journal, chain), belief, keyring.wrapper(), sealer)
        files = Files(store, peers)
        bounty_desk = _bounty_desk(trade, files, keyring, chain, config)
        bench = await _open_bench(stack, directory, trade, files, config, _bonds(config, chain))
        bench.scorer = partial(_verdict, bounty_desk, EpochDesk(trade, files, bench.bonds))
        yield Node(
            directory=directory,
            config=config,
            keyring=keyring,
            journal=journal,
            chain=chain,
            outbox=chain,
            store=store,
            peers=peers,
            sealer=sealer,
            belief=belief,
            trade=trade,
            bench=bench,
            bounty_desk=bounty_desk,
            hiring=Hiring(bench),
            house=_house(trade, chain, keyring, peers, config.infer_trust),
            reach=Reach(peers, partial(some_block, journal)),
            wallets=await wallets_served(journal),
            token=secrets.token_hex(32),
        )


def _bonds(config: Config, chain: ChainClient) -> Bonds:
    """What disputing locks, as the contracts were built, and how much the wallet may give for it by itself."""
    given = chain.deployment.parameters
    most = 0 if config.work_bonds == NEVER else parse_amount(config.work_bonds, chain.deployment.decimals)
    return Bonds(int(given["demand_bond"]), int(given["challenge_bond"]), int(given["appeal_bond"]), most)


def _bounty_desk(trade: Trade, files: Files, keyring: OpenKeyring, chain: ChainClient, config: Config) -> BountyDesk:
    """What stories about capture bounties need, with the bonds of this deployment."""
    most = 0 if config.bounty_bonds == NEVER else parse_amount(config.bounty_bonds, chain.deployment.decimals)
    watch = most if config.bounty_challenge == "all" else None
    given = chain.deployment.parameters
    bonds = int(given["capture_answer_bond"]), int(given["capture_challenge_bond"]), int(given["accusation_bond"])
    every = int(given["beacon_every"])
    return BountyDesk(trade, files, *bonds, every, keyring, Parcels(keyring.wrapper()), signer_of, watch)


async def _verdict(bounties: BountyDesk, epochs: EpochDesk, case: CaseRecord) -> bytes:
    """What a juror votes for in a dispute that is not about work."""
    if case.word is not None:
        return await word_leaf(bounties, case)
    return await (verdict_leaf(bounties, case) if case.epoch is None else root_leaf(epochs, case))


def _house(trade: Trade, chain: ChainClient, keyring: OpenKeyring, peers: P2pPeers, trust: Sequence[str]) -> House:
    """What answers robots, and hears of others who do."""
    desk = Desk(chain.chain_id, chain.deployment.contracts["ReflexDesk"])
    trusted = frozenset(PeerId(one) for one in trust)
    return House(trade, peers, peers.lines, desk, keyring.sign_digest, signer_of, open_engine, trusted=trusted)


def _deployment(config: Config) -> Deployment:
    """The contracts the settings name. A local chain's can be made; those of another are somebody's to give."""
    step = "set chain.deployment in thenar.toml to a deployments/<chainId>.json"
    step += ", or try a local chain: thenar up --devnet" if is_local(config.chain_rpc) else " of the chain of chain.rpc"
    if not config.chain_deployment:
        raise BadConfig("chain.deployment is not set", next_step=step)
    path = Path(config.chain_deployment)
    if not path.is_file():
        raise BadConfig(f"there is no deployment file at {path}", next_step=step)
    return deployments.load(path)


async def _open_chain(
    stack: AsyncExitStack,
    directory: Path,
    config: Config,
    deployment: Deployment,
    keyring: OpenKeyring,
    journal: SqliteJournal,
) -> ChainClient:
    """Connect to the chain; an endpoint that is silent or behind is waited for later, another chain is refused now."""
    settings = ChainSettings(
        confirmations=config.chain_confirmations,
        interval=config.chain_poll_ms / 1000,
        fee_cap=config.chain_fee_cap_gwei * 10**9,
    )
    memory = Memory(journal.blocks, directory / JOURNAL)
    opened = partial(open_chain, config.chain_rpc, deployment, keyring, journal, settings, memory=memory)
    try:
        return await stack.enter_async_context(opened())
    except Unavailable as cause:
        log.warning("the chain is waited for", extra={"reason": cause.message})
        return await stack.enter_async_context(opened(check=False))


async def _open_bench(
    stack: AsyncExitStack, directory: Path, trade: Trade, files: Files, config: Config, bonds: Bonds
) -> Bench:
    """Where units are run; as wide as a person said that this machine, or his fleet, is lent."""
    offer = await offer_of(trade)
    lent = Lent(cores=offer.cores if offer else 1)
    ray = config.work_ray
    executor = await stack.enter_async_context(open_fleet(ray, lent) if ray else open_executor(lent))
    return Bench(
        trade, files, executor, directory / WORK, bonds=bonds, caller=partial(trials.verdict_leaf, trade, open_engine)
    )


async def _open_content(
    stack: AsyncExitStack, directory: Path, config: Config, keyring: OpenKeyring, chain_id: int, belief: Belief
) -> tuple[Store, P2pPeers]:
    borrowed = _Borrowed()
    store: Store
    blocks: Blocks
    if config.store_kind == "kubo":
        kubo = await stack.enter_async_context(open_kubo(config.store_kubo_api, exchange=borrowed))
        store, blocks = kubo, kubo
    else:
        quota = config.store_quota_mb * 1_000_000
        embedded = await stack.enter_async_context(open_embedded(directory / STORE, quota=quota, exchange=borrowed))
        store, blocks = embedded, embedded
    peers = await stack.enter_async_context(
        open_host(
            keyring.peer_seed,
            [config.p2p_listen],
            chain_id=chain_id,
            blocks=blocks,
            bootstrap=config.p2p_bootstrap,
            announce=config.p2p_announce,
            settings=P2pSettings(registered=lambda peer: bool(belief.catalog.operators.get(peer))),
        )
    )
    borrowed.exchange = peers.exchange
    return store, peers
