"""Ask one peer something: one stream, one request, one answer.

Request and answer are frames of canonical JSON. The answer is ``{"answer":{…}}`` or
``{"refusal":{"kind":"not_found","reason":"…"}}``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog
import trio
from libp2p.abc import IHost, INetStream
from libp2p.custom_types import TProtocol

from thenar.adapters.p2p import identity, wire
from thenar.domain import canonical
from thenar.domain.ids import PeerId
from thenar.errors import BadInput, Corrupt, Late, NotFound, Refused, ThenarError, Unavailable

log = structlog.get_logger(__name__)

Handler = Callable[[PeerId, dict[str, object]], Awaitable[dict[str, object]]]
"""Answers one request of one peer; raises Refused, Unavailable or Corrupt to refuse it."""

_REASON: Final = 500
_KINDS: Final[dict[str, type[ThenarError]]] = {
    "not_found": NotFound,
    "bad_input": BadInput,
    "refused": Refused,
    "corrupt": Corrupt,
    "late": Late,
    "unavailable": Unavailable,
}


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Bytes, seconds and how many at once."""

    request: int = 64 * 1024
    answer: int = 4 * 1024 * 1024
    seconds: float = 10.0
    per_peer: int = 8
    total: int = 64


class Requests:
    """Both sides of request and answer."""

    def __init__(
        self, host: IHost, reach: Callable[[PeerId], Awaitable[None]], limits: RequestLimits | None = None
    ) -> None:
        self._host = host
        self._reach = reach
        self._limits = limits or RequestLimits()
        self._busy: Counter[PeerId] = Counter()

    def serve(self, protocol: str, handler: Handler) -> None:
        """Answer a protocol from now on; replaces an earlier handler. May be called at any time."""
        _check_protocol(protocol)

        async def answer(stream: INetStream) -> None:
            await self._answer(stream, handler)

        self._host.set_stream_handler(TProtocol(protocol), answer)

    async def ask(self, peer: PeerId, protocol: str, request: dict[str, object]) -> dict[str, object]:
        """Send a request and wait for its answer.

        Raises what the peer refused with (NotFound, BadInput, Refused, Corrupt, Unavailable), BadInput when the
        request is too long or not canonical, Unavailable when the peer cannot be reached or does not speak the
        protocol, Late after the deadline.
        """
        _check_protocol(protocol)
        data = canonical.encode(request)
        if len(data) > self._limits.request:
            raise BadInput(f"the request has {len(data)} bytes where at most {self._limits.request} are allowed")
        try:
            with trio.fail_after(self._limits.seconds):
                return await self._exchange(peer, protocol, data)
        except trio.TooSlowError as cause:
            raise Late(f"{peer} did not answer {protocol} within {self._limits.seconds:g} s") from cause

    async def _exchange(self, peer: PeerId, protocol: str, data: bytes) -> dict[str, object]:
        await self._reach(peer)
        try:
            stream = await self._host.new_stream(identity.to_libp2p(peer), [TProtocol(protocol)])
        except wire.HOSTILE as cause:
            raise Unavailable(f"{peer} cannot be reached or does not speak {protocol}") from cause
        done = False
        try:
            await wire.send(stream, wire.frame(data), seconds=self._limits.seconds)
            frames = wire.Frames(stream, limit=self._limits.answer, seconds=self._limits.seconds)
            answer = await frames.next()
            done = True
        finally:
            await (wire.finish(stream) if done else wire.drop(stream))
        if answer is None:
            raise Unavailable(f"{peer} closed the stream without an answer to {protocol}")
        return _read_answer(canonical.decode_object(answer, limit=self._limits.answer))

    async def _answer(self, stream: INetStream, handler: Handler) -> None:
        peer = identity.from_libp2p(stream.muxed_conn.peer_id)
        if self._busy[peer] >= self._limits.per_peer or self._busy.total() >= self._limits.total:
            await self._reply(stream, _refusal(Unavailable("too many requests at once; ask again later")))
            return
        self._busy[peer] += 1
        try:
            with trio.move_on_after(self._limits.seconds) as scope:
                await self._reply(stream, await self._work(peer, stream, handler))
            if scope.cancelled_caught:
                await wire.drop(stream)
        finally:
            self._busy[peer] -= 1
            if not self._busy[peer]:
                del self._busy[peer]

    async def _work(self, peer: PeerId, stream: INetStream, handler: Handler) -> bytes | None:
        try:
            data = await wire.Frames(stream, limit=self._limits.request, seconds=self._limits.seconds).next()
            if data is None:
                return None
            request = canonical.decode_object(data, limit=self._limits.request)
            answer = canonical.encode({"answer": await handler(peer, dict(request))})
        except (Refused, Unavailable, Corrupt) as refusal:
            return _refusal(refusal)
        if len(answer) > self._limits.answer:
            log.warning("answer is over the cap", peer=peer, size=len(answer))
            return _refusal(Refused("the answer is longer than a message may be"))
        return answer

    async def _reply(self, stream: INetStream, data: bytes | None) -> None:
        try:
            if data is not None:
                await wire.send(stream, wire.frame(data), seconds=self._limits.seconds)
        except Unavailable:
            await wire.drop(stream)
            return
        await wire.finish(stream)


def _check_protocol(protocol: str) -> None:
    if not protocol.startswith("/thenar/") or len(protocol) > 64 or not protocol.isascii():
        raise BadInput(f"{protocol[:80]!r} is not a protocol of ours: expected /thenar/<noun>/<version>")


def _refusal(error: ThenarError) -> bytes:
    kind = next((name for name, known in _KINDS.items() if type(error) is known), None)
    if kind is None:
        kind = "refused" if isinstance(error, Refused) else "unavailable"
    return canonical.encode({"refusal": {"kind": kind, "reason": error.message[:_REASON]}})


def _read_answer(value: dict[str, canonical.Value]) -> dict[str, object]:
    answer, refusal = value.get("answer"), value.get("refusal")
    if isinstance(answer, dict) and len(value) == 1:
        return dict(answer)
    if not isinstance(refusal, dict) or len(value) != 1:
        raise BadInput("the peer's answer is neither an answer nor a refusal")
    kind, reason = refusal.get("kind"), refusal.get("reason")
    if not isinstance(kind, str) or not isinstance(reason, str):
        raise BadInput("the peer's refusal has no kind and reason")
    raise _KINDS.get(kind, Refused)(f"the peer refused: {reason[:_REASON]}")
