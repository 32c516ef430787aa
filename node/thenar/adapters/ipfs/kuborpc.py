"""A Kubo daemon's RPC through ipfshttpclient, with what that client gets wrong put right. Synchronous.

``connect()`` refuses every Kubo since 0.8, so the client is made directly and the version range checked here;
``swarm.connect`` spells a string out letter by letter, so its request is made by hand; ``raw-leaves`` must be given by
its own argument. Calls are made from worker threads, each with a client of its own out of a small pool.
"""

from __future__ import annotations

import io
import re
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, TypeVar
from urllib.parse import urljoin

import ipfshttpclient
import requests
import urllib3
from ipfshttpclient import exceptions

from thenar.domain.ids import RAW, Cid
from thenar.domain.unixfs import LEAF_BYTES, MAX_NODE_BYTES, check_block
from thenar.errors import BadConfig, BadInput, Corrupt, Late, NotFound, ThenarError, Unavailable

LANES = 4
_LOOPBACK = ("/ip4/127.", "/ip6/::1/", "/dns/localhost/", "/dns4/localhost/")
_ASKED_WRONGLY = range(400, 500)
"""HTTP statuses by which a daemon says that the request was wrong; it says 500 of everything that went wrong itself."""
OLDEST, NEWEST = (0, 22, 0), (0, 99, 0)

_Answer = TypeVar("_Answer")
_UPLOAD_BYTES = 262_144

# ipfshttpclient passes an argument that urllib3 3 will refuse; urllib3 is pinned below 3.
warnings.filterwarnings("ignore", message="The 'strict' parameter", category=FutureWarning, module="urllib3")

_SYNCED_BY = {"flatfs": "sync", "badgerds": "syncWrites"}
"""What a datastore's settings must say; the others that Kubo has sync by themselves."""


class KuboRpc:
    """The few calls we need, in our own words. Raises Unavailable, Late when the daemon does not answer."""

    __slots__ = ("_api", "_clients", "_timeout")

    def __init__(self, api: str, timeout: float) -> None:
        """Reach a daemon's API multiaddress. Raises BadConfig (address, version), Unavailable."""
        self._api, self._timeout = api, timeout
        self._clients: SimpleQueue[Any] = SimpleQueue()
        try:
            for _ in range(LANES):
                self._clients.put(self._client())
        except exceptions.AddressError as cause:
            raise BadConfig(f"{api} is not the multiaddress of a Kubo API") from cause
        self._check_version()

    def close(self) -> None:
        """Close all connections. No call may be running."""
        while not self._clients.empty():
            self._clients.get().close()

    def block(self, cid: Cid, *, offline: bool, timeout: float | None = None) -> bytes:
        """A block, hashed again. Offline: raises NotFound when it is not in the daemon's own store."""
        most, seconds = (LEAF_BYTES if cid.codec == RAW else MAX_NODE_BYTES), timeout or self._timeout
        options = {"arg": str(cid), "offline": "true" if offline else "false"}
        block = self._call(lambda client: self._received(client, options, most, seconds), missing=cid)
        check_block(cid, block)
        return block

    def _received(self, client: Any, options: dict[str, str], most: int, seconds: float) -> bytes:
        """An answer as it trickles in, no longer and no slower than it may be; ipfshttpclient bounds neither."""
        until, whole, http = time.monotonic() + seconds, bytearray(), client._client
        _, session = http._access_session()
        address = urljoin(http._base_url, "block/get")
        try:
            with session.post(address, params=options, stream=True, timeout=seconds, allow_redirects=False) as answer:
                if answer.is_redirect:
                    raise requests.TooManyRedirects
                http._do_raise_for_status(answer)
                while part := answer.raw.read1(_UPLOAD_BYTES):
                    whole += part
                    if len(whole) > most:
                        raise Corrupt(f"block {options['arg']} is bigger than a block may be")
                    if time.monotonic() > until:
                        raise Late(f"Kubo at {self._api} sent a block too slowly", next_step="another source is tried")
        except (requests.Timeout, urllib3.exceptions.TimeoutError) as cause:
            raise Late(f"Kubo at {self._api} did not answer in time") from cause
        return bytes(whole)

    def has(self, cid: Cid) -> bool:
        """Whether a block is in the daemon's own store."""
        try:
            self._call(lambda client: client.block.stat(cid, offline=True), missing=cid)
        except NotFound:
            return False
        return True

    def put_block(self, cid: Cid, block: bytes) -> None:
        """Store a block whose hash was checked. Raises Corrupt when the daemon names it otherwise."""
        codec = "raw" if cid.codec == RAW else "dag-pb"
        options = {"cid-codec": codec, "mhtype": "sha2-256", "mhlen": "32"}
        answer = self._call(lambda client: client.block.put(io.BytesIO(block), opts=options))
        if answer["Key"] != cid:
            raise Corrupt(f"the daemon stored block {cid} as {answer['Key']}")

    def drop_block(self, cid: Cid) -> None:
        """Delete a block that went bad, which a daemon does not write over. Raises Corrupt while a pin reaches it."""

        def remove(client: Any) -> Any:
            return client._client.request("/block/rm", (cid,), opts={"force": "true"}, decoder="json")

        answer = self._call(remove)
        for told in answer if isinstance(answer, list) else [answer]:
            if told.get("Error"):
                raise Corrupt(
                    f"block {cid} went bad and cannot be replaced: {str(told['Error'])[:200]}",
                    next_step="unpin what it belongs to, or run `ipfs repo verify --heal`",
                )

    def add(self, body: io.RawIOBase) -> str:
        """Stream a file in and pin it; returns the CID the daemon gives it.

        Uses a client of its own: it lasts as long as its source, which may itself be waiting for another call.
        """
        answer = self._call(
            lambda client: client.add(
                body, pin=True, cid_version=1, raw_leaves=True, chunker=f"size-{LEAF_BYTES}", opts={"quieter": "true"}
            ),
            apart=True,
        )
        return str(answer["Hash"])

    def pin(self, root: Cid) -> None:
        """Pin what is completely in the daemon's own store. Raises NotFound."""
        self._call(lambda client: client.pin.add(root, offline=True), missing=root)

    def unpin(self, root: Cid) -> None:
        """Drop a pin, if there is one."""
        try:
            self._call(lambda client: client.pin.rm(root))
        except Unavailable as failure:
            if "not pinned" not in failure.message:
                raise

    def pins(self) -> list[Cid]:
        """The recursively pinned roots that are CIDs of our kind; a daemon may hold others."""
        answer = self._call(lambda client: client.pin.ls(type="recursive"))
        found: list[Cid] = []
        for name in answer["Keys"]:
            try:
                found.append(Cid.parse(str(name)))
            except BadInput:
                continue
        return found

    def collect(self) -> None:
        """Delete what no pin reaches."""

        def gc(client: Any) -> None:
            # The daemon stops collecting when nobody reads its answer, which is what repo.gc(quiet=True) does.
            for answer in client._client.request("/repo/gc", decoder="json", stream=True):
                if answer.get("Error"):
                    raise Unavailable(f"Kubo cannot collect: {answer['Error'][:200]}")

        self._call(gc)

    def stat(self) -> tuple[int, int, int]:
        """Bytes used, bytes allowed and number of blocks."""
        answer = self._call(lambda client: client.repo.stat())
        return int(answer["RepoSize"]), int(answer["StorageMax"]), int(answer["NumObjects"])

    def room(self) -> tuple[int, int]:
        """Bytes used and bytes allowed, without counting blocks, which takes long in a big store."""
        answer = self._call(lambda client: client.repo.stat(opts={"size-only": "true"}))
        return int(answer["RepoSize"]), int(answer["StorageMax"])

    def unsynced(self) -> list[str]:
        """Kinds of datastores that the daemon does not sync on every write."""

        def ask(client: Any) -> Any:
            return client._client.request("/config", ("Datastore.Spec",), decoder="json")

        answer = self._call(ask)
        told = answer if isinstance(answer, list) else [answer]
        return sorted({kind for one in told for kind in _unsynced(one.get("Value"))})

    def connect(self, multiaddr: str) -> None:
        """Dial a peer. Raises Unavailable."""
        self._call(lambda client: client._client.request("/swarm/connect", (multiaddr,), decoder="json"))

    def _check_version(self) -> None:
        text = str(self._call(lambda client: client.version())["Version"])
        found = re.match(r"(\d+)\.(\d+)\.(\d+)", text)
        version = tuple(int(part) for part in found.groups()) if found else (0, 0, 0)
        if not OLDEST <= version <= NEWEST:
            oldest = ".".join(str(part) for part in OLDEST)
            raise BadConfig(f"Kubo {text} at {self._api} is not supported", next_step=f"run Kubo {oldest} or newer")

    def _call(self, ask: Callable[[Any], _Answer], *, missing: Cid | None = None, apart: bool = False) -> _Answer:
        with self._lane(apart) as client:
            try:
                return ask(client)
            except exceptions.TimeoutError as cause:
                raise Late(f"Kubo at {self._api} did not answer in time") from cause
            except exceptions.ErrorResponse as cause:
                said = str(cause)
                if missing is not None and ("not found" in said or "could not find" in said):
                    raise NotFound(f"block {missing} is not in Kubo's store") from cause
                if "context deadline exceeded" in said:
                    raise Late(f"Kubo at {self._api} gave up waiting: {said[:200]}") from cause
                raise self._failed(cause) from cause
            except requests.TooManyRedirects as cause:
                raise Unavailable(
                    f"Kubo at {self._api} sends us elsewhere, and we do not go", next_step="check store.kubo_api"
                ) from cause
            except (exceptions.Error, requests.RequestException, urllib3.exceptions.HTTPError) as cause:
                raise Unavailable(
                    f"Kubo at {self._api} does not answer", next_step="start the daemon: ipfs daemon"
                ) from cause

    def _failed(self, cause: exceptions.ErrorResponse) -> ThenarError:
        """What a daemon's own word for a failure comes to: it was asked wrongly, or it cannot do its work now."""
        response = getattr(cause.original, "response", None)
        if response is not None and response.status_code in _ASKED_WRONGLY:
            return BadInput(f"Kubo refused: {str(cause)[:300]}")
        return Unavailable(
            f"Kubo at {self._api} failed: {str(cause)[:300]}",
            next_step="read the daemon's log; `ipfs repo verify` checks it",
        )

    @contextmanager
    def _lane(self, apart: bool) -> Iterator[Any]:
        client = self._client() if apart else self._clients.get()
        try:
            yield client
        finally:
            if apart:
                client.close()
            else:
                self._clients.put(client)

    def _client(self) -> Any:
        client = ipfshttpclient.Client(self._api, session=True, timeout=self._timeout)
        client.chunk_size = _UPLOAD_BYTES
        _, session = client._client._access_session()
        session.max_redirects = 0  # whoever answers at the address that was named may not name another one
        session.trust_env = not self._api.startswith(_LOOPBACK)  # a proxy for the outside world does not reach it
        return client


def _unsynced(spec: object) -> Iterator[str]:
    """Kinds of the datastores in a specification, which nests them in mounts and wrappers, that do not sync."""
    if isinstance(spec, list):
        for one in spec:
            yield from _unsynced(one)
    elif isinstance(spec, dict):
        kind = str(spec.get("type"))
        if kind in _SYNCED_BY and spec.get(_SYNCED_BY[kind]) is not True:
            yield kind
        for name in ("child", "mounts"):
            yield from _unsynced(spec.get(name))
