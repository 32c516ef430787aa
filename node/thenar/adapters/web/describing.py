"""The door's OpenAPI 3.1 document, made from what it really serves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from thenar import __version__
from thenar.adapters.web.failing import NAMED_BY
from thenar.adapters.web.kinds import asked_schema, object_of
from thenar.adapters.web.reading import LARGEST_PAGE, PAGE, Collection, Shelf, View

_REFUSED: Final = {
    "description": "refused, and why",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"error": {"type": "string"}, "next_step": {"type": "string"}},
                "required": ["error"],
            }
        }
    },
}
_UNHEARD: Final = {
    "400": _REFUSED,
    "403": {**_REFUSED, "description": "from a page of another origin, or not this node's to see or do"},
    "421": {**_REFUSED, "description": "asked under a name that is not this machine's"},
}
"""What any request may be answered, going by its head alone."""
_FAILED: Final = {
    **_REFUSED,
    "description": "a bug of the node; its log names the request",
    "headers": {NAMED_BY: {"required": True, "schema": {"type": "string"}}},
}
_ETAG: Final = {"etag": {"required": True, "description": "what the catalog holds", "schema": {"type": "string"}}}
_AS_OF: Final = {
    "type": "object",
    "properties": {"block": {"type": "integer"}, "age_s": {"type": "number"}},
    "required": ["block", "age_s"],
}


def describe_door(shelf: Shelf, commands: Iterable[str]) -> dict[str, object]:
    """OpenAPI of everything the door serves: collections, views, the stream of changes, status, health, commands."""
    paths: dict[str, object] = {
        "/healthz": _plain("Whether the process lives", open_to_all=True),
        "/readyz": _ready(),
        "/metrics": _plain("Prometheus metrics", open_to_all=True),
        "/v1/openapi.json": {"get": _read("This document", {"type": "object"}, open_to_all=True)},
        "/v1/status": {"get": _read("What the node is and how each part does", {"type": "object"})},
        "/v1/changes": _plain(
            "An event for every block taken in (server-sent events); its tag is another when a collection changed",
            "text/event-stream",
        ),
        "/v1/commands/{name}": _command(commands),
    }
    for name, collection in shelf.collections.items():
        paths[f"/v1/{name}"] = {"get": _many(name, collection)}
        paths[f"/v1/{name}/{{id}}"] = {"get": _one(name, collection, "304", "400", "404")}
    for name, view in shelf.views.items():
        paths[f"/v1/{name}/{{id}}"] = {"get": _one(name, view, "400", "403", "404", "502", "503")}
    shown: dict[str, Collection | View] = {**shelf.collections, **shelf.views}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Thenar node", "version": __version__, "description": "Served on loopback only."},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {name: _schema(thing) for name, thing in shown.items()},
        },
        "security": [{"token": []}],
    }


def _schema(thing: Collection | View) -> dict[str, Any]:
    return {"description": thing.summary, **object_of(thing.fields)}


def _many(name: str, collection: Collection) -> dict[str, object]:
    limit = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE}
    asked = [
        {"name": "limit", "in": "query", "schema": limit},
        {"name": "after", "in": "query", "schema": {"type": "string"}, "description": "the id behind which to go on"},
        *(
            {"name": field, "in": "query", "schema": asked_schema(collection.fields[field])}
            for field in collection.filters
        ),
    ]
    body = {
        "type": "object",
        "properties": {
            "as_of": _AS_OF,
            "total": {"type": "integer"},
            "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
            "next": {"type": ["string", "null"]},
        },
        "required": ["as_of", "total", "items", "next"],
    }
    return {**_tagged(_read(collection.summary, body, "304", "400", "409")), "parameters": [*asked, _IF_NONE_MATCH]}


def _one(name: str, thing: Collection | View, *others: str) -> dict[str, object]:
    body = {
        "type": "object",
        "properties": {"as_of": _AS_OF, "item": {"$ref": f"#/components/schemas/{name}"}},
        "required": ["as_of", "item"],
    }
    told = thing.id if isinstance(thing, View) else {"type": "string"}
    named = {"name": "id", "in": "path", "required": True, "schema": told}
    if isinstance(thing, View):
        return {**_read(thing.summary, body, *others), "parameters": [named]}
    return {**_tagged(_read(f"One of: {thing.summary}", body, *others)), "parameters": [named, _IF_NONE_MATCH]}


_IF_NONE_MATCH: Final = {"name": "if-none-match", "in": "header", "schema": {"type": "string"}}


def _tagged(operation: dict[str, Any]) -> dict[str, Any]:
    """An operation whose answers say which state of the catalog they are of."""
    for status in ("200", "304"):
        operation["responses"][status] = {**operation["responses"][status], "headers": _ETAG}
    return operation


def _ready() -> dict[str, object]:
    summary = "Whether the node can do its work, and why not"
    reasons = {"type": "array", "items": {"type": "string"}}
    properties = {"ready": {"type": "boolean"}, "reasons": reasons}
    told = {"type": "object", "properties": properties, "required": list(properties)}
    found = _read(summary, told, open_to_all=True)
    return {"get": {**found, "responses": {**found["responses"], "503": found["responses"]["200"]}}}


def _plain(summary: str, media: str = "text/plain", *, open_to_all: bool = False) -> dict[str, object]:
    shown = {"description": summary, "content": {media: {"schema": {"type": "string"}}}}
    return {"get": _operation(summary, {"200": shown}, open_to_all)}


def _read(summary: str, schema: dict[str, Any], *others: str, open_to_all: bool = False) -> dict[str, Any]:
    answers: dict[str, object] = {"200": {"description": summary, "content": {"application/json": {"schema": schema}}}}
    for status in others:
        answers[status] = {"description": "not changed"} if status == "304" else _REFUSED
    return _operation(summary, answers, open_to_all)


def _operation(summary: str, answers: dict[str, object], open_to_all: bool) -> dict[str, Any]:
    always = {**answers, **_UNHEARD, "500": _FAILED}
    if open_to_all:
        return {"summary": summary, "responses": always, "security": []}
    return {"summary": summary, "responses": {**always, "401": _REFUSED}}


def _command(commands: Iterable[str]) -> dict[str, object]:
    summary = "Run a command of the command line; answers progress and one result, or an error, as JSON lines"
    told = {"description": summary, "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
    answers: dict[str, object] = {"200": told, **dict.fromkeys(("400", "404", "408", "413", "415"), _REFUSED)}
    named = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "enum": sorted(commands)}}
    body = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"post": {**_operation(summary, answers, False), "parameters": [named], "requestBody": body}}
