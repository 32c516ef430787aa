"""JSON-RPC: hot reads in batches on trio, and one limited thread lane for synchronous web3.

Answers are size-capped before they are parsed. What the chain node itself refuses is a value (Refusal), because
the caller decides what it means; everything else that goes wrong is Unavailable.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple
from urllib.parse import urlsplit

import httpx
import trio
from web3 import Web3
from web3.providers import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from thenar.domain.endpoints import LOOPBACK, shown, trust_for
from thenar.errors import BadConfig, Late, Unavailable

ANSWER_LIMIT = 32 * 1024 * 1024
"""Bytes of one HTTP answer."""
BATCH_LIMIT = 100
"""Requests of one HTTP post; public endpoints refuse more."""
READ_PAUSES = (0.2, 0.6, 1.8)
"""Seconds before a failed read is tried again."""
TOO_BIG = -32005
"""JSON-RPC code of a limit exceeded (EIP-1474)."""
LANE_WIDTH = 4
"""Threads that may be inside web3 at once."""
_JSON = {"content-type": "application/json", "accept-encoding": "identity"}

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Request = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error the chain node answered. ``data`` holds revert data when there is some."""

    code: int
    message: str
    data: Any = None


class Rpc:
    """One JSON-RPC endpoint. Made by ``open_rpc``."""

    def __init__(self, url: str, client: httpx.AsyncClient, sync: httpx.Client, *, timeout: float, limit: int) -> None:
        self.url = url
        self.name = shown(url)
        self.web3 = Web3(_LaneProvider(url, sync, limit), middleware=[])
        self.trouble: str | None = None
        self.chain_id: int | None = None  # once it was asked
        self._client = client
        self._timeout = timeout
        self._limit = limit
        self._lane = trio.CapacityLimiter(LANE_WIDTH)
        self._ids = itertools.count(1)

    async def lane(self, work: Callable[[*Ts], T], *arguments: *Ts, abandon: bool = True) -> T:
        """Run synchronous web3 work on the thread lane. Raises Late after the timeout.

        Reads may be abandoned; a send (``abandon=False``) is always waited for.
        """
        try:
            with trio.move_on_after(self._timeout if abandon else 4 * self._timeout):
                return await trio.to_thread.run_sync(  # type: ignore[call-arg]  # trio-typing's stubs know an older trio
                    work, *arguments, limiter=self._lane, abandon_on_cancel=abandon
                )
        except Unavailable as cause:
            self.trouble = cause.message
            raise
        raise self._late()

    async def look(self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """A read on the lane, tried again after short pauses as ``read`` is; one that took too long is not."""
        for pause in READ_PAUSES:
            try:
                return await self.lane(work, *arguments)
            except Late:
                raise
            except Unavailable:
                await trio.sleep(pause)
        return await self.lane(work, *arguments)

    async def read(self, method: str, *params: Any) -> Any:
        """One read, tried again after short pauses. Raises Unavailable, also when the node refuses it."""
        answer = (await self.read_all([(method, list(params))]))[0]
        if isinstance(answer, Refusal):
            raise Unavailable(f"the chain node refused {method}: {answer.message}")
        return answer

    async def read_all(self, requests: Sequence[Request]) -> list[Any]:
        """Many reads in few posts, tried again after short pauses; answers in order, Refusals included."""
        for pause in READ_PAUSES:
            try:
                return await self.batch(requests)
            except Unavailable:
                await trio.sleep(pause)
        return await self.batch(requests)

    async def batch(self, requests: Sequence[Request]) -> list[Any]:
        """Many requests once, without trying again. Raises Unavailable."""
        answers: list[Any] = []
        for start in range(0, len(requests), BATCH_LIMIT):
            answers += await self._post(requests[start : start + BATCH_LIMIT])
        return answers

    async def _post(self, requests: Sequence[Request]) -> list[Any]:
        numbered = [(next(self._ids), method, params) for method, params in requests]
        body = json.dumps([{"jsonrpc": "2.0", "id": n, "method": m, "params": p} for n, m, p in numbered]).encode()
        try:
            with trio.fail_after(self._timeout):
                raw = await self._exchange(body)
            answers = _answers(raw, [n for n, _, _ in numbered])
        except trio.TooSlowError as cause:
            raise self._late() from cause
        except httpx.HTTPError as cause:
            raise self._unavailable(
                f"the chain node at {self.name} does not answer ({type(cause).__name__})"
            ) from cause
        except Unavailable as cause:
            raise self._unavailable(cause.message) from cause
        self.trouble = None
        return answers

    async def _exchange(self, body: bytes) -> bytes | None:
        async with self._client.stream("POST", self.url, content=body, headers=_JSON) as response:
            _check_status(response)
            whole = bytearray()
            async for part in response.aiter_bytes():
                whole += part
                if len(whole) > self._limit:
                    return None
            return bytes(whole)

    def _late(self) -> Late:
        self.trouble = f"the chain node at {self.name} did not answer within {self._timeout:g} s"
        return Late(self.trouble, next_step="check the endpoint in chain.rpc")

    def _unavailable(self, reason: str) -> Unavailable:
        self.trouble = reason
        return Unavailable(reason, next_step="check the endpoint in chain.rpc")


class _LaneProvider(JSONBaseProvider):
    """web3's way out: the same caps and errors as the batches, on a thread."""

    global_ccip_read_enabled = False  # an answer may name an address to ask next (EIP-3668): we ask nobody else

    def __init__(self, url: str, client: httpx.Client, limit: int) -> None:
        super().__init__()
        self._url = url
        self._client = client
        self._limit = limit

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        body = self.encode_rpc_request(method, params)
        try:
            with self._client.stream("POST", self._url, content=body, headers=_JSON) as response:
                _check_status(response)
                whole = bytearray()
                for part in response.iter_bytes():
                    whole += part
                    if len(whole) > self._limit:
                        raise Unavailable(f"the chain node answered more than {self._limit} bytes")
        except httpx.HTTPError as cause:
            raise Unavailable(
                f"the chain node at {shown(self._url)} does not answer ({type(cause).__name__})",
                next_step="check the endpoint in chain.rpc",
            ) from cause
        answer = _parsed(bytes(whole))
        if not isinstance(answer, dict) or ("result" not in answer and not isinstance(answer.get("error"), dict)):
            raise Unavailable("the chain node answered something that is not JSON-RPC")
        made: RPCResponse = answer  # type: ignore[assignment]
        return made


@asynccontextmanager
async def open_rpc(url: str, *, timeout: float = 10.0, limit: int = ANSWER_LIMIT) -> AsyncIterator[Rpc]:
    """Connect to an endpoint; ``timeout`` in seconds bounds every answer, ``limit`` its bytes. Raises BadConfig."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        said = f"{shown(url)} is" if parts.scheme and parts.hostname else "without http:// or a host, it is"
        raise BadConfig(f"chain.rpc: {said} not an http(s) address", next_step="write it like http://127.0.0.1:8545")
    outside = parts.hostname not in LOOPBACK  # a proxy for the outside world does not reach this machine's own chain
    trust = trust_for(url)
    with httpx.Client(timeout=timeout, trust_env=outside, verify=trust) as sync:
        async with httpx.AsyncClient(timeout=timeout, trust_env=outside, verify=trust) as client:
            yield Rpc(url, client, sync, timeout=timeout, limit=limit)


async def check_chain(rpc: Rpc, chain_id: int) -> None:
    """Raises BadConfig when the endpoint serves another chain than the deployment's."""
    if rpc.chain_id is None:
        rpc.chain_id = number(await rpc.read("eth_chainId"))
    if rpc.chain_id != chain_id:
        raise BadConfig(
            f"{rpc.name} serves chain {rpc.chain_id}, but the deployment is on chain {chain_id}",
            next_step="set chain.rpc or chain.deployment so that both name the same chain",
        )


def number(answer: object) -> int:
    """A JSON-RPC quantity. Raises Unavailable when it is none."""
    if isinstance(answer, str) and answer.startswith("0x"):
        try:
            return int(answer, 16)
        except ValueError:
            pass
    raise Unavailable("the chain node answered something that is not a number")


def _check_status(response: httpx.Response) -> None:
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise Unavailable("the chain node asks for fewer requests (HTTP 429)")
    if response.status_code != httpx.codes.OK:
        raise Unavailable(f"the chain node answered HTTP {response.status_code}")


def _parsed(raw: bytes) -> object:
    try:
        answer: object = json.loads(raw)
    except (ValueError, RecursionError) as cause:
        raise Unavailable("the chain node answered something that is not JSON") from cause
    return answer


def _answers(raw: bytes | None, ids: list[int]) -> list[Any]:
    if raw is None:
        return [Refusal(TOO_BIG, "the answer is larger than the limit")] * len(ids)
    parsed = _parsed(raw)
    if isinstance(parsed, dict) and isinstance(parsed.get("error"), dict):  # the whole batch was refused
        return [_one(parsed)] * len(ids)
    if not isinstance(parsed, list) or not all(isinstance(answer, dict) for answer in parsed):
        raise Unavailable("the chain node does not answer batches as JSON-RPC says")
    by_id = {answer["id"]: answer for answer in parsed if isinstance(answer.get("id"), int)}
    if not all(n in by_id for n in ids):
        raise Unavailable("the chain node left requests of a batch unanswered")
    return [_one(by_id[n]) for n in ids]


def _one(answer: dict[str, Any]) -> Any:
    error = answer.get("error")
    if error is None:
        return answer.get("result")
    if not isinstance(error, dict):
        return Refusal(0, str(error)[:500])
    code = error.get("code")
    return Refusal(code if isinstance(code, int) else 0, str(error.get("message", ""))[:500], error.get("data"))
