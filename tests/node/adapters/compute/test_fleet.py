"""Hands in a Ray cluster come to the same bits, and one that dies takes nothing along that was handed back."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
import trio
from compute_jobs import BUBBLEWRAP, JOBS, bits, done

from thenar.adapters.compute import fleet
from thenar.adapters.compute.executor import Lent, LocalExecutor
from thenar.adapters.compute.fleet import Fleet, open_fleet
from thenar.adapters.compute.hand import Hand, heard
from thenar.domain.work.jobs import Limits
from thenar.domain.work.jobwork import Record
from thenar.errors import BadConfig, BadInput, Refused, Unavailable

pytestmark = pytest.mark.xdist_group("fleet")
UNITS = [2, 5, 3]
SHOWN = ("rollout under noise", "evolution strategy", "pictures under noise", "module judged by whole units")


@pytest.mark.parametrize("name", SHOWN)
async def test_a_fleet_comes_to_the_same_bits_as_this_machine(name, cluster, lent, tmp_path):
    job = JOBS[name]
    async with lent(Fleet(cluster, Lent(cores=2), bubblewrap=BUBBLEWRAP)) as executor:
        plan = await executor.prepare(job.spec, job.put(tmp_path / "files"))
        told = set()
        far = await executor.run(
            plan, UNITS, folder=tmp_path / "far", progress=lambda unit, at, of: told.add((unit, at, of))
        )

    assert bits(far) == bits(await done(job, tmp_path / "near", UNITS))
    assert told == {(unit, at, job.spec.segments) for unit in UNITS for at in range(1, job.spec.segments + 1)}


async def test_a_fleet_goes_on_where_this_machine_stopped(cluster, lent, tmp_path):
    job = JOBS["rollout under noise"]
    whole = await done(job, tmp_path / "whole", UNITS)
    for path in sorted((tmp_path / "whole/work").iterdir()):
        (tmp_path / "cut").mkdir(exist_ok=True)
        (tmp_path / "cut" / path.name).write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    async with lent(Fleet(cluster, bubblewrap=BUBBLEWRAP)) as executor:
        plan = await executor.prepare(job.spec, job.put(tmp_path / "files"))

        assert bits(await executor.run(plan, UNITS, folder=tmp_path / "cut")) == bits(whole)


async def test_a_hand_that_is_killed_says_nothing_about_its_units_and_another_goes_on(
    cluster, lent, tmp_path, monkeypatch
):
    monkeypatch.setattr(fleet, "SLICE", 0.05)
    short = JOBS["rollout under noise"]
    work = replace(short.spec.work, episode=400, record=Record())
    spec = replace(short.spec, segments=400, segment=500, work=work, limits=Limits())
    killed = trio.Event()
    async with lent(Fleet(cluster, bubblewrap=BUBBLEWRAP)) as executor:
        plan = await executor.prepare(spec, short.put(tmp_path / "files"))
        await executor.run(plan, [7], folder=tmp_path / "warm")
        ((_, hand),) = executor._resting

        def strike(_: int, at: int, __: int) -> None:
            if at > 20 and not killed.is_set():
                killed.set()
                cluster.kill(hand)

        with pytest.raises(Unavailable, match="hand of the fleet is gone"):
            await executor.run(plan, [1], folder=tmp_path / "work", progress=strike)
        kept = (tmp_path / "work/unit-1.states").stat().st_size
        again = await executor.run(plan, [1], folder=tmp_path / "work")

    assert kept > 20 * 500
    local = LocalExecutor(bubblewrap=BUBBLEWRAP)
    plan = await local.prepare(spec, short.put(tmp_path / "files"))
    assert bits(again) == bits(await local.run(plan, [1], folder=tmp_path / "near"))
    await local.aclose()


async def test_a_fleet_offers_the_exact_classes_on_all_its_cores_and_none_of_its_own(cluster, lent):
    async with lent(Fleet(cluster, bubblewrap=BUBBLEWRAP)) as executor:
        found = await executor.capabilities()

    assert [each.name for each in found.classes] == ["X1", "X1r", "X2", "SUM", "T"]
    assert found.cores == int(cluster.cluster_resources()["CPU"])
    assert found.isolation.endswith("in a fleet")
    assert found.missing[0].startswith("H: the machines of a fleet may differ")


@pytest.mark.parametrize("address", ["127.0.0.1:1", "127.0.0.1:99999", "nowhere"])
async def test_no_cluster_at_an_address_is_said(address, cluster):
    with pytest.raises(Unavailable, match="no Ray cluster answers"):
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(open_fleet(address))


async def test_without_ray_a_fleet_is_refused_with_what_to_install(monkeypatch):
    def absent(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(fleet.importlib, "import_module", absent)
    with pytest.raises(BadConfig, match="Ray is not installed") as refused:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(open_fleet(fleet.LOCAL))

    assert "thenar[ray]" in refused.value.next_step


@pytest.fixture(scope="module")
def hand() -> Hand:
    """Starting one runs its probes."""
    return Hand(Lent())


class TestHand:
    """A hand works whoever asks it; here, without Ray."""

    def test_it_runs_what_it_was_given_slice_by_slice(self, hand, tmp_path):
        job = JOBS["rollout under noise"]
        heard(hand.open(job.spec.encode(), job.files))
        begun = heard(hand.advance(job.spec.digest, UNITS, [], 2))
        last = [each.checkpoint for each in begun[-len(UNITS) :]]
        ended = heard(hand.advance(job.spec.digest, UNITS, last, job.spec.segments))
        (_, states), *_ = [(each.unit, each.states) for each in trio.run(done, job, tmp_path, UNITS)]

        assert [(each.unit, each.output) for each in begun[: len(UNITS)]] == [(unit, b"") for unit in UNITS]
        assert states.read_bytes().endswith([each for each in ended if each.unit == UNITS[0]][-1].checkpoint)

    def test_it_says_what_it_met(self, hand):
        job = JOBS["rollout under noise"]
        with pytest.raises(BadInput):
            heard(hand.open(b"no spec", {}))
        with pytest.raises(Refused, match="does not pass the probe"):
            heard(hand.open(replace(job.spec, class_id=bytes(32)).encode(), job.files))
        with pytest.raises(Unavailable, match="not been given the job"):
            heard(hand.advance(bytes(32), [0], [], 1))
