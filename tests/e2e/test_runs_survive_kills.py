"""An owner's node is killed with SIGKILL in the middle of a run and after the delivery: what was paid for comes."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from command_line import in_a_process
from living import living, move_in, settle_in
from local_chain import local_chain
from programs import SLOW, SUM, summed

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.compute import launch
from thenar.domain.runs.programs import RunStage

PATIENCE = 120
REJECT = 600  # seconds of the chain; waiting for its end is skipped
SECRETS = bytes(range(256)) * 100


@pytest.fixture
async def devnet(tmp_path):
    if launch.bubblewrap() is None:
        pytest.skip("bubblewrap does not work here: modules do not run")
    parameters = Parameters(minimum_stake=100, run_window=3_600, reject_window=REJECT)
    async with local_chain(tmp_path / "chain", block_time=0.5, parameters=parameters) as net:
        yield net


async def until(holds) -> None:
    with trio.fail_after(PATIENCE):
        while True:
            if holds():
                return
            await trio.sleep(0.02)


def quiet(_: dict[str, object]) -> None:
    """Progress nobody watches."""


async def line(folder, *words: str) -> dict[str, Any]:
    """What a command line answers, told as JSON."""
    given = (*words, "--json", "--data", str(folder))
    answer = await trio.to_thread.run_sync(lambda: in_a_process(*given))
    assert answer.code == 0, answer.out + answer.err
    return dict(answer.json)


async def test_a_killed_owner_still_gives_what_was_paid_for_and_is_paid_once(devnet, tmp_path, running_in):
    home = await settle_in(devnet, tmp_path / "ben", store_pin="none")
    async with living(home) as (ben, ask_ben):
        ana = await move_in(devnet, "Ana", tmp_path / "ana", ben)
        workspace = ana.directory / "workspace"
        try:
            await ana.ask("node.register", quiet, stake="100")
            (tmp_path / "touch.bin").write_bytes(SECRETS)
            (tmp_path / "slow.wasm").write_bytes(SLOW)
            offered = {"kind": "dataset", "parents": [], "purposes": "compute_only", "price": "5"}
            made = await ana.ask("model.add", quiet, path=str(tmp_path / "touch.bin"), title="Touch", **offered)
            asset = str(made["asset"])
            slow, limits = str(tmp_path / "slow.wasm"), ("--price", "0.50", "--output", "4", "--no-trial")
            approved = await line(ana.directory, "capture", "approve", asset, slow, *limits)
            listed = await line(ana.directory, "capture", "approved", asset)
            catalog = ben.belief.catalog
            await until(lambda: any(known == asset for known, _ in catalog.programs) and catalog.offers.get(asset))
            await ask_ben("license.buy", asset=asset, no_key=True)
            await ask_ben("job.house", asset=asset, program=slow)
            await until(lambda: list(workspace.rglob("input")))
            await ana.kill()
            left_by_the_kill = list(workspace.rglob("input"))
            await ana.start()
            await until(lambda: catalog.runs[1].stage is RunStage.DELIVERED)
            await ana.kill()
            await ana.start()
            into = tmp_path / "size"
            await ask_ben("job.output", run=1, into=str(into))
            await devnet.pass_time(REJECT + 1)
            await until(lambda: catalog.runs[1].stage is RunStage.SETTLED)
            told = await line(ana.directory, "job", "runs")
            ended = await line(ana.directory, "capture", "disapprove", asset, slow)

            assert approved["program"] == listed["programs"][0]["program"] == ended["program"]
            assert (listed["bytes_that_can_ever_leave"], approved["price"]) == (4, "0.50")
            assert [(run["run"], run["state"]) for run in told["runs"]] == [(1, "settled")]
            assert left_by_the_kill
            assert list(workspace.rglob("input")) == []
            assert int.from_bytes(into.read_bytes(), "little") == len(SECRETS)
            assert catalog.income_of(asset).received == 5_500_000
            assert catalog.locks[ben.chain.contract("RunDesk")] == 0
        finally:
            await ana.stop()
    assert running_in(tmp_path / "ana") == []


async def test_a_buyer_needs_the_command_line_alone(devnet, tmp_path):
    home = await settle_in(devnet, tmp_path / "ana", store_pin="none")
    async with living(home) as (ana, ask_ana):
        await ask_ana("node.register", stake="100")
        (tmp_path / "touch.bin").write_bytes(SECRETS)
        (tmp_path / "sum.wasm").write_bytes(SUM)
        offered = {"kind": "dataset", "parents": [], "purposes": "compute_only", "price": "5"}
        made = await ask_ana("model.add", path=str(tmp_path / "touch.bin"), title="Touch", **offered)
        asset, module = str(made["asset"]), str(tmp_path / "sum.wasm")
        await ask_ana("capture.approve", asset=asset, program=module, price="0.50", parts=2)
        ben = await move_in(devnet, "Ben", tmp_path / "ben", ana)
        try:
            await line(ben.directory, "license", "buy", asset, "--no-key")
            wanted = ("--program", module, "--part", "1", "--max-price", "0.50", "--into", str(tmp_path / "one"))
            got = await line(ben.directory, "job", "house", asset, *wanted)
            again = await line(ben.directory, "job", "output", str(got["run"]), "--into", str(tmp_path / "two"))
            ordered = await line(ben.directory, "job", "house", asset, "--program", str(got["program"]))
            await until(lambda: ana.belief.catalog.runs[ordered["run"]].stage is RunStage.DELIVERED)
            rejected = await line(ben.directory, "job", "reject", str(ordered["run"]))

            assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes() == summed(1, SECRETS)
            assert (got["part"], again["run"], rejected["state"]) == (1, got["run"], "rejected")
        finally:
            await ben.stop()
