"""Every command of a node answers JSON after its schema, whatever is down or locked."""

from __future__ import annotations

import os
from functools import partial

import pytest
import trio
from command_line import PASSWORD, Answer, in_process
from command_tree import COMMANDS, conform
from living import settle_in
from wire import Wire

from thenar.adapters.journal import hold
from thenar.adapters.vault import tries
from thenar.assembly import open_node
from thenar.config import load
from thenar.supervisor import run_node

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
STAYS = {("up",), ("devnet",), ("demo",), ("cheat",), ("init",), ("run",)}
ALONE = {("backup",), ("restore",), ("support-bundle",), ("infer", "bench")}
"""These work in files and processes of their own; other tests ask them."""
ASKED = [path for path in COMMANDS if path not in STAYS | ALONE]
SOME = [("status",), ("keys", "audit"), ("capture", "list"), ("capture", "show"), ("account", "deposit")]
IN_A_STATE, APART = (ASKED, [*ASKED, ("run",)]) if FULL else (SOME, [("run",), ("keys", "audit"), ("status",)])
PASSED, BUGGED = 0, 1


def line(path: tuple[str, ...], home) -> list[str]:
    """A command line that parses, with junk where something is required."""
    words = [*path, "--json"]
    named = {option for parameter in COMMANDS[path].params for option in parameter.opts}
    if "--data" in named:
        words += ["--data", str(home)]
    needed = [parameter for parameter in COMMANDS[path].params if parameter.required]
    words += [f"{one.opts[0]}=x" for one in needed if one.param_type_name == "option"]
    return [*words, *("x" for one in needed if one.param_type_name == "argument")]


def judged(path: tuple[str, ...], told: Answer) -> int:
    """Whether it is one JSON object after the schema, and no bug."""
    assert told.code != BUGGED, (path, told.out)
    body = conform(path, told)
    if "error" in body:
        assert body["error"]["exit_code"] == told.code, (path, body)
    return 1


@pytest.fixture
def unlocked(tmp_path, monkeypatch):
    """The variables of somebody who knows the password."""
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)
    monkeypatch.setattr(tries, "PAUSE", 0.0)
    monkeypatch.chdir(tmp_path)


async def test_a_node_whose_chain_or_store_is_down_answers_json(devnet, tmp_path, capsys, unlocked, record_property):
    wire, cases = Wire(int(devnet.rpc_url.rsplit(":", 1)[1])), 0

    async def ask_all(home) -> int:
        found = 0
        for path in IN_A_STATE:
            told = await trio.to_thread.run_sync(partial(in_process, capsys, *line(path, home)))
            found += judged(path, told)
        return found

    async with trio.open_nursery() as nursery:
        await wire.mend(nursery)
        home = await settle_in(devnet, tmp_path / "ana", chain_rpc=wire.url)
        config, _ = load(home, environment={})
        async with open_node(home, config, PASSWORD) as node:
            await nursery.start(run_node, node)
            cases += await ask_all(home)
            wire.cut()
            cases += await ask_all(home)
            node.store._holdings.index.close()
            cases += await ask_all(home)
            nursery.cancel_scope.cancel()
    record_property("answers_with_parts_down", cases)
    assert cases == 3 * len(IN_A_STATE)


async def test_a_locked_or_starting_node_answers_json(devnet, tmp_path, capsys, monkeypatch, record_property):
    home = await settle_in(devnet, tmp_path / "ana")
    monkeypatch.delenv("THENAR_PASSWORD", raising=False)
    cases = 0

    async def ask_all() -> int:
        found = 0
        for path in APART:
            told = await trio.to_thread.run_sync(partial(in_process, capsys, *line(path, home)))
            found += judged(path, told)
            if path == ("run",):
                assert told.code in (9, 12), told.out
        return found

    cases += await ask_all()
    monkeypatch.setenv("THENAR_PASSWORD", PASSWORD)
    with hold(home):  # as a node does from its first moment on
        cases += await ask_all()
    record_property("answers_locked_or_starting", cases)
    assert cases == 2 * len(APART)
