"""A daemon's API that answers for blocks, and lies as it is told to."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LIES = ("honest", "flipped", "cut short", "torn", "empty", "another's", "too long", "endless", "broken", "gone")

FAILURES = {"broken": 500, "overloaded": 503, "refusing": 400, "closed": 403}
"""Moods in which the daemon answers whatever it is asked with a failure."""


class LyingKubo:
    """What the daemon holds, and how it answers the next request for a block."""

    def __init__(self) -> None:
        self.blocks: dict[str, bytes] = {}
        self.mood = "honest"
        self.api = ""
        self.stopped = threading.Event()

    def answer(self, handler: BaseHTTPRequestHandler, cid: str) -> None:
        """Send a block, more or less."""
        block, mood = self.blocks[cid], self.mood
        if mood == "gone":
            handler.connection.shutdown(socket.SHUT_RDWR)
        elif mood == "torn":
            _send(handler, block[: len(block) // 2], length=len(block))
            handler.close_connection = True
        elif mood in ("endless", "slow"):
            self._trickle(handler, block)
        else:
            _send(handler, self._bent(block, mood))

    def _bent(self, block: bytes, mood: str) -> bytes:
        match mood:
            case "flipped":
                return block[:-1] + bytes([block[-1] ^ 1])
            case "cut short":
                return block[:-1]
            case "empty":
                return b""
            case "another's":
                return next(other for other in self.blocks.values() if other != block)
            case "too long":
                return block + block
        return block

    def _trickle(self, handler: BaseHTTPRequestHandler, block: bytes) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        while not self.stopped.wait(0.05 if self.mood == "slow" else 0):
            handler.wfile.write(block[:1] if self.mood == "slow" else bytes(65_536))


def _send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, *, length: int | None = None) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def lying_kubo() -> Iterator[LyingKubo]:
    """The daemon on a loopback port while the scope lasts."""
    daemon = LyingKubo()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = urlsplit(self.path)
            if asked.path.endswith("/version"):
                _send(self, json.dumps({"Version": "0.36.0"}).encode())
                return
            if daemon.mood in FAILURES:
                _send(
                    self,
                    json.dumps({"Message": "disk on fire", "Code": 0, "Type": "error"}).encode(),
                    FAILURES[daemon.mood],
                )
                return
            try:
                daemon.answer(self, parse_qs(asked.query)["arg"][0])
            except OSError:
                self.close_connection = True  # whoever asked has heard enough

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    daemon.api = f"/ip4/127.0.0.1/tcp/{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield daemon
    finally:
        daemon.stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()
