"""What stories rely on of any executor: the real one on physics and pictures, a fleet, and the paper one of a town."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pytest
from compute_jobs import BUBBLEWRAP, JOBS
from paper_executor import PaperExecutor, paper_spec

from thenar.adapters.compute import libm
from thenar.adapters.compute.fleet import Fleet
from thenar.adapters.compute.offering import open_executor
from thenar.domain.ids import RAW, Cid
from thenar.domain.work.checkpoints import Checkpoint
from thenar.domain.work.results import check_output, frames
from thenar.domain.work.trace import TraceTree
from thenar.errors import BadConfig, BadInput

CONTENT = b"a module"
MODULE = ("m.wasm", CONTENT, str(Cid.of(RAW, hashlib.sha256(CONTENT).digest())))


@dataclass
class Bench:
    """An executor with a job open."""

    executor: object
    plan: object
    folder: object

    async def run(self, units, folder="work"):
        return await self.executor.run(self.plan, units, folder=self.folder / folder)


REAL = {
    "physics": JOBS["rollout under noise"],
    "pictures": JOBS["pictures under noise"],
    "fleet": JOBS["rollout of a policy"],
}


@pytest.fixture(params=["paper", "physics", "pictures", pytest.param("fleet", marks=pytest.mark.xdist_group("fleet"))])
async def bench(request, tmp_path):
    if request.param == "paper":
        (tmp_path / "m.wasm").write_bytes(CONTENT)
        executor = PaperExecutor()
        plan = await executor.prepare(paper_spec(MODULE, units=4, segments=6), {"m.wasm": tmp_path / "m.wasm"})
        yield Bench(executor, plan, tmp_path)
        return
    try:
        libm.pinned_libm()
    except BadConfig as missing:
        pytest.skip(f"{missing.message}: {missing.next_step}")
    job = REAL[request.param]
    if request.param == "fleet":
        ray, lent = request.getfixturevalue("cluster"), request.getfixturevalue("lent")
        async with lent(Fleet(ray, bubblewrap=BUBBLEWRAP)) as executor:
            yield Bench(executor, await executor.prepare(job.spec, job.put(tmp_path / "files")), tmp_path)
        return
    async with open_executor() as executor:
        yield Bench(executor, await executor.prepare(job.spec, job.put(tmp_path / "files")), tmp_path)


def states_of(result) -> list[bytes]:
    return list(frames(result.states.read_bytes()))


async def test_results_come_in_the_order_asked_for_and_a_folder_is_not_run_again(bench):
    first = await bench.run([2, 0])
    again = await bench.run([2, 0])

    assert [result.unit for result in first] == [2, 0]
    assert [result.leaves for result in again] == [result.leaves for result in first]


async def test_equal_units_give_equal_bytes_in_another_folder(bench):
    (one,), (other,) = await bench.run([1]), await bench.run([1], "elsewhere")

    assert (one.leaves, one.output_digest, one.work) == (other.leaves, other.output_digest, other.work)


async def test_leaves_are_hashes_of_the_checkpoints_and_the_last_one_ends_the_output(bench):
    (result,) = await bench.run([3])
    states = states_of(result)

    assert result.leaves == b"".join(hashlib.sha256(state).digest() for state in states)
    assert len(states) == bench.plan.spec.segments + 1
    check_output(tuple(frames(result.output.read_bytes())), Checkpoint.decode(states[-1]))
    assert TraceTree.of(result.leaves).count == len(states)


async def test_any_segment_is_replayed_from_its_checkpoint_and_the_first_state_from_nothing(bench):
    (result,) = await bench.run([1])
    states = states_of(result)

    assert await bench.executor.first_state(bench.plan, 1) == states[0]
    for index in range(bench.plan.spec.segments):
        assert await bench.executor.replay(bench.plan, 1, index, states[index]) == states[index + 1]


async def test_a_checkpoint_of_something_else_is_refused(bench):
    (result,) = await bench.run([1])
    states = states_of(result)

    for unit, index, state in ((0, 0, states[0]), (1, 1, states[0]), (1, 0, b"nonsense")):
        with pytest.raises(BadInput):
            await bench.executor.replay(bench.plan, unit, index, state)


async def test_progress_ends_with_every_segment(bench):
    told = {}
    await bench.executor.run(
        bench.plan,
        [0],
        folder=bench.folder / "told",
        progress=lambda unit, done, total: told.update({unit: (done, total)}),
    )

    assert told == {0: (bench.plan.spec.segments, bench.plan.spec.segments)}


async def test_each_class_offered_names_its_kinds_and_a_rate(bench):
    found = await bench.executor.capabilities()

    assert found.cores > 0
    assert all(one.kinds and len(one.class_id) == 32 and len(one.probe) == 32 and one.rate > 0 for one in found.classes)
