"""Models gathered from a disk, and a hand in skin: 1,956 taxels that feel an egg."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from compute_jobs import CART, Job, bits, finished

from thenar.adapters.compute.executor import Lent
from thenar.adapters.compute.modelfiles import MODEL, gathered, gathered_xml
from thenar.adapters.compute.models import compiled
from thenar.adapters.compute.network import Network
from thenar.adapters.compute.probes import asset
from thenar.adapters.compute.recording import encoded, sparse_rows
from thenar.adapters.compute.spool import frames
from thenar.adapters.simulation.engine import hand_model
from thenar.adapters.simulation.skin import CHANNELS, TAXELS, Skin, skinned_hand
from thenar.domain.work.checkpoints import Status
from thenar.domain.work.classes import X1
from thenar.domain.work.jobs import JobSpec
from thenar.domain.work.jobwork import Control, Record, Simulation
from thenar.errors import BadInput

OWN_SENSORS = 29


def test_a_model_with_includes_and_meshes_becomes_plain_files() -> None:
    files = gathered(hand_model())
    meshes = {name: data for name, data in files.items() if name != MODEL}
    model = compiled(files[MODEL], meshes)

    assert len(meshes) > 10
    assert all("/" not in name for name in files)
    assert b"include" not in files[MODEL] and b"meshdir" not in files[MODEL]
    assert (model.nq, model.nv, model.nu, model.nsensordata) == (38, 36, 20, 121)


def test_a_model_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.xml").write_text("<mujoco><worldbody><geom/></worldbody></mujoco>")
    with pytest.raises(BadInput, match="is not a model"):
        gathered(tmp_path / "m.xml")
    with pytest.raises(BadInput, match="is not a model"):
        gathered(tmp_path / "absent.xml")
    with pytest.raises(BadInput, match="cannot be read"):
        gathered_xml('<mujoco><asset><mesh name="a" file="absent.obj"/></asset></mujoco>', tmp_path)


@pytest.mark.parametrize("name", ["absent", "model", ""])
def test_what_has_no_ending_is_refused_before_the_engine_leaves_a_log_of_it(tmp_path: Path, monkeypatch, name) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").write_text("<mujoco/>")

    with pytest.raises(BadInput, match="is not a model"):
        gathered(Path(name))

    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize(("skin", "numbers"), [(Skin.NONE, 0), (Skin.SITES, TAXELS), (Skin.GRID, TAXELS * CHANNELS)])
def test_skin_adds_a_number_for_each_taxel(skin: Skin, numbers: int) -> None:
    files = gathered_xml(*skinned_hand(skin))

    assert compiled(files.pop(MODEL), files).nsensordata == OWN_SENSORS + numbers


@pytest.mark.parametrize("skin", [Skin.SITES, Skin.GRID])
def test_a_hand_of_1956_taxels_feels_what_it_closes_on(skin: Skin, tmp_path: Path) -> None:
    job, width = grasp(skin)
    older = Lent(extra={"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-FMA,-FMA4,-AVX2,-AVX"})
    one, other = finished(job, tmp_path / "one", [0]), finished(job, tmp_path / "other", [0], older)
    rows = np.concatenate([sparse_rows(data, width) for data, _ in frames(one[0].output)])

    assert one[0].status is Status.OK
    assert bits(one) == bits(other)
    assert (rows[:, OWN_SENSORS:] != 0).any(axis=0).sum() > 20
    assert rows[-1, OWN_SENSORS:].any()


def grasp(skin: Skin) -> tuple[Job, int]:
    """A hand that closes on its egg, and how many numbers it senses."""
    files = gathered_xml(*skinned_hand(skin))
    model = compiled(files[MODEL], {name: data for name, data in files.items() if name != MODEL})
    low, high = model.actuator_ctrlrange.T
    closed = np.where(np.abs(low) > np.abs(high), low, high)
    files["u.bin"] = (closed * np.minimum(1.0, np.arange(0, 1000, 5)[:, None] / 600)).astype("<f8").tobytes()
    control, record = Control("open", 5, file="u.bin"), Record(("sensordata",), 20, "sparse", "0.001")
    work = Simulation(MODEL, 10, control=control, record=record)
    named = {name: asset(data) for name, data in files.items()}
    return Job(JobSpec("tactile-rollout", X1.id, 1, 4, 10, 100, work, named), files), int(model.nsensordata)


def test_sparse_rows_read_back_as_they_were() -> None:
    rows = np.array([[0.0, 0.0004, -0.0016, 7.25], [0.0, 0.0, 0.0, 0.0], [1e12, -1e12, 0.0, 0.0005]])
    data = encoded(rows, Record(("sensordata",), 1, "sparse", "0.001"))

    assert data is not None
    assert sparse_rows(data, 4).tolist() == [[0, 0, -2, 7250], [0, 0, 0, 0], [2**31 - 1, -(2**31) + 1, 0, 0]]
    assert len(data) == 3 * 2 + 6 * 4


def test_what_is_not_a_number_is_not_recorded() -> None:
    assert encoded(np.array([[1.0, np.inf]]), Record(("qpos",), 1, "f64")) is None


@pytest.mark.parametrize(
    "data",
    [b"", b"THNRPOL1", b"THNRPOL1" + bytes(4), b"THNRPOL1\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x01" + bytes(4),
     b"THNRPOL1\x00\x00\x00\x02\xff\xff\xff\xff\xff\xff\xff\xff"],
)  # fmt: skip
def test_other_bytes_are_no_policy(data: bytes) -> None:
    with pytest.raises(BadInput):
        Network.decode(data)


def test_a_policy_reads_back_as_it_was_written() -> None:
    network = Network((2, 3), np.arange(-4, 5, dtype=np.int64))

    again = Network.decode(network.encode())

    assert (again.sizes, again.parameters.tolist()) == (network.sizes, network.parameters.tolist())


def test_comments_with_marks_are_allowed() -> None:
    assert compiled(b"<!-- <!DOCTYPE> -->" + CART, {}).nu == 1
