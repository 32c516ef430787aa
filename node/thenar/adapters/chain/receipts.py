"""What the chain node shows of one account's transactions, read in one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thenar.adapters.chain.rpc import Refusal, Rpc, number
from thenar.domain.ids import Address, TxHash
from thenar.domain.sending import Intent, Mined
from thenar.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Sight:
    """The newest block; the account's nonce there, with the pool, and where it is settled; what became of what."""

    head: int
    latest_nonce: int
    pending_nonce: int
    settled_nonce: int
    receipts: Mapping[TxHash, Mined]
    in_pool: frozenset[TxHash]

    def mined(self, intent: Intent) -> Mined | None:
        """The receipt of whichever of the intent's transactions was mined."""
        found = (self.receipts.get(attempt.tx_hash) for attempt in intent.attempts)
        return next((mined for mined in found if mined is not None), None)


async def look(rpc: Rpc, account: Address, intents: Sequence[Intent], confirmations: int) -> Sight:
    """Read it all. Nonces come before receipts, so a spent nonce without a receipt was spent by somebody else.

    Raises Unavailable.
    """
    head = number(await rpc.read("eth_blockNumber"))
    deep = hex(max(head - confirmations, 0))
    nonces = await rpc.read_all([("eth_getTransactionCount", [account, at]) for at in ("latest", "pending", deep)])
    hashes = [attempt.tx_hash for intent in intents for attempt in intent.attempts]
    receipts = await rpc.read_all([("eth_getTransactionReceipt", [tx]) for tx in hashes]) if hashes else []
    known = await rpc.read_all([("eth_getTransactionByHash", [tx]) for tx in hashes]) if hashes else []
    if any(isinstance(answer, Refusal) for answer in (*nonces, *receipts, *known)):
        raise Unavailable("the chain node refuses to say what became of a transaction")
    found = {tx: _mined(answer) for tx, answer in zip(hashes, receipts, strict=True) if answer is not None}
    return Sight(
        head=head,
        latest_nonce=number(nonces[0]),
        pending_nonce=max(number(nonces[0]), number(nonces[1])),
        settled_nonce=number(nonces[2]),
        receipts=found,
        in_pool=frozenset(tx for tx, answer in zip(hashes, known, strict=True) if answer is not None),
    )


def _mined(answer: Any) -> Mined:
    try:
        gas = int(answer["gasUsed"], 16)
        return Mined(
            tx_hash=TxHash(answer["transactionHash"].lower()),
            block=int(answer["blockNumber"], 16),
            block_hash=answer["blockHash"],
            succeeded=int(answer["status"], 16) == 1,
            gas_used=gas,
            fee=gas * int(answer.get("effectiveGasPrice", "0x0"), 16),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        raise Unavailable("the chain node answered something that is not a receipt") from cause
