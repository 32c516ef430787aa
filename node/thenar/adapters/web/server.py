"""HTTP on loopback, under trio: starlette routes served by hypercorn.

``/healthz`` (the process lives), ``/readyz`` (200, or 503 with reasons), ``/metrics`` (Prometheus text),
``/v1/status``, ``POST /v1/commands/<name>``, which streams progress and one final result as JSON lines, and the
collections of ``reading``. All but the first three, the OpenAPI document and the pages of ``showing`` need the bearer
token; requests that name a foreign host or come from a page of another origin are refused. Whatever is refused or not
found is told as ``{"error": …}``, often with ``next_step``.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import trio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from trio_typing import TaskStatus

from thenar.adapters.web.connections import listen_on, serve_connections
from thenar.adapters.web.describing import describe_door
from thenar.adapters.web.failing import Failures
from thenar.adapters.web.reading import Shelf, reading_routes
from thenar.adapters.web.showing import showing_routes
from thenar.errors import BadConfig, BadInput, Refused, ThenarError
from thenar.services.ports import Tell

BODY_LIMIT = 1024 * 1024
HEAD_SECONDS = 5.0
"""How long a connection may be silent, or dawdle over the head of a request."""
BODY_SECONDS = 30.0
"""How long the body of a request may take."""
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_ONCE = ("host", "origin", "sec-fetch-site")
"""Headers that let a request in: said twice, they could be read in two ways."""
_VERSIONS = ("1.0", "1.1", "2")
_HOST = re.compile(rf"({'|'.join(map(re.escape, LOOPBACK_NAMES))})(:\d{{1,5}})?", re.ASCII)

Command = Callable[[dict[str, object], Tell], Awaitable[dict[str, object]]]


@dataclass(frozen=True, slots=True)
class Door:
    """What the door shows and lets through."""

    token: str
    ready: Callable[[], Awaitable[list[str]]]
    metrics: Callable[[], Awaitable[str]]
    status: Callable[[], Awaitable[dict[str, object]]]
    commands: Mapping[str, Command]
    shelf: Shelf = field(default_factory=Shelf)
    failures: Failures = field(default_factory=Failures)


class _Loopback:
    """Refuse requests for another host name, or sent by a page from elsewhere: DNS rebinding and cross-site forgery."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = _unheard(scope) if scope["type"] == "http" else None
        await (refused or self._app)(scope, receive, send)


def _unheard(scope: Scope) -> Response | None:
    """Why a request is not even looked at, going by its head alone."""
    said = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    headers = dict(said)
    if scope["http_version"] not in _VERSIONS:
        return _refusal(505, "this door speaks HTTP/1.1")
    twice = any([name for name, _ in said].count(once) > 1 for once in _ONCE)
    if twice or {"content-length", "transfer-encoding"} <= headers.keys():
        return _refusal(400, "this request can be read in two ways")
    if _HOST.fullmatch(headers.get("host", "")) is None:
        return _refusal(421, "this door answers on loopback only", f"ask under one of {', '.join(LOOPBACK_NAMES)}")
    own = f"http://{headers['host']}"
    if headers.get("origin", own) != own or headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return _refusal(
            403, "pages from elsewhere may not use this door", "docs/api.md, From a frontend: what they do instead"
        )
    return None


def _refusal(status: int, error: str, next_step: str = "") -> Response:
    return JSONResponse({"error": error, "next_step": next_step} if next_step else {"error": error}, status)


async def _no_route(_: Request, cause: Exception) -> Response:
    """What starlette says of a path or a method there is not."""
    assert isinstance(cause, HTTPException)
    found = "there is no such path" if cause.status_code == 404 else cause.detail.lower()
    said = {"error": found, "next_step": "GET /v1/openapi.json lists what there is"}
    return JSONResponse(said, cause.status_code, headers=cause.headers)


def make_app(door: Door, nursery: trio.Nursery) -> ASGIApp:
    """The routes over a door; commands run in ``nursery`` and end there even when the asker leaves."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        reasons = await door.ready()
        return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)

    async def metrics(_: Request) -> Response:
        return PlainTextResponse(await door.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def status(request: Request) -> Response:
        return _locked(door, request) or JSONResponse(await door.status())

    async def command(request: Request) -> Response:
        return _locked(door, request) or await _run_command(door, nursery, request)

    routes = [
        *showing_routes(),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
        Route("/v1/status", status),
        Route("/v1/commands/{name}", command, methods=["POST"]),
        *reading_routes(
            door.shelf,
            lambda request: _locked(door, request),
            lambda: describe_door(door.shelf, door.commands),
        ),
    ]
    failed = {Exception: door.failures.note, HTTPException: _no_route}
    made = Starlette(routes=routes, middleware=[Middleware(_Loopback)], exception_handlers=failed)
    made.router.redirect_slashes = False  # an empty id would lead to the collection by way of another address
    return made


def _locked(door: Door, request: Request) -> Response | None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme == "Bearer" and hmac.compare_digest(given.encode(), door.token.encode()):
        return None
    return _refusal(401, "the token in the node's data directory is needed")


async def _run_command(door: Door, nursery: trio.Nursery, request: Request) -> Response:
    run = door.commands.get(request.path_params["name"])
    if run is None:
        return _refusal(404, "no such command")
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        return _refusal(415, "the body must be application/json")
    with trio.move_on_after(BODY_SECONDS) as reading:
        body = await _body(request)
    if reading.cancelled_caught:
        return _refusal(408, f"the body did not arrive within {BODY_SECONDS:g} s")
    if body is None:
        return _refusal(413, f"the body is over {BODY_LIMIT} bytes")
    try:
        arguments = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return _refusal(400, "the body is not JSON")
    if not isinstance(arguments, dict):
        return _refusal(400, "the body must be an object")
    give, take = trio.open_memory_channel[dict[str, object]](256)
    nursery.start_soon(_work, run, arguments, give)
    return StreamingResponse(_lines(take), media_type="application/x-ndjson")


async def _body(request: Request) -> bytes | None:
    """What was sent with a request, or None as soon as it is known to be too much."""
    announced = request.headers.get("content-length", "0")
    if len(announced) > len(str(BODY_LIMIT)) or (announced.isdecimal() and int(announced) > BODY_LIMIT):
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_LIMIT:
            return None
    return bytes(body)


async def _lines(take: trio.MemoryReceiveChannel[dict[str, object]]) -> AsyncIterator[bytes]:
    async with take:
        async for line in take:
            yield json.dumps(line).encode() + b"\n"


async def _work(run: Command, arguments: dict[str, object], give: trio.MemorySendChannel[dict[str, object]]) -> None:
    """Run a command to its end; tell progress, then the result or error, as long as somebody listens."""

    def tell(progress: dict[str, object]) -> None:
        try:
            give.send_nowait({"progress": progress})
        except (trio.WouldBlock, trio.BrokenResourceError):
            return  # progress is a courtesy: a slow or absent reader misses it

    async with give:
        outcome = await outcome_of(run, arguments, tell)
        try:
            await give.send(outcome)
        except trio.BrokenResourceError:
            return  # the asker left; what was done stays done


async def outcome_of(run: Command, arguments: dict[str, object], tell: Tell) -> dict[str, object]:
    """What a command comes to, as this door says it: ``result`` or ``error``."""
    try:
        return {"result": await run(arguments, tell)}
    except ThenarError as failure:
        return {"error": describe(failure)}
    except (KeyError, TypeError, ValueError) as wrong:
        return {"error": describe(BadInput(f"the arguments do not fit: {wrong}"))}
    except OSError as trouble:  # a file or folder the asker named; the node lives on
        return {"error": describe(Refused(f"{trouble.strerror or trouble}: {trouble.filename or 'a file'}"))}


def describe(failure: ThenarError) -> dict[str, object]:
    """A failure as JSON: kind, message, next step, exit code."""
    return {
        "kind": type(failure).__name__,
        "message": failure.message,
        "next_step": failure.next_step,
        "exit_code": failure.exit_code,
    }


def loopback_of(listen: str) -> tuple[str, int]:
    """Host and port of a loopback address. Raises BadConfig for any other."""
    host, _, port = listen.rpartition(":")
    if host not in LOOPBACK_NAMES or not port.isascii() or not port.isdecimal() or int(port[:6]) > 65_535:
        raise BadConfig(f"web.listen must be a loopback host:port, not {listen!r}", next_step="use 127.0.0.1:0")
    return host, int(port)


async def serve(door: Door, listen: str, *, task_status: TaskStatus[str] = trio.TASK_STATUS_IGNORED) -> None:
    """Serve for ever; announces the bound ``host:port``.

    Raises BadConfig for an address that is not loopback, Unavailable when the port is taken.
    """
    host, port = loopback_of(listen)
    listeners = await listen_on(host, port)
    async with trio.open_nursery() as nursery:
        serving = partial(serve_connections, make_app(door, nursery), listeners, quiet_for=HEAD_SECONDS)
        await nursery.start(serving)
        task_status.started(f"{'[::1]' if host == '[::1]' else '127.0.0.1'}:{listeners[0].socket.getsockname()[1]}")
