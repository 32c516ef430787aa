"""A real Kubo: the same CIDs at every boundary, its own bitswap as the exchange, and its absence told apart."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
import trio
from kubo import Daemon, kubo_daemon
from patterns import CHUNK, pattern

from thenar.adapters.ipfs.kubo import open_kubo
from thenar.adapters.ipfs.kuborpc import KuboRpc
from thenar.domain import unixfs
from thenar.domain.ids import PeerId
from thenar.errors import BadConfig, Corrupt, Late, Refused, Unavailable

SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 174 * CHUNK, 174 * CHUNK + 1, 175 * CHUNK)
SMALL_LEAVES = (174, 175, 174 * 174, 174 * 174 + 1, 174 * 175 + 1)


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with kubo_daemon(tmp_path_factory.mktemp("offline")) as running:
        yield running


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Daemon, Daemon]]:
    """Two daemons that do not know each other yet."""
    with (
        kubo_daemon(tmp_path_factory.mktemp("ana"), online=True) as ana,
        kubo_daemon(tmp_path_factory.mktemp("ben"), online=True) as ben,
    ):
        yield ana, ben


async def stream(size: int) -> AsyncIterator[bytes]:
    for part in pattern(size):
        yield part


def ours(size: int, leaf: int) -> str:
    builder = unixfs.Builder(lambda cid, block: None)
    data = b"".join(pattern(size))
    for start in range(0, size, leaf):
        piece = data[start : start + leaf]
        builder.link(unixfs.Link(unixfs.leaf_cid(piece), len(piece), len(piece)))
    return builder.finish()


@pytest.mark.parametrize(("size", "leaf"), [(size, CHUNK) for size in SIZES] + [(count, 1) for count in SMALL_LEAVES])
def test_cids_equal_those_of_ipfs_add(offline: Daemon, size: int, leaf: int) -> None:
    options = ["--only-hash", "--cid-version=1", "--raw-leaves", f"--chunker=size-{leaf}", "--quieter"]

    theirs = offline.run("add", *options, stdin=b"".join(pattern(size)))

    assert theirs == ours(size, leaf)


async def test_a_file_comes_through_the_daemons_own_bitswap(pair: tuple[Daemon, Daemon]) -> None:
    ana, ben = pair
    async with open_kubo(ana.api) as theirs, open_kubo(ben.api, fetch_timeout=20) as mine:
        stored = await theirs.add(stream(40 * CHUNK + 9))
        await mine.connect(ana.swarm)

        fetched = await mine.fetch(stored.root, [PeerId(ana.swarm.rsplit("/", 1)[1])], limit=stored.size)

        assert fetched == stored
        assert await mine.pins() == {stored.root}
        assert b"".join([part async for part in mine.read(stored.root)]) == b"".join(pattern(stored.size))


async def test_a_file_nobody_has_is_late(pair: tuple[Daemon, Daemon]) -> None:
    async with open_kubo(pair[1].api, fetch_timeout=1) as store:
        with pytest.raises(Late):
            await store.fetch(unixfs.leaf_cid(b"nowhere"), [], limit=10)


async def test_a_peer_that_cannot_be_reached_is_unavailable(pair: tuple[Daemon, Daemon]) -> None:
    async with open_kubo(pair[1].api) as store:
        with pytest.raises(Unavailable, match="failed"):
            await store.connect("/ip4/127.0.0.1/tcp/9/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA")


async def test_our_quota_holds_below_the_daemons(offline: Daemon) -> None:
    async with open_kubo(offline.api) as store:
        used = (await store.usage()).used

    async with open_kubo(offline.api, quota=used + 2 * CHUNK) as store:
        with pytest.raises(Refused, match="quota"):
            await store.add(stream(20 * CHUNK))
        assert not await store.pins()


async def test_many_adds_that_read_from_the_same_daemon_do_not_block_each_other(offline: Daemon) -> None:
    async with open_kubo(offline.api) as store:
        source = await store.add(stream(20 * CHUNK))
        with trio.fail_after(60):
            async with trio.open_nursery() as nursery:
                for _ in range(8):
                    nursery.start_soon(store.add, store.read(source.root, offset=1))


async def test_a_daemon_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable) as failure:
        async with open_kubo("/ip4/127.0.0.1/tcp/9"):
            pass
    assert failure.value.next_step


@pytest.mark.parametrize("address", ["", "nonsense", "/dns/"])
async def test_an_address_that_is_none_is_said_so(address: str) -> None:
    with pytest.raises(BadConfig, match="multiaddress"):
        async with open_kubo(address):
            pass


@contextmanager
def answering(body: bytes, delay: threading.Event | None = None, to: str = "") -> Iterator[str]:
    """A loopback server that answers every request alike, or those to some paths not before ``delay`` is set."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if delay is not None and to in self.path:
                delay.wait(10)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"/ip4/127.0.0.1/tcp/{server.server_port}"
    finally:
        if delay is not None:
            delay.set()
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("version", ["0.21.9", "0.8.0", "1.0.0", "none"])
async def test_a_version_out_of_range_is_refused(version: str) -> None:
    with answering(b'{"Version": "%s"}' % version.encode()) as api, pytest.raises(BadConfig, match="not supported"):
        async with open_kubo(api):
            pass


async def test_a_silent_daemon_is_late() -> None:
    with answering(b"{}", threading.Event()) as api, pytest.raises(Late):
        async with open_kubo(api, timeout=0.2):
            pass


async def test_who_asks_a_hanging_daemon_for_its_usage_can_give_up_again_and_again() -> None:
    with answering(b'{"Version": "0.40.1"}', threading.Event(), to="repo/stat") as api:
        async with open_kubo(api) as store:
            for _ in range(6):  # more often than there are lanes
                with trio.move_on_after(0.1) as waiting:
                    await store.usage()

                assert waiting.cancelled_caught
            with trio.fail_after(5), pytest.raises(Corrupt):  # other calls are not held up
                await store.get(unixfs.leaf_cid(b"true"))


async def test_a_lying_daemon_cannot_pass_off_another_block() -> None:
    with answering(b'{"Version": "0.40.1"}') as api:
        async with open_kubo(api) as store:
            with pytest.raises(Corrupt, match="does not hash"):
                await store.get(unixfs.leaf_cid(b"true"))


def test_a_daemon_says_whether_it_syncs_what_it_writes(tmp_path) -> None:
    with kubo_daemon(tmp_path) as running:
        rpc, said = KuboRpc(running.api, 60.0), []
        for sync in (False, True):
            spec = json.loads(running.run("config", "Datastore.Spec"))
            (blocks,) = [one for one in spec["mounts"] if one["mountpoint"] == "/blocks"]
            (blocks if blocks["type"] == "flatfs" else blocks["child"])["sync"] = sync
            running.run("config", "--json", "Datastore.Spec", json.dumps(spec))
            said.append(rpc.unsynced())
        rpc.close()

    assert said == [["flatfs"], []]
