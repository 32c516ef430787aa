"""A chain node nobody would choose: it fails, forgets transactions, lets another program spend a nonce, and gas leaps.

Blocks are mined as the head is asked for, so that everything is repeatable and nothing waits for time to pass.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes

from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256

GWEI = 10**9
CALM, SPIKE = 10 * GWEI, 1_000 * GWEI
REFUSED, FAILING = b"\xff", b"\xfe"
"""First bytes of calls that the contract refuses at once, and of calls that pass at first and fail in a block."""


@dataclass
class Waiting:
    """A transaction in the pool."""

    hash: str
    nonce: int
    data: bytes
    max_fee: int
    tip: int


@dataclass
class BadPool:
    """One account's transactions on a chain of its own. ``trouble`` is the share of requests that fail."""

    account: Address
    cap: int
    trouble: float
    dice: random.Random
    head: int = 100
    base_fee: int = CALM
    pool: dict[int, Waiting] = field(default_factory=dict)
    nonces: list[int] = field(default_factory=lambda: [0] * 101)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    effects: Counter[bytes] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    simulated: Counter[bytes] = field(default_factory=Counter)
    """Calls tried out, by their data, where the answer arrived."""
    failing: bool = False

    def transport(self) -> httpx.MockTransport:
        """What httpx talks to instead of a network."""
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        fails = self.failing = self.dice.random() < self.trouble
        self.told["requests"] += 1
        self.told["failed requests"] += fails
        if fails and self.dice.random() < 0.5:  # before it was heard
            raise httpx.ConnectError("no route")
        said = [self._one(one) for one in asked] if isinstance(asked, list) else self._one(asked)
        if fails:  # after it took effect
            return httpx.Response(self.dice.choice((429, 500, 502, 503)))
        return httpx.Response(200, json=said)

    def _one(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = self._result(asked["method"], asked["params"])
        body = found if isinstance(found, dict) and "error" in found else {"result": found}
        return {"jsonrpc": "2.0", "id": asked["id"], **body}

    def _result(self, method: str, params: list[Any]) -> Any:
        match method:
            case "eth_chainId":
                return "0x7a69"
            case "eth_blockNumber":
                self._mine()
                return hex(self.head)
            case "eth_getTransactionCount":
                return hex(self._nonce(params[1]))
            case "eth_getTransactionReceipt":
                return self.receipts.get(params[0])
            case "eth_getTransactionByHash":
                return {"hash": params[0]} if params[0] in self._known() else None
            case "eth_call" | "eth_estimateGas":
                return self._simulate(method, params)
            case "eth_getBlockByNumber":
                return {"number": hex(self.head + 1), "baseFeePerGas": hex(self.base_fee)}
            case "eth_maxPriorityFeePerGas":
                return hex(GWEI)
            case "eth_getBalance":
                return hex(10**24)
            case "eth_sendRawTransaction":
                return self._take(bytes(HexBytes(params[0])))
        return {"error": {"code": -32601, "message": "method not found"}}

    def _known(self) -> set[str]:
        return {one.hash for one in self.pool.values()} | self.receipts.keys()

    def _nonce(self, at: str) -> int:
        latest = self.nonces[-1]
        if at == "pending":
            while latest in self.pool:
                latest += 1
            return latest
        return latest if at == "latest" else self.nonces[int(at, 16)]

    def _simulate(self, method: str, params: list[Any]) -> Any:
        data = bytes(HexBytes(params[0].get("data") or params[0].get("input") or b""))
        replayed = method == "eth_call" and params[1] != "latest"
        if not replayed:
            self.simulated[data] += method == "eth_call" and not self.failing
        if data.startswith(REFUSED) or (data.startswith(FAILING) and replayed):
            return {"error": {"code": 3, "message": "execution reverted: no", "data": "0x"}}
        return hex(50_000) if method == "eth_estimateGas" else "0x"

    def _take(self, raw: bytes) -> Any:
        found = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
        new = Waiting(
            "0x" + keccak256(raw).hex(),
            int(found["nonce"]),
            bytes(found["data"]),
            int(found["maxFeePerGas"]),
            int(found["maxPriorityFeePerGas"]),
        )
        self.told["fees over the cap"] += new.max_fee > self.cap
        if new.hash in self._known():
            return {"error": {"code": -32000, "message": "already known"}}
        if new.nonce < self.nonces[-1]:
            return {"error": {"code": -32000, "message": "nonce too low"}}
        old = self.pool.get(new.nonce)
        if old is not None and (10 * new.max_fee < 11 * old.max_fee or 10 * new.tip < 11 * old.tip):
            return {"error": {"code": -32000, "message": "replacement transaction underpriced"}}
        self.told["replaced"] += old is not None
        self.pool[new.nonce] = new
        return new.hash

    def _mine(self) -> None:
        """One more block: the account's transactions in order, as far as they pay for it."""
        self.head += 1
        self._shift_weather()
        nonce = self.nonces[-1]
        if self.pool and self.dice.random() < 0.004:  # another program spends the next nonce
            self.pool.pop(nonce, None)
            self.told["nonces spent by others"] += 1
            nonce += 1
        room = self.dice.randint(0, 16)
        while room and nonce in self.pool and self.pool[nonce].max_fee >= self.base_fee:
            self._include(self.pool.pop(nonce))
            nonce, room = nonce + 1, room - 1
        self.nonces.append(nonce)

    def _shift_weather(self) -> None:
        if self.base_fee == CALM and self.dice.random() < 0.03:
            self.base_fee = SPIKE
            self.told["spikes"] += 1
        elif self.base_fee == SPIKE and self.dice.random() < 0.2:
            self.base_fee = CALM
        if self.pool and self.dice.random() < 0.1:
            del self.pool[self.dice.choice(sorted(self.pool))]
            self.told["dropped"] += 1

    def _include(self, one: Waiting) -> None:
        works = not one.data.startswith(FAILING)
        if works:
            self.effects[one.data] += 1
        self.receipts[one.hash] = {
            "transactionHash": one.hash,
            "blockNumber": hex(self.head),
            "blockHash": f"0x{self.head:064x}",
            "status": hex(works),
            "gasUsed": hex(50_000),
            "effectiveGasPrice": hex(self.base_fee + one.tip),
        }
