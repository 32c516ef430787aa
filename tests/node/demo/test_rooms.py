"""Files can play the story of a missing room only as what they are: a scan, and an honest re-scan of the same place."""

from __future__ import annotations

import pytest

from thenar.adapters.simulation import record_room
from thenar.demo import rooms
from thenar.demo.copier import turned_and_mirrored
from thenar.errors import BadInput

RAYS = 20_000


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    return record_room(tmp_path_factory.mktemp("scan") / "room.pcd", seed=7, rays=RAYS)


def test_a_scan_and_a_re_scan_of_the_same_room_are_taken(scan, tmp_path):
    again = record_room(tmp_path / "again.pcd", seed=7, visit=1, rays=RAYS)

    rooms.check([scan.path, again.path])


def test_a_copy_is_no_re_scan(scan, tmp_path):
    copy = turned_and_mirrored(scan.path, scan.sidecar, tmp_path / "copy.pcd")

    with pytest.raises(BadInput, match=r"copy\.pcd is no re-scan of room\.pcd: .*this is a copy"):
        rooms.check([scan.path, copy])


def test_three_files_are_one_too_many(scan):
    with pytest.raises(BadInput, match="not for 3 files"):
        rooms.check([scan.path] * 3)


def test_a_home_is_not_put_where_its_sketch_is_published(scan, tmp_path):
    home = tmp_path / "home.pcd"
    home.write_bytes(scan.path.read_bytes())
    said = scan.sidecar.read_text().replace('"public_interior"', '"private_home"')
    beside = home.with_name("home.pcd.capture.toml")
    beside.write_text("\n".join(line for line in said.splitlines() if not line.startswith("level")))

    with pytest.raises(BadInput, match=r"private_home|resolution"):
        rooms.check([home])


def test_what_is_no_scan_of_a_place_is_refused(tmp_path):
    touch = tmp_path / "touch.csv"
    touch.write_text("t,a,b\n" + "".join(f"{n / 100},{n % 7},{n % 5}\n" for n in range(500)))

    with pytest.raises(BadInput):
        rooms.check([touch])


def test_a_file_without_a_description_is_described_as_a_demonstration(scan, tmp_path):
    bare = tmp_path / "bare.pcd"
    bare.write_bytes(scan.path.read_bytes())

    named = rooms.named(tmp_path / "story", bare)

    assert named.path == bare
    assert "nothing leaves this machine" in named.description.read_text()
