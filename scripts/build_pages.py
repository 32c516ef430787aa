#!/usr/bin/env python3
"""Bundle what the pages use of others' JavaScript into the node's package, so that no operator needs Node.js.

Usage: .venv/bin/python scripts/build_pages.py [--check]

Each file in scripts/bundles says what is taken from which pinned npm package and becomes one module of the same name
beside the pages, with the licenses of all of them in licenses.txt. ``--check`` bundles anew and compares the bytes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENTRIES = ROOT / "scripts" / "bundles"
PACKAGES = ROOT / "node_modules"
PAGES = ROOT / "node" / "thenar" / "adapters" / "web" / "pages"
LICENSES = "licenses.txt"
NAMED = re.compile(r"""from '((?:@[\w-]+/)?[\w.-]+)""")
OPTIONS = ("--bundle", "--minify", "--format=esm", "--target=es2022", "--legal-comments=eof", "--charset=utf8")


def main(arguments: list[str]) -> int:
    """Write the bundles, or with ``--check`` say which are not what their sources and the locked packages make."""
    made = {f"{entry.name}": bundled(entry) for entry in sorted(ENTRIES.glob("*.js"))}
    made[LICENSES] = licenses()
    if "--check" in arguments:
        stale = [name for name, content in made.items() if not _same(PAGES / name, content)]
        print(f"not as built: {', '.join(stale)}; run scripts/build_pages.py" if stale else "bundles are as built")
        return 1 if stale else 0
    for name, content in made.items():
        (PAGES / name).write_bytes(content)
    return 0


def bundled(entry: Path) -> bytes:
    """One module with everything an entry asks for; a browser never looks elsewhere."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / entry.name
        command = [str(PACKAGES / ".bin" / "esbuild"), str(entry), *OPTIONS, "--log-level=error"]
        subprocess.run([*command, f"--outfile={target}"], cwd=ROOT, check=True)
        return target.read_bytes()


def licenses() -> bytes:
    """The license of every package that an entry names, in the order of their names."""
    named = {name for entry in ENTRIES.glob("*.js") for name in NAMED.findall(entry.read_text("utf-8"))}
    return "\n".join(_license(PACKAGES / name) for name in sorted(named)).encode()


def _license(package: Path) -> str:
    said = json.loads((package / "package.json").read_text("utf-8"))
    text = next(package.glob("LICEN[SC]E*")).read_text("utf-8").replace("\r\n", "\n").strip()
    return f"{said['name']} {said['version']} ({said['license']})\n\n{text}\n"


def _same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
