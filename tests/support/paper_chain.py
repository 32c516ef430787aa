"""A chain on paper, behind JSON-RPC: blocks and logs that a test can rewrite, and the ways a node can misbehave."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from thenar.adapters.chain.abi import entries
from thenar.domain.ids import Address

LEDGER = Address("0x" + "5a" * 20)
DEPOSITED = next(event for event in entries("Ledger", "event") if event.name == "Deposited")


@dataclass
class PaperChain:
    """Every block logs one deposit of its own number. Forks differ in their hashes."""

    head: int = 0
    forks: dict[int, int] = field(default_factory=dict)
    most_logs: int = 10_000
    hidden: bool = False
    removed: bool = False
    away: bool = False
    refused: set[str] = field(default_factory=set)  # methods that are answered with an error
    missing: set[int] = field(default_factory=set)  # blocks whose headers it does not find
    nonsense: dict[str, Any] = field(default_factory=dict)  # answers by method, whatever was asked
    asked: list[tuple[int, int]] = field(default_factory=list)

    def hash_of(self, block: int) -> str:
        """The hash of a block on the current fork; a fork changes every hash above where it began."""
        return f"0x{sum(1 << fork for at, fork in self.forks.items() if block >= at):032x}{block:032x}"

    def fork(self, at: int) -> None:
        """Reorganise: every block from ``at`` on is another one now."""
        self.forks[at] = len(self.forks)

    def transport(self) -> httpx.MockTransport:
        """What httpx talks to instead of a network."""
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("nobody is there")
        asked = json.loads(request.content)
        return httpx.Response(200, json=[{"jsonrpc": "2.0", "id": one["id"], **self._one(one)} for one in asked])

    def _one(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["method"] in self.refused:
            return {"error": {"code": -32000, "message": "busy"}}
        if asked["method"] in self.nonsense:
            return {"result": self.nonsense[asked["method"]]}
        match asked["method"], asked["params"]:
            case "eth_chainId", _:
                return {"result": "0x7a69"}
            case "eth_blockNumber", _:
                return {"result": hex(self.head)}
            case "eth_getBlockByNumber", [number, False]:
                return {"result": self._header(self.head if number == "latest" else int(number, 16))}
            case "eth_getLogs", [wanted]:
                return self._logs(int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16))
        return {"error": {"code": -32601, "message": "method not found"}}

    def _header(self, block: int) -> dict[str, Any] | None:
        if block > self.head or self.hidden or block in self.missing:
            return None
        names = {"hash": self.hash_of(block), "parentHash": self.hash_of(block - 1)}
        return {"number": hex(block), "timestamp": hex(1_000 + block), **names}

    def _logs(self, first: int, last: int) -> dict[str, Any]:
        self.asked.append((first, last))
        if last - first + 1 > self.most_logs:
            return {"error": {"code": -32005, "message": "query returned more than 10000 results"}}
        return {"result": [self._log(block) for block in range(first, last + 1)]}

    def _log(self, block: int) -> dict[str, Any]:
        who = "0x" + "00" * 12 + "aa" * 20
        return {
            "address": LEDGER,
            "topics": ["0x" + DEPOSITED.id.hex(), who, who],
            "data": f"0x{block:064x}",
            "blockNumber": hex(block),
            "blockHash": self.hash_of(block),
            "transactionHash": "0x" + "22" * 32,
            "logIndex": "0x0",
            "removed": self.removed,
        }
