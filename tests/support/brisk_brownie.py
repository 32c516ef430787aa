"""Spare Brownie what it does over and over without need, so that a suite of contract tests takes minutes.

Nothing here changes what a test sees: the same calls go to the same chain, and every refusal keeps its reason. Only
the time is the chain's own: anvil's clock goes back with what is undone, Brownie's does not. What goes is the setting
up of a connection with proxies and cookies for each request to the loopback, asking for the chain's id before every
call, a snapshot after every transaction that nobody undoes one by one, the reading of the code of contracts that cannot
have gone away and of source files to find a caller's name, and of whole traces, stack and memory of every step, only to
learn why a transaction was refused.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from brownie._config import CONFIG
from brownie.exceptions import RPCRequestError
from brownie.network import contract as brownie_contract
from brownie.network import state as brownie_state
from brownie.network.state import Chain
from brownie.network.transaction import TransactionReceipt
from immutable_code import matches_but_for_immutables
from line import Line
from web3.eth import Eth
from web3.exceptions import TransactionNotFound
from web3.providers.rpc import HTTPProvider

web3 = brownie_contract.web3

LOCAL_CHAIN = 31337
"""Anvil's id, which a test run never leaves."""


def install() -> None:
    """Make all changes; once per process."""
    brownie_contract._verify_deployed_code = _but_for_immutables(brownie_contract._verify_deployed_code)
    brownie_contract.ContractContainer._revert = _forget_reverted
    sys.modules["brownie.network.rpc"].inspect = _OneFrame  # the package's `rpc` is an object of that name
    brownie_state.gc = _NoCollector
    web3.eth.get_transaction = _patient(web3.eth.get_transaction)
    web3.eth.get_transaction_receipt = _patient(web3.eth.get_transaction_receipt)
    line = Line()
    HTTPProvider._make_request = lambda provider, _, data: line.post(str(provider.endpoint_uri), data)
    Eth.chain_id = property(lambda _: LOCAL_CHAIN)
    Chain._add_to_undo_buffer = lambda *_: None
    Chain.time = lambda _: int(ask("eth_getBlockByNumber", "pending", False)["timestamp"], 16)
    whole = TransactionReceipt._get_trace
    TransactionReceipt._get_trace = _answer_first(whole)
    TransactionReceipt._expand_trace = _whole_first(whole, TransactionReceipt._expand_trace)
    TransactionReceipt._raise_if_reverted = _raise_if_reverted


def ask(method: str, *parameters: Any) -> Any:
    """Ask the chain past Brownie's and web3's formatting. Raises RPCRequestError."""
    answer = web3.provider.make_request(method, parameters)
    if "error" in answer:
        raise RPCRequestError(answer["error"]["message"])
    return answer["result"]


def _but_for_immutables(exactly: Callable[..., bool]) -> Callable[..., bool]:
    """Compare code but for its immutables.

    Brownie forgets the source map of a contract whose code differs from the compiler's output, and every `immutable`
    makes it differ: coverage and source locations would be lost for whatever inherits EIP712.
    """

    def compare(address: str, expected: str, language: str) -> bool:
        if exactly(address, expected, language):
            return True
        return language == "Solidity" and matches_but_for_immutables(bytes(web3.eth.get_code(address)), expected)

    return compare


def _forget_reverted(container: Any, height: int) -> None:
    """Forget contracts from blocks that are undone.

    Brownie asks for the code of all others too, at every revert; but none of ours destroys itself: what was deployed by
    then is there.
    """
    for one in list(container._contracts):
        block = one.tx.block_number if one.tx else None
        gone = block > height if block is not None else not bytes(web3.eth.get_code(one.address))
        if gone:
            container.remove(one)
            one._reverted = True


class _OneFrame:
    """Answers `inspect.stack()[1].frame` without reading the source of every frame above, a quarter of a run."""

    @staticmethod
    def stack() -> list[SimpleNamespace]:
        return [SimpleNamespace(frame=sys._getframe(depth)) for depth in (1, 2)]


class _NoCollector:
    """Lets Python collect when it is due: Brownie collects all at every snapshot and revert, a fifth of a run."""

    @staticmethod
    def collect() -> None:
        """Do nothing."""


def _patient(find: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Ask again for a while: anvil raises an account's nonce a moment before it finds a transaction or its receipt.

    Brownie takes what it does not find then for a dropped transaction, and on a busy machine a test fails by it.
    """

    def found(tx_hash: Any) -> Any:
        for _ in range(100):
            with contextlib.suppress(TransactionNotFound):
                return find(tx_hash)
            time.sleep(0.02)
        return find(tx_hash)

    return found


def _answer_first(whole: Callable[[Any], None]) -> Callable[[Any], None]:
    """What a transaction returned, or why it was refused, is the answer of its outermost call: no step is needed."""

    def get(receipt: Any) -> None:
        if receipt._raw_trace is not None or getattr(receipt, "_answered", False):
            return
        receipt._answered = True
        output = ask("debug_traceTransaction", receipt.txid, {"tracer": "callTracer"}).get("output", "0x")
        if receipt.status and output != "0x":
            receipt._confirmed_return_value(output)
        elif not receipt.status and output != "0x":
            receipt._reverted_return_value(output)
            receipt._dev_revert_msg = receipt._dev_revert_msg or ""
        elif not receipt.status:
            whole(receipt)  # a refusal without a word: the steps say more

    return get


def _whole_first(whole: Callable[[Any], None], expand: Callable[[Any], None]) -> Callable[[Any], None]:
    """Who walks the steps needs all of them."""

    def walk(receipt: Any) -> None:
        if receipt._raw_trace is None:
            whole(receipt)
        expand(receipt)

    return walk


class _Source:
    """Where a transaction was refused, worked out only when somebody reads it."""

    def __init__(self, receipt: Any) -> None:
        self._receipt = receipt

    def __str__(self) -> str:
        with contextlib.suppress(Exception):  # the chain may have moved on; then the reason has to do
            return str(self._receipt._traceback_string() or "")
        return ""


def _raise_if_reverted(receipt: Any, refusal: Any) -> None:
    """Raise the refusal of a transaction with its reason; its place in the source follows when it is printed."""
    if receipt.status or CONFIG.mode == "console":
        return
    raise refusal._with_attr(source=_Source(receipt), revert_msg=receipt.revert_msg, dev_revert_msg=None)
