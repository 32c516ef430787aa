"""The real contracts on a chain that lives in this process: blocks, a pool, fees, and reorganisations.

It answers JSON-RPC as an endpoint does. Blocks come when it is told; a reorganisation takes the EVM back to where it
stood, mines other blocks instead and returns what they held to the pool, or loses it.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes
from machine import CHAIN_ID, START, Machine

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.vault.keyring import signer_of
from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256

GWEI = 10**9
CALM, SPIKE = 10 * GWEI, 1_000 * GWEI
ROOM = 200
"""Transactions of one block."""
WEALTH = 10**24
_REVERTED = re.compile(r"Revert \{ gas_used: (?P<gas>\d+), output: 0x(?P<data>[0-9a-f]*) \}")
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """A signed transaction."""

    hash: str
    sender: Address
    nonce: int
    to: Address
    data: bytes
    gas: int
    max_fee: int
    tip: int


@dataclass(slots=True)
class Block:
    """A block, and how the EVM and the nonces stood before it."""

    number: int
    timestamp: int
    hash: str
    parent: str
    base_fee: int
    before: Any
    nonces: dict[Address, int]
    sent: list[Sent] = field(default_factory=list)
    logs: list[Answer] = field(default_factory=list)
    receipts: dict[str, Answer] = field(default_factory=dict)


class PaperEvm(Machine):
    """Everybody's chain. ``on_sent`` hears each transaction that comes in, ``on_block`` each block that is mined."""

    def __init__(self, parameters: Parameters, dice: random.Random) -> None:
        self.dice = dice
        self.told: Counter[str] = Counter()
        self.pool: dict[tuple[Address, int], Sent] = {}
        self.base_fee = CALM
        self.blocks = [Block(0, START, _hash("genesis", 0), "0x" + "00" * 32, CALM, None, {})]
        self.mined_in: dict[str, Block] = {}
        self.reverts_of: dict[tuple[Address, bytes], bytes] = {}
        self.on_sent: list[Callable[[Sent], None]] = []
        self.on_block: list[Callable[[Block], None]] = []
        self._open = Block(1, START, _hash("first", 1), self.blocks[0].hash, CALM, None, {})
        super().__init__(parameters)

    def logged(self, logs: list[Any]) -> None:
        """What is done before the first block is in the first block."""
        self._keep(self._open, logs, "0x" + "11" * 32)

    def begin(self) -> None:
        """Close the first block: from here on there are only transactions."""
        self.blocks.append(self._open)

    @property
    def head(self) -> Block:
        """The newest block."""
        return self.blocks[-1]

    def mine(self, timestamp: int, salt: int = 0) -> Block:
        """One more block, of what pays for it."""
        parent = self.head
        number = parent.number + 1
        made = Block(
            number,
            max(timestamp, parent.timestamp + 1),
            _hash(parent.hash, salt * 1_000_003 + timestamp),
            parent.hash,
            self.base_fee,
            self._mark(),
            dict(parent.nonces),
        )
        self.block, self.now = number, made.timestamp
        self._set_block()
        for sent in self._chosen(made):
            self._include(made, sent)
        self.blocks.append(made)
        for hear in self.on_block:
            hear(made)
        return made

    def reorganise(self, depth: int, lost: float = 0.1) -> int:
        """Replace the newest ``depth`` blocks by one more; returns how many transactions were lost on the way."""
        depth = min(depth, len(self.blocks) - 2)
        if depth <= 0:  # there is nothing yet but the first block
            return 0
        gone = self.blocks[-depth:]
        del self.blocks[-depth:]
        self.go_back(gone[0])
        self.told["reorganisations"] += 1
        forgotten = 0
        for block in gone:
            for sent in block.sent:
                del self.mined_in[sent.hash]
                if self.dice.random() < lost:
                    forgotten += 1
                else:
                    self.pool[sent.sender, sent.nonce] = sent
        self.told["transactions lost in them"] += forgotten
        salt = self.dice.getrandbits(30) + 1
        late = [one for one in self.pool.items() if self.dice.random() < 0.3]
        for key, _ in late:
            del self.pool[key]
        for block in gone:
            self.mine(block.timestamp, salt)
        self.pool.update(late)
        self.mine(gone[-1].timestamp + 60, salt)
        return forgotten

    def _mark(self) -> Any:
        """What a reorganisation goes back to. Ended at once: while it lasts it counts as a call, at most 1,024 deep."""
        mark = self.evm.snapshot()
        self.evm.commit()
        return mark

    def go_back(self, block: Block) -> None:
        """Make everything as it was before a block."""
        self.evm.snapshot()  # going back ends one
        self.evm.revert(block.before)

    def forget(self) -> None:
        """The pool loses one transaction."""
        if self.pool:
            del self.pool[self.dice.choice(sorted(self.pool))]
            self.told["transactions dropped"] += 1

    def answer(self, method: str, params: list[Any], lag: int = 0) -> Answer:
        """One request of an endpoint that is ``lag`` blocks behind."""
        seen = max(1, self.head.number - lag)
        match method:
            case "eth_chainId":
                return {"result": hex(CHAIN_ID)}
            case "eth_blockNumber":
                return {"result": hex(seen)}
            case "eth_getBlockByNumber":
                return {"result": self._header(params[0], seen)}
            case "eth_getLogs":
                return {"result": self._logs(params[0], seen)}
            case "eth_getTransactionCount":
                return {"result": hex(self._nonce(Address(params[0].lower()), params[1]))}
            case "eth_getTransactionReceipt":
                block = self.mined_in.get(params[0])
                return {"result": block.receipts[params[0]] if block else None}
            case "eth_getTransactionByHash":
                return {"result": {"hash": params[0]} if self._knows(params[0]) else None}
            case "eth_call" | "eth_estimateGas":
                return self._simulate(method, params)
            case "eth_maxPriorityFeePerGas" | "eth_gasPrice":
                return {"result": hex(GWEI)}
            case "eth_getBalance":
                return {"result": hex(WEALTH)}
            case "eth_sendRawTransaction":
                return self._take(bytes(HexBytes(params[0])))
        return {"error": {"code": -32601, "message": f"method {method} not found"}}

    def _header(self, which: str, seen: int) -> Answer | None:
        if which == "pending":
            return {"number": hex(seen + 1), "baseFeePerGas": hex(self.base_fee)}
        number = seen if which == "latest" else int(which, 16)
        if number > seen:
            return None
        found = self.blocks[number]
        return {
            "number": hex(number),
            "timestamp": hex(found.timestamp),
            "hash": found.hash,
            "parentHash": found.parent,
            "baseFeePerGas": hex(found.base_fee),
        }

    def _logs(self, asked: dict[str, Any], seen: int) -> list[Answer]:
        first, last = int(asked["fromBlock"], 16), min(int(asked["toBlock"], 16), seen)
        wanted = set(asked["address"])
        told = (log for block in self.blocks[first : last + 1] for log in block.logs)
        return [log for log in told if log["address"] in wanted]

    def _nonce(self, who: Address, at: str) -> int:
        if at not in ("latest", "pending"):
            return self.blocks[min(int(at, 16), self.head.number)].nonces.get(who, 0)
        latest = self.head.nonces.get(who, 0)
        while at == "pending" and (who, latest) in self.pool:
            latest += 1
        return latest

    def _knows(self, tx: str) -> bool:
        return tx in self.mined_in or any(sent.hash == tx for sent in self.pool.values())

    def _simulate(self, method: str, params: list[Any]) -> Answer:
        call = params[0]
        data = bytes(HexBytes(call.get("data") or call.get("input") or b""))
        sender, to = Address(call.get("from", "0x" + "00" * 20).lower()), Address(call["to"].lower())
        if method == "eth_call" and len(params) > 1 and params[1] != "latest":
            known = self.reverts_of.get((sender, data))
            if known is not None:
                return _reverted(known)
        before = self.evm.snapshot()
        worked, back, gas = self._execute(sender, to, data, 16_000_000)
        self.evm.revert(before)
        if not worked:
            return _reverted(back)
        return {"result": hex(gas + 21_000) if method == "eth_estimateGas" else "0x" + back.hex()}

    def _take(self, raw: bytes) -> Answer:
        made = TypedTransaction.from_bytes(HexBytes(raw))
        found = made.as_dict()
        signature = found["r"].to_bytes(32, "big") + found["s"].to_bytes(32, "big") + bytes((found["v"] + 27,))
        sent = Sent(
            "0x" + keccak256(raw).hex(),
            signer_of(bytes(made.hash()), signature),
            int(found["nonce"]),
            Address("0x" + bytes(found["to"]).hex()),
            bytes(found["data"]),
            int(found["gas"]),
            int(found["maxFeePerGas"]),
            int(found["maxPriorityFeePerGas"]),
        )
        for hear in self.on_sent:
            hear(sent)
        if self._knows(sent.hash):
            return _error("already known")
        if sent.nonce < self.head.nonces.get(sent.sender, 0):
            return _error("nonce too low")
        old = self.pool.get((sent.sender, sent.nonce))
        if old is not None and (10 * sent.max_fee < 11 * old.max_fee or 10 * sent.tip < 11 * old.tip):
            return _error("replacement transaction underpriced")
        self.told["transactions replaced"] += old is not None
        self.pool[sent.sender, sent.nonce] = sent
        return {"result": sent.hash}

    def _chosen(self, made: Block) -> list[Sent]:
        """What goes into a block: of each account in the order of its nonces, as far as it pays."""
        chosen: list[Sent] = []
        senders = sorted({sender for sender, _ in self.pool})
        self.dice.shuffle(senders)
        for sender in senders:
            nonce = made.nonces.get(sender, 0)
            while (sent := self.pool.get((sender, nonce))) and sent.max_fee >= made.base_fee and len(chosen) < ROOM:
                chosen.append(self.pool.pop((sender, nonce)))
                nonce += 1
        for key in [key for key in self.pool if key[1] < made.nonces.get(key[0], 0)]:
            del self.pool[key]
        return chosen

    def _include(self, made: Block, sent: Sent) -> None:
        worked, back, gas = self._execute(sent.sender, sent.to, sent.data, sent.gas)
        if worked:
            self._keep(made, self.evm.result.logs, sent.hash)
        else:
            self.reverts_of[sent.sender, sent.data] = back
        self.told["transactions mined"] += 1
        self.told["of them reverted"] += not worked
        made.nonces[sent.sender] = sent.nonce + 1
        made.sent.append(sent)
        self.mined_in[sent.hash] = made
        made.receipts[sent.hash] = {
            "transactionHash": sent.hash,
            "blockNumber": hex(made.number),
            "blockHash": made.hash,
            "status": hex(worked),
            "gasUsed": hex(gas),
            "effectiveGasPrice": hex(min(made.base_fee + sent.tip, sent.max_fee)),
        }

    def _execute(self, sender: Address, to: Address, data: bytes, gas: int) -> tuple[bool, bytes, int]:
        """Whether it worked, what came back or why it was refused, and the gas."""
        if not data:
            return True, b"", 0
        self.evm.reset_transient_storage()
        try:
            back = self.evm.message_call(sender, to, calldata=data, gas=gas)
        except RuntimeError as refused:
            found = _REVERTED.match(str(refused))
            return False, bytes.fromhex(found["data"]) if found else b"", int(found["gas"]) if found else gas
        return True, bytes(back), int(self.evm.result.gas_used)

    def _keep(self, block: Block, logs: list[Any], tx: str) -> None:
        for log in logs:
            topics, data = log.data
            block.logs.append(
                {
                    "address": Address(log.address.lower()),
                    "topics": ["0x" + topic.hex() for topic in topics],
                    "data": "0x" + data.hex(),
                    "blockNumber": hex(block.number),
                    "blockHash": block.hash,
                    "transactionHash": tx,
                    "logIndex": hex(len(block.logs)),
                    "removed": False,
                }
            )


def _hash(parent: str, number: int) -> str:
    return "0x" + hashlib.sha256(f"{parent}/{number}".encode()).hexdigest()


def _error(message: str) -> Answer:
    return {"error": {"code": -32000, "message": message}}


def _reverted(data: bytes) -> Answer:
    return {"error": {"code": 3, "message": "execution reverted", "data": "0x" + data.hex()}}
