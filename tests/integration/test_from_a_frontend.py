"""The JavaScript of docs/api.md does what it says: reading, events, commands, and the proxy that lets one page in."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
import trio
from books import KEY, TOKEN, Books

from thenar.adapters.web import Collection, Door, Shelf, serve
from thenar.directory import write_runtime
from thenar.errors import Refused

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
NODE = shutil.which("node")
ORIGIN = "http://localhost:5173"
PATIENCE = 120

if NODE is None:
    pytest.skip("node is not on PATH to run the page's JavaScript with", allow_module_level=True)


class Assets(Books):
    """Books on the shelf where a node has its assets, and which of them were shown."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.asked: list[str] = []

    def lose(self) -> None:
        """Other assets stand where these stood, as after a reorganisation."""
        self.records = {f"c{number}": number for number in range(len(self.records) + 1)}

    def show(self, number: int) -> dict[str, object]:
        self.asked.append(f"{number}")
        return {"asset": f"{number}", "kind": "model" if number % 2 else "capture"}

    async def account(self, arguments: dict[str, object], tell: object) -> dict[str, object]:
        if arguments:
            raise Refused("it takes nothing", next_step="ask with {}")
        tell({"label": "looking"})  # type: ignore[operator]
        return {"account": "12.50"}

    @property
    def door(self) -> Door:
        made = super().door
        kinds = {"asset": "text", "kind": "one of capture|model"}
        assets = Collection("Assets", lambda: self.records, self.show, kinds, ("kind",))
        shelf = Shelf({"assets": assets}, made.shelf.block, made.shelf.tag, self.changed)
        return Door(TOKEN, made.ready, made.metrics, made.status, {"account.show": self.account}, shelf)


def blocks() -> Iterator[tuple[str, str]]:
    """The page's JavaScript by the file its first line names; what names none uses the others."""
    for body in re.findall(r"^```js\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        named = re.match(r"// (\w+\.mjs)\n", body)
        yield (named[1] if named else "using.mjs"), body


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The page's files, as a reader saves them."""
    saved = dict(blocks())
    assert set(saved) == {"proxy.mjs", "thenar.mjs", "using.mjs"}
    for name, body in saved.items():
        (tmp_path / name).write_text(body, encoding="utf-8")
    return tmp_path


@asynccontextmanager
async def standing(assets: Assets, folder: Path) -> AsyncIterator[str]:
    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, assets.door, "127.0.0.1:0")
        write_runtime(folder, {"address": address, "token": TOKEN})
        yield str(address)
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def script(folder: Path, *words: str) -> AsyncIterator[AsyncIterator[str]]:
    """A program of Node.js, and the lines it writes."""
    async with trio.open_nursery() as nursery:
        command = partial(trio.run_process, [str(NODE), *words], cwd=str(folder), stdout=subprocess.PIPE, check=False)
        process = await nursery.start(command)
        with trio.fail_after(PATIENCE):
            yield said_by(process)
        nursery.cancel_scope.cancel()


async def said_by(process: trio.Process) -> AsyncIterator[str]:
    said = b""
    while part := await process.stdout.receive_some():  # type: ignore[union-attr]
        *whole, said = (said + part).split(b"\n")
        for line in whole:
            yield line.decode()


def as_a_program(address: str, lines: str) -> str:
    """A program that uses the page's functions with a node's address and token."""
    told = json.dumps({"base": f"http://{address}", "headers": KEY})
    return f"import * as thenar from './thenar.mjs';\nObject.assign(thenar.node, {told});\n{lines}"


async def test_the_page_that_uses_them_reads_asks_and_hears_of_changes_alone(folder: Path) -> None:
    assets = Assets(1_201)
    async with standing(assets, folder) as address:
        using = (folder / "using.mjs").read_text(encoding="utf-8")
        (folder / "main.mjs").write_text(as_a_program(address, "await import('./using.mjs');"), encoding="utf-8")
        assert "from './thenar.mjs'" in using
        async with script(folder, "main.mjs") as lines:
            assert await anext(lines) == "601 12.50"
            assert await anext(lines) == "1201"
            assets.pass_by()
            await trio.sleep(0.5)  # an empty block: nothing is written
            assets.records = {**assets.records, "new": 1_201}
            assets.change()
            assert await anext(lines) == "1202"


async def test_what_is_held_is_not_sent_again_and_a_refusal_says_why(folder: Path) -> None:
    assets = Assets(3)
    tries = """
const path = '/v1/assets?limit=1';
const [first, again] = [await thenar.fresh(path), await thenar.fresh(path)];
console.log(first === again, first.total);
const told = [];
console.log((await thenar.command('account.show', {}, (one) => told.push(one.label))).account, told.join());
const say = (cause) => console.log(cause.message);
await thenar.all('assets', { kind: 'no' }).catch(say);
await thenar.command('account.show', { a: 1 }).catch(say);
await thenar.fresh('/v1/no').catch(say);
"""
    async with standing(assets, folder) as address:
        (folder / "main.mjs").write_text(as_a_program(address, tries), encoding="utf-8")
        async with script(folder, "main.mjs") as lines:
            said = [line async for line in lines]

    assert assets.asked == ["0"]
    assert said[:2] == ["true 3", "12.50 looking"]
    assert said[2:] == [
        "400: kind must be one of capture, model ",
        "it takes nothing ask with {}",
        "404: there is no such path GET /v1/openapi.json lists what there is",
    ]


async def test_reading_begins_anew_when_a_reorganisation_takes_a_page_away(folder: Path) -> None:
    assets = Assets(1_200)
    tries = "console.log((await thenar.all('assets')).length);"
    shown = assets.show

    def show(number: int) -> dict[str, object]:
        if number == 499 and len(assets.records) == 1_200:
            assets.lose()
        return shown(number)

    assets.show = show  # type: ignore[method-assign]
    async with standing(assets, folder) as address:
        (folder / "main.mjs").write_text(as_a_program(address, tries), encoding="utf-8")
        async with script(folder, "main.mjs") as lines:
            assert await anext(lines) == "1201"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": ORIGIN}, 200),
        ({"origin": ORIGIN, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}, 200),
        ({"sec-fetch-site": "same-origin", "host": "localhost:5173"}, 200),
        ({}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:9999"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"host": "evil.example"}, 403),
        ({"host": "localhost.evil.example"}, 403),
    ],
)
async def test_the_proxy_lets_its_page_in_with_the_token_and_nobody_elses(folder, headers, status) -> None:
    async with (
        standing(Assets(3), folder),
        script(folder, "proxy.mjs", str(folder), ORIGIN, "0") as lines,
        httpx.AsyncClient(base_url=await anext(lines), trust_env=False, timeout=30) as client,
    ):
        read = await client.get("/v1/assets", headers=headers)
        ran = await client.post("/v1/commands/account.show", json={}, headers=headers)

    assert (read.status_code, ran.status_code) == (status, status)
    if status == 200:
        assert read.json()["total"] == 3
        assert read.headers["etag"] == 'W/"x-1"'
        assert json.loads(ran.text.splitlines()[-1]) == {"result": {"account": "12.50"}}
    assert TOKEN not in read.text + str(read.headers)


async def test_events_pass_the_proxy_as_they_come_and_a_node_that_is_gone_is_502(folder: Path) -> None:
    assets = Assets(3)
    async with (
        script(folder, "proxy.mjs", str(folder), ORIGIN, "0") as lines,
        httpx.AsyncClient(base_url=await anext(lines), trust_env=False, timeout=30) as client,
    ):
        async with standing(assets, folder), client.stream("GET", "/v1/changes", headers={"origin": ORIGIN}) as stream:
            told = []
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    told.append(json.loads(line[6:])["block"])
                    if len(told) == 3:
                        break
                    assets.pass_by()
        gone = await client.get("/v1/assets", headers={"origin": ORIGIN})

    assert (told, gone.status_code) == ([7, 8, 9], 502)
