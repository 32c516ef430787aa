"""What the door's own routes fail at: a line in the log and a number, and an answer that says which line.

A route that fails is a bug of ours; the node lives on and answers 500. The log names the request by an id that the
answer carries too, the route by its template and the failure by its kind and place: no value of a request is written.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

log = logging.getLogger(__name__)

NAMED_BY = "x-request-id"
"""Header of an answer that says which line of the log is about it."""


@dataclass(slots=True)
class Failures:
    """How many requests failed since the door opened."""

    count: int = 0

    async def note(self, request: Request, cause: Exception) -> Response:
        """Log and count a failure, and make the answer to the request. A client who left is no failure."""
        causes = [one for one in _single(cause) if not isinstance(one, ClientDisconnect)]
        if not causes:
            return Response(status_code=499)
        self.count += 1
        name = secrets.token_hex(8)
        route = getattr(request.scope.get("route"), "path", "no route")
        told = {"request": name, "method": request.method, "path": route}
        kinds = {"kind": [type(one).__name__ for one in causes], "at": [_place(one) for one in causes]}
        log.error("request failed", extra={**told, **kinds})
        said = {"error": "the node failed at this request", "next_step": f"report what its log says of {name}"}
        return JSONResponse(said, 500, headers={NAMED_BY: name})


def _single(cause: BaseException) -> Iterator[BaseException]:
    """What went wrong, out of the groups of the tasks around it."""
    if isinstance(cause, BaseExceptionGroup):
        for one in cause.exceptions:
            yield from _single(one)
    else:
        yield cause


def _place(cause: BaseException) -> str:
    """The file and line where something was raised."""
    last = traceback.extract_tb(cause.__traceback__)[-1:]
    return f"{Path(last[0].filename).name}:{last[0].lineno}" if last else "nowhere"
