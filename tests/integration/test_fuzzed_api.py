"""Schemathesis asks a living node's API for everything its own description allows, and for what it does not."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trio
from command_line import PASSWORD
from living import model, settle_in

from thenar.adapters.web import Collection, Door, Shelf, serve
from thenar.assembly import open_node
from thenar.commands import run as run_command
from thenar.config import load
from thenar.supervisor import run_node

PROGRAM = Path(__file__).resolve().parents[2] / ".tools" / "fuzz" / "bin" / "schemathesis"
FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
EXAMPLES = 200 if FULL else 4
"""Requests made up for every operation, beside those that go through the description case by case."""
LEAST = 8_000 if FULL else 1_000
STREAM = "/v1/changes"
"""Never ends, so it is asked elsewhere."""
OPEN = {"/", "/healthz", "/readyz", "/metrics", "/v1/openapi.json"}
DEADLINE = 1_500

if not PROGRAM.exists():
    pytest.skip("schemathesis is not installed: run `make fuzz`, or scripts/install_fuzz.sh", allow_module_level=True)


@dataclass(frozen=True)
class Told:
    """What schemathesis came to: its report, and every status by path."""

    report: dict[str, object]
    statuses: Counter[tuple[str, int]]
    said: str

    @property
    def found(self) -> list[tuple[str, object]]:
        """What it holds against the API, shortly."""
        return [(one["title"], one["operations"]) for one in self.report["failures"]]  # type: ignore[attr-defined]

    @property
    def cases(self) -> int:
        return int(self.report["test_cases"]["generated"])  # type: ignore[index]


async def fuzz(address: str, folder: Path, *more: str, token: str | None = None, config: str = "") -> Told:
    """Run every check of schemathesis over an API, the same requests every time."""
    await trio.Path(folder).mkdir()
    (folder / "schemathesis.toml").write_text(config, encoding="utf-8")
    words = [str(PROGRAM), "run", f"http://{address}/v1/openapi.json", "--checks", "all", "--seed", "17", "--no-color"]
    words += ["--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES), "--exclude-path", STREAM]
    words += ["--continue-on-failure", "--no-shrink", "--request-timeout", "60", "--warnings", "off"]
    words += ["--report-json-path", "report.json", "--report-har-path", "asked.har", *more]
    words += ["-H", f"Authorization: Bearer {token}"] if token else []
    env = os.environ | {"NO_PROXY": "127.0.0.1"}
    with trio.fail_after(DEADLINE):
        done = await trio.run_process(
            words, cwd=str(folder), env=env, capture_stdout=True, capture_stderr=True, check=False
        )
    said = (done.stdout + done.stderr).decode(errors="replace")[-8_000:]
    assert (folder / "report.json").exists(), said
    asked = json.loads((folder / "asked.har").read_text(encoding="utf-8"))["log"]["entries"]
    statuses = Counter((urlsplit(one["request"]["url"]).path, one["response"]["status"]) for one in asked)
    return Told(json.loads((folder / "report.json").read_text(encoding="utf-8")), statuses, said)


@pytest.fixture
async def standing(devnet, tmp_path):
    """A running node that has published a model: its address, its token, and the model's id."""
    home = await settle_in(devnet, tmp_path / "ana")
    config, _ = load(home, environment={})
    async with trio.open_nursery() as nursery, open_node(home, config, PASSWORD) as node:
        address = await nursery.start(run_node, node)

        async def ask(name: str, **arguments: object) -> dict[str, object]:
            return await run_command(node, name, arguments, lambda _: None)

        yield address, node.token, await model(ask, tmp_path, "reach")
        nursery.cancel_scope.cancel()


async def test_who_has_the_token_is_answered_as_described_whatever_is_asked(standing, tmp_path, record_property):
    address, token, _ = standing

    told = await fuzz(address, tmp_path / "fuzz", token=token)

    record_property("fuzzed_requests", told.cases)
    record_property("fuzzed_failures", len(told.found))
    assert told.found == [], told.said
    assert told.report["operations"]["tested"] == told.report["operations"]["total"] - 1
    assert told.cases >= LEAST
    assert {200, 400, 401, 404, 409, 415} <= {status for _, status in told.statuses}


async def test_who_has_no_token_gets_nothing_but_what_is_open_to_all(standing, tmp_path, record_property):
    address, _, _ = standing

    told = await fuzz(address, tmp_path / "fuzz")

    let_in = {path for path, status in told.statuses if status < 400}
    record_property("fuzzed_requests_of_strangers", told.cases)
    record_property("fuzzed_strangers_let_in", len(let_in - OPEN))
    assert told.found == [], told.said
    assert let_in <= OPEN
    assert told.cases >= LEAST


async def test_one_thing_is_shown_as_described(standing, tmp_path):
    address, token, asset = standing
    shown = {f"/v1/{name}/{{id}}": asset for name in ("assets", "looks")} | {"/v1/terms/{id}": "1"}
    config = "".join(
        f'[[operations]]\ninclude-path = "{path}"\nparameters = {{ "path.id" = "{name}" }}\n'
        for path, name in shown.items()
    )
    only = [word for path in shown for word in ("--include-path", path)]

    told = await fuzz(address, tmp_path / "fuzz", *only, token=token, config=config)

    assert told.found == [], told.said
    assert {(path.format(id=name), 200) for path, name in shown.items()} <= told.statuses.keys()


async def test_a_door_that_does_not_keep_to_its_description_is_found_out(tmp_path):
    async def none() -> list[str]:
        return []

    async def text() -> str:
        return ""

    async def status() -> dict[str, object]:
        return {}

    books = Collection("Books", lambda: {"b1": 1}, lambda _: {"book": 1}, {"book": "text"})
    door = Door("t" * 64, none, text, status, {}, Shelf({"books": books}))
    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, door, "127.0.0.1:0")
        told = await fuzz(address, tmp_path / "fuzz", "--include-path", "/v1/books", token=door.token)
        nursery.cancel_scope.cancel()

    assert ("Response violates schema", ["GET /v1/books"]) in told.found
