"""One lasting connection to a chain on the loopback, for all threads of a test run."""

from __future__ import annotations

import threading
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from requests.exceptions import ConnectionError as Unreachable

SECONDS = 60.0
"""A request to the loopback that takes longer will not be answered."""
HEADERS = {"Content-Type": "application/json"}


class Line:
    """Posts JSON, one request at a time; connects when it must."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._open: tuple[str, HTTPConnection] | None = None

    def post(self, address: str, data: bytes) -> bytes:
        """The answer's body. Raises Unreachable, which is what web3 and Brownie expect of a chain that is not there.

        Nothing is sent twice: a transaction might be.
        """
        with self._turn:
            connection = self._to(address)
            try:
                connection.request("POST", "/", body=data, headers=HEADERS)
                return connection.getresponse().read()
            except (OSError, HTTPException) as cause:
                connection.close()
                self._open = None
                raise Unreachable(f"no answer from {address}: {cause}") from cause

    def _to(self, address: str) -> HTTPConnection:
        if self._open is None or self._open[0] != address:
            where = urlsplit(address)
            self._open = address, HTTPConnection(where.hostname or "", where.port, timeout=SECONDS)
        return self._open[1]
