"""Strangers run a robotics team's rollouts on a real chain: audited, paid and fetched; a forger convicted by a jury."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack

import pytest
import trio
from compute_party import QUICK, member, until, write_job
from local_chain import local_chain

from thenar.adapters.chain.views import Views
from thenar.demo import lesson
from thenar.domain.work.aggregates import packed
from thenar.domain.work.disputes import Ruling
from thenar.errors import BadInput, Refused

DOLLAR = 10**6


@pytest.fixture
async def devnet(tmp_path):
    async with local_chain(tmp_path / "chain", block_time=0.5, parameters=QUICK) as net:
        yield net


def stages(shown) -> list[str]:
    return [claim["stage"] for claim in shown["claims"]]


async def test_a_forger_is_convicted_by_a_jury_and_honest_machines_finish_and_are_paid(devnet, tmp_path):
    async with AsyncExitStack() as stack:
        rita, ask_rita = await stack.enter_async_context(member(devnet, tmp_path / "rita"))
        max_, ask_max = await stack.enter_async_context(
            member(devnet, tmp_path / "max", near=rita, forges=True, stake="100")
        )
        await ask_max("work.enable", cores=1, batch=8)
        asks, nodes = {}, [rita]
        for name in ("vera", "jon", "joy"):
            node, asks[name] = await stack.enter_async_context(member(devnet, tmp_path / name, near=rita))
            nodes.append(node)
            await asks[name]("work.enable", cores=1, batch=8, seats=1, min_price="1000000")
        path = write_job(tmp_path / "job", units=8, price="1.00")

        bounty = (await ask_rita("job.post", path=str(path)))["bounty"]
        caught = await until(ask_rita, "job.show", lambda shown: stages(shown)[:1] == ["slashed"], 200, bounty=bounty)

        case = rita.belief.catalog.cases[1]
        assert (case.ruling, case.judged, case.segment) == (Ruling.OTHER, True, 30)
        assert set(case.panels[0].revealed.values()) == {case.other_node}
        assert caught["claims"][0]["lost"] == "72.00"  # nine times the price of each of eight units
        assert rita.belief.catalog.nodes[max_.me].stake == 28 * DOLLAR

        await asks["vera"]("work.enable", cores=1, batch=8, seats=1)
        done = await until(ask_rita, "job.show", lambda shown: shown["done"] == 8, 200, bounty=bounty)
        fetched = await ask_rita("job.fetch", bounty=bounty, into=str(tmp_path / "results"))
        closed = await until(ask_rita, "job.show", lambda shown: shown["ends"] == "closed", 60, bounty=bounty)

        assert (done["paid_to_workers"], done["paid_to_auditors"]) == ("8.00", "8.80")
        assert (fetched["units"], fetched["not_ok"], fetched["result"]) == (8, [], None)
        assert closed["refunded"] == "0.00"
        ledger = devnet.deployment.contracts["Ledger"]
        held = (await Views(devnet.rpc, devnet.deployment.contracts).wallet(ledger)).tokens
        owed = await ask_rita("revenue.owed")
        assert held == int(owed["units"])
        assert [await node.journal.failed_duties() for node in nodes] == [[]] * 4


async def test_a_wrong_sum_is_computed_by_the_chain_without_a_jury_and_an_honest_one_is_paid(devnet, tmp_path):
    values = [3, -20, 7 * 10**9, 0, 41]
    async with AsyncExitStack() as stack:
        rita, ask_rita = await stack.enter_async_context(member(devnet, tmp_path / "rita"))
        vera, ask_vera = await stack.enter_async_context(member(devnet, tmp_path / "vera", near=rita))
        max_, ask_max = await stack.enter_async_context(
            member(devnet, tmp_path / "max", near=rita, forges=True, stake="100")
        )
        await ask_vera("work.enable", cores=1, classes="SUM", batch=8, seats=1, min_price="1000000")
        await ask_max("work.enable", cores=1, classes="SUM", batch=8)
        folder = tmp_path / "job"
        folder.mkdir()
        (folder / "values.bin").write_bytes(packed(values))
        (folder / "job.toml").write_text(
            f'[job]\nkind = "aggregate"\nclass = "SUM"\nunits = 3\nsegments = 1\nsegment = {len(values)}\n'
            '[work]\nvalues = "values.bin"\n[pay]\nprice = "1.00"\nwork_minutes = 10\n'
        )

        bounty = (await ask_rita("job.post", path=str(folder / "job.toml")))["bounty"]
        await until(ask_rita, "job.show", lambda shown: stages(shown)[:1] == ["slashed"], 120, bounty=bounty)
        case = rita.belief.catalog.cases[1]
        assert (case.ruling, case.judged, case.opening.unit, case.first) == (Ruling.OTHER, False, 1, 1)
        await ask_vera("work.enable", cores=1, classes="SUM", batch=8)
        await until(ask_rita, "job.show", lambda shown: shown["done"] == 3, 120, bounty=bounty)
        await ask_rita("job.fetch", bounty=bounty, into=str(tmp_path / "sums"))

        rows = json.loads((tmp_path / "sums" / "job.json").read_text())["units"]
        await groups_and_seats(vera, ask_vera, max_, ask_max)
        assert [row["sums"] for row in rows] == [[str(sum(one**power for one in values))] for power in (1, 2, 3)]
        assert [await node.journal.failed_duties() for node in (rita, vera)] == [[]] * 2


async def test_canaries_are_run_at_home_first_and_their_bond_comes_back_after_honest_work(devnet, tmp_path):
    async with AsyncExitStack() as stack:
        rita, ask_rita = await stack.enter_async_context(member(devnet, tmp_path / "rita"))
        _, ask_vera = await stack.enter_async_context(member(devnet, tmp_path / "vera", near=rita))
        path = write_job(tmp_path / "job", units=2, price="1.00")

        bounty = (await ask_rita("job.post", path=str(path), canaries=2))["bounty"]
        known = rita.belief.catalog.bounties[bounty]
        await ask_vera("work.enable", cores=1, batch=8)
        done = await until(ask_rita, "job.show", lambda shown: shown["done"] == 2, 120, bounty=bounty)
        closed = await until(ask_rita, "job.show", lambda shown: shown["ends"] == "closed", 60, bounty=bounty)

        assert known.budget > known.job.budget and any(known.job.canary_root)
        assert (done["paid_to_workers"], rita.belief.catalog.cases) == ("2.00", {})
        assert float(closed["refunded"]) >= (known.budget - known.job.budget) / DOLLAR
        assert await rita.journal.failed_duties() == []


async def groups_and_seats(leader, ask_leader, other, ask_other) -> None:
    """What commands say of the pool: a group that forms and ends, and seats that nobody has given up yet."""
    await ask_other("work.join", leader=leader.me)
    grouped = await ask_leader("work.admit", operator=other.me)
    listed = await ask_other("work.pool")
    left = await ask_other("work.leave")
    assert (grouped["leader"], grouped["members"], left["leader"]) == (leader.me, [other.me], other.me)
    assert {row["operator"]: row["group"] for row in listed["members"]} == dict.fromkeys(
        (leader.me, other.me), leader.me
    )
    with pytest.raises(Refused, match="no seat"):
        await ask_leader("work.free")


async def test_what_members_earned_is_added_up_by_a_stranger_and_comes_to_their_mean(devnet, tmp_path):
    async with AsyncExitStack() as stack:
        rita, ask_rita = await stack.enter_async_context(member(devnet, tmp_path / "rita"))
        _, ask_vera = await stack.enter_async_context(member(devnet, tmp_path / "vera", near=rita))
        await ask_vera("work.enable", cores=1, classes="X1,SUM", batch=16)
        path = await trio.to_thread.run_sync(lesson.write_lesson, tmp_path / "lesson")
        wanted = {"path": str(path), "into": str(tmp_path / "trained"), "sizes": lesson.SIZES, "step": lesson.STEP}
        trained = await ask_rita("job.train", rounds=1, **wanted)
        round_ = trained["curve"][0]
        with pytest.raises(Refused, match="units of bounty"):
            await ask_rita("job.sum", bounty=round_["bounty"])
        await until(ask_rita, "job.show", lambda shown: shown["done"] == lesson.UNITS, 120, bounty=round_["bounty"])

        posted = await ask_rita("job.sum", bounty=round_["bounty"], price="0.05")
        await until(ask_rita, "job.show", lambda shown: shown["done"] == 1, 120, bounty=posted["bounty"])
        await ask_rita("job.fetch", bounty=posted["bounty"], into=str(tmp_path / "sums"))

        (row,) = json.loads((tmp_path / "sums" / "job.json").read_text())["units"]
        total, squares, _ = map(int, row["sums"])
        assert total / posted["values"] / 65_536 == pytest.approx(round_["mean_return"], abs=0.001)
        assert squares * posted["values"] >= total**2
        with pytest.raises(BadInput, match="has no returns"):
            await ask_rita("job.sum", bounty=posted["bounty"])
