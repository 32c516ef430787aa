"""One peer as a process of its own. Usage: p2p_child.py NAME LISTEN [BOOTSTRAP …]

Reads one JSON command per line and writes JSON lines: {"ready":…} first, {"heard":…} for gossip, one line per command.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import trio
from libp2p.custom_types import TProtocol
from libp2p.network.stream.net_stream import INetStream
from p2p_peers import MemoryBlocks, peer, raw_cid

from thenar.adapters.p2p import identity
from thenar.adapters.p2p.host import P2pPeers
from thenar.domain.ids import Cid, PeerId
from thenar.errors import ThenarError

BLOCK = 256 * 1024


def made_block(name: str, number: int) -> bytes:
    """A block every process can make for itself."""
    return hashlib.shake_128(f"{name} {number}".encode()).digest(BLOCK)


def say(**fields: Any) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


async def listen(me: P2pPeers, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
    async with me.heard() as news:
        task_status.started()
        async for heard in news:
            sent = heard.body.get("at", 0)
            took = time.time_ns() - sent if isinstance(sent, int) else 0
            say(heard=heard.body, origin=heard.origin, kind=heard.kind, took=took)


async def publish(me: P2pPeers, count: int, per_second: float) -> None:
    began = trio.current_time()
    for number in range(count):
        if per_second:
            await trio.sleep_until(began + number / per_second)
        await me.announce("offer", {"n": number, "at": time.time_ns(), "pad": "x" * 200})
    say(published=count)


async def fetch(me: P2pPeers, name: str, count: int, peers: Sequence[PeerId]) -> None:
    wanted = [raw_cid(made_block(name, number)) for number in range(count)]
    began, cpu = time.perf_counter(), time.process_time()
    size = 0
    async for _, block in me.exchange.want(wanted, peers):
        size += len(block)
    say(
        fetched=size,
        seconds=time.perf_counter() - began,
        cpu=time.process_time() - cpu,
        rss=peak(),
    )


def peak() -> int:
    """Peak resident bytes of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def tcp_offer(nursery: trio.Nursery, size: int) -> None:
    """Send so many bytes to whoever connects: the plain TCP stream the block exchange is compared with."""

    async def give(stream: trio.SocketStream) -> None:
        part = bytes(BLOCK)
        for _ in range(size // BLOCK):
            await stream.send_all(part)
        await stream.aclose()

    listeners = await nursery.start(partial(trio.serve_tcp, give, 0, host="127.0.0.1"))
    say(port=listeners[0].socket.getsockname()[1])


async def tcp_take(port: int) -> None:
    began, size = time.perf_counter(), 0
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        while part := await stream.receive_some(BLOCK):
            size += len(part)
    say(fetched=size, seconds=time.perf_counter() - began)


PLAIN = TProtocol("/thenar/bench/stream/1")


def stream_offer(me: P2pPeers, size: int) -> None:
    """Send so many bytes to whoever opens a stream: the encrypted connection without any block exchange on it."""

    async def give(stream: INetStream) -> None:
        part = bytes(64 * 1024)
        for _ in range(size // len(part)):
            await stream.write(part)
        await stream.close()

    me._host.set_stream_handler(PLAIN, give)
    say(offered=size)


async def stream_take(me: P2pPeers, peer_id: PeerId, size: int) -> None:
    began, got = time.perf_counter(), 0
    stream = await me._host.new_stream(identity.to_libp2p(peer_id), [PLAIN])
    while got < size:
        got += len(await stream.read(64 * 1024))
    say(fetched=got, seconds=time.perf_counter() - began)


async def obey(me: P2pPeers, store: MemoryBlocks, believed: set[PeerId], nursery: trio.Nursery) -> None:
    lines = trio.wrap_file(sys.stdin)
    async for line in lines:
        command: dict[str, Any] = json.loads(line)
        try:
            match command.pop("do"):
                case "dial":
                    say(dialled=await me.dial(**command))
                case "publish":
                    nursery.start_soon(publish, me, command["count"], command["per_second"])
                case "hold":
                    for number in range(command["count"]):
                        block = made_block(command["name"], number)
                        store.kept[raw_cid(block)] = block
                    say(held=command["count"])
                case "fetch":
                    await fetch(me, command["name"], command["count"], command["peers"])
                case "want":
                    wanted = Cid.parse(command["cid"])
                    got = [len(block) async for _, block in me.exchange.want([wanted], [PeerId(command["peer"])])]
                    say(fetched=sum(got))
                case "tcp offer":
                    await tcp_offer(nursery, command["size"])
                case "tcp take":
                    await tcp_take(command["port"])
                case "stream offer":
                    stream_offer(me, command["size"])
                case "stream take":
                    await stream_take(me, command["peer"], command["size"])
                case "status":
                    say(connected=sorted(me.connected()), refused=me.counts.refused, mesh=mesh(me), rss=peak())
                case "believe":
                    believed.update(command["peers"])
                    say(believes=len(believed))
                case "weigh":
                    say(rss=resident(), cpu=time.process_time(), shut_out=me.shut_out, tables=tables(me))
                case "stop":
                    break
        except ThenarError as error:
            say(error=type(error).__name__, message=error.message)
    nursery.cancel_scope.cancel()


def resident() -> int:
    """Resident bytes of this process now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def tables(me: P2pPeers) -> dict[str, int]:
    """How many entries libp2p and this program hold about peers that are connected."""
    host, pubsub = me._host, me._gossip._pubsub
    network, router = cast(Any, host.get_network()), cast(Any, pubsub.router)
    held = {
        "connections": network.connections,
        "health": network.health_data,
        "turns": network._round_robin_index,
        "identified": host._identified_peers,
        "streams": pubsub.peers,
        "queues": pubsub.peer_queues,
        "topics": pubsub.peer_topics,
        "subscriptions": pubsub._peer_subscription_count,
        "replays": pubsub._replayed_recent_topics,
        "readers": pubsub._reading,
        "protocols": router.peer_protocol,
        "wants": router.iwant_request_limits,
        "offers": router.ihave_message_limits,
        "grafts": router.graft_flood_tracking,
        "rates": router.message_rate_limits,
        "pending": router._pending_messages,
        "control": router._pending_control,
        "links": me._exchange._links,
    }
    return {name: len(entries) for name, entries in held.items()} | {"mesh": mesh(me)}


def mesh(me: P2pPeers) -> int:
    """How many peers this one passes gossip on to."""
    return sum(map(len, me._gossip._pubsub.router.mesh.values()))  # type: ignore[attr-defined]


async def main(name: str, address: str, bootstrap: Sequence[str]) -> None:
    store, believed = MemoryBlocks(), set[PeerId]()

    def registered(origin: PeerId) -> bool:
        return not believed or origin in believed

    settings = {"store": store, "bootstrap": bootstrap, "registered": registered}
    async with peer(name, listen=[address], **settings) as me, trio.open_nursery() as nursery:

        async def echo(asker: PeerId, request: dict[str, object]) -> dict[str, object]:
            return {"asker": asker, **request}

        me.serve("/thenar/key/1", echo)
        await nursery.start(listen, me)
        say(ready=me.me, addresses=me.addresses)
        await obey(me, store, believed, nursery)


if __name__ == "__main__":
    trio.run(main, sys.argv[1], sys.argv[2], sys.argv[3:])
