"""The chain as the stories see it.

    async with open_chain(url, deployment, keyring, journal, settings) as chain:
        nursery.start(chain.send_transactions)          # the component that owns the nonce; supervisor, or a one-shot
        receipt = await chain.send("mint 0x…", MintAsset(…))
        async for item in chain.confirmed(deployment.block, journal.block_hash): …   # Batch | Rewind
        wallet = await chain.wallet(me);  sale = await chain.views.sale_of(asset, me)
        chain.trouble                                    # why the endpoint does not answer, or None: for `status`

Implements the Chain and Outbox ports.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import trio
from trio_typing import TaskStatus

from thenar.adapters.chain.calls import call_of
from thenar.adapters.chain.decode import Decoder
from thenar.adapters.chain.deployments import Deployment
from thenar.adapters.chain.past import Memory, check_past
from thenar.adapters.chain.permits import sign_permit
from thenar.adapters.chain.reader import Reader, trusting
from thenar.adapters.chain.rpc import Rpc, check_chain, number, open_rpc
from thenar.adapters.chain.sender import Sender, SendRules, no_step
from thenar.adapters.chain.views import Views
from thenar.domain.actions import Action
from thenar.domain.ids import Address
from thenar.errors import NotFound
from thenar.services.ports import Batch, Head, Keyring, KnownBlock, Permit, Receipt, Rewind, SendLog, Wallet


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """How to read and send. Times in seconds, depths in blocks, ``fee_cap`` in wei per gas."""

    confirmations: int = 2
    interval: float = 0.5
    fee_cap: int = 200 * 10**9
    bump_after: int = 3
    timeout: float = 10.0


class ChainClient:
    """One deployment on one endpoint, for one account. Made by ``open_chain``."""

    def __init__(self, rpc: Rpc, deployment: Deployment, reader: Reader, sender: Sender, keyring: Keyring) -> None:
        self.deployment = deployment
        self._keyring = keyring
        self.views = Views(rpc, deployment.contracts)
        self._rpc = rpc
        self._reader = reader
        self._sender = sender
        self._contracts = deployment.contracts

    @property
    def chain_id(self) -> int:
        """The chain's number (EIP-155)."""
        return self.deployment.chain_id

    @property
    def trouble(self) -> str | None:
        """Why the endpoint did not answer last time, or None."""
        return self._rpc.trouble

    def contract(self, name: str) -> Address:
        """The address of a deployed contract by its name, ``token`` for the settlement token. Raises NotFound."""
        if name not in self._contracts:
            raise NotFound(f"the deployment has no {name}", next_step=f"it has {', '.join(sorted(self._contracts))}")
        return self._contracts[name]

    async def head(self) -> Head:
        """The newest block."""
        return await self._reader.head()

    async def block_hash(self, block: int) -> bytes:
        """The hash of a block as of now. Raises Unavailable before it is mined."""
        return await self._reader.block_hash(block)

    def confirmed(self, start: int, known: KnownBlock) -> AsyncIterator[Batch | Rewind]:
        """Follow the chain from block ``start`` for ever; see the Chain port."""
        return self._reader.confirmed(start, known)

    async def wallet(self, who: Address) -> Wallet:
        """What an account has."""
        return await self.views.wallet(who)

    async def gas_price(self) -> int:
        """What a gas costs now, wei."""
        return number(await self._rpc.read("eth_gasPrice"))

    async def sign_permit(self, amount: int, deadline: int) -> Permit | None:
        """Let the Ledger pull once by signature; see the Chain port."""
        return await sign_permit(self.views, self._keyring, self.contract("Ledger"), amount, deadline)

    async def send(self, key: str, action: Action) -> Receipt:
        """Send once per key and wait until mined; see the Outbox port."""
        return await self._sender.send(key, call_of(action, self._contracts))

    async def send_transactions(self, *, task_status: TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """The component that owns the nonce; ``send`` waits until it runs."""
        await self._sender.send_transactions(task_status=task_status)


@asynccontextmanager
async def open_chain(
    rpc_url: str,
    deployment: Deployment,
    keyring: Keyring,
    journal: SendLog,
    settings: ChainSettings | None = None,
    *,
    check: bool = True,
    on_step: Callable[[str], None] = no_step,
    memory: Memory | None = None,
) -> AsyncIterator[ChainClient]:
    """Connect to a deployment. ``check=False`` opens also while the endpoint is down; reading and sending
    check its chain as soon as it answers. ``memory`` is what must still be on it.

    Raises BadConfig when the endpoint serves another chain, Unavailable when it does not answer or is behind.
    """
    settings = settings or ChainSettings()
    async with open_rpc(rpc_url, timeout=settings.timeout) as rpc:
        agree = trusting if memory is None else partial(check_past, rpc, memory)
        if check:
            await check_chain(rpc, deployment.chain_id)
            await agree()
        decoder = Decoder(deployment.contracts)
        depth, pace = settings.confirmations, settings.interval
        reader = Reader(rpc, decoder, chain_id=deployment.chain_id, confirmations=depth, interval=pace, check=agree)
        rules = SendRules(
            chain_id=deployment.chain_id,
            fee_cap=settings.fee_cap,
            confirmations=depth,
            interval=pace,
            bump_after=settings.bump_after,
            check=agree,
        )
        sender = Sender(rpc, journal, keyring, rules, on_step=on_step)
        yield ChainClient(rpc, deployment, reader, sender, keyring)
