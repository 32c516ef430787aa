"""HTTP connections on loopback, each on its own: what one stumbles over ends that one and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import h2.exceptions
import h11
import hpack
import trio
from hypercorn.config import Config
from hypercorn.events import Closed, Event, Updated
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ConnectionState
from hypercorn.utils import wrap_app
from starlette.types import ASGIApp
from trio_typing import TaskStatus

from thenar.errors import Unavailable

STUMBLES: Final[tuple[type[Exception], ...]] = (
    h11.ProtocolError,
    h2.exceptions.H2Error,
    hpack.HPACKError,
    trio.BusyResourceError,
    trio.BrokenResourceError,
    trio.ClosedResourceError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
)
"""What hypercorn lets through when a peer is hostile or leaves in the middle: among others, it writes an answer to a
connection that it is closing. What goes wrong in the door's own routes never comes this far: that is a 500."""


class _Connection(TCPServer):
    """One connection; ends alone, and ends when it should.

    The task that says the last of a streamed answer is cancelled as soon as the answer is out: closing, or beginning to
    wait for the next request, must not be cancelled with it.
    """

    async def protocol_send(self, event: Event) -> None:
        with trio.CancelScope(shield=isinstance(event, Closed | Updated)):
            await super().protocol_send(event)

    async def run(self) -> None:
        try:
            await super().run()
        except* STUMBLES:
            await trio.aclose_forcefully(self.stream)


async def listen_on(host: str, port: int) -> Sequence[trio.SocketListener]:
    """Listeners of a loopback address, at one port. Raises Unavailable when it is taken."""
    numbers = {"localhost": "127.0.0.1", "[::1]": "::1"}
    try:
        return await trio.open_tcp_listeners(port, host=numbers.get(host, host))
    except OSError as taken:
        step = "stop what listens there, or set web.listen to another port; 0 is any that is free"
        said = f"web.listen: cannot listen on {host}:{port}: {taken.strerror or taken}"
        raise Unavailable(said, next_step=step) from taken


async def serve_connections(
    app: ASGIApp,
    listeners: Sequence[trio.SocketListener],
    *,
    quiet_for: float,
    task_status: TaskStatus[Any] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Answer on listeners for ever; a connection may say nothing for so many seconds."""
    config = Config()
    config.accesslog = config.errorlog = None
    config.keep_alive_timeout = quiet_for
    wrapped = wrap_app(app, config.wsgi_max_body_size, "asgi")  # type: ignore[arg-type]
    handler = partial(_Connection, wrapped, config, WorkerContext(None), ConnectionState({}))
    await trio.serve_listeners(handler, listeners, task_status=task_status)
