"""The wheel as it is shipped: built from a copy of the sources, installed beside nothing of this checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("node", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore")


def copy_sources(into: Path) -> Path:
    """What a wheel is made of, without anything that was built here."""
    into.mkdir(parents=True)
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, into / name, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        else:
            shutil.copy(ROOT / name, into / name)
    return into


def build_wheel(sources: Path) -> Path:
    """Build offline, with the build backend that is installed."""
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(sources / "dist")]
    subprocess.run(words, cwd=sources, check=True, capture_output=True, timeout=300)
    (made,) = (sources / "dist").glob("*.whl")
    return made


def install(wheel: Path, into: Path) -> Path:
    """Install into a folder of its own, offline; dependencies are those of the running environment. The program."""
    words = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--no-cache-dir", "--quiet"]
    variables = {"PATH": "/usr/bin:/bin", "PIP_CONFIG_FILE": "/dev/null", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(
        [*words, "--target", str(into), str(wheel)], check=True, capture_output=True, timeout=300, env=variables
    )
    return into / "bin" / "thenar"
