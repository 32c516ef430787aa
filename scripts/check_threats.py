"""Every row of the threat model says what shows it: tests that exist, or since when what is left is accepted.

Usage: python scripts/check_threats.py [ROOT]
"""

from __future__ import annotations

import datetime
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PAGE = Path("docs") / "threat-model.md"
_ROW = re.compile(r"^\| (?P<attack>.+?) \|.*\| (?P<shown>[^|]*) \|$")
_TEST = re.compile(r"`(test_\w+)`")
_ACCEPTED = re.compile(r"\baccepted (\d{4}-\d{2}-\d{2})\b")
_DEFINED = re.compile(r"^\s*(?:async )?def (test_\w+)\(", re.MULTILINE)
_RULE = re.compile(r"^[|\- :]+$")


def tests(root: Path) -> set[str]:
    """The names of all test functions."""
    return {name for path in (root / "tests").rglob("*.py") for name in _DEFINED.findall(path.read_text("utf-8"))}


def rows(text: str) -> Iterator[tuple[int, str, str]]:
    """Every row below a table's head: its line, what is attacked, and its last cell."""
    lines = text.splitlines()
    heads = {number - 1 for number, line in enumerate(lines) if line.startswith("|") and _RULE.match(line)}
    for number, line in enumerate(lines):
        if line.startswith("|") and number not in heads and not _RULE.match(line):
            row = _ROW.match(line)
            yield number + 1, (row["attack"] if row else line), (row["shown"] if row else "")


def gaps(root: Path) -> Iterator[str]:
    """One line for each row that nothing shows."""
    known = tests(root)
    for number, attack, shown in rows((root / PAGE).read_text("utf-8")):
        named, dates = _TEST.findall(shown), _ACCEPTED.findall(shown)
        where = f"{PAGE}:{number}: {attack[:60]}"
        if not named and not dates:
            yield f"{where}: names no test in its last column, and no `accepted YYYY-MM-DD`"
        yield from (f"{where}: there is no {name}" for name in named if name not in known)
        yield from (f"{where}: {date} is no day" for date in dates if not _is_day(date))


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def main(arguments: list[str]) -> int:
    """Print every row that nothing shows; succeed when there is none."""
    root = (Path(arguments[0]) if arguments else Path(__file__).parent.parent).resolve()
    found = list(gaps(root))
    count = len(list(rows((root / PAGE).read_text("utf-8"))))
    print("\n".join(found) if found else f"{count} attacks, each with what shows it")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
