"""Reading the catalog over HTTP: collections with filters, pages and ETags, one item, and a stream of changes.

``GET /v1/<collection>`` answers ``{"as_of", "total", "items", "next"}`` in the order of the chain; ``after`` continues
behind an item. ``GET /v1/<collection>/<id>`` answers one item, and so does a view of something that is worked out when
it is asked for. ``GET /v1/changes`` sends an event (server-sent events) whenever blocks were taken in, with a tag that
is another when something in the collections is. ``GET /v1/openapi.json`` describes all of it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import trio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from thenar.adapters.web.kinds import Fields, compared, plain
from thenar.errors import BadInput, Corrupt, NotFound, ThenarError, Unavailable

PAGE: Final = 100
LARGEST_PAGE: Final = 500
SHOWN_AT_ONCE: Final = 200
"""Records looked at by a filter before other tasks have their turn."""
ALIVE_EVERY: Final = 15.0
"""Seconds after which a silent stream says that it still lives."""

STATUSES: Final = {BadInput: 400, NotFound: 404, Corrupt: 502}
"""What a view's failures are over HTTP; 503 for what may come later, 403 for the rest."""

Item = dict[str, object]
Locked = Callable[[Request], Response | None]


@dataclass(frozen=True, slots=True)
class Collection:
    """Things of one kind: their records by id in the order of the chain, how one is shown, and of which kind each field
    is (``kinds``); ``filters`` are the fields that a query may compare. Hex in ids is in lower case."""

    summary: str
    records: Callable[[], Mapping[Any, Any]]  # ids are texts
    show: Callable[[Any], Item]
    fields: Fields
    filters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """What is worked out about one thing when it is asked for, by its id, a text that its JSON schema may say more of.

    Raises ThenarError for what cannot be.
    """

    summary: str
    look: Callable[[str], Awaitable[Item]]
    fields: Fields
    id: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True)
class Shelf:
    """What there is to read: collections and views by name, the block they are as of and the seconds since, a tag that
    changes whenever anything in the collections does, and a wait for the next block."""

    collections: Mapping[str, Collection] = field(default_factory=dict)
    block: Callable[[], int] = lambda: -1
    tag: Callable[[], str] = lambda: "0"
    changed: Callable[[], Awaitable[None]] = trio.sleep_forever
    age: Callable[[], float] = lambda: 0.0
    views: Mapping[str, View] = field(default_factory=dict)

    def as_of(self) -> Item:
        """The block answers are as of, and how long ago the catalog moved there."""
        return {"block": self.block(), "age_s": round(self.age(), 1)}


Look = Callable[[Shelf, Collection, Request], Awaitable[Item]]


class _Asked(Exception):
    """A query that cannot be answered; carries the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def reading_routes(shelf: Shelf, locked: Locked, described: Callable[[], Item]) -> list[Route]:
    """Routes over a shelf; ``locked`` refuses who has no token, ``described`` is the OpenAPI document."""

    def reading(collection: Collection, look: Look) -> Callable[[Request], Awaitable[Response]]:
        async def read(request: Request) -> Response:
            return locked(request) or await _answered(shelf, collection, request, look)

        return read

    async def changes(request: Request) -> Response:
        refused = locked(request)
        return refused or StreamingResponse(_changes(shelf), media_type="text/event-stream")

    async def document(_: Request) -> Response:
        return JSONResponse(described())

    routes = [Route("/v1/openapi.json", document), Route("/v1/changes", changes)]
    for name, collection in shelf.collections.items():
        routes.append(Route(f"/v1/{name}", reading(collection, _page)))
        routes.append(Route(f"/v1/{name}/{{id}}", reading(collection, _item)))
    return [
        *routes,
        *(Route(f"/v1/{name}/{{id}}", _viewing(shelf, view, locked)) for name, view in shelf.views.items()),
    ]


def _viewing(shelf: Shelf, view: View, locked: Locked) -> Callable[[Request], Awaitable[Response]]:
    async def read(request: Request) -> Response:
        if (refused := locked(request)) is not None:
            return refused
        try:
            item = await view.look(request.path_params["id"])
        except ThenarError as cause:
            step = {"next_step": cause.next_step} if cause.next_step else {}
            said = {"error": cause.message, **step}
            return JSONResponse(said, STATUSES.get(type(cause), 503 if isinstance(cause, Unavailable) else 403))
        return JSONResponse({"as_of": shelf.as_of(), "item": item}, headers={"cache-control": "no-store"})

    return read


async def _answered(shelf: Shelf, collection: Collection, request: Request, look: Look) -> Response:
    tag = f'W/"{shelf.tag()}"'  # weak: how many seconds ago it was is another every time
    if _knows(request, tag):
        return Response(status_code=304, headers={"etag": tag})
    try:
        return JSONResponse(await look(shelf, collection, request), headers={"etag": tag, "cache-control": "no-cache"})
    except _Asked as asked:
        return _refusal(asked.status, asked.message)


def _knows(request: Request, tag: str) -> bool:
    """Whether the asker holds this state already (RFC 9110, 13.1.2: any of a list, compared weakly).

    ``*`` holds nothing: whether there is such a thing at all is not known before it is looked for.
    """
    said = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return tag.removeprefix("W/") in said


async def _page(shelf: Shelf, collection: Collection, request: Request) -> Item:
    wanted = _wanted(collection, request)
    limit, after = wanted.pop("limit", str(PAGE)), wanted.pop("after", None)
    if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= LARGEST_PAGE):
        raise _Asked(400, f"limit must be 1 to {LARGEST_PAGE}")
    after = None if after is None else plain(after)
    as_of = shelf.as_of()
    records: dict[str, Any] = dict(collection.records())
    if after is not None and after not in records:
        raise _Asked(409, "nothing is known under that `after`, perhaps after a reorganisation: begin anew")
    chosen = await _chosen(collection, records, wanted)
    start = 0 if after is None else _behind(records, chosen, after)
    ids = chosen[start : start + int(limit)]
    more = start + len(ids) < len(chosen)
    items = [collection.show(records[key]) for key in ids]
    return {"as_of": as_of, "total": len(chosen), "items": items, "next": ids[-1] if more else None}


def _behind(records: Mapping[str, Any], chosen: list[str], after: str) -> int:
    """The place of the first chosen one behind an item, which the filter itself may not choose."""
    order = {key: place for place, key in enumerate(records)}
    return next((place for place, key in enumerate(chosen) if order[key] > order[after]), len(chosen))


def _wanted(collection: Collection, request: Request) -> dict[str, str]:
    wanted = dict(request.query_params)
    unknown = sorted(wanted.keys() - {"limit", "after", *collection.filters})
    if unknown:
        known = ", ".join(("limit", "after", *collection.filters))
        raise _Asked(400, f"there is no filter {unknown[0][:40]}; there are {known}")
    for name in wanted.keys() & set(collection.filters):
        try:
            wanted[name] = compared(collection.fields[name], wanted[name])
        except ValueError as cause:
            raise _Asked(400, f"{name} must be {cause}") from cause
    return wanted


async def _chosen(collection: Collection, records: Mapping[str, Any], wanted: Mapping[str, str]) -> list[str]:
    if not wanted:
        return list(records)
    chosen = []
    for place, (key, record) in enumerate(records.items()):
        if place % SHOWN_AT_ONCE == 0:
            await trio.lowlevel.checkpoint()
        shown = collection.show(record)
        if all(_spoken(shown[name]) == value for name, value in wanted.items()):
            chosen.append(key)
    return chosen


def _spoken(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


async def _item(shelf: Shelf, collection: Collection, request: Request) -> Item:
    if request.query_params:
        raise _Asked(400, "one item has no filters")
    record = collection.records().get(plain(request.path_params["id"]))
    if record is None:
        raise _Asked(404, f"nothing is known under that id as of block {shelf.block()}")
    return {"as_of": shelf.as_of(), "item": collection.show(record)}


async def _changes(shelf: Shelf) -> AsyncIterator[bytes]:
    told = None
    while True:
        block, tag = shelf.block(), shelf.tag()
        if (block, tag) != told:  # also what changed while the reader was slow
            told = (block, tag)
            yield f"event: changed\nid: {block}\ndata: {json.dumps({'block': block, 'tag': tag})}\n\n".encode()
            continue
        with trio.move_on_after(ALIVE_EVERY) as waited:
            await shelf.changed()
        if waited.cancelled_caught:
            yield b": alive\n\n"


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)
