"""The package's page leads from nothing to a program that reads, pays and signs: its lines and its program are run."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import shown_lines

from thenar.adapters.chain.devnet import find_anvil
from thenar.errors import BadConfig

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).with_name("sdk")
PAGE = ROOT / "sdk" / "README.md"
PORT = "8545"
APPROVAL = "functionName: 'approve'"
FETCHED = "npm install viem typescript"
"""The one line that is not run: what it fetches is copied from what `make interop` fetched."""
IN_CHECKOUT = (". .venv/bin/activate", "thenar devnet my-chain")
AFTER_WRITING = "npx tsc"


def program() -> list[str]:
    """The blocks of the page's program, in their order."""
    return re.findall(r"^```ts\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


@dataclass(frozen=True)
class Reader:
    """Somebody who does what the page says: a folder beside a checkout, and a chain."""

    folder: Path
    port: int

    def does(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line of the page in the reader's folder."""
        quiet = {"npm_config_offline": "true", "npm_config_cache": str(self.folder.parent / "npm")}
        return subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env={**os.environ, **quiet},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def runs(self, blocks: list[str], name: str = "other.js") -> subprocess.CompletedProcess[str]:
        """Run a program against the reader's chain, which is not at the usual port."""
        text = "".join(blocks)
        assert PORT in text
        (self.folder / name).write_text(text.replace(PORT, str(self.port)), "utf-8")
        return self.does(f"node {name}")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The page's lines up to the program's, each run for real."""
    if shutil.which("npm") is None or not (PEERS / "node_modules" / "viem").is_dir():
        pytest.skip("the frontend's packages are not installed: run `make interop`")
    try:
        find_anvil()
    except BadConfig as missing:
        pytest.skip(f"{missing.message}: {missing.next_step}")
    built = subprocess.run(
        [sys.executable, "scripts/build_sdk.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    home = tmp_path_factory.mktemp("reader")
    made = Reader(home / "frontend", free_port())
    made.folder.mkdir()
    (home / "thenar").mkdir()
    for name in (".venv", "build", "node_modules"):
        (home / "thenar" / name).symlink_to(ROOT / name)
    lines = shown_lines.lines_of(PAGE)
    before = [line for line in lines if line not in IN_CHECKOUT]
    assert [line for line in lines if line in IN_CHECKOUT] == list(IN_CHECKOUT)
    command = f"{IN_CHECKOUT[0]} && exec {IN_CHECKOUT[1]} --port {made.port}"
    with (home / "chain.log").open("w") as log:
        chain = subprocess.Popen(["bash", "-c", command], cwd=home / "thenar", stdout=log, stderr=log)
    try:
        _until_it_is_there(home / "thenar" / "my-chain" / "31337.json", chain, home / "chain.log")
        for line in before[: next(at for at, line in enumerate(before) if line.startswith(AFTER_WRITING))]:
            _do(made, line)
        yield made
    finally:
        chain.terminate()
        chain.wait(timeout=30)


def _do(reader: Reader, line: str) -> None:
    if line == FETCHED:
        told = json.loads((PEERS / "package.json").read_text("utf-8"))
        wanted = {**told["dependencies"], **told["devDependencies"]}
        shutil.copytree(PEERS / "node_modules", reader.folder / "node_modules", symlinks=True)
        line = "npm pkg set " + " ".join(f"dependencies.{name}={version}" for name, version in wanted.items())
    run = reader.does(line)
    assert run.returncode == 0, (line, run.stdout, run.stderr)


def _until_it_is_there(file: Path, chain: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if file.is_file():
            return
        assert chain.poll() is None, log.read_text("utf-8")
        time.sleep(0.2)
    pytest.fail(f"no chain after two minutes: {log.read_text('utf-8')}")


def test_the_program_of_the_page_compiles_as_it_stands(reader: Reader) -> None:
    (check,) = (line for line in shown_lines.lines_of(PAGE) if line.startswith(AFTER_WRITING))
    (reader.folder / "first.ts").write_text("".join(program()), "utf-8")

    right = reader.does(check)
    (reader.folder / "first.ts").write_text("".join(program()).replace("'isAllowed'", "'mayUse'"), "utf-8")
    wrong = reader.does(check)

    assert (right.returncode, right.stdout) == (0, "")
    assert wrong.returncode != 0 and "mayUse" in wrong.stdout


def test_the_program_of_the_page_reads_writes_pays_and_signs(reader: Reader) -> None:
    (started,) = (line for line in shown_lines.lines_of(PAGE) if line.startswith("node "))

    run = reader.runs(program(), started.removeprefix("node "))

    told = dict(line.split(" ", 1) for line in run.stdout.splitlines())
    assert run.returncode == 0, run.stderr
    assert list(told) == ["wallet", "minted", "allowed", "paid", "deposited", "voucher"]
    assert float(told["wallet"]) >= 100
    assert told["allowed"] == "true"
    assert told["paid"] == f"25 to {told['minted'].split()[0]}"
    assert told["deposited"] == "5"
    assert re.fullmatch(r"0x[0-9a-f]{130}", told["voucher"])


def test_a_call_that_nobody_approved_says_what_the_token_said(reader: Reader) -> None:
    blocks = [block for block in program() if APPROVAL not in block or "const amount" not in block]
    amount = "const amount = parseUnits('25', deployment.decimals);\n"
    assert len(blocks) == len(program()) - 1
    at = next(place for place, block in enumerate(blocks) if "functionName: 'pay'" in block)

    run = reader.runs([*blocks[:at], amount, *blocks[at:]])

    assert run.returncode == 1
    assert "ERC20InsufficientAllowance" in run.stderr


def test_a_permit_for_another_contract_deposits_nothing(reader: Reader) -> None:
    blocks = [block.replace("spender: Ledger", "spender: RevenueGraph") for block in program()]

    run = reader.runs(blocks)

    assert run.returncode == 1
    assert "paid 25" in run.stdout and "deposited" not in run.stdout
    assert "ERC20InsufficientAllowance" in run.stderr
