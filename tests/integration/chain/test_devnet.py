"""A local chain comes up whole, goes down whole, and says what is wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trio
from command_line import command, environment

from thenar.adapters.chain import deployments
from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.devnet import Devnet, find_anvil, open_devnet
from thenar.adapters.chain.views import View, Views
from thenar.errors import BadConfig

ORPHAN = """
import sys, trio
from pathlib import Path
from thenar.adapters.chain.devnet import open_devnet

async def main():
    async with open_devnet(Path(sys.argv[1])) as devnet:
        print(devnet.rpc_url.rsplit(":", 1)[1], flush=True)
        await trio.sleep_forever()

trio.run(main)
"""


async def answers(port: int) -> bool:
    try:
        stream = await trio.open_tcp_stream("127.0.0.1", port)
    except OSError:
        return False
    await stream.aclose()
    return True


async def gone(port: int) -> bool:
    for _ in range(100):
        if not await answers(port):
            return True
        await trio.sleep(0.1)
    return False


async def test_the_deployment_file_is_what_a_node_can_load(devnet: Devnet) -> None:
    loaded = deployments.load(devnet.deployment_file)

    assert loaded == devnet.deployment and loaded.chain_id == 31_337 and loaded.decimals == 6


async def test_an_accounts_money_is_there(devnet: Devnet, key) -> None:
    wallet = await Views(devnet.rpc, devnet.deployment.contracts).wallet(key.account)

    assert wallet.gas > 0 and wallet.tokens == 1_000_000 * 10**6 and wallet.account == wallet.allowance == 0


async def test_parameters_reach_the_contracts(tmp_path: Path) -> None:
    given = Parameters(delivery_window=7, dispute_window=8, unbonding_period=99)

    async with open_devnet(tmp_path, parameters=given) as devnet:
        windows = await Views(devnet.rpc, devnet.deployment.contracts).windows()

    assert windows == (7, 8)


async def test_blocks_come_by_themselves(tmp_path: Path) -> None:
    async with open_devnet(tmp_path, block_time=0.2) as devnet:
        first = int(await devnet.rpc.read("eth_blockNumber"), 16)
        await trio.sleep(1.5)
        later = int(await devnet.rpc.read("eth_blockNumber"), 16)

    assert later >= first + 2


async def test_time_can_pass_at_once(devnet: Devnet) -> None:
    before = await devnet.rpc.read("eth_getBlockByNumber", "latest", False)
    await devnet.pass_time(86_400)
    after = await devnet.rpc.read("eth_getBlockByNumber", "latest", False)

    assert int(after["timestamp"], 16) - int(before["timestamp"], 16) >= 86_400


async def test_a_contract_that_is_not_there_is_told_apart_from_an_answer(devnet: Devnet) -> None:
    elsewhere = {**devnet.deployment.contracts, "Ledger": "0x" + "99" * 20}

    with pytest.raises(Exception, match="no Ledger at its address"):
        await Views(devnet.rpc, elsewhere).one(View("Ledger", "token", {}, str))


async def test_nothing_stays_behind(tmp_path: Path) -> None:
    async with open_devnet(tmp_path) as devnet:
        port = int(devnet.rpc_url.rsplit(":", 1)[1])
        assert await answers(port)

    assert await gone(port)


async def test_nothing_stays_behind_when_the_parent_is_killed(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", ORPHAN, str(tmp_path)]
    parent = await trio.lowlevel.open_process(command, stdout=subprocess.PIPE, env=environment)
    assert parent.stdout is not None
    port = int(await parent.stdout.receive_some())
    assert await answers(port)
    parent.send_signal(signal.SIGKILL)
    await parent.wait()

    assert await gone(port)


async def test_a_taken_port_is_told(tmp_path: Path, devnet: Devnet) -> None:
    port = int(devnet.rpc_url.rsplit(":", 1)[1])

    with pytest.raises(BadConfig) as refused:
        async with open_devnet(tmp_path / "second", port=port):
            pass

    assert "--port 0" in str(refused.value.next_step)


def test_a_machine_without_anvil_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("thenar.adapters.chain.devnet.__file__", str(tmp_path / "devnet.py"))

    with pytest.raises(BadConfig) as refused:
        find_anvil()

    assert refused.value.next_step and "anvil" in refused.value.message


def test_behind_npms_wrapper_on_the_path_the_program_itself_is_found(monkeypatch, tmp_path: Path) -> None:
    packages, programs = tmp_path / "lib" / "node_modules" / "@foundry-rs", tmp_path / "bin"
    program = find_anvil()
    native = packages / program.parts[-3] / "bin" / "anvil"
    wrapper = packages / "anvil" / "bin.mjs"
    for folder in (programs, native.parent, wrapper.parent):
        folder.mkdir(parents=True)
    native.symlink_to(program)
    wrapper.write_text("#!/usr/bin/env node\n")
    wrapper.chmod(0o755)
    (programs / "anvil").symlink_to(wrapper)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr("thenar.adapters.chain.devnet.__file__", str(tmp_path / "elsewhere" / "devnet.py"))

    assert find_anvil() == native


def test_a_program_on_the_path_that_nobody_wraps_is_taken_as_it_is(monkeypatch, tmp_path: Path) -> None:
    program = tmp_path / "anvil"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("thenar.adapters.chain.devnet.__file__", str(tmp_path / "elsewhere" / "devnet.py"))

    assert find_anvil() == program


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_chain_in_the_background_of_a_script_ends_by_either_signal(tmp_path, number):
    process = subprocess.Popen(
        command("devnet", str(tmp_path / "chain"), "--port", "0", "--json"), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )  # fmt: skip
    for line in process.stdout:
        if line == "}\n":
            break
    process.send_signal(number)

    _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "")
