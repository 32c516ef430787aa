"""What this is made of: every package locked by its hash, installed as locked, under a licence that is listed; and what
is built from it comes out the same, byte for byte, wherever it is built."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

import supply_chain  # noqa: E402
from supply_chain import Component  # noqa: E402

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
SMALL = ("CoverageMap",)
"""What is compiled twice where the figures are not asked for."""


@pytest.fixture(autouse=True)
def here() -> None:
    if not (ROOT / "node_modules" / ".package-lock.json").exists():
        pytest.skip("node_modules was not filled by npm: nothing to compare the lock with")


def test_everything_is_locked_by_hash(record_property) -> None:
    packages = sum(1 for lock in supply_chain.LOCKS for _ in supply_chain.entries(ROOT / lock))
    packages += len(supply_chain.npm(ROOT / "package-lock.json"))

    bare = supply_chain.unhashed()

    record_property("packages_locked", packages)
    record_property("packages_without_hash", len(bare))
    assert bare == [] and packages > 300


def test_no_package_runs_a_script_when_it_is_installed() -> None:
    settings = (ROOT / ".npmrc").read_text("utf-8").split()

    assert "ignore-scripts=true" in settings


def test_the_bill_of_materials_is_what_is_installed(record_property) -> None:
    installed = supply_chain.installed_python() | supply_chain.installed_npm()
    listed = {one["purl"] for one in supply_chain.bill(installed)["components"]}

    differing = [one for one in supply_chain.problems() if "installed" in one]

    record_property("packages_installed", len(installed))
    record_property("installed_otherwise_than_locked", len(differing))
    assert differing == []
    assert listed == {one.purl for one in installed}


def test_every_licence_is_listed(record_property) -> None:
    found = supply_chain.unlisted(supply_chain.installed_python() | supply_chain.installed_npm())

    record_property("licences_not_listed", len(found))
    assert found == []


def test_a_licence_nobody_listed_and_a_package_nobody_locked_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    stray = Component("pypi", "pytest", "0.0.1")
    whole = supply_chain.installed_python()
    monkeypatch.setattr(supply_chain, "installed_python", lambda: whole | {stray})
    monkeypatch.setattr(supply_chain, "licence", lambda one, _: "Ours alone" if one == stray else "MIT")

    assert supply_chain.problems() == [
        "installed and not locked: pkg:pypi/pytest@0.0.1",
        "licence: pytest 0.0.1: Ours alone",
    ]


def test_what_a_package_brings_along_when_it_is_imported_is_not_installed(tmp_path, monkeypatch) -> None:
    brought = tmp_path / "stray-1.0.dist-info"
    brought.mkdir()
    (brought / "METADATA").write_text("Metadata-Version: 2.1\nName: stray\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert supply_chain.metadata.version("stray") == "1.0"

    assert "stray" not in {one.name for one in supply_chain.installed_python()}


def test_the_npm_package_is_the_same_when_it_is_packed_again(record_property) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not on PATH: nothing to pack with")
    digests = []
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "scripts/build_sdk.py"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        digests.append(hashlib.sha256((ROOT / run.stdout.split(":")[0]).read_bytes()).hexdigest())

    record_property("npm_sha256", digests[0])
    record_property("npm_packages_identical", digests[0] == digests[1])
    assert digests[0] == digests[1]


def test_contracts_compile_twice_to_the_bytes_that_are_packaged(record_property) -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not on PATH: nothing to compile with")
    words = [sys.executable, "scripts/rebuild.py", "--json", *(() if FULL else SMALL)]

    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=1_800, check=False)

    assert run.stdout, run.stderr
    told = json.loads(run.stdout)
    record_property("contracts_rebuilt_twice", len(told["contracts"]))
    record_property("contracts_that_differ", len(told["differing"]))
    assert told["differing"] == [] and len(told["contracts"]) >= len(SMALL)
    assert run.returncode == 0
