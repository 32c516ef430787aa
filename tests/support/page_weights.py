"""What the pages weigh: which modules a browser needs at once, and which come later."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

PAGES = Path(__file__).resolve().parents[2] / "node" / "thenar" / "adapters" / "web" / "pages"
STATIC = re.compile(
    r"""^\s*(?:import|export)\b[^;()]*?\bfrom\s*['"]\./([\w.-]+)['"]|^\s*import\s*['"]\./([\w.-]+)['"]""", re.M
)
LATER = re.compile(r"""\bimport\(\s*['"]\./([\w.-]+)['"]\s*\)""")
ALWAYS = ("index.html", "thenar.css", "mark.svg")
BUNDLES = ("three.js", "h3.js", "land.js")
"""Made of others' code: they import nothing."""


def needs(name: str) -> set[str]:
    """A module and every module it cannot begin without."""
    found, ahead = set(), [name]
    while ahead:
        module = ahead.pop()
        if module not in found:
            found.add(module)
            ahead += _named(module, STATIC)
    return found


def later() -> set[str]:
    """Every module that some other one asks for when it is needed."""
    return {name for path in PAGES.glob("*.js") for name in _named(path.name, LATER)}


def shell() -> set[str]:
    """Every file the first page waits for."""
    return {*ALWAYS, *needs("main.js")}


def chunks() -> dict[str, int]:
    """What each module that comes later brings with it beyond the shell, in gzipped bytes."""
    return {name: weight(needs(name) - shell()) for name in sorted(later() - shell())}


def weight(names: set[str]) -> int:
    """Gzipped bytes of some files, each by itself."""
    return sum(len(gzip.compress((PAGES / name).read_bytes(), 9, mtime=0)) for name in names)


def _named(module: str, pattern: re.Pattern[str]) -> Iterator[str]:
    if module not in BUNDLES:
        for match in pattern.finditer((PAGES / module).read_text("utf-8")):
            yield next(filter(None, match.groups()))
