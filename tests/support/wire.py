"""A wire to a local port that can be cut and mended, as a network between a node and its chain is."""

from __future__ import annotations

from functools import partial

import trio


class Wire:
    """Passes bytes from one loopback port to another while it is whole; holds them back while it hangs."""

    def __init__(self, to: int) -> None:
        self._to = to
        self.port = 0
        self._whole = trio.Event()
        self._whole.set()
        self._cut = trio.CancelScope()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def mend(self, nursery: trio.Nursery) -> None:
        """Listen, on the same port as before, until ``cut``."""
        self._cut = trio.CancelScope()
        self.port = await nursery.start(self._serve)

    def hang(self) -> None:
        """Take connections and bytes as before, and pass nothing on any more."""
        self._whole = trio.Event()

    def flow(self) -> None:
        """Pass on again what is sent from now on."""
        self._whole.set()

    def cut(self) -> None:
        """Refuse connections and drop those there are."""
        self._cut.cancel()

    async def _serve(self, *, task_status: trio.TaskStatus[int]) -> None:
        with self._cut:
            async with trio.open_nursery() as nursery:
                listeners = await nursery.start(partial(trio.serve_tcp, self._join, self.port, host="127.0.0.1"))
                task_status.started(listeners[0].socket.getsockname()[1])

    async def _join(self, near: trio.SocketStream) -> None:
        try:
            far = await trio.open_tcp_stream("127.0.0.1", self._to)
            async with near, far, trio.open_nursery() as nursery:
                nursery.start_soon(self._pour, near, far)
                await self._pour(far, near)
                nursery.cancel_scope.cancel()
        except* (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
            pass

    async def _pour(self, source: trio.SocketStream, sink: trio.SocketStream) -> None:
        async for data in source:
            await self._whole.wait()
            await sink.send_all(data)
