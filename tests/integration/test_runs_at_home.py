"""Programs that come to the data, between whole nodes on a chain: ordered, run, paid; stopped and refused."""

from __future__ import annotations

import hashlib
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import trio
from living import living, meet, settle_in
from local_chain import local_chain
from programs import COPY, SUM, TRAP, summed

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.devnet import find_anvil, open_devnet
from thenar.adapters.compute import launch
from thenar.adapters.vault.keyring import signer_of
from thenar.domain.ids import asset_id
from thenar.domain.records import from_value
from thenar.domain.runs.programs import DAY, RunStage
from thenar.domain.runs.reports import RunReport
from thenar.errors import BadConfig, Late, NotFound, Refused
from thenar.services.runs import running

SECRETS = bytes(range(256)) * 500
"""The private file: 128,000 bytes."""
PATIENCE = 60


@pytest.fixture
async def devnet(tmp_path):
    if launch.bubblewrap() is None:
        pytest.skip("bubblewrap does not work here: modules do not run")
    given = Parameters(dispute_window=2, minimum_stake=100, run_window=300, reject_window=2)
    async with local_chain(tmp_path / "chain", block_time=0.2, parameters=given) as net:
        yield net


@dataclass
class Two:
    """Ana, who owns the private file, and Ben, who may compute over it."""

    ana: Any
    ask_ana: Any
    ben: Any
    ask_ben: Any
    asset: str
    folder: Path

    def program(self, name: str, code: bytes) -> str:
        """A program in a file."""
        path = self.folder / f"{name}.wasm"
        path.write_bytes(code)
        return str(path)

    async def ended(self, number: int) -> RunStage:
        """How a run ended, as Ben sees it."""
        last = (RunStage.SETTLED, RunStage.REJECTED, RunStage.REFUNDED)
        record = await self.ben.belief.until(
            lambda catalog: (
                catalog.runs[number] if number in catalog.runs and catalog.runs[number].stage in last else None
            ),
            seconds=PATIENCE,
            what="the end of the run",
        )
        return record.stage


@asynccontextmanager
async def licensed(devnet, tmp_path):
    """Ana's private file, offered for compute_only; Ben has bought a license, which brought no key."""
    ana_home = await settle_in(devnet, tmp_path / "ana", store_pin="none")
    ben_home = await settle_in(devnet, tmp_path / "ben", store_pin="none")
    async with living(ana_home) as (ana, ask_ana):
        meet(ana, ben_home)
        async with living(ben_home) as (ben, ask_ben):
            await ask_ana("node.register", stake="100")
            (tmp_path / "touch.bin").write_bytes(SECRETS)
            offered = {"purposes": "compute_only", "price": "5", "kind": "dataset"}
            made = await ask_ana("model.add", path=str(tmp_path / "touch.bin"), title="Touch", parents=[], **offered)
            asset = asset_id(str(made["asset"]))
            await ben.belief.until(lambda c: c.offers.get(asset), seconds=PATIENCE, what="the offer")
            await ask_ben("license.buy", asset=asset, no_key=True)
            yield Two(ana, ask_ana, ben, ask_ben, asset, tmp_path)


async def approve(two: Two, name: str, code: bytes, **limits: object) -> str:
    """Ana approves a program, and Ben has heard of it; its SHA-256."""
    path = two.program(name, code)
    told = await two.ask_ana("capture.approve", asset=two.asset, program=path, **limits)
    key = (two.asset, bytes.fromhex(str(told["program"])))
    await two.ben.belief.until(lambda c: c.programs.get(key), seconds=PATIENCE, what="the approval")
    return str(told["program"])


async def test_the_output_alone_leaves_and_the_fee_reaches_the_asset(devnet, tmp_path):
    async with licensed(devnet, tmp_path) as two:
        program = await approve(two, "sum", SUM, price="0.50", output=64, parts=3)
        into = tmp_path / "sum.out"
        order = {"asset": two.asset, "program": two.program("sum", SUM), "part": 2}
        got = await two.ask_ben("job.house", **order, into=str(into), max_price="0.50")
        report = json.loads(await trio.Path(str(got["report"])).read_text())
        stage = await two.ended(1)
        listed = (await two.ask_ana("job.runs"))["runs"]
        shown = await two.ask_ben("capture.approved", asset=two.asset)

        assert into.read_bytes() == summed(2, SECRETS)
        assert (got["program"], got["price"], stage) == (program, "0.50", RunStage.SETTLED)
        assert two.ana.belief.catalog.income_of(two.asset).received == 5_000_000 + 500_000
        assert [(one["run"], one["state"]) for one in listed] == [(1, "settled")]
        assert shown["bytes_that_can_ever_leave"] == 3 * 64
        signature = bytes.fromhex(report.pop("signature"))
        signed = from_value(RunReport, report, "report").signed(two.ben.chain.chain_id, two.ben.home.desk)
        assert signer_of(signed, signature) == two.ana.me
        assert report["output"] == hashlib.sha256(into.read_bytes()).hexdigest()
        assert left_in(two.ana.directory / "workspace") == []
        with pytest.raises(NotFound, match="no key"):
            await two.ask_ben("capture.fetch", asset=two.asset, into=str(tmp_path))


async def test_a_program_that_copies_the_input_out_tells_nothing_and_costs_nothing(devnet, tmp_path):
    async with licensed(devnet, tmp_path) as two:
        with pytest.raises(Refused, match="ends LIMIT"):
            await two.ask_ana("capture.approve", asset=two.asset, program=two.program("copy", COPY), output=4_096)
        copy = await approve(two, "copy", COPY, output=4_096, trial=False, price="1")
        trap = await approve(two, "trap", TRAP, trial=False, price="1")
        for number, program in enumerate((copy, trap), 1):
            await two.ask_ben("job.house", asset=two.asset, program=program)

            assert await two.ended(number) is RunStage.REFUNDED
        assert two.ben.belief.catalog.accounts[two.ben.me] == 2_000_000
        with pytest.raises(Refused, match="refunded"):
            await two.ask_ben("job.output", run=1, into=str(tmp_path / "copied"))


async def test_withdrawn_consent_stops_a_run_at_once_and_the_money_comes_back(devnet, tmp_path):
    async with licensed(devnet, tmp_path) as two:
        program = await approve(two, "sum", SUM, price="0.50")
        begun, stopped = trio.Event(), trio.Event()

        async def endless(*_: object, **__: object) -> None:
            begun.set()
            try:
                await trio.sleep_forever()
            finally:
                stopped.set()

        two.ana.bench.executor.run = endless
        await two.ask_ben("job.house", asset=two.asset, program=program)
        with trio.fail_after(PATIENCE):
            await begun.wait()
            await two.ask_ana("license.revoke", asset=two.asset)
            await stopped.wait()

        assert await two.ended(1) is RunStage.REFUNDED
        assert left_in(two.ana.directory / "workspace") == []
        assert two.ben.belief.catalog.accounts[two.ben.me] == 500_000
        with pytest.raises(NotFound, match="not approved"):
            await two.ask_ben("job.house", asset=two.asset, program=program)


async def test_who_may_not_is_told_why_before_money_moves(devnet, tmp_path):
    async with licensed(devnet, tmp_path) as two:
        now = (await two.ana.chain.head()).timestamp
        await devnet.pass_time(DAY - now % DAY)  # so that what follows lies in one day
        program = await approve(two, "sum", SUM, price="0.50", per_buyer=1)
        order = {"asset": two.asset, "program": program}
        for changed, said in (
            ({"program": "11" * 32}, "not approved"),
            ({"part": 1}, "no part 1"),
            ({"max_price": "0.49"}, "above"),
        ):
            with pytest.raises((Refused, NotFound), match=said):
                await two.ask_ben("job.house", **(order | changed))
        await two.ask_ben("job.house", **order)
        with pytest.raises(Refused, match="today"):
            await two.ask_ben("job.house", **order)
        with pytest.raises(Refused, match="bring no key"):
            await two.ask_ben("license.buy", asset=two.asset)
        await two.ended(1)
        await two.ask_ana("capture.disapprove", asset=two.asset, program=program)

        assert (await two.ask_ana("capture.approved", asset=two.asset))["programs"] == []


async def test_a_report_that_lies_gives_the_buyer_nothing_and_he_is_told(devnet, tmp_path, monkeypatch):
    honest = running._parcel

    async def lying(home, record, ran):
        parcel = await honest(home, record, ran)
        if record.id == 1:
            return replace(parcel, signature=two.ben.home.sign(b"\x01" * 32))
        other = replace(parcel.report, part=record.run.part + 1)
        return replace(parcel, report=other, signature=home.sign(other.signed(home.trade.chain.chain_id, home.desk)))

    monkeypatch.setattr(running, "_parcel", lying)
    async with licensed(devnet, tmp_path) as two:
        program = await approve(two, "sum", SUM)
        for number, said in ((1, "not signed by the owner"), (2, "about something else")):
            await two.ask_ben("job.house", asset=two.asset, program=program)
            reason = await why_failed(two, f"take output:{number}")

            assert said in reason
            with pytest.raises(Late):
                await two.ask_ben("job.output", run=number, into=str(tmp_path / "out"), patience=1)


async def why_failed(two: Two, key: str) -> str:
    """Wait until a duty of Ben's has failed; why, as he is told."""
    with trio.fail_after(PATIENCE):
        while True:
            for one in (await two.ask_ben("duty.list"))["failed"]:
                if one["duty"] == key:
                    return str(one["reason"])
            await trio.sleep(0.1)
    raise AssertionError("unreachable")


async def test_what_is_of_no_use_is_rejected_and_paid_to_nobody(tmp_path):
    try:
        find_anvil()
    except BadConfig as missing:
        pytest.skip(f"{missing.message}: {missing.next_step}")
    given = Parameters(dispute_window=2, minimum_stake=100, run_window=300, reject_window=600)
    async with (
        open_devnet(tmp_path / "chain", block_time=0.2, parameters=given) as net,
        licensed(net, tmp_path) as two,
    ):
        program = await approve(two, "sum", SUM, price="0.50")
        await two.ask_ben("job.house", asset=two.asset, program=program, into=str(tmp_path / "out"))
        rejected = await two.ask_ben("job.reject", run=1)

        assert rejected["state"] == "rejected"
        assert two.ben.belief.catalog.income_of(two.asset).received == 5_000_000
        with pytest.raises(Refused, match="is rejected"):
            await two.ask_ben("job.reject", run=1)


def left_in(folder: Path) -> list[Path]:
    """Files that a run left lying in a folder."""
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
