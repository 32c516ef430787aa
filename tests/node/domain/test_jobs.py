"""The spec of a compute bounty has one spelling, and every wrong field is named before anybody works on it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from thenar.domain import canonical
from thenar.domain.ids import RAW, Cid
from thenar.domain.work import aggregates
from thenar.domain.work.classes import CLASSES, SUM, X1, X1R, X2, T, probed
from thenar.domain.work.jobs import AssetFile, JobSpec, Limits
from thenar.domain.work.jobwork import Bound, Control, Images, Record, Score, Simulation, Spread, Term, Wasm
from thenar.errors import BadInput

FILE = AssetFile(Cid.of(RAW, bytes(32)), "0x" + "00" * 32, 10)
ROLLOUT = JobSpec("mujoco-rollout", X1.id, 7, 64, 40, 50, Simulation("model.xml", 20), {"model.xml": FILE})
SCORE = Score("1", (Term("qvel", 0, "-0.5", "square"),), (Bound("qpos", 1, "-0.2", "0.2"),))
TRAINED = replace(
    ROLLOUT,
    kind="es-train",
    work=Simulation(
        "model.xml",
        20,
        control=Control("policy", 5, file="policy.bin", observe=("qpos", "qvel")),
        score=SCORE,
        noise=3_000,
        start=(Spread("qpos", "-0.01", "0.01", "add", "each"),),
    ),
    assets={"model.xml": FILE, "policy.bin": FILE},
)
MODULE = JobSpec("wasm", X2.id, 1, 3, 4, 10_000, Wasm("job.wasm", ("in.bin",)), {"job.wasm": FILE, "in.bin": FILE})


IMAGES = Images(("front", "side"), 320, 240, 10, ("rgb", "depth"), vary=(Spread("geom_rgba", "0.5", "1.5"),))
PAINTED = replace(ROLLOUT, kind="render", class_id=X1R.id, work=replace(ROLLOUT.work, images=IMAGES))


@pytest.mark.parametrize("spec", [ROLLOUT, TRAINED, PAINTED, MODULE], ids=lambda spec: spec.kind)
def test_a_spec_reads_back_as_it_was_written(spec: JobSpec) -> None:
    data = spec.encode()

    assert JobSpec.decode(data) == spec
    assert spec.cid == Cid.of(RAW, spec.digest)


def test_the_digest_of_a_spec_is_fixed_for_good() -> None:
    plain = replace(ROLLOUT, class_id=bytes(32))

    assert plain.digest.hex() == "849602fa59edd9c8aea7a675667655765c700f389b2ec4d95840ab1ef1aafe67"


def test_a_spec_of_an_unknown_class_is_read_and_left_to_those_who_know_it() -> None:
    assert JobSpec.decode(replace(ROLLOUT, class_id=bytes(32)).encode()).determinism is None


def test_another_spelling_of_the_same_job_is_refused() -> None:
    value: dict[str, Any] = json.loads(ROLLOUT.encode())

    with pytest.raises(BadInput, match="not in canonical form"):
        JobSpec.decode(json.dumps(value).encode())
    value["seed"] = "007"
    with pytest.raises(BadInput, match="not in its canonical form"):
        JobSpec.decode(canonical.encode(value))
    del value["work"]["keyframe"]
    with pytest.raises(BadInput, match="keyframe is missing"):
        JobSpec.decode(canonical.encode(value))


@pytest.mark.parametrize(
    ("path", "content", "complaint"),
    [
        ("schema", "thenar.job/2", "schema is not"),
        ("kind", "bitcoin", "not a kind of job"),
        ("class", "X1", "64 hex digits"),
        ("seed", "-1", "decimal string"),
        ("seed", str(2**63), "2\\^63"),
        ("units", 0, "units is between"),
        ("segments", 4096, "segments is between"),
        ("segment", 0, "segment is between"),
        ("segment", 100_001, "segment is between"),
        ("extra", 1, "unknown field"),
        ("work.model", "../etc/passwd", "not among the assets"),
        ("work.episode", 7, "multiple of work.episode"),
        ("work.keyframe", -2, "keyframe"),
        ("work.control.source", "keyboard", "source is one of"),
        ("work.control.every", 3, "divides segment"),
        ("work.control.file", "model.xml", "belongs to the sources"),
        ("work.control.observe", ["qpos"], "belongs to the source policy"),
        ("work.record.encoding", "pickle", "encoding is one of"),
        ("work.record.fields", ["qpos"], "goes with an encoding"),
        ("work.record.quantum", "0", "above 0"),
        ("work.vary", [{"field": "nv", "low": "0", "high": "1", "how": "scale", "over": "all"}], "field is one of"),
        ("work.vary", [{"field": "body_mass", "low": "2", "high": "1", "how": "scale", "over": "all"}], "is above"),
        ("work.start", [{"field": "qpos", "low": "1e9", "high": "1", "how": "add", "over": "all"}], "decimal string"),
        ("work.start", [{"field": "qpos", "low": "nan", "high": "1", "how": "add", "over": "all"}], "decimal string"),
        ("work.noise", 5, "belongs to es-train"),
        ("limits.memory_mb", 1, "memory_mb"),
        ("limits.output_bytes", -1, "output_bytes"),
        ("assets", {"a/b": {"cid": FILE.cid, "sha256": FILE.sha256, "size": 1}}, "plain file name"),
        ("assets", {"model.xml": {"cid": FILE.cid, "sha256": "0x12", "size": 1}}, "64 hex digits"),
        ("assets", {"model.xml": {"cid": FILE.cid, "sha256": FILE.sha256, "size": 2**40}}, "bytes"),
        ("assets", {"model.xml": {"cid": "QmFoo", "sha256": FILE.sha256, "size": 1}}, "CIDv1"),
        ("assets", [], "must be an object"),
    ],
)
def test_a_wrong_field_is_named(path: str, content: object, complaint: str) -> None:
    value: dict[str, Any] = json.loads(ROLLOUT.encode())
    place = value
    *above, last = path.split(".")
    for key in above:
        place = place[key]
    place[last] = content

    with pytest.raises(BadInput, match=complaint):
        JobSpec.decode(canonical.encode(value))


def test_a_unit_has_a_bounded_number_of_steps() -> None:
    with pytest.raises(BadInput, match="steps"):
        replace(ROLLOUT, segments=4000, segment=100_000, work=Simulation("model.xml", 4000))


def test_a_class_runs_only_its_kinds() -> None:
    with pytest.raises(BadInput, match="does not run"):
        replace(ROLLOUT, class_id=X2.id)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"score": None}, "score belongs"),
        ({"noise": None}, "noise belongs"),
        ({"noise": 0}, "noise is between"),
        ({"episode": 40}, "even number of episodes"),
        ({"control": Control()}, "needs a policy"),
        ({"record": Record(("qpos",), 1, "f64")}, "records nothing else"),
        ({"score": Score("fast")}, "decimal string"),
        ({"score": Score("1", (Term("qpos", 0, "1", "cube"),))}, "shape is one of"),
        ({"score": Score("1", (Term("mass", 0, "1"),))}, "field is one of"),
        ({"score": Score("1", (), (Bound("qpos", -1, "0", "1"),))}, "out of range"),
    ],
)
def test_training_says_how_it_scores(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        replace(TRAINED, work=replace(TRAINED.work, **changes))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"cameras": ()}, "cameras are 1 to 8"),
        ({"cameras": ("a",) * 9}, "cameras are 1 to 8"),
        ({"width": 0}, "width is between 1 and 1,024"),
        ({"width": 10**9}, "width is between 1 and 1,024"),
        ({"height": 1_025}, "height is between 1 and 1,024"),
        ({"width": 1_024, "height": 1_024}, "2,097,152 pixels"),
        ({"every": 0}, "every divides segment"),
        ({"every": 7}, "every divides segment"),
        ({"channels": ()}, "names each channel once"),
        ({"channels": ("rgb", "rgb")}, "names each channel once"),
        ({"channels": ("infrared",)}, "channels is one of"),
        ({"groups": (6,)}, "numbers from 0 to 5"),
        ({"groups": (1, 1)}, "numbers from 0 to 5"),
        ({"vary": (Spread("body_mass", "0.5", "1.5"),)}, "field is one of"),
        ({"vary": (Spread("cam_fovy", "0", "1"),) * 65}, "at most 64 spreads"),
    ],
)
def test_pictures_are_bounded(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        replace(PAINTED, work=replace(PAINTED.work, images=replace(IMAGES, **changes)))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"images": None}, "images belongs to render"),
        ({"control": Control("noise", 25)}, "multiple of work.control.every"),
        ({"control": Control("poses", 5, file="model.xml")}, "when poses are painted"),
        (
            {"control": Control("poses", 10, file="model.xml"), "record": Record(("qpos",), 10, "f64")},
            "nothing else is recorded",
        ),
        ({"record": Record(("qpos",), 10, "sparse")}, "nothing sparse"),
    ],
)
def test_a_job_of_pictures_fits_together(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        replace(PAINTED, work=replace(PAINTED.work, **changes))


def test_a_segment_has_a_bounded_number_of_pictures() -> None:
    images = replace(IMAGES, width=1, height=1, every=1)
    with pytest.raises(BadInput, match="2,048 pictures"):
        replace(PAINTED, segment=2_000, work=replace(PAINTED.work, images=images))


def test_poses_are_for_pictures_alone() -> None:
    with pytest.raises(BadInput, match="by render alone"):
        replace(ROLLOUT, work=replace(ROLLOUT.work, control=Control("poses", 10, file="model.xml")))


def test_pixels_count_as_work() -> None:
    assert ROLLOUT.effort == 50
    assert PAINTED.effort == 50 * 64 + 5 * 2 * 320 * 240
    assert MODULE.effort == 10_000


def test_touch_is_recorded_by_a_tactile_job() -> None:
    with pytest.raises(BadInput, match="records sensordata"):
        replace(ROLLOUT, kind="tactile-rollout")


@pytest.mark.parametrize("pages", [0, 1025])
def test_a_modules_memory_is_bounded(pages: int) -> None:
    with pytest.raises(BadInput, match="pages"):
        replace(MODULE, work=Wasm("job.wasm", ("in.bin",), pages))


def test_limits_are_limits() -> None:
    with pytest.raises(BadInput, match="output_bytes"):
        Limits(output_bytes=2**33)


def test_class_ids_are_the_digests_of_what_decides_bits() -> None:
    assert {X1.id: X1, X1R.id: X1R, X2.id: X2, T.id: T, aggregates.CLASS: SUM} == CLASSES
    assert replace(X1, parts={**X1.parts, "libm_sha256": "00"}).id != X1.id
    assert b'"libm_sha256"' in X1.describe()


def test_a_probe_that_comes_to_something_else_is_another_class() -> None:
    one, other = probed(bytes(31) + b"\x01"), probed(bytes(31) + b"\x02")

    assert len({one.id, other.id, probed(bytes(31) + b"\x01").id}) == 2
    assert (one.name, one.pinned, "render" in one.kinds) == ("H", False, True)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"segment": 100}, "at most 50 steps"),
        ({"class_id": X2.id}, "does not run"),
        ({"work": replace(ROLLOUT.work, record=Record(("qpos",), 10, "f64"))}, "sparse whole numbers"),
        ({"work": replace(ROLLOUT.work, record=Record(("qpos",), 10, "sparse", "0.00001"))}, "sparse whole numbers"),
    ],
)
def test_a_job_of_tolerance_is_short_of_breath_and_coarse(changes: dict[str, Any], complaint: str) -> None:
    tolerant = replace(ROLLOUT, class_id=T.id, work=replace(ROLLOUT.work, record=Record(("qpos",), 10, "sparse")))

    with pytest.raises(BadInput, match=complaint):
        replace(tolerant, **changes)
