"""One transaction's dealings with the chain node through synchronous web3, each on the thread lane."""

from __future__ import annotations

from typing import Any

from web3 import Web3
from web3.exceptions import BadResponseFormat, BlockNotFound, ContractLogicError, Web3Exception, Web3RPCError
from web3.types import RPCEndpoint, TxParams, Wei

from thenar.adapters.chain.errors import refusal
from thenar.adapters.chain.rpc import Rpc
from thenar.adapters.chain.signing import Fees, offered
from thenar.domain.ids import Address
from thenar.domain.sending import Call
from thenar.errors import Poor, Refused, Unavailable

GAS_CEILING = 16_777_216
"""Most gas of one transaction (EIP-7825)."""
DEFAULT_TIP = 1_000_000_000
"""Wei per gas when the node suggests nothing."""
_ANSWERED = (BadResponseFormat, BlockNotFound, ContractLogicError, Web3RPCError)
"""What web3 raises about an answer; anything else it raises is our mistake."""
_KNOWN_ALREADY = ("already known", "already imported", "known transaction", "alreadyknown")
_SPENT = ("nonce too low", "nonce is too low", "invalid nonce", "old nonce")


async def gas_for(rpc: Rpc, sender: Address, call: Call) -> int:
    """Simulate a call and return the gas to allow. Raises Reverted with the decoded error, Poor, Unavailable."""
    return await rpc.look(_estimate, rpc, sender, call)


async def revert_reason(rpc: Rpc, sender: Address, call: Call, block: int) -> Refused | None:
    """Why a mined call failed, by calling it again on top of the block before; None when it passes there."""
    return await rpc.look(_replay, rpc, sender, call, block - 1)


async def fees_for(rpc: Rpc, cap: int) -> Fees | None:
    """What to offer now, or None when the chain is dearer than ``cap`` wei per gas."""
    return await rpc.look(_fees, rpc, cap)


async def balance_of(rpc: Rpc, account: Address) -> int:
    """Wei of an account."""
    return int(await rpc.look(_balance, rpc, account))


async def broadcast(rpc: Rpc, raw: bytes) -> str:
    """Hand a signed transaction to the chain node. Returns "" or why the node would not take it.

    A node that already has it, or knows its nonce as spent, is no failure: the receipt tells.
    """
    return await rpc.lane(_send, rpc, raw, abandon=False)


def _params(sender: Address, call: Call) -> TxParams:
    return {
        "from": Web3.to_checksum_address(sender),
        "to": Web3.to_checksum_address(call.to),
        "data": call.data,
        "value": Wei(call.value),
    }


def _estimate(rpc: Rpc, sender: Address, call: Call) -> int:
    params = _params(sender, call)
    try:
        rpc.web3.eth.call(params)
        estimate = int(rpc.web3.eth.estimate_gas(params))
    except _ANSWERED as cause:
        raise _refused(cause) from cause
    return min(estimate + estimate // 4 + 5_000, GAS_CEILING)


def _replay(rpc: Rpc, sender: Address, call: Call, block: int) -> Refused | None:
    try:
        rpc.web3.eth.call(_params(sender, call), block)
    except _ANSWERED as cause:
        found = _refused(cause)
        return found if isinstance(found, Refused) else None
    return None


def _fees(rpc: Rpc, cap: int) -> Fees | None:
    try:
        base = int(rpc.web3.eth.get_block("pending").get("baseFeePerGas", 0))
    except _ANSWERED as cause:
        raise Unavailable(f"the chain node names no base fee: {cause}") from cause
    answer = rpc.web3.provider.make_request(RPCEndpoint("eth_maxPriorityFeePerGas"), [])
    tip = answer.get("result")
    return offered(base, int(str(tip), 16) if isinstance(tip, str) else DEFAULT_TIP, cap)


def _balance(rpc: Rpc, account: Address) -> int:
    try:
        return int(rpc.web3.eth.get_balance(Web3.to_checksum_address(account)))
    except _ANSWERED as cause:
        raise Unavailable(f"the chain node names no balance: {cause}") from cause


def _send(rpc: Rpc, raw: bytes) -> str:
    try:
        rpc.web3.eth.send_raw_transaction(raw)
    except Web3RPCError as cause:
        message = str(cause.message or cause).lower()
        return "" if any(words in message for words in (*_KNOWN_ALREADY, *_SPENT)) else message[:300]
    except _ANSWERED as cause:
        raise Unavailable(f"the chain node answered nonsense to a transaction: {cause}") from cause
    return ""


def _refused(cause: Web3Exception) -> Refused | Unavailable:
    """A revert with its data, missing funds, or a node that cannot say."""
    if isinstance(cause, ContractLogicError):
        return refusal(_revert_data(cause.data), message=str(cause.message or ""))
    if isinstance(cause, Web3RPCError):
        error: Any = (cause.rpc_response or {}).get("error") or {}
        message = str(error.get("message", cause.message or ""))
        if "insufficient funds" in message.lower():
            return Poor(f"the account cannot pay for this transaction: {message}", next_step="send it some ether")
        data = _revert_data(error.get("data"))
        if data or error.get("code") == 3 or "revert" in message.lower():
            return refusal(data, message=message)
        return Unavailable(f"the chain node refused a call: {message}")
    return Unavailable(f"the chain node answered nonsense to a call: {cause}")


def _revert_data(data: object) -> bytes:
    if isinstance(data, dict):  # some nodes nest it
        data = data.get("data") or data.get("result")
    if not isinstance(data, str):
        return b""
    try:
        return bytes.fromhex(data.removeprefix("0x"))
    except ValueError:
        return b""
