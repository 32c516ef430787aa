"""Training over rounds: what a round earned makes the next policy, and no round is paid for twice."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
import trio
import trio.lowlevel
from chain_facts import at
from paper_executor import PAPER, paper_spec
from work_town import AUDIT, PRICE, open_work_town

from thenar.commands.job_file import JobFile
from thenar.commands.training import _begin
from thenar.domain.catalog import ClaimRecord
from thenar.domain.ids import Cid
from thenar.domain.work.audits import least_stake
from thenar.domain.work.bounties import NO_ASSET, AuditStage, ClaimStage, Job
from thenar.domain.work.jobs import AssetFile, JobSpec
from thenar.domain.work.jobwork import Control, Record, Score, Simulation
from thenar.errors import BadInput, Late
from thenar.services.ports import one_part
from thenar.services.work import training
from thenar.services.work.training import Course, is_trusted, train


@pytest.fixture
async def town(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "LOOK_EVERY", 0)
    async with open_work_town(tmp_path) as opened:
        yield opened


@pytest.fixture
async def people(town):
    return {
        "rita": await town.hand("rita", works=False),
        "wim": await town.hand("wim"),
        "vera": await town.hand("vera", seats=1, works=False),
    }


async def lesson(town, people, *, rounds=3, patience=60.0) -> Course:
    """A course whose policy is the hash of everything that came out so far."""
    assets = {}
    for name, data in (("model.xml", b"a model"), ("policy.bin", b"untrained")):
        stored = await people["rita"].person.store.add(one_part(data))
        assets[name] = AssetFile(str(Cid(stored.root)), "0x" + hashlib.sha256(data).hexdigest(), len(data))
    control = Control("policy", 2, file="policy.bin", observe=("qpos",))
    work = Simulation("model.xml", 4, control=control, record=Record(encoding="none"), score=Score("1"), noise=9)
    spec = JobSpec("es-train", PAPER, 100, 4, 8, 50, work, assets)

    async def priced(of: JobSpec) -> Job:
        return Job(
            PAPER, of.digest, NO_ASSET, bytes(32), of.units, of.segments, 1_000, town.chain.timestamp + 100_000, 5_000,
            PRICE, AUDIT, 0, least_stake(PRICE, 1_000),
        )  # fmt: skip

    def improve(policy: bytes, seed: int, outputs: list[bytes]) -> tuple[bytes, float]:
        return hashlib.sha256(policy + seed.to_bytes(8, "big") + b"".join(outputs)).digest(), float(len(outputs))

    return Course(spec, priced, improve, rounds, patience)


async def taught(town, people, course):
    """The policy and the rounds, while everybody does what they owe."""
    found, told = [], []

    async with trio.open_nursery() as nursery:

        async def learn() -> None:
            found.append(await train(people["rita"].bench, course, told.append))
            nursery.cancel_scope.cancel()

        nursery.start_soon(learn)
        while True:
            await town.live(1)
            await trio.lowlevel.checkpoint()
    assert found[0][1] == tuple(told)
    return found[0]


async def test_every_round_is_a_bounty_with_the_policy_the_round_before_made(town, people):
    policy, rounds = await taught(town, people, await lesson(town, people))

    catalog = people["rita"].bench.trade.belief.catalog
    assert [one.bounty for one in rounds] == [1, 2, 3]
    assert [one.mean_return for one in rounds] == [32.0] * 3  # four units of eight segments
    assert {one.workers for one in rounds} == {(people["wim"].me,)}
    assert len({bounty.job.spec for bounty in catalog.bounties.values()}) == 3
    assert len(policy) == 32


async def test_training_again_pays_for_nothing_twice_and_comes_to_the_same_policy(town, people):
    course = await lesson(town, people)
    first, _ = await taught(town, people, course)

    again, _ = await taught(town, people, course)
    more, rounds = await taught(town, people, replace(course, rounds=4))

    assert again == first != more
    assert len(people["rita"].bench.trade.belief.catalog.bounties) == 4 == len(rounds)


async def test_a_round_that_nobody_runs_ends_the_training_and_asking_again_goes_on(town, people):
    people["wim"].away = True
    course = await lesson(town, people, patience=0.2)
    with pytest.raises(Late, match="bounty 1 is not done"):
        await train(people["rita"].bench, course, lambda _: None)
    people["wim"].away = False

    _, rounds = await taught(town, people, replace(course, patience=60.0))

    assert [one.bounty for one in rounds] == [1, 2, 3]


async def test_only_jobs_that_learn_are_trained(town, people):
    course = await lesson(town, people)

    with pytest.raises(BadInput, match="wasm does not learn"):
        replace(course, spec=paper_spec(("m.wasm", b"m", course.spec.assets["model.xml"].cid)))
    with pytest.raises(BadInput, match="rounds"):
        replace(course, rounds=0)


@pytest.mark.parametrize(
    ("stage", "audit", "bps", "same", "trusted"),
    [
        (ClaimStage.FINALIZED, AuditStage.FAILED, 10_000, False, True),
        (ClaimStage.REVEALED, AuditStage.REVEALED, 10_000, True, True),
        (ClaimStage.REVEALED, AuditStage.REVEALED, 10_000, False, False),
        (ClaimStage.REVEALED, AuditStage.REVEALED, 1_000, False, True),
        (ClaimStage.REVEALED, AuditStage.WAIVED, 0, False, True),
        (ClaimStage.REVEALED, AuditStage.COMMITTED, 10_000, False, False),
        (ClaimStage.DISPUTED, AuditStage.REVEALED, 1_000, False, False),
        (ClaimStage.SLASHED, AuditStage.REVEALED, 10_000, True, False),
    ],
)
def test_what_is_paid_or_shown_and_agreed_on_may_be_learned_from(stage, audit, bps, same, trusted):
    claim = ClaimRecord(1, 1, "0x" + "1" * 40, 0, 4, at(1), 9, stage=stage, audit=audit, bps=bps)
    claim.root, claim.audit_root = b"r" * 32, (b"r" if same else b"a") * 32

    assert is_trusted(claim) is trusted


def test_an_untrained_policy_is_written_once_and_only_in_a_shape_that_can_be(tmp_path):
    file = JobFile(tmp_path, {}, {}, {"control": {"file": "policy.bin"}}, {}, {})
    for sizes in ("4", "4,x", "0,3", "999999999,999999999", ",".join("2" * 10)):
        with pytest.raises(BadInput):
            _begin(file, sizes)
    assert not (tmp_path / "policy.bin").exists()

    _begin(file, "4,6,1")

    assert (tmp_path / "policy.bin").stat().st_size == 12 + 4 * 3 + 4 * 37
    with pytest.raises(BadInput, match="exists already"):
        _begin(file, "4,6,1")
    with pytest.raises(BadInput, match="names no policy"):
        _begin(JobFile(tmp_path, {}, {}, {}, {}, {}), "4,6,1")
