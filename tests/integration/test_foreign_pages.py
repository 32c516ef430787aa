"""A page from elsewhere, in a real browser on the operator's machine, reads nothing of the node and changes nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import trio
from door_attacks import TOKEN
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
from trio_typing import TaskStatus

from thenar.adapters.web import Collection, Door, Shelf, serve
from thenar.adapters.web.connections import listen_on, serve_connections

DRIVER = Path(__file__).parent / "browser"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SECRET = "nobody-may-read-this"
DEADLINE = 300

if BROWSER is None:
    pytest.skip("no Chromium on PATH to open a foreign page with", allow_module_level=True)
if not (DRIVER / "node_modules" / "playwright-core").is_dir():
    pytest.skip("the browser's driver is not installed: run `make interop`", allow_module_level=True)


def door_with(spent: list[object]) -> Door:
    async def spend(arguments: dict[str, object], _: object) -> dict[str, object]:
        spent.append(arguments)
        return {"secret": SECRET}

    async def metrics() -> str:
        return ""

    async def ready() -> list[str]:
        return []

    async def status() -> dict[str, object]:
        return {"secret": SECRET}

    books = Collection("Books", lambda: {"b1": 1}, lambda _: {"book": SECRET}, {"book": "text"})
    return Door(TOKEN, ready, metrics, status, {"spend": spend}, Shelf({"books": books}))


async def elsewhere(*, task_status: TaskStatus[str]) -> None:
    """A page of another origin."""

    async def page(_: object) -> HTMLResponse:
        return HTMLResponse("<!doctype html><title>Free tokens</title><body>")

    listeners = await listen_on("127.0.0.1", 0)
    task_status.started(f"http://127.0.0.1:{listeners[0].socket.getsockname()[1]}/")
    await serve_connections(Starlette(routes=[Route("/", page)]), listeners, quiet_for=5.0)


async def seen_by_the_page(spent: list[object]) -> dict[str, object]:
    async with trio.open_nursery() as nursery:
        door = await nursery.start(serve, door_with(spent), "127.0.0.1:0")
        page = await nursery.start(elsewhere)
        rebound = f"http://evil.example:{door.rpartition(':')[2]}"
        asked = {"browser": BROWSER, "page": page, "door": f"http://{door}", "token": TOKEN, "rebound": rebound}
        with trio.fail_after(DEADLINE):
            command = ["node", "foreign.mjs", json.dumps(asked)]
            done = await trio.run_process(command, cwd=str(DRIVER), capture_stdout=True)
        nursery.cancel_scope.cancel()
    return dict(json.loads(done.stdout))


def test_a_page_from_elsewhere_reads_nothing_and_changes_nothing_even_with_the_key(record_property) -> None:
    spent: list[object] = []
    seen = trio.run(seen_by_the_page, spent)
    read = [said for page, *said in seen["read"] if not page.startswith("http://evil.example")]  # type: ignore[attr-defined]

    record_property("foreign_page_tries", seen["tried"])
    record_property("foreign_page_reads", len(read))
    record_property("foreign_page_changes", len(spent))
    assert (spent, read) == ([], [])
    assert SECRET not in json.dumps(seen)
    assert int(str(seen["tried"])) >= 60
    told = {json.loads(said)["error"] for *_, said in seen["read"]}  # type: ignore[attr-defined]
    assert told <= {"this door answers on loopback only"}
