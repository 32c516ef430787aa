"""The node's own RPC client on an endpoint in this process: the same retries and errors, no sockets and no threads."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, TypeVarTuple

import trio
from paper_evm import PaperEvm
from web3 import Web3
from web3.providers import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from thenar.adapters.chain.rpc import Request, Rpc, _one
from thenar.errors import Late, Unavailable

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass
class Endpoint:
    """One node's way to the chain. ``down`` answers nothing, ``lag`` is behind, ``trouble`` is the share that fails."""

    chain: PaperEvm
    dice: random.Random
    told: Counter[str] = field(default_factory=Counter)
    down: bool = False
    lag: int = 0
    trouble: float = 0.0

    def ask(self, method: str, params: list[Any]) -> dict[str, Any]:
        """One answer. Raises Unavailable, before or after the request took effect."""
        self.told["requests"] += 1
        if self.down:
            raise Unavailable("the chain node is away")
        fails = self.trouble > 0 and self.dice.random() < self.trouble
        if fails and self.dice.random() < 0.5:
            self.told["requests failed"] += 1
            raise Unavailable("the chain node does not answer")
        said = self.chain.answer(method, params, self.lag)
        if fails:
            self.told["requests failed"] += 1
            raise Late("the answer was lost") if self.dice.random() < 0.5 else Unavailable("the answer was lost")
        return said


class NearRpc(Rpc):
    """``batch`` and ``lane`` go straight to the endpoint; everything above them is the node's."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.url = self.name = "paper"
        self.web3 = Web3(_Near(endpoint), middleware=[])
        self.trouble: str | None = None
        self.chain_id: int | None = None
        self._endpoint = endpoint

    async def batch(self, requests: Sequence[Request]) -> list[Any]:
        """Many requests once."""
        await trio.lowlevel.checkpoint()
        try:
            answers = [_one(self._endpoint.ask(method, params)) for method, params in requests]
        except Unavailable as cause:
            self.trouble = cause.message
            raise
        self.trouble = None
        return answers

    async def lane(self, work: Callable[[*Ts], T], *arguments: *Ts, abandon: bool = True) -> T:
        """Synchronous work, at once."""
        await trio.lowlevel.checkpoint()
        return work(*arguments)


class _Near(JSONBaseProvider):
    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self._endpoint = endpoint

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        made: RPCResponse = {"jsonrpc": "2.0", "id": 1, **self._endpoint.ask(method, list(params))}  # type: ignore
        return made
