"""A small size of `make mutation`: ten wrongs in the contract that holds the money; the walk must notice each."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 13):  # pragma: no cover
    pytest.skip("the in-process EVM has no wheel for this Python yet", allow_module_level=True)
if shutil.which("node") is None:
    pytest.skip("node is not on PATH: nothing to compile the contracts with", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from mutation import on_contracts, walks  # noqa: E402

LEDGER = next(one for one in on_contracts.TARGETS if one.file == "contracts/Ledger.sol")
FIXED = (
    ("Ledger._takeLock", "`<` → `>=`"),
    ("Ledger._takeLock", "`-` → `+`"),
    ("Ledger._add", "`locked.word = word + (amount << 8)` removed"),
    ("Ledger._deposit", "`_balances[account] += received` removed"),
    ("Ledger.lock", "`_balances[account] = held - amount` removed"),
    ("Ledger.lock", "`locked.word == 0` → `false`"),
    ("Ledger._pull", "`-` → `+`"),
    ("Ledger.release", "`_balances[account] += amount` removed"),
    ("Ledger.withdraw", "`<` → `<=`"),
    ("Ledger.withdraw", "`_push(to, amount)` removed"),
)
SEEDS = range(3)


def test_ten_wrongs_in_the_ledger_are_noticed_and_the_ledger_as_it_is_passes(tmp_path: Path) -> None:
    on_contracts.LOG.parent.mkdir(parents=True, exist_ok=True)
    walks.prepare()
    compiler = on_contracts.Compiler()
    whole = compiler.code(LEDGER, (ROOT / LEDGER.file).read_text("utf-8"))
    wanted = [one for one in on_contracts.all_of(LEDGER, compiler) if (one.place, one.told) in FIXED]

    noticed = {
        mutant.told: on_contracts.walked(code or {}, LEDGER, SEEDS)
        for mutant, code in on_contracts.versions(wanted, LEDGER, compiler)
    }
    compiler.close()

    assert on_contracts.walked(whole, LEDGER, SEEDS) == ""
    assert len(wanted) >= len(FIXED)
    assert all(noticed.values()), noticed
