"""A place nobody named: it counts who comes, and servers on the way send people there."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from eth_abi import encode

OFFCHAIN_LOOKUP = "0x556f1830"
"""Selector of the error by which a contract asks a caller to read an address of its choice (EIP-3668)."""


@dataclass
class Trap:
    """Listens on loopback, IPv4 and IPv6, at one port."""

    port: int = 0
    _hosts: list[str] = field(default_factory=list)
    _visitors: list[tuple[str, int]] = field(default_factory=list)
    _own: set[tuple[str, int]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def listen(self, sockets: list[socket.socket]) -> None:
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "127.0.0.2"), (socket.AF_INET6, "::1")):
            one = socket.socket(family, socket.SOCK_STREAM)
            sockets.append(one)
            one.bind((host, self.port))
            one.listen()
            self.port = one.getsockname()[1]
            self._hosts.append(host)
            threading.Thread(target=self._count, args=(one,), daemon=True).start()

    def seen(self) -> list[tuple[str, int]]:
        """Everybody who came until now: a visit of our own stands behind theirs in every queue, and is not counted."""
        for host in self._hosts:
            with socket.create_connection((host, self.port), timeout=10) as visit:
                self._own.add(visit.getsockname()[:2])
                visit.recv(1)
        return [visitor for visitor in self._visitors if visitor not in self._own]

    def _count(self, one: socket.socket) -> None:
        while True:
            try:
                visitor, address = one.accept()
            except OSError:
                return
            self._visitors.append(address[:2])
            visitor.close()


@contextmanager
def trap() -> Iterator[Trap]:
    """A trap while the scope lasts."""
    made, sockets = Trap(), []
    try:
        made.listen(sockets)
        yield made
    finally:
        for one in sockets:
            one.shutdown(socket.SHUT_RDWR)
            one.close()


Misleads = Callable[[BaseHTTPRequestHandler, bytes], None]


@contextmanager
def misleading(answer: Misleads) -> Iterator[int]:
    """An HTTP server that answers every request in one way; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self, self.rfile.read(int(self.headers.get("content-length", "0"))))

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def redirects(status: int, to: str, *, spared: str = "\0") -> Misleads:
    """Sends everybody elsewhere, but for who asks for a version, which Kubo's users do first."""

    def answer(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        if handler.path.split("?")[0].endswith(spared):
            say(handler, {"Version": "0.36.0"})
            return
        handler.send_response(status)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def looks_up(at: str) -> Misleads:
    """A chain node that has every call revert with a request to read an address."""

    def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        asked = json.loads(body)
        kinds = ["address", "string[]", "bytes", "bytes4", "bytes"]
        data = encode(kinds, [asked["params"][0]["to"], [at], b"", bytes(4), b""])
        error = {"code": 3, "message": "execution reverted", "data": OFFCHAIN_LOOKUP + data.hex()}
        say(handler, {"jsonrpc": "2.0", "id": asked["id"], "error": error})

    return answer


def say(handler: BaseHTTPRequestHandler, told: dict[str, object]) -> None:
    """Answer JSON."""
    body = json.dumps(told).encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
