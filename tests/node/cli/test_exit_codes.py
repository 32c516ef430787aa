"""Every kind of failure ends with its documented code and a sentence, as JSON where JSON was asked for."""

from __future__ import annotations

import json

import pytest
import trio

from thenar import errors
from thenar.cli import call as calling
from thenar.cli.main import EXIT_CODES

ASSET = "0x" + "ab" * 32
KINDS = [
    (errors.BadInput, 2),
    (errors.NotFound, 3),
    (errors.BadConfig, 4),
    (errors.Refused, 4),
    (errors.Unavailable, 6),
    (errors.Reverted, 7),
    (errors.Poor, 8),
    (errors.Locked, 9),
    (errors.Late, 10),
    (errors.Corrupt, 11),
    (errors.Conflict, 12),
]


@pytest.fixture
def failing(monkeypatch):
    """Make the next command fail in a given way."""

    def fail_with(problem: BaseException) -> None:
        async def fail(*_: object, **__: object) -> dict[str, object]:
            await trio.lowlevel.checkpoint()
            raise problem

        monkeypatch.setattr(calling, "run_command", fail)

    return fail_with


@pytest.mark.parametrize(("kind", "code"), KINDS)
@pytest.mark.parametrize("grouped", [False, True])
def test_every_kind_of_failure_has_its_code(thenar, failing, kind, code, grouped):
    problem = kind("it went [wrong] because of [/this]", next_step="mend [it]")
    failing(ExceptionGroup("nursery", [ExceptionGroup("inner", [problem])]) if grouped else problem)

    told, shown = thenar("capture", "list", "--json"), thenar("capture", "list")

    assert (told.code, shown.code) == (code, code)
    assert told.error == {
        "kind": kind.__name__,
        "message": problem.message,
        "next_step": "mend [it]",
        "exit_code": code,
    }
    assert "it went [wrong] because of [/this]" in shown.err
    assert "mend [it]" in shown.err
    assert "Traceback" not in told.err + shown.err
    assert str(code) in EXIT_CODES


def test_a_bug_is_called_one_and_shows_its_trace_only_when_asked(thenar, failing, monkeypatch):
    failing(ZeroDivisionError("oops"))

    quiet = thenar("capture", "list", "--json")
    monkeypatch.setenv("THENAR_DEBUG", "1")
    loud = thenar("capture", "list", "--json")

    assert quiet.code == loud.code == 1
    assert "bug" in quiet.error["next_step"]
    assert "Traceback" not in quiet.err
    assert "Traceback" in loud.err
    assert loud.error == quiet.error


def test_a_file_the_system_refuses_is_a_precondition(thenar, failing):
    failing(PermissionError(13, "Permission denied", "/data"))

    told = thenar("capture", "list", "--json")

    assert (told.code, told.error["message"]) == (4, "/data: Permission denied")


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), BaseExceptionGroup("nursery", [KeyboardInterrupt()])])
def test_an_interruption_has_its_code(thenar, failing, problem):
    failing(problem)

    assert thenar("capture", "list").code == 130


MISUSES = [
    ("bogus",),
    ("capture",),
    ("capture", "bogus"),
    ("capture", "add"),
    ("capture", "list", "--bogus"),
    ("capture", "show"),
    ("license", "offer", ASSET),
    ("license", "offer", ASSET, "--price", "1", "--days", "many"),
    ("revenue", "pay", ASSET),
    ("revenue", "link", ASSET),
    ("config",),
    ("status", "extra"),
]


@pytest.mark.parametrize("words", MISUSES, ids=" ".join)
def test_wrong_usage_is_code_2_for_people_and_for_programs(thenar, words):
    shown, told = thenar(*words), thenar(*words, "--json")

    assert (shown.code, told.code) == (2, 2)
    assert shown.err or shown.out
    assert told.error["exit_code"] == 2
    assert told.error["kind"] == "BadInput"
    assert "--help" in told.error["next_step"]


@pytest.mark.parametrize(
    "words",
    [
        ("capture", "show", "nonsense"),
        ("capture", "list"),
        ("license", "list"),
        ("revenue", "show"),
        ("register", "--stake", "1"),
        ("capture", "add", "/absent.pcd"),
        ("status",),
        ("doctor",),
        ("config", "show"),
    ],
    ids=" ".join,
)
def test_json_is_one_object_in_every_state(thenar, node, tmp_path, words, monkeypatch):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "thenar.toml").write_text("[")
    (tmp_path / "file").write_text("")
    codes = []

    for place in (tmp_path / "absent", tmp_path / "broken", tmp_path / "file", tmp_path / "file" / "below", node):
        told = thenar(*words, "--json", "--data", place)
        assert isinstance(json.loads(told.out), dict)
        assert "Traceback" not in told.err
        codes.append(told.code)

    assert 1 not in codes


def test_every_page_of_help_lists_its_options_and_the_first_the_exit_codes(thenar):
    first = thenar("--help")

    assert first.code == 0
    for code in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 130):
        assert f"{code} " in first.out
    for words in (("init",), ("run",), ("status",), ("capture", "add"), ("license", "buy"), ("revenue", "claim")):
        page = thenar(*words, "--help")
        assert page.code == 0
        assert "--data" in page.out
        assert "--json" in page.out


def test_the_version_is_printed(thenar):
    assert thenar("--version").out.startswith("thenar ")


def test_strangers_text_cannot_paint_the_terminal(thenar, failing):
    failing(errors.Refused("\x1b[2J\x9b31m[/bold][link=http://evil]", next_step="\x1b]0;evil\x07"))

    said = thenar("capture", "list")

    assert said.code == 4
    assert "\x1b" not in said.err + said.out
    assert "\x9b" not in said.err + said.out
