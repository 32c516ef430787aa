"""The compiler's answers are kept by every byte it read, so that nothing stale is ever served."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

SHIM = Path(__file__).resolve().parents[3] / "scripts" / "solc.cjs"


def compiled(folder: Path, **env: str) -> dict[str, Any]:
    """What the shim makes of a contract that imports `Number.sol` from ``folder``."""
    if shutil.which("node") is None:
        pytest.skip("node is not on PATH: the contracts cannot be compiled")
    source = f'// {folder}\npragma solidity ^0.8.0; import "Number.sol"; contract Uses {{ uint256 public n = NUMBER; }}'
    asked = {
        "language": "Solidity",
        "sources": {"Uses.sol": {"content": source}},
        "settings": {"outputSelection": {"*": {"*": ["evm.bytecode.object"]}}},
    }
    words = ["node", str(SHIM), "--base-path", str(folder), "--standard-json"]
    done = subprocess.run(
        words, input=json.dumps(asked), capture_output=True, text=True, check=True, env=os.environ | env
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_an_answer_is_kept_until_anything_it_read_changes(tmp_path: Path) -> None:
    number = tmp_path / "Number.sol"
    number.write_text("uint256 constant NUMBER = 7;")

    first, kept = compiled(tmp_path), compiled(tmp_path)
    anew = compiled(tmp_path, THENAR_SOLC_CACHE="off")
    number.write_text("uint256 constant NUMBER = 8;")
    changed = compiled(tmp_path)
    number.write_text("uint256 constant NUMBER = ;")
    broken = compiled(tmp_path)

    assert first == kept == anew
    assert changed["contracts"] != first["contracts"]
    assert any(note["severity"] == "error" for note in broken["errors"])
