"""Every relative link in the documentation leads to a file, and every anchor to a heading.

Usage: python scripts/check_links.py [ROOT]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

_FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]\n]*\]\(\s*<?([^)\s>]+)>?[^)\n]*\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def anchors(text: str) -> set[str]:
    """Return the anchors a forge gives to a document's headings."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        plain = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")
        name, count = plain, 0
        while name in found:
            count += 1
            name = f"{plain}-{count}"
        found.add(name)
    return found


def broken_links(root: Path, page: Path) -> Iterator[str]:
    """Yield one line for each link of ``page`` that leads nowhere or out of the checkout."""
    text = page.read_text(encoding="utf-8")
    for target in _LINK.findall(_FENCE.sub("", text)):
        if _SCHEME.match(target):
            continue
        name, _, anchor = unquote(target).partition("#")
        leads_to = (page.parent / name).resolve() if name else page
        where = page.relative_to(root)
        if not leads_to.is_relative_to(root) or not leads_to.exists():
            yield f"{where}: {target} does not exist"
        elif anchor and leads_to.suffix == ".md" and anchor not in anchors(leads_to.read_text(encoding="utf-8")):
            yield f"{where}: {target} names no heading"


def main(arguments: list[str]) -> int:
    """Print every broken link; succeed when there is none."""
    root = (Path(arguments[0]) if arguments else Path(__file__).parent.parent).resolve()
    pages = sorted({*root.glob("*.md"), *root.glob("docs/**/*.md")})
    found = [line for page in pages for line in broken_links(root, page)]
    print("\n".join(found) if found else f"{len(pages)} pages, no broken link")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
