"""A route of the door that fails: a line in the log, one in the count, an answer that names it, and no secret."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import trio

from thenar.adapters.web import Collection, Door, Shelf, View, serve
from thenar.cli import logs

TOKEN = "t" * 64
KEY = {"authorization": f"Bearer {TOKEN}"}
SECRET = "nobody-may-read-this"


class Broken:
    """A door with bugs behind it."""

    def __init__(self) -> None:
        self.told = 0
        shown = Collection("Books", lambda: {"b1": 1}, self.show, {"book": "text"})
        views = {"reviews": View("Reviews", self.look, {"book": "text"})}
        self.door = Door(TOKEN, self.ready, self.text, self.status, {}, Shelf({"books": shown}, views=views))
        self.stream = Door(TOKEN, self.ready, self.text, self.status, {}, Shelf(tag=self.tag))

    async def ready(self) -> list[str]:
        return []

    async def text(self) -> str:
        raise KeyError(SECRET)

    async def status(self) -> dict[str, object]:
        async with trio.open_nursery():
            raise RuntimeError(SECRET)

    def show(self, _: object) -> dict[str, object]:
        raise ZeroDivisionError(SECRET)

    async def look(self, book: str) -> dict[str, object]:
        raise AssertionError(f"{SECRET} {book}")

    def tag(self) -> str:
        self.told += 1
        if self.told > 1:
            raise LookupError(SECRET)
        return "1"


@asynccontextmanager
async def open_to(door: Door) -> AsyncIterator[httpx.AsyncClient]:
    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, door, "127.0.0.1:0")
        async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False, timeout=10) as client:
            yield client
        nursery.cancel_scope.cancel()


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [vars(one) for one in caplog.records if one.name == "thenar.adapters.web.failing"]


@pytest.mark.parametrize(
    ("asked", "path", "kind"),
    [
        ("/metrics", "/metrics", "KeyError"),
        ("/v1/status", "/v1/status", "RuntimeError"),
        (f"/v1/books?{SECRET}=1&limit=1", "/v1/books", None),
        ("/v1/books?limit=1", "/v1/books", "ZeroDivisionError"),
        (f"/v1/reviews/{SECRET}", "/v1/reviews/{id}", "AssertionError"),
    ],
)
async def test_a_failing_route_is_logged_counted_and_named(asked, path, kind, caplog) -> None:
    broken = Broken()
    async with open_to(broken.door) as client:
        answer = await client.get(asked, headers=KEY)
        lives = await client.get("/healthz")

    logged = lines(caplog)
    if kind is None:
        assert (answer.status_code, logged, broken.door.failures.count) == (400, [], 0)
        return
    (line,) = logged
    assert (answer.status_code, broken.door.failures.count, lives.status_code) == (500, 1, 200)
    assert (line["msg"], line["method"], line["path"], line["kind"]) == ("request failed", "GET", path, [kind])
    assert line["request"] == answer.headers["x-request-id"]
    assert str(line["request"]) in answer.json()["next_step"]
    assert [place.split(":")[0] for place in line["at"]] == ["test_failing.py"]
    assert SECRET not in answer.text


async def test_the_line_is_json_for_programs_and_has_no_word_of_the_request(capsys) -> None:
    root = logging.getLogger()
    before = root.handlers, root.level
    try:
        logs.begin("info", as_json=True)
        async with open_to(Broken().door) as client:
            answer = await client.get(f"/v1/reviews/{SECRET}", headers=KEY)
    finally:
        root.handlers, root.level = before[0], before[1]

    said = capsys.readouterr().err
    (line,) = [json.loads(one) for one in said.splitlines() if "request failed" in one]
    assert (line["level"], line["path"], line["request"]) == (
        "error",
        "/v1/reviews/{id}",
        answer.headers["x-request-id"],
    )
    assert SECRET not in said and TOKEN not in said


async def test_a_stream_that_fails_in_the_middle_is_logged_too(caplog) -> None:
    broken = Broken()
    async with open_to(broken.stream) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            async with client.stream("GET", "/v1/changes", headers=KEY) as answer:
                assert answer.status_code == 200
                await answer.aread()

    assert [(line["path"], line["kind"]) for line in lines(caplog)] == [("/v1/changes", ["LookupError"])]
    assert broken.stream.failures.count == 1


async def test_who_leaves_in_the_middle_is_no_failure(caplog) -> None:
    changes, moved = 0, trio.Event()

    async def changed() -> None:
        await moved.wait()

    def tag() -> str:
        return str(changes)

    broken = Broken()
    door = Door(TOKEN, broken.ready, broken.text, broken.status, {}, Shelf(tag=tag, changed=changed))
    async with open_to(door) as client:
        for _ in range(5):
            async with client.stream("GET", "/v1/changes", headers=KEY) as answer:
                await anext(answer.aiter_lines())
        changes += 1
        moved.set()
        lives = await client.get("/healthz")

    assert (lives.status_code, lines(caplog), door.failures.count) == (200, [], 0)
