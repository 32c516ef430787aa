"""The loopback door over real HTTP: who is let in, what is streamed, and that commands end whoever leaves."""

from __future__ import annotations

import json
import socket
from contextlib import asynccontextmanager

import httpx
import pytest
import trio

from thenar.adapters.web import Door, serve
from thenar.adapters.web.server import BODY_LIMIT
from thenar.errors import BadConfig, NotFound, Unavailable

TOKEN = "t" * 64


class House:
    """What is behind the door."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.finished: list[dict[str, object]] = []
        self.go_on = trio.Event()
        self.ended = trio.Event()

    async def ready(self) -> list[str]:
        return self.reasons

    async def metrics(self) -> str:
        return "thenar_up_seconds 1.0\n"

    async def status(self) -> dict[str, object]:
        return {"running": True}

    async def echo(self, arguments, tell):
        for number in range(3):
            tell({"label": "counting", "done": number, "total": 3})
            await trio.lowlevel.checkpoint()
        return {"got": arguments}

    async def slow(self, arguments, tell):
        tell({"label": "begun"})
        await self.go_on.wait()
        for number in range(1000):
            tell({"label": "nobody reads this", "done": number})
        self.finished.append(arguments)
        self.ended.set()
        return {}

    async def fail(self, arguments, tell):
        raise {
            "missing": NotFound("no such thing", next_step="look again"),
            "argument": KeyError("name"),
            "file": PermissionError(13, "Permission denied", "/closed/x"),
            "long": OSError(36, "File name too long", "/" + "x" * 999),
        }[str(arguments["how"])]

    @property
    def door(self) -> Door:
        commands = {"echo": self.echo, "slow": self.slow, "fail": self.fail}
        return Door(TOKEN, self.ready, self.metrics, self.status, commands)


@pytest.fixture
def house():
    return House()


@asynccontextmanager
async def standing(house: House):
    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, house.door, "127.0.0.1:0")
        async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False, timeout=10) as client:
            yield client
        nursery.cancel_scope.cancel()


def key(token: str = TOKEN) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def lines(client, name, body, **headers) -> list[dict[str, object]]:
    answer = await client.post(f"/v1/commands/{name}", json=body, headers=key() | headers)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_health_and_metrics_are_open_and_readiness_gives_reasons(house):
    async with standing(house) as client:
        assert (await client.get("/healthz")).text == "ok\n"
        assert "thenar_up_seconds" in (await client.get("/metrics")).text
        assert (await client.get("/readyz")).json() == {"ready": True, "reasons": []}

        house.reasons = ["chain: away"]
        unready = await client.get("/readyz")

    assert unready.status_code == 503
    assert unready.json() == {"ready": False, "reasons": ["chain: away"]}


@pytest.mark.parametrize(
    "headers", [{}, key("wrong"), {"authorization": "Bearer"}, {"authorization": TOKEN[:-1]}, key("é")]
)
async def test_status_and_commands_need_the_token(house, headers):
    raw = {name: value.encode() for name, value in headers.items()}
    async with standing(house) as client:
        assert (await client.get("/v1/status", headers=raw)).status_code == 401
        assert (await client.post("/v1/commands/echo", json={}, headers=raw)).status_code == 401
        assert (await client.get("/v1/status", headers=key())).json() == {"running": True}


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost@evil", "", "127.0.0.1:x", "[::2]"]
)
async def test_other_host_names_are_refused(house, host):
    async with standing(house) as client:
        answer = await client.get("/v1/status", headers=key() | {"host": host})

    assert answer.status_code in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "[::1]:9", "localhost:1"])
async def test_every_name_of_this_machine_is_let_in(house, host):
    async with standing(house) as client:
        assert (await client.get("/healthz", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "header", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
async def test_web_pages_are_refused_even_with_the_token(house, header):
    async with standing(house) as client:
        answer = await client.post("/v1/commands/echo", json={}, headers=key() | header)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b'"' + b"x" * BODY_LIMIT + b'"', "application/json", 413),
    ],
)
async def test_bodies_that_are_no_object_of_moderate_size_are_refused(house, body, kind, status):
    async with standing(house) as client:
        answer = await client.post("/v1/commands/echo", content=body, headers=key() | {"content-type": kind})
        still_up = await client.get("/healthz")

    assert answer.status_code == status
    assert still_up.status_code == 200


async def test_unknown_commands_and_methods_are_refused(house):
    async with standing(house) as client:
        assert (await client.post("/v1/commands/burn", json={}, headers=key())).status_code == 404
        assert (await client.get("/v1/commands/echo", headers=key())).status_code == 405


async def test_progress_comes_before_one_result(house):
    async with standing(house) as client:
        told = await lines(client, "echo", {"a": [1, "ü"]})

    assert [line["progress"]["done"] for line in told[:-1]] == [0, 1, 2]
    assert told[-1] == {"result": {"got": {"a": [1, "ü"]}}}


async def test_failures_come_with_kind_next_step_and_exit_code(house):
    async with standing(house) as client:
        (told,) = await lines(client, "fail", {"how": "missing"})

    assert told["error"] == {
        "kind": "NotFound",
        "message": "no such thing",
        "next_step": "look again",
        "exit_code": 3,
    }


@pytest.mark.parametrize(("how", "exit_code"), [("argument", 2), ("file", 4), ("long", 4)])
async def test_what_the_asker_got_wrong_does_not_end_the_node(house, how, exit_code):
    async with standing(house) as client:
        (told,) = await lines(client, "fail", {"how": how})
        still_up = await client.get("/healthz")

    assert told["error"]["exit_code"] == exit_code
    assert still_up.status_code == 200


async def test_a_command_goes_on_to_its_end_when_the_asker_leaves(house):
    async with standing(house) as client:
        async with client.stream("POST", "/v1/commands/slow", json={"n": 1}, headers=key()) as answer:
            async for line in answer.aiter_lines():
                assert json.loads(line) == {"progress": {"label": "begun"}}
                break
        house.go_on.set()
        with trio.fail_after(10):
            await house.ended.wait()
            assert (await client.get("/healthz")).status_code == 200

    assert house.finished == [{"n": 1}]


async def test_a_taken_port_is_told_as_unavailable(house):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(ExceptionGroup) as caught:
            async with trio.open_nursery() as nursery:
                await nursery.start(serve, house.door, f"127.0.0.1:{port}")

    assert caught.group_contains(Unavailable, match="cannot listen")


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:80", "example.org:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:99999", ""]
)
async def test_only_a_loopback_host_and_port_are_listened_on(house, listen):
    with pytest.raises(BadConfig, match="loopback"):
        await serve(house.door, listen)
