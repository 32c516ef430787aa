"""Builds the C part of the node into its package, where that can be done; without it the node hashes in Python.

Hatchling runs this for wheels and editable installs; ``python hatch_build.py`` builds into the checkout, and
``--check`` only compiles, with every warning an error.
"""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DOMAIN = Path(__file__).resolve().parent / "node" / "thenar" / "domain"
SOURCE, TARGET = DOMAIN / "_hashes.c", DOMAIN / "_hashes.abi3.so"
# The order of additions in the rounds is chosen; reordered they measured a fifth slower.
FLAGS = ("-std=c11", "-O2", "-fno-tree-reassoc", "-fPIC", "-fvisibility=hidden")
STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-fsyntax-only")


def compiler() -> list[str]:
    """The command that compiles: what CC says, else ``cc``."""
    return [*shlex.split(os.environ.get("CC", "cc")), *FLAGS, f"-I{sysconfig.get_path('include')}"]


def build() -> str | None:
    """Build the C part; return why it was not built, if it was not. Never leaves an old one behind."""
    TARGET.unlink(missing_ok=True)
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return f"it is for Linux on x86-64, not for {sys.platform} on {platform.machine()}"
    fresh = TARGET.with_suffix(".new")
    try:
        done = subprocess.run([*compiler(), "-shared", str(SOURCE), "-o", str(fresh)], capture_output=True, text=True)
        if done.returncode:
            return (done.stderr.strip().splitlines() or ["the compiler failed"])[0]
        fresh.replace(TARGET)
    except OSError as cause:
        return f"there is no C compiler ({cause.strerror})"
    finally:
        fresh.unlink(missing_ok=True)
    return None


class NativePart(BuildHookInterface[Any]):
    """Puts the C part into wheels; a wheel without it is pure and goes anywhere."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build; never fail because of it."""
        if self.target_name != "wheel":
            return
        missing = build()
        if missing:
            self.app.display_warning(f"the node will hash in Python: {missing}")
        elif version != "editable":
            build_data["pure_python"] = False
            build_data["tag"] = f"cp311-abi3-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
            build_data["artifacts"].append(f"/{TARGET.relative_to(Path(self.root))}")


def main(arguments: list[str]) -> int:
    """Build into the checkout, or check the source."""
    if arguments == ["--check"]:
        return subprocess.run([*compiler(), *STRICT, str(SOURCE)]).returncode
    missing = build()
    print(f"set-up: the node will hash in Python: {missing}" if missing else f"set-up: built {TARGET.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
