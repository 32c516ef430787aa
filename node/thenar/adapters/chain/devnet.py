"""A chain of one's own: anvil as a child process, the contracts deployed on it, accounts with money."""

from __future__ import annotations

import platform
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trio
from eth_account import Account
from eth_account.signers.local import LocalAccount

from thenar.adapters.chain import deployments
from thenar.adapters.chain.abi import function
from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.calls import TOKEN_ABI
from thenar.adapters.chain.codec import encode_call
from thenar.adapters.chain.deploy import deploy
from thenar.adapters.chain.deployments import Deployment
from thenar.adapters.chain.rpc import Rpc, open_rpc
from thenar.domain.ids import Address
from thenar.errors import BadConfig, ThenarError, Unavailable

CHAIN_ID = 31_337
ETHER = 10**18
GAS_MONEY = 1_000 * ETHER
"""Wei every account gets."""
TOKENS = 1_000_000 * 10**6
"""Settlement-token units every account gets."""
FEE_CAP = 10**12
START_SECONDS = 20.0
_TETHER = """
exec 3<&0
"$@" </dev/null 3<&- & child=$!
{ read -r _ <&3; kill -9 $child; } 2>/dev/null & watch=$!
wait $child; status=$?
kill $watch 2>/dev/null
exit $status
"""
"""Runs a program until it ends or standard input does, which the death of its parent brings about too."""
_DEPLOYER_KEY = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
"""anvil's first account, known to everybody; it owns nothing outside local chains."""


class _Deployer:
    """A Keyring over the well-known development key."""

    def __init__(self) -> None:
        self._signer: LocalAccount = Account.from_key(_DEPLOYER_KEY)
        self.account = Address(self._signer.address.lower())

    def sign_digest(self, digest: bytes) -> bytes:
        made = self._signer.unsafe_sign_hash(digest)  # type: ignore[arg-type]  # any 32 bytes will do
        return made.r.to_bytes(32, "big") + made.s.to_bytes(32, "big") + bytes([made.v])


@dataclass(frozen=True, slots=True)
class Devnet:
    """A running local chain. ``deployment_file`` is what nodes are configured with."""

    rpc_url: str
    deployment: Deployment
    deployment_file: Path
    rpc: Rpc

    async def fund(self, account: Address, *, wei: int = GAS_MONEY, tokens: int = TOKENS) -> None:
        """Give an account ether and mock dollars."""
        await self.rpc.read("anvil_setBalance", account, hex(wei))
        data = encode_call(function(TOKEN_ABI, "mint"), {"to": account, "amount": tokens})
        sent = {"from": _Deployer().account, "to": self.deployment.token, "data": "0x" + data.hex()}
        transaction = await self.rpc.read("eth_sendTransaction", sent)
        while await self.rpc.read("eth_getTransactionReceipt", transaction) is None:
            await self.rpc.read("evm_mine")

    async def pass_time(self, seconds: int) -> None:
        """Let chain time jump ahead and mine a block there."""
        await self.rpc.read("evm_increaseTime", hex(seconds))
        await self.rpc.read("evm_mine")


@asynccontextmanager
async def open_devnet(
    directory: Path,
    *,
    port: int = 0,
    block_time: float | None = 1.0,
    accounts: Sequence[Address] = (),
    parameters: Parameters | None = None,
) -> AsyncIterator[Devnet]:
    """Start a chain on loopback, deploy, fund the accounts; everything ends with the scope.

    ``port`` 0 takes a free one; ``block_time`` in seconds (fractions below 1), None mines a block per transaction.
    The deployment file and the chain's log are written into ``directory``. Raises BadConfig without anvil or when the
    port is taken, Unavailable when the chain does not start.
    """
    binary = find_anvil()
    log = _log_in(directory)
    port = _free_port(port)
    url = f"http://127.0.0.1:{port}"
    async with open_rpc(url) as rpc, _anvil(_command(binary, port, block_time, log.parent), log) as process:
        await _until_it_answers(rpc, process, log)
        made = await deploy(rpc, _Deployer(), parameters or Parameters(), fee_cap=FEE_CAP)
        path = directory / f"{made.chain_id}.json"
        deployments.save(made, path)
        devnet = Devnet(url, made, path, rpc)
        for account in accounts:
            await devnet.fund(account)
        if block_time is not None and block_time >= 1:  # deployed faster without
            await rpc.read("evm_setIntervalMining", int(block_time))
        yield devnet


def find_anvil() -> Path:
    """The anvil program: npm's native one beside this checkout or the working directory, else the one on PATH.

    Where that is npm's wrapper, which outlives being ended, the program it would start. Raises BadConfig when there is
    none.
    """
    system = {"Linux": "linux", "Darwin": "darwin"}.get(platform.system(), "")
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    native = Path("node_modules", "@foundry-rs", f"anvil-{system}-{machine}", "bin", "anvil")
    found = shutil.which("anvil")
    wrapped = Path(found).resolve().parents if found is not None else ()
    for folder in (Path.cwd(), *Path(__file__).resolve().parents, *wrapped):
        if (folder / native).is_file():
            return folder / native
    if found is None:
        raise BadConfig(
            "a local chain needs anvil, which is not installed",
            next_step="run `make setup` in a checkout, or install Foundry and put anvil on PATH",
        )
    return Path(found)


def _command(binary: Path, port: int, block_time: float | None, folder: Path) -> list[str]:
    """Old states go into the devnet's own folder, and few of them: each has megabytes, and none is asked for again."""
    fixed = ["--host", "127.0.0.1", "--port", str(port), "--chain-id", str(CHAIN_ID), "--hardfork", "cancun"]
    pace = ["--block-time", str(block_time)] if block_time is not None and block_time < 1 else []
    kept = ["--max-persisted-states", "64", "--cache-path", str(folder / "states")]
    return [str(binary), *fixed, *pace, *kept, "--gas-limit", "60000000", "--silent"]


@asynccontextmanager
async def _anvil(command: list[str], log: Path) -> AsyncIterator[trio.Process]:
    """The child lives as long as the scope, and no longer than this process even when that is killed."""
    with log.open("wb") as output:
        process = await trio.lowlevel.open_process(
            ["sh", "-c", _TETHER, "anvil", *command], stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        with trio.CancelScope(shield=True):
            if process.stdin is not None:
                await process.stdin.aclose()
            await process.wait()


async def _until_it_answers(rpc: Rpc, process: trio.Process, log: Path) -> None:
    with trio.move_on_after(START_SECONDS):
        while process.returncode is None:
            try:
                await rpc.batch([("eth_chainId", [])])
            except ThenarError:
                await trio.sleep(0.05)
            else:
                return
    raise Unavailable(f"anvil did not start: {_end_of(log)}", next_step="choose another port")


def _log_in(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    return directory / "anvil.log"


def _end_of(log: Path) -> str:
    return log.read_text("utf-8", errors="replace").strip()[-500:] or "it said nothing"


def _free_port(wanted: int) -> int:
    """The wanted port, or any for 0. Raises BadConfig when it is taken: whoever answers there is another chain."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as cause:
            step = "stop what listens there, or name another with --port; --port 0 takes any free one"
            raise BadConfig(f"port {wanted} is taken: {cause.strerror}", next_step=step) from cause
        port: int = probe.getsockname()[1]
        return port
