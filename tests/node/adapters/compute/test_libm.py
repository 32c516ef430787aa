"""The pinned libm: built to the same bytes by everybody, and in front of glibc's where it is preloaded."""

from __future__ import annotations

import ctypes
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from thenar.adapters.compute import libm
from thenar.domain.work.classes import LIBM_SHA256
from thenar.errors import BadConfig

ASKED = """
import ctypes, struct
said = ctypes.CDLL(None)
for name in ("sin", "exp", "atan2"):
    call = getattr(said, name)
    call.restype, call.argtypes = ctypes.c_double, [ctypes.c_double] * (2 if name == "atan2" else 1)
    print([struct.pack(">d", call(*[0.1 + at / 7] * len(call.argtypes))).hex() for at in range(200)])
"""
MASKS = ("", "glibc.cpu.hwcaps=-FMA,-AVX2", "glibc.cpu.hwcaps=-AVX512F,-FMA,-FMA4,-AVX2,-AVX")


def test_what_was_built_has_the_digest_in_the_class() -> None:
    assert hashlib.sha256(libm.build().read_bytes()).hexdigest() == LIBM_SHA256


def test_it_answers_for_every_function_it_pins() -> None:
    library = ctypes.CDLL(str(libm.build()))

    assert all(hasattr(library, name) for name in libm.PINNED)


def test_processors_agree_where_it_is_preloaded() -> None:
    environment = {"PATH": os.defpath, "LD_PRELOAD": str(libm.build())}
    said = {
        subprocess.run(
            [sys.executable, "-c", ASKED],
            env=environment | ({"GLIBC_TUNABLES": mask} if mask else {}),
            capture_output=True,
            check=True,
        ).stdout
        for mask in MASKS
    }

    assert len(said) == 1


def test_another_file_in_its_place_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / libm.NAME).write_bytes(libm.build().read_bytes() + b"\x00")
    monkeypatch.setattr(libm, "places", lambda: (tmp_path / libm.NAME,))

    with pytest.raises(BadConfig, match="not built"):
        libm.pinned_libm()
    assert "not lent" in libm.seen()
