"""`thenar status` dials what a node announces: a port that is dead, silent or another's makes it unhealthy."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest
import trio
from command_line import make_node
from statuses import HEALTHY

from thenar.adapters.web import Door, serve
from thenar.client import Common, status_of
from thenar.directory import RUNTIME_FILE

GREETING = b"\x13/multistream/1.0.0\n"
TOKEN = "t" * 64


@asynccontextmanager
async def listening(said: bytes):
    """A port that says something, or nothing, to whoever dials."""

    async def answer(stream: trio.SocketStream) -> None:
        async with stream:
            if said:
                await stream.send_all(said)
            await stream.receive_some()

    async def serve_it(*, task_status: trio.TaskStatus[int]) -> None:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        task_status.started(listeners[0].socket.getsockname()[1])
        await trio.serve_listeners(answer, listeners)

    async with trio.open_nursery() as nursery:
        yield await nursery.start(serve_it)
        nursery.cancel_scope.cancel()


async def asked(folder, addresses: list[str]) -> dict[str, object]:
    """The status of a node whose door tells that it is healthy, as the command shows it."""

    async def nothing() -> list[str]:
        return []

    async def healthy() -> dict[str, object]:
        return {**HEALTHY, "running": True, "listening": addresses}

    async def metrics() -> str:
        return ""

    door = Door(token=TOKEN, ready=nothing, metrics=metrics, status=healthy, commands={})
    node = make_node(folder / "node")
    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, door, "127.0.0.1:0")
        (node / RUNTIME_FILE).write_text(json.dumps({"address": address, "token": TOKEN, "pid": 1}))
        found = await status_of(Common(node, as_json=True))
        nursery.cancel_scope.cancel()
    return found


@pytest.mark.parametrize(
    ("said", "reached"), [(GREETING, True), (GREETING[:5], True), (b"", False), (b"HTTP/1.1 400\r\n", False)]
)
async def test_an_announced_port_must_greet_as_a_peer(tmp_path, said, reached):
    async with listening(said) as port:
        found = await asked(tmp_path, [f"/ip4/127.0.0.1/tcp/{port}/p2p/12D3KooWA"])

    assert (found["ready"], found["parts"]["reach"]["up"]) == (reached, reached)
    assert [reason.startswith("reach: ") for reason in found["reasons"]] == ([] if reached else [True])


async def test_every_address_is_dialled_and_the_dead_one_is_named(tmp_path):
    async with listening(GREETING) as port:
        found = await asked(tmp_path, [f"/ip4/127.0.0.1/tcp/{port}/p2p/A", "/ip4/127.0.0.1/tcp/9/p2p/A", "nonsense"])

    assert found["ready"] is False
    assert found["parts"]["reach"] == {**HEALTHY["parts"]["reach"], "up": False, "dialled": 2}
    assert found["reasons"] == ["reach: /ip4/127.0.0.1/tcp/9/p2p/A does not answer from outside the node"]


async def test_a_node_that_listens_nowhere_can_be_reached_by_nobody(tmp_path):
    found = await asked(tmp_path, [])

    assert found["ready"] is False
    assert found["reasons"] == ["reach: the node listens on no address that can be dialled"]


async def test_what_peers_found_stands_beside_what_is_dialled_here(tmp_path, monkeypatch):
    word = {
        "up": False,
        "reason": "peers dialled and this node did not answer",
        "asked": 3,
        "silent": ["/ip4/1.2.3.4/tcp/1"],
    }
    monkeypatch.setitem(HEALTHY["parts"], "reach", word)
    monkeypatch.setitem(HEALTHY, "reasons", [f"reach: {word['reason']}"])
    async with listening(GREETING) as port:
        found = await asked(tmp_path, [f"/ip4/127.0.0.1/tcp/{port}/p2p/A"])

    assert found["parts"]["reach"] == {**word, "dialled": 1}
    assert found["reasons"] == [f"reach: {word['reason']}"]
    assert found["ready"] is False
