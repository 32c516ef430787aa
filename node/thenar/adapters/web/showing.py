"""The pages a browser shows: a fixed set of files of this package, from this origin alone, under a strict policy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_KINDS: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}
START: Final = "index.html"


def showing_routes() -> list[Route]:
    """``/`` and ``/pages/<file>``, for every file there is when the door opens and for no other."""
    folder = resources.files(__package__) / "pages"
    files = {item.name: item.read_bytes() for item in folder.iterdir() if item.name.split(".")[-1] in _KINDS}
    routes = [Route(f"/pages/{name}", _sent(name, content)) for name, content in sorted(files.items())]
    return [Route("/", _sent(START, files[START])), *routes]


def _sent(name: str, content: bytes) -> Callable[[Request], Awaitable[Response]]:
    async def send(_: Request) -> Response:
        return Response(content, headers=_HEADERS, media_type=_KINDS[name.split(".")[-1]])

    return send
