"""Every command, in states that go wrong: a documented exit code, one JSON object, a sentence, no traceback."""

from __future__ import annotations

import json
import re

import pytest
from command_tree import COMMANDS, conform
from jsonschema import Draft202012Validator

from thenar.cli import render
from thenar.cli.answers import RESULTS
from thenar.cli.main import EXIT_CODES

DOCUMENTED = {int(code) for code in re.findall(r"\b(\d+) [a-z]", EXIT_CODES)}
STAYS = {("up",), ("run",), ("devnet",), ("cheat",), ("demo",), ("init",)}
"""These would begin something: keys, chains, nodes that run until interrupted."""
PRINTS = {path for path in COMMANDS if path[-1] in ("template", "schema", "answers")}
"""These print a text, whatever the state."""
ASKED = [path for path in COMMANDS if path not in STAYS | PRINTS]
JUNK = ("x", "0x" + "ab" * 32, "-1", "/absent/file", "")


def words_for(path: tuple[str, ...], junk: str) -> list[str]:
    """A command line with every required argument and option filled with the same junk."""
    words = [*path]
    for parameter in COMMANDS[path].params:
        if not parameter.required:
            continue
        if parameter.param_type_name == "option":
            words += [f"{parameter.opts[0]}={junk}"]
    positional = [p for p in COMMANDS[path].params if p.required and p.param_type_name == "argument"]
    return [*words, "--", *[junk for _ in positional]] if positional else words


def checked(path, told) -> None:
    """What holds of every failure."""
    assert told.code in DOCUMENTED - {0, 1}, told.out + told.err
    assert "Traceback" not in told.out + told.err
    body = conform(path, told)
    if "error" in body:
        assert body["error"]["exit_code"] == told.code
        assert not re.search(r"exit status \d+", body["error"]["message"])


def with_options(words: list[str], *more: str) -> list[str]:
    at = words.index("--") if "--" in words else len(words)
    return [*words[:at], *map(str, more), *words[at:]]


def test_there_are_cases_enough(record_property):
    cases = len(ASKED) * len(JUNK) + len(COMMANDS)
    record_property("cases", cases)
    assert cases >= 120
    assert len(ASKED) > 60


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_an_unknown_option_is_wrong_usage(thenar, path):
    told = thenar(*path, "--no-such-option", "--json")

    assert told.code == 2
    checked(path, told)


@pytest.mark.parametrize("path", ASKED, ids=" ".join)
def test_junk_where_no_node_is_gets_a_documented_code(thenar, tmp_path, path):
    for junk in JUNK:
        told = thenar(*with_options(words_for(path, junk), "--json", "--data", tmp_path / "absent"))

        if told.code == 0:  # it needs no node, such as the settings' list
            conform(path, told)
            continue
        checked(path, told)
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize("state", ["absent", "broken", "file", "locked", "whole"])
@pytest.mark.parametrize(
    "words", [("status",), ("doctor",), ("config", "show"), ("keys", "audit"), ("backup", "made.tar")], ids=" ".join
)
def test_what_an_operator_asks_answers_json_in_every_state(thenar, node, tmp_path, words, state, monkeypatch):
    places = {"absent": tmp_path / "absent", "broken": tmp_path / "broken", "file": tmp_path / "file"}
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "thenar.toml").write_text("[")
    (tmp_path / "file").write_text("")
    if state == "whole":
        monkeypatch.setenv("THENAR_PASSWORD", "correct horse battery staple")

    told = thenar(*words, "--json", "--data", places.get(state, node))

    if told.code:
        checked(words[:2] if words[0] != "backup" else words[:1], told)
    else:
        conform(words[:2] if words[0] != "backup" else words[:1], told)


def test_every_command_takes_json():
    assert [path for path in COMMANDS if "--json" not in {o for p in COMMANDS[path].params for o in p.opts}] == []


@pytest.mark.parametrize("path", sorted(PRINTS), ids=" ".join)
def test_what_prints_a_text_prints_it_as_json_too(thenar, path):
    told = thenar(*path, "--json")

    assert told.code == 0
    conform(path, told)


def test_a_number_json_does_not_have_is_null(thenar, capsys):
    render.print_json({"a": float("nan"), "b": [float("inf"), {"c": 1.5}], "d": (float("-inf"),)})

    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [None, {"c": 1.5}], "d": [None]}


def test_the_schema_of_answers_is_shipped_and_a_schema(thenar):
    for words in ((), *(tuple(name.split()) for name in RESULTS), ("revenue", "pay")):
        told = thenar("config", "answers", *words)

        assert told.code == 0
        Draft202012Validator.check_schema(told.json)
    assert not {*map(" ".join, COMMANDS)}.isdisjoint(RESULTS)
    assert {*RESULTS} <= {*map(" ".join, COMMANDS)}
