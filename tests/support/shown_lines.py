"""The command lines that the pages show in fences, and what has to be known of each to run it for real."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HAND_WRITTEN = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "sdk/README.md")
SHELL = ("sh", "bash", "shell", "console")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
HERE = re.compile(r"<<'?(\w+)'?$")
"""How a line ends that takes the lines below it as its input."""
COMMAND = re.compile(r"(thenar|make|pip|npm|scripts/\w+) ")


def pages() -> list[Path]:
    """Every page people read."""
    return [ROOT / name for name in HAND_WRITTEN] + sorted((ROOT / "docs").rglob("*.md"))


def name_of(page: Path) -> str:
    """How a page is called here."""
    return page.relative_to(ROOT).as_posix()


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """The lines of a page's shell fences in their order, each with what it takes as its input."""
    for kind, body in FENCE.findall(text):
        lines = iter(body.splitlines() if kind in SHELL else ())
        for line in lines:
            bare = re.sub(r"\s+#.*$", "", line).rstrip()
            if end := HERE.search(bare):
                yield bare, "\n".join([bare, *takewhile(end[1].__ne__, lines), end[1]])
            elif bare and not bare.startswith("#"):
                yield bare, bare


def lines_of(page: Path) -> list[str]:
    """The lines of a page's shell fences in their order, without remarks, empty lines and what is fed to a line."""
    return [line for line, _ in _commands(page.read_text(encoding="utf-8"))]


def recipes_in(page: str, heading: str) -> list[list[str]]:
    """The lines of each shell fence under a heading."""
    under = (ROOT / page).read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [[line for line, _ in _commands(fence[0])] for fence in FENCE.finditer(under)]


def fed(page: str, line: str) -> str:
    """A line of a page together with what it takes as its input."""
    return dict(_commands((ROOT / page).read_text(encoding="utf-8")))[line]


def unmarked(page: Path) -> list[str]:
    """Fences that hold nothing but commands and do not say that they are shell."""
    bodies = [body for kind, body in FENCE.findall(page.read_text(encoding="utf-8")) if not kind]
    return [body for body in bodies if all(COMMAND.match(line) for line in body.splitlines() if line.strip())]


@dataclass(frozen=True)
class Row:
    """What has to be known of one line to run it.

    ``by`` is whose node is asked; ``last`` is whoever the town calls so. ``put`` says for words of the line what stands
    in their place: the name of a thing of the town, or the word itself; several, separated by spaces, one after the
    other. ``before`` happens first. ``keep`` names what is read from its JSON answer (dots and numbers lead into it)
    and becomes a thing under the name on the left. ``code`` is the exit code the page says, ``why`` the reason.
    ``lasts`` is a command that runs until the page is over, ``apart`` one in a process of its own. ``again`` is how
    often it is asked again on a machine too busy to answer in time with what is kept. ``small`` replaces words but at
    full size. ``told_by`` is the test that runs the line instead.
    """

    shown: str
    by: str = "ana"
    put: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[Any], None] | None = None
    keep: Mapping[str, str] = field(default_factory=dict)
    code: int = 0
    why: str = ""
    lasts: bool = False
    apart: bool = False
    again: int = 0
    more: tuple[str, ...] = ()
    given: bytes = b""
    small: Mapping[str, str] = field(default_factory=dict)
    told_by: str = ""

    def words(self, things: Mapping[str, object], *, small: bool) -> list[str]:
        """The line as it is run: what stands for something replaced by it."""
        waiting = {word: names.split() for word, names in self.put.items()}
        made = []
        for word in shlex.split(self.shown):
            left = waiting.get(word)
            if left:
                name = left.pop(0) if len(left) > 1 else left[0]
                word = str(things.get(name, name))
            made.append(self.small.get(word, word) if small else word)
        return [*made, *(str(things.get(word, word)) for word in self.more)]


def told(shown: str, by_test: str) -> Row:
    """A line that another test runs."""
    return Row(shown, told_by=by_test)


def is_told(row: Row) -> bool:
    """Whether what a row names runs its line: a test of that name is there, the build runs it, or it is a suite."""
    path, _, name = row.told_by.partition("::")
    if not (ROOT / path).is_file():
        return False
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.startswith("tests/"):
        return f"def {name}(" in text if name else True
    return row.shown in text or f'"{row.shown.removeprefix("make ")}": [' in text


def unknown(page: str, rows: Sequence[Row]) -> str:
    """What to do about a page whose lines are not those of its rows; empty when they are."""
    shown, known = lines_of(ROOT / page), [row.shown for row in rows]
    for number, line in enumerate(shown):
        if number >= len(known) or known[number] != line:
            after = f"after {known[number - 1]!r}" if number else "at the beginning"
            return f"{page} shows {line!r}: add a Row for it {after} of its rows in tests/support/walked"
    return f"{page} shows no {known[len(shown)]!r} any more: take its Row away" if len(known) > len(shown) else ""
