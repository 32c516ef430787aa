"""A transaction that was mined, told as done, and reverts after a reorganisation is sent anew; one that reverted and
was given up is known again when a reorganisation gives it its effect.
"""

from __future__ import annotations

import random
from collections import Counter

import trio
import trio.testing
from durable import Disk, DurableJournal, new_tables
from machine import CHAIN_ID, DEPLOYER
from near_rpc import Endpoint, NearRpc
from paper_evm import PaperEvm, Sent
from stretched import stretched
from whole_network import PARAMETERS

from thenar.adapters.chain.calls import call_of
from thenar.adapters.chain.sender import Sender, SendRules
from thenar.adapters.vault.keyring import OpenKeyring
from thenar.domain.actions import Withdraw
from thenar.domain.sending import SendState
from thenar.errors import Refused

AMOUNT = 1_000
RULES = SendRules(CHAIN_ID, 10**12, confirmations=2, interval=1.0)


class Shore:
    """One account that withdraws what somebody else brings."""

    def __init__(self) -> None:
        self.chain = PaperEvm(PARAMETERS, random.Random(1))
        self.chain.begin()
        self.key = OpenKeyring(b"\x07" * 32, b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
        self.journal = DurableJournal(new_tables(), Disk(random.Random(1), Counter()), lambda *_: None, lambda *_: None)
        rpc = NearRpc(Endpoint(self.chain, random.Random(1)))
        self.sender = Sender(rpc, self.journal, self.key, RULES)

    def bring(self) -> None:
        """Money comes into the account."""
        self.chain.call(DEPLOYER, "token", "mint", DEPLOYER, AMOUNT)
        self.chain.call(DEPLOYER, "token", "approve", self.chain.contracts["Ledger"], AMOUNT)
        self.chain.call(DEPLOYER, "Ledger", "deposit", self.key.account, AMOUNT)

    def mine(self, count: int = 1, salt: int = 0) -> None:
        for _ in range(count):
            self.chain.mine(self.chain.head.timestamp + 12, salt)

    def lose_the_money(self) -> Sent:
        """Go back to before the money came; the withdrawal is mined without it."""
        (sent,) = [one for block in self.chain.blocks for one in block.sent]
        self.mine(self.go_back(sent), salt=1)
        return sent

    def go_back(self, sent: Sent) -> int:
        """Go back to the second block, a transaction of a later one waiting again; says how many blocks are gone."""
        self.chain.blocks, gone = self.chain.blocks[:2], self.chain.blocks[2:]
        if gone:
            self.chain.go_back(gone[0])
        self.chain.mined_in.clear()
        self.chain.pool[sent.sender, sent.nonce] = sent
        return len(gone)

    def held(self) -> int:
        return int(self.chain.view("token", "balanceOf", self.key.account))

    async def state(self) -> SendState:
        intent = await self.journal.intent("withdraw")
        assert intent is not None
        return intent.state


async def _undone() -> None:
    shore = Shore()
    shore.mine()
    shore.bring()
    action = call_of(Withdraw(shore.key.account, AMOUNT), shore.chain.contracts)
    async with trio.open_nursery() as nursery:
        await nursery.start(shore.sender.send_transactions)
        nursery.start_soon(shore.sender.send, "withdraw", action)
        await trio.sleep(3)
        shore.mine()
        await trio.sleep(3)
        shore.mine(3)
        await trio.sleep(3)
        assert await shore.state() is SendState.FINAL and shore.held() == AMOUNT

        sent = shore.lose_the_money()
        assert shore.chain.mined_in[sent.hash].receipts[sent.hash]["status"] == "0x0"
        shore.bring()
        for _ in range(12):
            await trio.sleep(2_000)
            shore.mine()

        assert await shore.state() is SendState.FINAL
        assert shore.held() == AMOUNT
        nursery.cancel_scope.cancel()


def test_what_was_done_and_reverts_after_a_reorganisation_is_sent_anew():
    with stretched(1):
        trio.run(_undone, clock=trio.testing.MockClock(autojump_threshold=0))


async def _revived() -> None:
    shore = Shore()
    shore.mine()
    shore.mine()
    empty = shore.chain.head
    shore.bring()
    action = call_of(Withdraw(shore.key.account, AMOUNT), shore.chain.contracts)
    told: list[Refused] = []

    async def withdraw() -> None:
        try:
            await shore.sender.send("withdraw", action)
        except Refused as refused:
            told.append(refused)

    async with trio.open_nursery() as nursery:
        await nursery.start(shore.sender.send_transactions)
        nursery.start_soon(withdraw)
        await trio.sleep(3)
        shore.chain.go_back(empty)  # signed while the money was there, mined when it was not
        (sent,) = shore.chain.pool.values()
        for _ in range(4):
            shore.mine()
            await trio.sleep(20)
        assert await shore.state() is SendState.FAILED and told
        await withdraw()  # asked again: refused before it is signed
        assert await shore.state() is SendState.FAILED and len(told) == 2

        gone = shore.go_back(sent)
        shore.bring()
        for _ in range(gone + 4):
            shore.mine(salt=2)
            await trio.sleep(20)

        assert await shore.state() is SendState.FINAL
        assert shore.held() == AMOUNT
        nursery.cancel_scope.cancel()


def test_what_was_given_up_and_is_mined_after_all_is_known_as_done():
    with stretched(1):
        trio.run(_revived, clock=trio.testing.MockClock(autojump_threshold=0))
