"""The pinned libm: one portable build of musl's mathematics, so that every x86-64 processor computes the same bits.

glibc chooses variants of sin, exp and their like by the processor, and they differ in the last bit. Physics of class X1
runs with this library loaded before glibc's. It is built in seconds from the musl sources in the package ``ziglang``
0.14.1, with the compiler in that package; whoever builds it gets the same bytes, whose SHA-256 is part of the class's
id. ``qsort`` comes along: glibc's changed its order of equal elements between versions.

``python -m thenar.adapters.compute.libm`` builds it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from thenar.domain.work.classes import LIBM_SHA256
from thenar.errors import BadConfig, Corrupt, ThenarError

NAME: Final = "pinned_libm.so"
PINNED: Final = (
    "acos", "asin", "atan", "atan2", "atan2f", "atanf", "cbrt", "cos", "cosf", "exp", "floor", "log", "log10",
    "log10f", "pow", "powf", "sin", "sinf", "sqrt", "tan", "qsort",
)  # fmt: skip
"""What the library answers for: all that libmujoco and its sensor plugins ask of libm, and qsort."""

_INNER: Final = (
    "fabs", "scalbn", "exp_data", "log_data", "pow_data", "powf_data", "exp2f_data", "sqrt_data", "__sin", "__cos",
    "__tan", "__sindf", "__cosdf", "__rem_pio2", "__rem_pio2_large", "__rem_pio2f", "__math_oflow", "__math_uflow",
    "__math_xflow", "__math_divzero", "__math_invalid", "__math_oflowf", "__math_uflowf", "__math_xflowf",
    "__math_divzerof", "__math_invalidf",
)  # fmt: skip
_FLAGS: Final = (
    "-target", "x86_64-linux-gnu.2.17", "-mcpu=x86_64", "-O2", "-ffp-contract=off", "-fno-builtin", "-fPIC",
    "-shared", "-nostdlib", "-nostdinc", "-w", "-s", "-D_XOPEN_SOURCE=700",
)  # fmt: skip
_INCLUDES: Final = (
    "libc/musl/src/internal",
    "libc/musl/src/include",
    "libc/musl/arch/x86_64",
    "libc/musl/arch/generic",
    "libc/musl/include",
    "libc/include/x86_64-linux-musl",
    "libc/include/generic-musl",
)
_PACKAGE: Final = "ziglang"
_VERSION: Final = "0.14.1"
_NEXT: Final = "pip install 'thenar[compute]', then python -m thenar.adapters.compute.libm"
_SECONDS: Final = 300


def places() -> tuple[Path, ...]:
    """Where the library may be, best place first: beside this module, or in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(__file__).with_name(NAME), cache / "thenar" / NAME


def pinned_libm() -> Path:
    """The library, its digest checked. Raises BadConfig when it was not built."""
    for place in places():
        if place.is_file() and _digest(place) == LIBM_SHA256:
            return place
    raise BadConfig("the pinned libm is not built, without which nobody agrees on physics", next_step=_NEXT)


def seen() -> str:
    """Where the library is, or what to do to have it: for those who look, not for those who need it."""
    try:
        return f"pinned libm at {pinned_libm()}"
    except BadConfig as missing:
        return f"not lent: {missing.message}; {missing.next_step}"


def build() -> Path:
    """Build the library where it can be written, unless it is there. Raises BadConfig, Corrupt."""
    try:
        return pinned_libm()
    except BadConfig:
        place = next((place for place in places() if _writable(place.parent)), None)
    if place is None:
        raise BadConfig(f"neither {places()[0].parent} nor {places()[1].parent} can be written to")
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".libm-") as folder:
        made = _compile(_compiler(), Path(folder))
        if (found := _digest(made)) != LIBM_SHA256:
            raise Corrupt(
                f"the libm built here has SHA-256 {found}, not {LIBM_SHA256}: this build is not the pinned one"
            )
        made.chmod(0o644)
        made.replace(place)
    return place


def _compiler() -> Path:
    """The folder of ziglang 0.14.1. Raises BadConfig."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise BadConfig(f"the package {_PACKAGE} {_VERSION} is not installed", next_step=_NEXT)
    return Path(found.origin).parent


def _compile(zig: Path, folder: Path) -> Path:
    made, exported, library = folder / NAME, folder / "exported.map", zig / "lib"
    exported.write_text("{ global: " + "".join(f"{name}; " for name in PINNED) + "local: *; };\n")
    mathematics = sorted({*PINNED, *_INNER} - {"qsort"})
    sources = [f"math/{name}.c" for name in mathematics] + ["stdlib/qsort.c", "stdlib/qsort_nr.c"]
    command = [str(zig / "zig"), "cc", *_FLAGS, f"-Wl,--version-script={exported}"]
    command += [f"-I{library / include}" for include in _INCLUDES]
    command += [*sources, "-o", str(made)]
    cache = {"ZIG_GLOBAL_CACHE_DIR": str(folder / "zig"), "ZIG_LOCAL_CACHE_DIR": str(folder / "zig")}
    said = subprocess.run(
        command,
        cwd=library / "libc/musl/src",
        env={"PATH": os.defpath, "HOME": str(folder), **cache},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    if said.returncode:
        raise BadConfig(f"zig cannot build the pinned libm: {said.stderr.decode(errors='replace')[-400:]}")
    return made


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def main() -> int:
    """Build the library and say where it is."""
    try:
        sys.stdout.write(f"set-up: the pinned libm is {build()}\n")
    except ThenarError as failure:
        sys.stdout.write(f"set-up: {failure.message}{'; ' + failure.next_step if failure.next_step else ''}\n")
        return failure.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
