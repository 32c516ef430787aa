"""Other models of processors, emulated: the same bits as here, for every kind of simulated work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from thenar.adapters.compute import libm
from thenar.errors import BadConfig

SUPPORT = Path(__file__).resolve().parents[3] / "support"
PROGRAM = SUPPORT / "emulated_work.py"
QEMU = shutil.which("qemu-x86_64")


def told(*before: str) -> list[str]:
    """What the work comes to, behind a program that runs it."""
    try:
        pinned = str(libm.pinned_libm())
    except BadConfig as missing:
        pytest.skip(f"{missing.message}: {missing.next_step}")
    paths = [str(SUPPORT), *(path for path in sys.path if path)]
    own = {"LD_PRELOAD": pinned, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(paths)}
    python, environment = str(Path(sys.executable).resolve()), dict(os.environ)
    if before:
        before = (*before, *(part for name, value in own.items() for part in ("-E", f"{name}={value}")))
    else:
        environment |= own
    said = subprocess.run([*before, python, str(PROGRAM)], env=environment, capture_output=True, text=True, timeout=600)
    assert said.returncode == 0, said.stderr[-2000:]
    return said.stdout.splitlines()


@pytest.fixture(scope="module")
def here() -> list[str]:
    return told()


@pytest.mark.skipif(QEMU is None, reason="qemu-x86_64 is not on PATH; on Debian: apt-get install qemu-user")
@pytest.mark.parametrize("processor", ["SandyBridge", "Haswell", "EPYC"])
def test_another_processor_comes_to_the_same_bits(processor: str, here: list[str]) -> None:
    there = told(str(QEMU), "-cpu", processor)

    assert len(there) > 8
    assert there == here
