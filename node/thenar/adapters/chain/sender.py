"""The single owner of the account's nonce: every wanted call becomes at most one effect on chain.

Order of one send: intent on disk → simulate → sign → **signed bytes on disk** → broadcast → mined → deep enough. A
restart takes up whatever the disk says: it broadcasts what was signed again and never signs another call for a nonce
that may still be mined. A stuck transaction is replaced by the same call at a higher fee, never above the cap. What was
deep enough to be told as done is looked at until nothing can undo it: when its block is gone, it is open again.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import trio
from trio_typing import TaskStatus

from thenar.adapters.chain import transactions
from thenar.adapters.chain.errors import NEXT_STEPS
from thenar.adapters.chain.reader import trusting
from thenar.adapters.chain.receipts import Sight, look
from thenar.adapters.chain.rpc import Rpc, check_chain, number
from thenar.adapters.chain.signing import Fees, bumped, sign
from thenar.adapters.chain.undone import keep_told, reopen, want_again
from thenar.domain.past import DEPTH
from thenar.domain.sending import Call, Failure, Intent, Mined, SendState, Signed
from thenar.errors import BadConfig, Poor, Refused, Reverted, Unavailable
from thenar.services.ports import Keyring, Receipt, SendLog

MAX_IN_FLIGHT = 16
"""Signed and not yet mined; chain nodes keep few more per account."""
MAX_PAUSE = 15.0
"""Most seconds between attempts while the chain node is away."""

log = logging.getLogger(__name__)
Reply = trio.MemorySendChannel[Mined | Failure]


@dataclass(frozen=True, slots=True)
class SendRules:
    """How carefully to send. Fees in wei per gas, times in seconds, depths in blocks."""

    chain_id: int
    fee_cap: int
    confirmations: int = 2
    interval: float = 0.5
    bump_after: int = 3
    check: Callable[[], Awaitable[None]] = trusting
    """Comes before sending; raises while the endpoint's chain is not known to be the one that was followed."""


def no_step(_: str) -> None:
    """Nobody listens."""


@dataclass
class _Waiting:
    """Who waits for which intent."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)

    def tell(self, key: str, outcome: Mined | Failure) -> None:
        for reply in self.replies.pop(key, []):
            reply.send_nowait(outcome)


class Sender:
    """Sends calls for one account. ``send_transactions`` must run once for ``send`` to get anywhere."""

    def __init__(
        self, rpc: Rpc, book: SendLog, keyring: Keyring, rules: SendRules, *, on_step: Callable[[str], None] = no_step
    ) -> None:
        """``on_step`` hears the name of every step just taken; crash tests die there."""
        self._rpc = rpc
        self._book = book
        self._keyring = keyring
        self._rules = rules
        self._step = on_step
        self._waiting = _Waiting()
        self._checked = -1  # the head at which what has ended was last held against the chain
        self._asks, self._asked = trio.open_memory_channel[tuple[str, Reply]](math.inf)

    async def send(self, key: str, call: Call) -> Receipt:
        """Want a call once per key and wait until it is mined; a repeated key returns its first effect.

        An intent that failed without effect is tried again. Raises Reverted, Poor, Conflict.
        """
        await self._book.remember_intent(key, call)
        self._step("wanted")
        reply, outcome = trio.open_memory_channel[Mined | Failure](1)
        self._asks.send_nowait((key, reply))
        found = await outcome.receive()
        if isinstance(found, Failure):
            raise _raised(found)
        return Receipt(found.tx_hash, found.block, found.gas_used)

    async def send_transactions(self, *, task_status: TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """The component: owns the nonce, outlives outages. Raises BadConfig when the journal is another account's."""
        await self._claim_journal()
        task_status.started()
        pause = 0.0
        while True:
            await self._gather(pause)
            try:
                still_open = await self._turn()
                pause = self._rules.interval if still_open else await self._look_back()
            except Unavailable as trouble:
                pause = (
                    min(max(2 * pause, self._rules.interval), MAX_PAUSE) if pause < math.inf else self._rules.interval
                )
                log.warning(
                    "transactions wait for the chain node", extra={"reason": trouble.message, "again_in": pause}
                )

    async def _claim_journal(self) -> None:
        owner = f"{self._rules.chain_id}:{self._keyring.account}".encode()
        held = await self._book.get("sender")
        if held is not None and held != owner:
            raise BadConfig(
                f"this journal belongs to {held.decode()}, not to {owner.decode()}",
                next_step="use the data directory that belongs to this account and chain",
            )
        await self._book.put("sender", owner)

    async def _gather(self, pause: float) -> None:
        """Wait for a new ask, at most ``pause`` seconds, and note who waits for what."""
        asks: list[tuple[str, Reply]] = []
        with trio.move_on_after(pause):
            asks.append(await self._asked.receive())
        while True:
            try:
                asks.append(self._asked.receive_nowait())
            except trio.WouldBlock:
                break
        for key, reply in asks:
            intent = await self._book.intent(key)
            if intent is not None and intent.mined is not None and intent.state is not SendState.FAILED:
                reply.send_nowait(await self._outcome(intent, intent.mined))
            elif intent is not None and intent.failure is not None:
                reply.send_nowait(intent.failure)
            else:
                self._waiting.replies.setdefault(key, []).append(reply)

    async def _turn(self) -> bool:
        """Look at every open intent once; returns whether any is left open."""
        intents = list(await self._book.open_intents())
        if not intents:
            return False
        await check_chain(self._rpc, self._rules.chain_id)
        await self._rules.check()
        sight = await look(self._rpc, self._keyring.account, intents, self._rules.confirmations)
        if sight.head != self._checked and await self._reopen(sight.head):
            return True
        in_flight = sum(intent.state is SendState.SIGNED for intent in intents)
        for intent in intents:
            match intent.state:
                case SendState.MINED:
                    await self._watch_depth(intent, sight)
                case SendState.SIGNED:
                    await self._follow(intent, sight)
                case SendState.WANTED if in_flight < MAX_IN_FLIGHT:
                    in_flight += await self._begin(intent, sight)
        await self._fill_gap(intents, sight)
        return True

    async def _look_back(self) -> float:
        """Nothing is open: see whether a reorganisation undid what has ended. Returns seconds until the next look."""
        if not await self._book.next_nonce():
            return math.inf
        await check_chain(self._rpc, self._rules.chain_id)
        await self._rules.check()
        head = number(await self._rpc.read("eth_blockNumber"))
        if await self._reopen(head):
            return self._rules.interval
        watched = await self._book.ended_since(head - DEPTH) or await self._book.given_up_since(head - 2 * DEPTH)
        return max(MAX_PAUSE, self._rules.interval) if watched else math.inf

    async def _reopen(self, head: int) -> bool:
        found = await reopen(self._rpc, self._book, head)
        self._checked = head
        return found

    async def _begin(self, intent: Intent, sight: Sight) -> bool:
        """Simulate, sign and broadcast a wanted call; returns whether it is in flight now."""
        try:
            gas = await transactions.gas_for(self._rpc, self._keyring.account, intent.call)
            fees = await transactions.fees_for(self._rpc, self._rules.fee_cap)
            if fees is None:
                log.warning(
                    "transaction waits: gas is dearer than the cap",
                    extra={"key": intent.key, "cap": self._rules.fee_cap},
                )
                return False
            await self._check_funds(intent.call, gas, fees)
        except Refused as refused:
            await self._fail(intent.key, _failure(refused))
            return False
        nonce = max(sight.pending_nonce, await self._book.next_nonce())
        await self._sign_and_broadcast(intent.key, intent.call, nonce, gas, fees, sight.head)
        return True

    async def _check_funds(self, call: Call, gas: int, fees: Fees) -> None:
        needed = call.value + gas * fees.max_fee
        held = await transactions.balance_of(self._rpc, self._keyring.account)
        if held < needed:
            raise Poor(
                f"{self._keyring.account} holds {held} wei and may need {needed}", next_step="send it some ether"
            )

    async def _sign_and_broadcast(self, key: str, call: Call, nonce: int, gas: int, fees: Fees, head: int) -> None:
        rules = self._rules
        signed = sign(call, self._keyring, chain_id=rules.chain_id, nonce=nonce, gas=gas, fees=fees, block=head)
        self._step("signing")
        await self._book.note_signed(key, signed)
        self._step("signed")
        await self._broadcast(key, signed)
        self._step("broadcast")

    async def _broadcast(self, key: str, signed: Signed) -> None:
        objection = await transactions.broadcast(self._rpc, signed.raw)
        if objection:
            log.warning(
                "the chain node did not take a transaction",
                extra={"key": key, "tx": signed.tx_hash, "reason": objection},
            )

    async def _follow(self, intent: Intent, sight: Sight) -> None:
        """A signed intent: mined, lost its nonce, unknown to the node, stuck, or simply waiting."""
        mined = sight.mined(intent)
        newest = intent.attempts[-1]
        if mined is not None:
            await self._book.note_mined(intent.key, mined)
            self._step("mined")
            self._waiting.tell(intent.key, await self._outcome(intent, mined))
        elif sight.settled_nonce > newest.nonce:
            await self._give_up_nonce(intent)
        elif sight.head - newest.block >= self._rules.bump_after and await self._replace(intent, newest, sight.head):
            log.info("transaction replaced at a higher fee", extra={"key": intent.key, "nonce": newest.nonce})
        elif newest.tx_hash not in sight.in_pool:
            await self._broadcast(intent.key, newest)

    async def _give_up_nonce(self, intent: Intent) -> None:
        """Another transaction has the nonce, deep enough to stay: nothing signed here can be mined any more."""
        again = await look(self._rpc, self._keyring.account, [intent], self._rules.confirmations)
        if again.mined(intent) is None and again.settled_nonce > intent.attempts[-1].nonce:
            log.warning(
                "nonce used by another program; signing anew",
                extra={"key": intent.key, "nonce": intent.attempts[-1].nonce},
            )
            await self._book.note_displaced(intent.key)

    async def _replace(self, intent: Intent, old: Signed, head: int) -> bool:
        """Sign the same call again at a higher fee; False when that would pass the cap."""
        fresh = await transactions.fees_for(self._rpc, self._rules.fee_cap)
        fees = bumped(Fees(old.max_fee, old.priority_fee), fresh, self._rules.fee_cap)
        if fees is None:
            return False
        await self._sign_and_broadcast(intent.key, intent.call, old.nonce, old.gas, fees, head)
        return True

    async def _watch_depth(self, intent: Intent, sight: Sight) -> None:
        """A mined intent: final once it is deep enough, signed again when its block is gone."""
        mined = sight.mined(intent)
        if mined != intent.mined:
            await keep_told(self._book, intent.key, intent.mined)
        if mined is None or intent.mined is None:
            await self._book.note_unmined(intent.key)
            return
        if mined != intent.mined:
            await self._book.note_mined(intent.key, mined)
        if sight.head - mined.block < self._rules.confirmations:
            return
        if mined.succeeded:
            await self._book.note_final(intent.key)
            self._step("final")
        elif not await want_again(self._book, intent.key):
            outcome = await self._outcome(intent, mined)
            await self._fail(intent.key, outcome if isinstance(outcome, Failure) else Failure("it failed on chain"))

    async def _outcome(self, intent: Intent, mined: Mined) -> Mined | Failure:
        """What a mined transaction means to who asked for it."""
        if mined.succeeded:
            return mined
        reason = await transactions.revert_reason(self._rpc, self._keyring.account, intent.call, mined.block)
        if reason is None:
            return Failure(f"transaction {mined.tx_hash} failed on chain, maybe for lack of gas")
        return _failure(reason)

    async def _fail(self, key: str, failure: Failure) -> None:
        await self._book.note_failed(key, failure)
        self._waiting.tell(key, failure)

    async def _fill_gap(self, intents: list[Intent], sight: Sight) -> None:
        """Send nothing to ourselves under a nonce that vanished elsewhere and keeps later ones from being mined."""
        waiting = [intent.attempts[-1] for intent in intents if intent.state is SendState.SIGNED]
        missing = sight.latest_nonce
        if not waiting or sight.pending_nonce != missing or min(signed.nonce for signed in waiting) <= missing:
            return
        if sight.head - min(signed.block for signed in waiting) < self._rules.bump_after:
            return
        ours = await self._book.signed_under(missing)
        if ours is not None:  # reverted, wanted again under another nonce, and then undone: the nonce is still its own
            await transactions.broadcast(self._rpc, ours)
            return
        key, nothing = f"fill nonce {missing}", Call(self._keyring.account, b"")
        if (await self._book.remember_intent(key, nothing)).state is not SendState.WANTED:
            return
        fees = await transactions.fees_for(self._rpc, self._rules.fee_cap)
        if fees is not None:
            log.warning("filling a nonce another program left empty", extra={"nonce": missing})
            await self._sign_and_broadcast(key, nothing, missing, 21_000, fees, sight.head)


def _failure(refused: Refused) -> Failure:
    if isinstance(refused, Reverted):
        return Failure(refused.message, refused.name, tuple(str(value) for value in refused.values))
    return Failure(refused.message, poor=isinstance(refused, Poor))


def _raised(failure: Failure) -> Refused:
    if failure.poor:
        return Poor(failure.reason, next_step="bring settlement tokens, or ether for gas, into this account")
    values = tuple(int(value) if value.isdecimal() else value for value in failure.values)
    return Reverted(failure.reason, name=failure.name, values=values, next_step=NEXT_STEPS.get(failure.name))
