"""A machine offers a class when its probe comes out right, and says in words what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from compute_jobs import JOBS, bits, done, finished, job

from thenar.adapters.compute import libm, offering
from thenar.adapters.compute.executor import Lent
from thenar.adapters.compute.offering import Offering, open_executor
from thenar.adapters.compute.probes import RESULTS, probes
from thenar.domain.work.checkpoints import Status
from thenar.domain.work.classes import ASKED, SUM, X1, X1R, X2, T, probed
from thenar.errors import BadInput, Refused

KNOWN = {X1.id, X1R.id, X2.id, T.id, SUM.id}


async def test_this_machine_offers_every_class_and_one_of_its_own() -> None:
    async with open_executor() as executor:
        found = await executor.capabilities()

    *known, own = found.classes
    assert {each.class_id: each.probe.hex() for each in known} == RESULTS
    assert {each.class_id for each in known} == KNOWN
    assert (own.name, own.class_id) == ("H", probed(own.probe).id)
    assert all(each.rate > 0 for each in found.classes)
    assert (found.isolation, found.missing) == ("bubblewrap", ())


async def test_an_older_processor_offers_the_same_classes_but_another_one_of_its_own() -> None:
    mask = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-FMA,-FMA4,-AVX2,-AVX"}
    async with open_executor(Lent(extra=mask)) as older, open_executor() as newer:
        *known, own = (await older.capabilities()).classes
        other = (await newer.capabilities()).classes[-1]

    assert {each.class_id for each in known} == KNOWN
    assert own.class_id != other.class_id


async def test_work_of_a_probed_class_is_done_by_those_whose_probe_comes_to_it(tmp_path: Path) -> None:
    mask = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2"}
    async with open_executor(Lent(extra=mask)) as older, open_executor() as newer, open_executor() as again:
        own = (await newer.capabilities()).classes[-1]
        wanted = JOBS["rollout under noise"]
        asked = job(replace(wanted.spec, class_id=own.class_id), wanted.files)
        files = asked.put(tmp_path / "files")
        one = await newer.run(await newer.prepare(asked.spec, files), [1], folder=tmp_path / "one")
        other = await again.run(await again.prepare(asked.spec, files), [1], folder=tmp_path / "other")
        with pytest.raises(Refused, match="does not know the determinism class"):
            await older.prepare(asked.spec, files)
        with pytest.raises(BadInput, match="class H does not run wasm"):
            await newer.prepare(replace(JOBS["module"].spec, class_id=own.class_id), JOBS["module"].put(tmp_path / "m"))

    assert bits(one) == bits(other)


async def test_nobody_works_in_the_class_that_probes_are_asked_in(tmp_path: Path) -> None:
    wanted = JOBS["rollout under noise"]
    async with open_executor() as executor:
        with pytest.raises(Refused, match="does not know"):
            await executor.prepare(replace(wanted.spec, class_id=ASKED.id), wanted.put(tmp_path))


async def test_without_the_pinned_libm_exact_physics_is_not_offered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(libm, "places", lambda: (tmp_path / libm.NAME,))

    async with open_executor() as executor:
        found = await executor.capabilities()

    assert [each.name for each in found.classes] == ["X2", "SUM", "T", "H"]
    assert [line.split(" is not built")[0] for line in found.missing] == ["X1: the pinned libm", "X1r: the pinned libm"]


async def test_without_bubblewrap_modules_are_not_offered() -> None:
    executor = Offering(bubblewrap=None)
    found = await executor.capabilities()
    await executor.aclose()

    assert [each.name for each in found.classes] == ["X1", "X1r", "SUM", "T", "H"]
    assert any("bubblewrap" in line for line in found.missing)


async def test_a_machine_that_comes_to_other_bits_offers_only_a_class_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(offering, "RESULTS", dict.fromkeys(RESULTS, "00" * 32))

    async with open_executor() as executor:
        found = await executor.capabilities()

    assert [each.name for each in found.classes] == ["H"]
    assert all("other bits" in line for line in found.missing)


async def test_the_probes_end_well(tmp_path: Path) -> None:
    for number, probe in enumerate(probes()):
        wanted = job(probe.spec, probe.files)
        (result,) = await done(wanted, tmp_path / str(number), [0])
        assert result.status is Status.OK


def test_the_physics_probe_notices_another_libm(tmp_path: Path) -> None:
    """With glibc's own variants for an old processor the probe comes to something else, or pinning would be idle."""
    probe = probes()[0]
    bare = job(replace(probe.spec, class_id=X1.id), probe.files)
    mask = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2"}
    (with_pinned,) = finished(bare, tmp_path / "pinned", [0])
    (without,) = finished(bare, tmp_path / "bare", [0], Lent(extra=mask, pinned=False))

    assert with_pinned.leaves != without.leaves
