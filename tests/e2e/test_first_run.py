"""A stranger's first minutes: install the wheel, make a node, run it. Three commands, no question, no Node.js."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from wheel import build_wheel, copy_sources, install

from thenar.adapters.chain.devnet import find_anvil
from thenar.errors import BadConfig

READY_SECONDS = 60


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build_wheel(copy_sources(tmp_path_factory.mktemp("built") / "first"))


@pytest.fixture(scope="module")
def program(wheel, tmp_path_factory):
    """The installed command."""
    return install(wheel, tmp_path_factory.mktemp("installed") / "packages")


@pytest.fixture
def stranger(program, tmp_path):
    """The environment of somebody who has the wheel and anvil, and nothing of this checkout."""
    try:
        anvil = find_anvil()
    except BadConfig as missing:
        pytest.skip(f"{missing.message}: {missing.next_step}")
    return {
        "PATH": f"{program.parent}:{anvil.parent}:/usr/bin:/bin",
        "PYTHONPATH": str(program.parents[1]),
        "HOME": str(tmp_path),
        "NO_COLOR": "1",
    }


def test_a_wheel_is_the_same_wherever_it_is_built(wheel, tmp_path, record_property):
    again = build_wheel(copy_sources(tmp_path / "a" / "deeper" / "folder"))

    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (wheel, again)]
    record_property("wheel_sha256", digests[0])
    record_property("wheels_identical", digests[0] == digests[1])
    assert digests[0] == digests[1]
    assert wheel.name == again.name


def test_a_wheel_holds_everything_a_node_runs_on(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    assert sum(name.startswith("thenar/adapters/chain/abi/") and name.endswith(".json") for name in names) > 20
    assert "thenar/adapters/journal/schema/0001_init.sql" in names
    assert not [name for name in names if "__pycache__" in name or name.startswith(("tests/", "scripts/"))]
    if sys.platform == "linux" and os.uname().machine == "x86_64":
        assert "thenar/domain/_hashes.abi3.so" in names
        assert "cp311-abi3-linux_x86_64" in wheel.name


@contextmanager
def up(stranger, folder: Path):
    """The node on its own local chain while the scope lasts; how many seconds it took to be ready."""
    with (folder / "node.log").open("w") as log:
        process = subprocess.Popen(
            ["thenar", "up", "--devnet"], cwd=folder, env=stranger, stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            yield ready_at(folder / "thenar-data" / "node.json", process)
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(60)
    assert code == 0, (folder / "node.log").read_text()


def ready_at(runtime: Path, process: subprocess.Popen[str]) -> float:
    """Seconds until the door says that the node is ready."""
    began = time.monotonic()
    while time.monotonic() - began < READY_SECONDS:
        assert process.poll() is None, "the node ended by itself"
        if runtime.exists():
            address = json.loads(runtime.read_text())["address"]
            if httpx.get(f"http://{address}/readyz", trust_env=False, timeout=10).status_code == 200:
                return time.monotonic() - began
        time.sleep(0.2)
    raise AssertionError(f"not ready after {READY_SECONDS} s")


def asked(stranger, folder: Path, *words: str) -> dict[str, object]:
    done = subprocess.run(
        ["thenar", *words, "--json"], cwd=folder, env=stranger, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def test_three_commands_and_no_question_lead_to_a_ready_node(stranger, tmp_path, record_property):
    made = asked(stranger, tmp_path, "init", "--yes")
    with up(stranger, tmp_path) as seconds:
        told = asked(stranger, tmp_path, "status")
        used = asked(stranger, tmp_path, "config", "show")["settings"]
        asked(stranger, tmp_path, "register", "--stake", "100")
    with up(stranger, tmp_path):  # another day, another local chain, the same node
        again = asked(stranger, tmp_path, "status")

    record_property("commands", 3)
    record_property("questions", 0)
    record_property("ready_seconds", round(seconds, 1))
    assert told["account"] == again["account"] == made["account"]
    assert again["registered"] is False
    assert used["chain.rpc"]["origin"] == used["chain.deployment"]["origin"] == "the running node"
    assert Path(used["chain.deployment"]["value"]) == tmp_path / "thenar-data" / "devnet" / "31337.json"
    assert Path(str(made["password_file"])).stat().st_mode & 0o077 == 0
    assert len(list((tmp_path / "thenar-data" / "devnet").glob("before-*/journal.sqlite"))) == 1


def test_the_installed_package_is_the_one_that_runs(stranger, program, tmp_path):
    line = "import thenar.domain.hashes as h; print(h.__file__, h.BEST.name)"
    said = subprocess.run(
        [sys.executable, "-c", line], cwd=tmp_path, env=stranger, capture_output=True, text=True, check=True
    ).stdout

    assert said.startswith(str(program.parents[1]))
