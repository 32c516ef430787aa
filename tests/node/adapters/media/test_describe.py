"""A file and what its owner states become a manifest; what must be stated is never assumed."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import recordings as made
import tomli_w
from captures import STREET_CELL

from thenar.adapters.media import ManifestDraft, describe, probe
from thenar.adapters.media.sidecar import TEMPLATE, parse_sidecar
from thenar.domain.ids import DAG_PB, Cid, address
from thenar.domain.manifest import Manifest
from thenar.domain.place import coarser, place_commit
from thenar.errors import BadInput, Corrupt
from thenar.services.ports import Sealed, Stored

OWNER = address("0x" + "11" * 20)


def stated(**changes: Any) -> dict[str, Any]:
    """A complete sidecar."""
    raw = tomllib.loads(TEMPLATE)
    raw["place"] = {"class": "public_interior", "cell": f"{STREET_CELL:x}", "level": 2}
    raw["time"]["start"] = "2026-11-21T10:00:00Z"
    raw["consent"] |= {
        "subjects": ["none"],
        "purposes": ["train_research"],
        "premises_permission": "public",
        "bystander_treatment": "none_present",
        "jurisdiction": "DE-BY",
        "text": "We agree.",
    }
    return raw | changes


def sealed_of(draft: ManifestDraft) -> Sealed:
    stored = Stored(Cid.of(DAG_PB, b"\x07" * 32), draft.size + 16, 1)
    return Sealed(stored, draft.size, b"\x01" * 32, b"\x02" * 32, b"\x03" * 32, b"\x04" * 32, 1)


def test_capture_is_described_and_sealed_into_a_manifest(tmp_path: Path) -> None:
    path = made.csv_text(
        tmp_path / "ana at home.csv",
        "Time (s),Gyroscope X (deg/s),Gyroscope Y (deg/s)\n" + "".join(f"{i / 100},1,2\n" for i in range(11)),
    )
    (tmp_path / f"{path.name}.capture.toml").write_text(tomli_w.dumps(stated()))

    draft = describe(path, workspace=tmp_path)
    manifest = draft.seal_with(OWNER, sealed_of(draft))

    assert Manifest.decode(manifest.encode()) == manifest
    assert b"ana" not in manifest.encode()
    assert manifest.files[0].name == "capture.csv"
    assert manifest.files[0].media_type == "text/csv"
    assert manifest.time.end_ns - manifest.time.start_ns == 100_000_000
    (stream,) = manifest.streams
    assert (stream.samples, stream.rate_mhz, stream.units, stream.dtype) == (11, 100_000, "deg/s", "uint32")
    assert manifest.place.res == 12
    assert manifest.consent.text_hash == hashlib.sha256(b"We agree.").hexdigest()


def test_file_that_changed_between_describing_and_sealing_is_refused(tmp_path: Path) -> None:
    path = made.pcd_binary(tmp_path / "scan.pcd")
    sidecar = tmp_path / "capture.toml"
    sidecar.write_text(tomli_w.dumps(stated()))
    draft = describe(path, sidecar, workspace=tmp_path)

    with pytest.raises(Corrupt):
        draft.seal_with(OWNER, replace(sealed_of(draft), size=draft.size + 1))


def test_absolute_clock_of_the_file_wins_over_the_stated_start(tmp_path: Path) -> None:
    path = made.mcap_ros2(tmp_path / "log.mcap")
    (tmp_path / "capture.toml").write_text(tomli_w.dumps(stated()))

    draft = describe(path, workspace=tmp_path)

    assert draft.time.start_ns == made.T0
    assert draft.time.end_ns == made.T0 + 40_000_000
    assert draft.modality == "imu"
    assert {stream.rate_mhz for stream in draft.streams} == {100_000}


def test_capture_without_a_start_time_is_refused(tmp_path: Path) -> None:
    path = made.pcd_binary(tmp_path / "scan.pcd")
    (tmp_path / "capture.toml").write_text(tomli_w.dumps(stated(time={})))

    with pytest.raises(BadInput, match="does not say when"):
        describe(path, workspace=tmp_path)


def test_capture_without_sidecar_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="consent and class of place") as refused:
        describe(made.pcd_binary(tmp_path / "scan.pcd"), workspace=tmp_path)

    assert refused.value.next_step is not None
    assert "thenar capture template" in refused.value.next_step


def test_template_alone_is_not_consent() -> None:
    with pytest.raises(BadInput, match=r"place\.class must be stated"):
        parse_sidecar(tomllib.loads(TEMPLATE))


@pytest.mark.parametrize("table", ["place", "consent"])
def test_missing_tables_are_refused_with_the_lines_to_add(table: str) -> None:
    raw = stated()
    del raw[table]

    with pytest.raises(BadInput, match=f"{table}. must be stated") as refused:
        parse_sidecar(raw)

    assert refused.value.next_step is not None
    assert f"[{table}]" in refused.value.next_step


@pytest.mark.parametrize(
    ("table", "changes", "says"),
    [
        ("consent", {"minors": True}, "minors"),
        ("consent", {"jurisdiction": ""}, "jurisdiction must be stated"),
        ("consent", {"text": ""}, "text must say"),
        ("consent", {"purposes": []}, "purposes is empty"),
        ("consent", {"biometric": "no"}, "true or false"),
        ("consent", {"subject": "Ana"}, "unknown key"),
        ("place", {"class": "restricted"}, "not accepted"),
        ("place", {"class": "private_home"}, "at most"),
        ("place", {"cell": "home"}, "not an H3 cell"),
        ("place", {"cell": ""}, "place.cell must be stated, of resolution 12 at most"),
        ("device", {"model": 5}, "a string"),
        ("device", {"serial": "4711"}, "unknown key"),
        ("time", {"start": "yesterday"}, "moment"),
        ("time", {"start": "2026-11-21T10:00:00"}, "moment"),
        ("provenance", {"kind": "dreamt"}, "unknown"),
        ("frame", {"crs": 0}, "crs"),
    ],
)
def test_statements_that_cannot_stand_are_refused(table: str, changes: dict[str, Any], says: str) -> None:
    raw = stated()
    raw[table] = raw.get(table, {}) | changes

    with pytest.raises(BadInput, match=says):
        parse_sidecar(raw)


def test_probe_names_format_modality_and_streams_without_reading_on(tmp_path: Path) -> None:
    found = probe(made.mcap_ros2(tmp_path / "misleading.jpg"))

    assert (found.format, found.modality) == ("mcap", "imu")
    assert found.summary == "MCAP, imu: /imu:angular_velocity 1×3 rad/s, /imu:orientation 1×4 1"


@pytest.mark.parametrize("kind", sorted(made.MAKERS))
def test_every_format_is_told_by_content_and_described(tmp_path: Path, kind: str) -> None:
    path = made.MAKERS[kind](tmp_path / "misleading.jpg")
    (tmp_path / "capture.toml").write_text(tomli_w.dumps(stated()))

    draft = describe(path, workspace=tmp_path)

    assert draft.format == {"robosuite": "hdf5", "e57": "ply"}.get(kind, kind.split("-")[0])
    assert draft.streams
    manifest = draft.seal_with(OWNER, sealed_of(draft))
    assert b"Ana" not in manifest.encode()
    assert b"4711" not in manifest.encode()


def test_exact_place_is_committed_with_the_owners_salt_for_this_very_content(tmp_path: Path) -> None:
    path = made.pcd_binary(tmp_path / "scan.pcd")
    exact = 0x8F1FB46741AE4D3
    place = {"class": "private_home", "exact": f"{exact:x}", "level": 4}
    consent = stated()["consent"] | {"premises_permission": "resident"}
    (tmp_path / "capture.toml").write_text(tomli_w.dumps(stated(place=place, consent=consent)))

    draft = describe(path, workspace=tmp_path, salt=lambda content: content[::-1])
    manifest = draft.seal_with(OWNER, sealed_of(draft))

    assert manifest.place.commit == place_commit(exact, 4, b"\x01" * 32)
    assert manifest.place.disclosed == coarser(exact, 7)
    assert (manifest.place.cell, manifest.place.level) == (None, None)
    assert f"{exact:x}".encode() not in manifest.encode()


def test_exact_place_beside_a_public_cell_is_refused() -> None:
    raw = stated()
    raw["place"]["exact"] = "8f1fb46741ae4d3"

    with pytest.raises(BadInput, match=r"beside place\.exact"):
        parse_sidecar(raw)


def test_reference_system_of_a_map_never_reaches_the_manifest(tmp_path: Path) -> None:
    path = made.las(tmp_path / "scan.las")
    (tmp_path / "capture.toml").write_text(tomli_w.dumps(stated(frame={"name": "map", "crs": 32632})))

    draft = describe(path, workspace=tmp_path)

    assert draft.stated.frame.crs is None
    assert any("frame.crs is left out" in note for note in draft.notes)


def test_positions_on_a_map_grid_are_refused_where_they_cannot_be_moved(tmp_path: Path) -> None:
    path = made.pcd_binary(tmp_path / "scan.pcd", [(691_000.0, 5_334_000.0, 519.0)])
    (tmp_path / "capture.toml").write_text(tomli_w.dumps(stated()))

    with pytest.raises(BadInput, match="places on earth"):
        describe(path, workspace=tmp_path)

    assert not list(tmp_path.glob("*.scrubbed"))


def test_copy_that_is_described_is_the_scrubbed_one_and_lies_in_the_workspace(tmp_path: Path) -> None:
    path = made.ply(tmp_path / "scan.ply")
    (tmp_path / "capture.toml").write_text(tomli_w.dumps(stated()))
    workspace = tmp_path / "workspace"
    workspace.mkdir()

    draft = describe(path, workspace=workspace)

    assert draft.path.parent == workspace
    assert b"Ana" in path.read_bytes()
    assert b"Ana" not in draft.path.read_bytes()
    assert draft.size == draft.path.stat().st_size


def touch_log(path: Path, seconds: int) -> Path:
    rows = "".join(f"{i / 10},{i % 7},{i % 3},5\n" for i in range(10 * seconds))
    return made.csv_text(path, "Time (s),touch_1 (N),touch_2 (N),touch_3 (N)\n" + rows)


@pytest.mark.parametrize(("seconds", "regions"), [(80, 3), (60, 0)])
def test_touch_is_previewed_by_sensors_length_and_loads(tmp_path: Path, seconds: int, regions: int) -> None:
    path = touch_log(tmp_path / "log.csv", seconds)
    (tmp_path / "capture.toml").write_text(tomli_w.dumps(stated()))

    shown = describe(path, workspace=tmp_path).preview

    assert shown is not None
    assert (shown.sensors, shown.seconds, shown.rate_hz, shown.live) == (3, seconds - 10, 10, 65)
    assert len(shown.regions) == regions


def test_owner_may_show_no_preview_and_biometric_captures_have_none(tmp_path: Path) -> None:
    path = touch_log(tmp_path / "log.csv", 70)
    sidecar = tmp_path / "capture.toml"
    hidden = stated(preview=False)
    biometric = stated(consent=stated()["consent"] | {"biometric": True})

    for raw in (hidden, biometric):
        sidecar.write_text(tomli_w.dumps(raw))
        assert describe(path, workspace=tmp_path).preview is None


def test_scans_have_no_preview(tmp_path: Path) -> None:
    (tmp_path / "capture.toml").write_text(tomli_w.dumps(stated()))

    assert describe(made.pcd_binary(tmp_path / "scan.pcd"), workspace=tmp_path).preview is None
