"""The only place where adapters are made: opened in order, closed in reverse."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import trio

from thenar.adapters.chain import deployments
from thenar.adapters.chain.client import ChainClient, ChainSettings, open_chain
from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.ipfs.kubo import open_kubo
from thenar.adapters.journal.sqlite import SqliteJournal, open_journal
from thenar.adapters.p2p.host import P2pPeers, P2pSettings, open_host
from thenar.adapters.vault.keyring import OpenKeyring, open_keyring
from thenar.adapters.vault.seal import FileSealer
from thenar.config import Config
from thenar.directory import KEYS, OPENED, STORE, check_directory
from thenar.domain.duties import Me
from thenar.domain.ids import Address, AssetId, Cid, PeerId
from thenar.errors import BadConfig, Unavailable
from thenar.services.belief import Belief
from thenar.services.licensing import Trade
from thenar.services.once import Once
from thenar.services.ports import Blocks, Exchange, Outbox, Store
from thenar.services.records import sources

log = logging.getLogger(__name__)

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
    def duties_of(self) -> Me:
        """Whose duties this node performs."""
        return Me(self.me, pins_for_others=self.config.store_pin == "all")

    def trade_for(self, request: str | None) -> Trade:
        """The ports of a license or income story, for one request of a person; None when it has no id."""
        return self.trade if request is None else replace(self.trade, request=request)

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
    check_directory(directory)
    async with AsyncExitStack() as stack:
        journal = await stack.enter_async_context(open_journal(directory))
        keyring = open_keyring(directory / KEYS, password)
        belief = Belief()
        chain = await _open_chain(stack, config, keyring, journal)
        store, peers = await _open_content(stack, directory, config, keyring, chain.chain_id, belief)
        sealer = keyring.sealer()
        trade = Trade(keyring.account, chain, Once(journal, chain), belief, keyring.wrapper(), sealer)
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
            token=secrets.token_hex(32),
        )


async def _open_chain(
    stack: AsyncExitStack, config: Config, keyring: OpenKeyring, journal: SqliteJournal
) -> ChainClient:
    """Connect to the chain; an endpoint that does not answer is waited for later, another chain is refused now."""
    if not config.chain_deployment:
        raise BadConfig("chain.deployment is not set", next_step="name a deployments/<chainId>.json in thenar.toml")
    deployment = deployments.load(Path(config.chain_deployment))
    settings = ChainSettings(
        confirmations=config.chain_confirmations,
        interval=config.chain_poll_ms / 1000,
        fee_cap=config.chain_fee_cap_gwei * 10**9,
    )
    try:
        return await stack.enter_async_context(open_chain(config.chain_rpc, deployment, keyring, journal, settings))
    except Unavailable as cause:
        log.warning("the chain does not answer yet", extra={"reason": cause.message})
        unchecked = open_chain(config.chain_rpc, deployment, keyring, journal, settings, check=False)
        return await stack.enter_async_context(unchecked)


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
            settings=P2pSettings(registered=lambda peer: bool(belief.catalog.operators.get(peer))),
        )
    )
    borrowed.exchange = peers.exchange
    return store, peers
