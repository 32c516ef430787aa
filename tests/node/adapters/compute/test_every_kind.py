"""Whatever the kind of job: the same bits again, in another process, on more threads, resumed, replayed, elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
from compute_jobs import BUBBLEWRAP, JOBS, SIMULATED, Job, bits, done, finished

from thenar.adapters.compute.executor import Lent, LocalExecutor
from thenar.adapters.compute.spool import frames
from thenar.domain.work.checkpoints import HEADER_BYTES, Checkpoint, Status
from thenar.domain.work.trace import TraceTree
from thenar.services.ports.compute import Plan, UnitResult

UNITS = [2, 5, 3]
MASKS = ("glibc.cpu.hwcaps=-FMA,-AVX2", "glibc.cpu.hwcaps=-AVX512F,-FMA,-FMA4,-AVX2,-AVX")
PLAIN_NUMPY = "AVX512F AVX512CD AVX512_SKX AVX2 FMA3"
"""What NumPy may not use in the second of them; a feature that this NumPy or processor does not have is passed over."""


class Straight:
    """A job run once from start to end, and its checkpoints."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.job, self.folder = name, JOBS[name], folder
        self.results = finished(self.job, folder, UNITS)
        self.bits = bits(self.results)
        self.states = [[data for data, _ in frames(each.states)] for each in self.results]


@pytest.fixture(scope="module", params=list(JOBS))
def straight(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Straight:
    """Every job there is."""
    return Straight(request.param, tmp_path_factory.mktemp("straight"))


@pytest.fixture(params=MASKS)
def mask(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


class TestEveryKind:
    """What a class promises."""

    def test_units_end_well_and_leave_a_leaf_for_every_segment(self, straight: Straight) -> None:
        spec = straight.job.spec
        for result, states in zip(straight.results, straight.states, strict=True):
            assert result.status is Status.OK
            assert len(states) == spec.segments + 1
            assert len(result.leaves) == 32 * len(states)
            assert [Checkpoint.decode(data).leaf for data in states] == [
                result.leaves[at : at + 32] for at in range(0, len(result.leaves), 32)
            ]
            assert result.root == TraceTree.of(result.leaves).root
            assert len({*states}) == len(states)

    def test_units_differ_from_each_other(self, straight: Straight) -> None:
        assert len({result.leaves for result in straight.results}) == len(UNITS)
        assert len({states[-1][HEADER_BYTES:] for states in straight.states}) == len(UNITS)

    def test_running_again_in_other_processes_gives_the_same_bits(self, straight: Straight, tmp_path: Path) -> None:
        assert bits(finished(straight.job, tmp_path, UNITS)) == straight.bits

    def test_threads_and_lanes_change_nothing(self, straight: Straight, tmp_path: Path) -> None:
        wide = finished(straight.job, tmp_path / "wide", UNITS, Lent(cores=1, threads=2, lanes=3))
        narrow = finished(straight.job, tmp_path / "narrow", UNITS[::-1], Lent(cores=2, lanes=1))

        assert bits(wide) == straight.bits
        assert bits(narrow)[::-1] == straight.bits

    def test_every_segment_replays_from_its_checkpoint_alone(self, straight: Straight, tmp_path: Path) -> None:
        async def replay(executor: LocalExecutor, plan: Plan) -> None:
            for result, states in zip(straight.results, straight.states, strict=True):
                assert await executor.first_state(plan, result.unit) == states[0]
                for index in reversed(range(straight.job.spec.segments)):
                    assert await executor.replay(plan, result.unit, index, states[index]) == states[index + 1]

        _with_plan(straight.job, tmp_path, replay)

    def test_work_goes_on_from_every_checkpoint_on_disk(self, straight: Straight, tmp_path: Path) -> None:
        async def resume(executor: LocalExecutor, plan: Plan) -> None:
            for index in range(straight.job.spec.segments + 1):
                folder = tmp_path / f"from-{index}"
                _cut(straight.results, folder, index)
                again = await executor.run(plan, UNITS, folder=folder)
                assert bits(again) == straight.bits

        _with_plan(straight.job, tmp_path, resume)


@pytest.mark.parametrize("name", SIMULATED)
def test_processors_without_fma_or_avx_give_the_same_bits(name: str, mask: str, tmp_path: Path) -> None:
    here = finished(JOBS[name], tmp_path / "here", [2])
    masked = {"GLIBC_TUNABLES": mask, "NPY_DISABLE_CPU_FEATURES": PLAIN_NUMPY if mask == MASKS[1] else ""}
    there = finished(JOBS[name], tmp_path / "there", [2], Lent(extra=masked))

    assert bits(there) == bits(here)


async def test_a_half_written_checkpoint_is_cut_off_and_made_again(tmp_path: Path) -> None:
    job = JOBS["rollout under noise"]
    (straight,) = await done(job, tmp_path / "straight", [4])
    folder = tmp_path / "torn"
    _cut((straight,), folder / "work", 4)
    for path, extra in (
        (folder / "work/unit-4.states", b"\x00\x00\x01\x40THNRCKP1"),
        (folder / "work/unit-4.output", b"\x00"),
    ):
        with path.open("ab") as file:
            file.write(extra)

    assert bits(await done(job, folder, [4])) == bits((straight,))


async def test_bytes_on_disk_that_do_not_chain_are_run_again(tmp_path: Path) -> None:
    job = JOBS["rollout under noise"]
    (straight,) = await done(job, tmp_path / "straight", [4])
    shutil.copytree(tmp_path / "straight/work", tmp_path / "bent/work")
    path = tmp_path / "bent/work/unit-4.output"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)

    assert bits(await done(job, tmp_path / "bent", [4])) == bits((straight,))


def _with_plan(job: Job, folder: Path, act: object) -> None:
    async def main() -> None:
        executor = LocalExecutor(bubblewrap=BUBBLEWRAP)
        try:
            await act(executor, await executor.prepare(job.spec, job.put(folder / "files")))  # type: ignore[operator]
        finally:
            await executor.aclose()

    trio.run(main)


def _cut(results: tuple[UnitResult, ...], folder: Path, index: int) -> None:
    """Copies of units as they stood after ``index`` segments."""
    folder.mkdir(parents=True)
    for result in results:
        for path, count in ((result.states, index + 1), (result.output, index)):
            end = [0, *(end for _, end in frames(path))][count]
            (folder / path.name).write_bytes(path.read_bytes()[:end])
