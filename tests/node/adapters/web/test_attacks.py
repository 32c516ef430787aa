"""The door under attack, over real connections: everything is refused, nothing is spent, told or used up."""

from __future__ import annotations

import os
import resource
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial

import door_attacks as tried
import httpx
import pytest
import trio
from door_attacks import TOKEN, Attack
from hypercorn.trio.tcp_server import TCPServer

from thenar.adapters.web import Collection, Door, Shelf, View, serve, server
from thenar.errors import NotFound

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
SECRET = "nobody-may-read-this"
IDLE = 400 if FULL else 60
"""Connections that say nothing while an honest request is answered."""
SENT_AT_MOST = 16 * 1024 * 1024
"""Of a body without end: what the door takes, and what the kernel holds of a connection."""
MEMORY = 64 * 1024 * 1024


class Till:
    """A door with money behind it."""

    def __init__(self) -> None:
        self.spent: list[dict[str, object]] = []

    async def spend(self, arguments: dict[str, object], _: object) -> dict[str, object]:
        self.spent.append(arguments)
        return {"spent": True}

    async def look(self, name: str) -> dict[str, object]:
        if name != "b1":
            raise NotFound("there is no such book")
        return {"book": SECRET}

    @property
    def door(self) -> Door:
        async def nothing() -> list[str]:
            return []

        async def metrics() -> str:
            return "thenar_up_seconds 1.0\n"

        async def status() -> dict[str, object]:
            return {"secret": SECRET}

        books = Collection("Books", lambda: {"b1": 1}, lambda _: {"book": SECRET}, {"book": "text"})
        shelf = Shelf({"books": books}, views={"reviews": View("Reviews", self.look, {"book": "text"})})
        return Door(TOKEN, nothing, metrics, status, {"spend": self.spend}, shelf)


@asynccontextmanager
async def standing(till: Till) -> AsyncIterator[str]:
    async with trio.open_nursery() as nursery:
        yield await nursery.start(serve, till.door, "127.0.0.1:0")
        nursery.cancel_scope.cancel()


async def connected(host: str) -> trio.SocketStream:
    name, _, port = host.rpartition(":")
    return await trio.open_tcp_stream(name, int(port))


async def answered(host: str, sent: bytes) -> bytes:
    """Everything the door says until it closes; whether it listens to the end is its own affair."""
    said = b""
    async with await connected(host) as stream, trio.open_nursery() as nursery:

        async def send() -> None:
            try:
                await stream.send_all(sent)
            except (trio.BrokenResourceError, trio.ClosedResourceError, OSError):
                return

        nursery.start_soon(send)
        try:
            while part := await stream.receive_some():
                said += part
        except trio.BrokenResourceError:
            pass
        nursery.cancel_scope.cancel()
    return said


def status_of(said: bytes) -> int:
    return int(said.split(b" ", 2)[1]) if said.startswith(b"HTTP/1.1 ") else 0


FAMILIES: dict[str, Callable[[str], Iterator[Attack]]] = {
    "names": tried.names,
    "origins": tried.origins,
    "tokens": tried.tokens,
    "paths": tried.paths,
    "bodies": partial(tried.bodies, limit=server.BODY_LIMIT),
    "smuggled": tried.smuggled,
}


@pytest.mark.parametrize("family", FAMILIES)
async def test_every_attack_is_refused_with_its_status_and_nothing_is_spent_or_told(
    family: str, monkeypatch: pytest.MonkeyPatch, record_property
) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 1.0)
    monkeypatch.setattr(server, "BODY_SECONDS", 1.0)
    till, wrong = Till(), []
    async with standing(till) as host:
        attacks = list(FAMILIES[family](host))
        for attack in attacks:
            with trio.move_on_after(30) as waited:
                said = await answered(host, attack.sent)
            refused = status_of(said) in attack.refused and SECRET.encode() not in said
            if waited.cancelled_caught or till.spent or not refused or b"access-control-allow" in said.lower():
                wrong.append((attack.what, said[:80], list(till.spent)))
                till.spent.clear()
        honest = await answered(host, tried.spending(host=host))

    record_property(f"refused_{family}", len(attacks) - len(wrong))
    assert wrong == []
    assert (status_of(honest), till.spent) == (200, [{}])


def test_there_are_as_many_attacks_as_promised(record_property) -> None:
    cases = [attack.what for family in FAMILIES.values() for attack in family("127.0.0.1:8000")]

    record_property("cases", len(cases))
    assert len(set(cases)) == len(cases) >= 80


async def test_another_version_of_http_is_another_way_to_the_same_lock() -> None:
    till = Till()
    key = {"authorization": f"Bearer {TOKEN}"}
    async with (
        standing(till) as host,
        httpx.AsyncClient(base_url=f"http://{host}", http1=False, http2=True, trust_env=False, timeout=30) as client,
    ):
        for headers, status in (
            ({}, 401),
            (key | {"host": "evil.example"}, 421),
            (key | {"origin": "https://evil.example"}, 403),
            (key | {"content-type": "text/plain"}, 415),
        ):
            answer = await client.post("/v1/commands/spend", content=b"{}", headers=headers)
            assert (answer.http_version, answer.status_code) == ("HTTP/2", status)
    assert till.spent == []


@pytest.mark.parametrize("scheme", [b"", b"token ", b"BEARER "])
async def test_a_key_is_shown_as_a_bearers_and_in_no_other_way(scheme: bytes) -> None:
    async with standing(Till()) as host:
        told = tried.request("GET /v1/status HTTP/1.1", [("host", host), ("authorization", scheme.decode() + TOKEN)])
        assert status_of(await answered(host, told)) == 401


async def test_a_body_without_end_is_cut_off_and_takes_no_memory(record_property) -> None:
    till, sent = Till(), 0
    async with standing(till) as host, await connected(host) as stream:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        key = [("host", host), ("authorization", f"Bearer {TOKEN}"), ("content-type", "application/json")]
        head = tried.request(tried.SPEND, [*key, ("transfer-encoding", "chunked")])
        await stream.send_all(head.replace(b"content-length: 0\r\n", b""))
        chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
        with trio.fail_after(60), pytest.raises(trio.BrokenResourceError):
            while sent <= 1 << 30:
                await stream.send_all(chunk)
                sent += 65_536
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before

    record_property("endless_body_sent_mb", round(sent / 2**20, 1))
    record_property("endless_body_memory_mb", round(grown / 2**20, 1))
    assert till.spent == []
    assert sent <= SENT_AT_MOST
    assert grown <= MEMORY


async def test_who_dawdles_over_head_or_body_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(server, "BODY_SECONDS", 0.3)
    till = Till()
    async with standing(till) as host:
        whole = tried.spending(host=host, body=b'{"amount": 1}')
        for part, status in ((b"", 0), (whole[:30], 0), (whole[:-3], 408)):
            async with await connected(host) as stream:
                with trio.fail_after(60):
                    said = b""
                    if part:
                        await stream.send_all(part)
                    while more := await stream.receive_some():
                        said += more
            assert status_of(said) == status
    assert till.spent == []


async def test_many_who_say_nothing_keep_nobody_out(record_property) -> None:
    till = Till()
    async with standing(till) as host, trio.open_nursery() as nursery:
        mute = [await connected(host) for _ in range(IDLE)]
        for stream in mute:
            await stream.send_all(b"POST /v1/commands/spend HTTP/1.1\r\nhost:")
        with trio.fail_after(30):
            honest = await answered(host, tried.spending(host=host))
        for stream in mute:
            nursery.start_soon(stream.aclose)

    record_property("silent_connections", IDLE)
    assert (status_of(honest), len(till.spent)) == (200, 1)


async def test_what_a_connection_stumbles_over_ends_that_connection_and_no_other(monkeypatch) -> None:
    till, run, stumbles = Till(), TCPServer.run, [trio.BusyResourceError("sending already"), ValueError("nonsense")]

    async def stumble(connection: TCPServer) -> None:
        if not stumbles:
            await run(connection)
            return
        async with trio.open_nursery():
            raise stumbles.pop()

    monkeypatch.setattr(TCPServer, "run", stumble)
    async with standing(till) as host:
        ended = [await answered(host, tried.spending(host=host)) for _ in range(2)]
        honest = await answered(host, tried.spending(host=host))

    assert (ended, status_of(honest), len(till.spent)) == ([b"", b""], 200, 1)


async def test_a_connection_ends_with_its_answer_or_when_no_further_request_comes(monkeypatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.3)
    told = tried.spending(host="127.0.0.1")
    async with standing(Till()) as host:
        for sent in (told, told.replace(b"connection: close\r\n", b"")):
            with trio.fail_after(60):
                assert status_of(await answered(host, sent)) == 200


async def test_requests_behind_a_closing_answer_leave_the_door_standing() -> None:
    till = Till()
    async with standing(till) as host:
        torn = tried.request(tried.SPEND, [("host", host), ("transfer-encoding", "chunked")], b"0\r\n\r\n")
        async with trio.open_nursery() as nursery:
            for _ in range(40):
                nursery.start_soon(answered, host, torn + tried.spending(host=host))
        honest = await answered(host, tried.spending(host=host))

    assert (status_of(honest), till.spent) == (200, [{}])
