"""Every `thenar …` and `make …` that the pages show exists, with the options they show; the cheap ones are run."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command_line import in_process
from command_tree import COMMANDS, TREE

from thenar.cli.main import EXIT_CODES
from thenar.errors import ThenarError

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
CUT = re.compile(r"\s(?:>|\||&&|;)\s")
CHEAP = {
    "thenar --help",
    "thenar capture template",
    "thenar capture template --layout",
    "thenar config template",
    "thenar job template",
    "thenar job template --model",
    "thenar job template --pictures",
}


def shown_on(page: Path) -> list[str]:
    """Command lines in shell blocks and in inline code, without redirections."""
    text = page.read_text(encoding="utf-8")
    lines = [
        line for kind, body in FENCE.findall(text) if kind in ("sh", "shell", "console") for line in body.split("\n")
    ]
    prose = FENCE.sub("", text)
    lines += [code for code in INLINE.findall(prose) if "\\0" not in code]
    parts = [part.strip() for line in lines for part in CUT.split(line)]
    return [part for part in parts if re.match(r"(thenar|make) [\w-]", part)]


SHOWN = sorted({(page.relative_to(ROOT).as_posix(), line) for page in PAGES for line in shown_on(page)})


def targets() -> set[str]:
    heads = re.findall(r"^([a-z0-9 -]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return {name for head in heads for name in head.split()}


def options_of(command: Any) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}


def test_the_pages_show_commands():
    assert len(SHOWN) > 20
    assert {line.split()[0] for _, line in SHOWN} == {"thenar", "make"}


@pytest.mark.parametrize(("page", "line"), SHOWN)
def test_a_command_on_a_page_exists_with_its_options(page, line):
    program, *words = shlex.split(line, comments=True)
    if program == "make":
        wanted = [word for word in words if "=" not in word and not word.startswith("-")]
        assert set(wanted) <= targets(), f"{page} shows {line!r}"
        return
    found = TREE
    while words and words[0] in getattr(found, "commands", {}):
        found = found.commands[words.pop(0)]
    assert not words or not hasattr(found, "commands") or words[0].startswith("-"), f"{page} shows {line!r}"
    for word in words:
        if word.startswith("--"):
            assert word.split("=")[0] in options_of(found), f"{page} shows {line!r}"


@pytest.mark.parametrize("line", sorted({line for _, line in SHOWN} & CHEAP))
def test_a_cheap_command_on_a_page_runs(line, capsys):
    done = in_process(capsys, *shlex.split(line)[1:])

    assert done.code == 0
    assert done.out


def test_make_lists_its_targets():
    listed = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert {"setup", "demo", "test", "check"} <= set(re.findall(r"make ([a-z-]+)", listed)) <= targets()


@pytest.mark.parametrize("words", [path for path in COMMANDS if path[-1] != "template"], ids=" ".join)
def test_every_command_that_answers_takes_json(words):
    assert "--json" in options_of(COMMANDS[words])


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_and_option_says_what_it_is_for(words):
    command = COMMANDS[words]

    assert command.help
    for parameter in command.params:
        assert parameter.help, f"{' '.join(words)} {parameter.opts}"


def test_the_exit_codes_on_the_pages_are_those_of_the_errors():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    kinds, codes = [ThenarError], set()
    while kinds:
        kind = kinds.pop()
        kinds += [sub for sub in kind.__subclasses__() if sub.__module__ == "thenar.errors"]
        codes.add(kind.exit_code)

    for code in codes | {0, 5, 130}:
        assert re.search(rf"\b{code}\b", EXIT_CODES)
        assert re.search(rf"\b{code} [a-z]", text)
