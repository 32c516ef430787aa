"""A job's TOML: the template works as it is, defaults are filled in, and what is wrong is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from command_line import in_process
from compute_jobs import Job, done

from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.simulation.engine import hand_model
from thenar.cli.job_template import EXAMPLE_MODEL, TEMPLATE, pictures
from thenar.commands.job_file import JobFile
from thenar.domain.work.checkpoints import Status
from thenar.domain.work.classes import X1, X1R
from thenar.domain.work.jobs import JobSpec
from thenar.errors import BadInput

DECIMALS, NOW = 6, 1_800_000_000


@pytest.fixture
async def store(tmp_path):
    async with open_embedded(tmp_path / "store", quota=1 << 26) as opened:
        yield opened


def written(folder, text: str = TEMPLATE):
    (folder / "arm.xml").write_text(EXAMPLE_MODEL)
    (folder / "job.toml").write_text(text)
    return folder / "job.toml"


async def spec_of(path, store, units: int | None = None) -> JobSpec:
    return await JobFile.read(path).spec(store, units, lambda done, total: None)


async def test_the_template_is_a_job_that_reads_back_as_its_spec(tmp_path, store):
    path = written(tmp_path)

    spec = await spec_of(path, store)
    job = JobFile.read(path).terms(spec, None, NOW, DECIMALS)

    assert JobSpec.decode(spec.encode()) == spec
    assert (spec.class_id, spec.units, spec.segments, spec.segment) == (X1.id, 8, 40, 50)
    assert spec.work.keyframe == -1  # left out in the file
    assert (job.price, job.audit_price, job.audit_bps, job.stake) == (50_000, 55_000, 1_000, 450_000)
    assert (job.deadline - NOW, job.work_window) == (86_400, 1_800)
    assert job.budget == 8 * 105_000


async def test_the_template_of_pictures_is_a_job_that_paints(tmp_path, store):
    spec = await spec_of(written(tmp_path, pictures()), store)
    short = replace(spec, segments=2, work=replace(spec.work, episode=2))
    files = {name: (tmp_path / name).read_bytes() for name in spec.assets}

    (one,) = await done(Job(short, files), tmp_path / "run", [0])

    assert (spec.kind, spec.class_id) == ("render", X1R.id)
    assert JobSpec.decode(spec.encode()) == spec
    assert one.status is Status.OK
    assert one.output.stat().st_size == 2 * (4 + 160 * 120 * 9)


async def test_units_and_price_of_the_command_line_win(tmp_path, store):
    path = written(tmp_path)

    spec = await spec_of(path, store, units=3)

    assert spec.units == 3
    assert JobFile.read(path).terms(spec, "2", NOW, DECIMALS).price == 2_000_000


async def test_a_robot_of_ones_own_is_gathered_into_a_job_that_runs_as_it_is(tmp_path, store, capsys):
    into = tmp_path / "grasp"

    told = in_process(capsys, "job", "gather", str(hand_model()), "--into", str(into), "--json")
    spec = await spec_of(into / "job.toml", store)
    files = {name: (into / name).read_bytes() for name in spec.assets}
    one = await done(Job(replace(spec, segments=4, work=replace(spec.work, episode=4)), files), tmp_path / "run", [0])

    assert (told.code, told.json["job"]) == (0, str(into / "job.toml"))
    assert {entry["name"] for entry in told.json["files"]} == set(files)
    assert len(files) > 10
    assert one[0].status is Status.OK


def test_nothing_is_gathered_over_what_is_there(tmp_path, capsys):
    (tmp_path / "arm.xml").write_text(EXAMPLE_MODEL)

    taken = in_process(capsys, "job", "gather", str(tmp_path / "arm.xml"), "--into", str(tmp_path), "--json")
    absent = in_process(capsys, "job", "gather", str(tmp_path / "no.xml"), "--into", str(tmp_path / "new"), "--json")

    assert (taken.code, absent.code) == (2, 2)
    assert "empty folder" in taken.error["message"]
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("units = 8", "unitz = 8", "no 'unitz'"),
        ('class = "X1"', 'class = "X9"', "no determinism class"),
        ('price = "0.05"', "price = 0.05", "must be a string"),
        ("segments = 40", "segments = 4096", "whole number"),
        ('audit = "10%"', 'audit = "0%"', "between 0.01% and 100%"),
        ('source = "noise"', 'source = "magic"', "one of hold, noise"),
        ('"arm.xml" = "arm.xml"', '"arm.xml" = "leg.xml"', "cannot read"),
        ("[work]", "[work", "not TOML"),
    ],
)
async def test_what_is_wrong_is_named(tmp_path, store, old, new, said):
    path = written(tmp_path, TEMPLATE.replace(old, new, 1))

    with pytest.raises(BadInput, match=said):
        JobFile.read(path).terms(await spec_of(path, store), None, NOW, DECIMALS)


async def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadInput, match="cannot read"):
        JobFile.read(tmp_path / "none.toml")
