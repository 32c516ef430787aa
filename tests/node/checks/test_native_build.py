"""The C part is built where it can be; where it cannot, that is said and nothing old is left behind."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "TARGET", tmp_path / "_hashes.abi3.so")
    return module


def test_a_machine_without_a_compiler_is_told_and_keeps_no_old_part(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.TARGET.write_bytes(b"from another machine")
    monkeypatch.setenv("CC", "/nowhere/cc")

    assert "there is no C compiler" in (hook.build() or "") or sys.platform != "linux"
    assert not hook.TARGET.exists()


def test_a_compiler_that_fails_is_quoted(hook: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "false")

    assert hook.build() is not None
    assert list(hook.TARGET.parent.iterdir()) == []


def test_another_processor_gets_no_part(hook: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")

    assert "riscv64" in (hook.build() or "")
