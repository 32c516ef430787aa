"""The demo's cheat runs on local chains only, gives zeros for what is gone, and turns scans without losing points."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.simulation import record_room
from thenar.demo.copier import HollowStore, copying, lose, turned_and_mirrored
from thenar.errors import NotFound, Refused
from thenar.services.ports import one_part


@pytest.mark.parametrize("chain_id", [1, 8453, 31338])
def test_nobody_copies_where_it_costs_a_bond(chain_id):
    honest = SimpleNamespace(chain=SimpleNamespace(chain_id=chain_id))

    with pytest.raises(Refused, match="no local one"):
        copying(honest)


async def test_what_is_gone_reads_as_zeros_in_ranges_only(tmp_path):
    async with open_embedded(tmp_path / "store", quota=1 << 24) as honest:
        stored = await honest.add(one_part(b"\x07" * 5_000))
        hollow = HollowStore(honest)
        assert lose(tmp_path, [str(stored.root)]) == 5_000

        found = b"".join([part async for part in hollow.read(stored.root, offset=1_000, length=2_000)])

        assert found == bytes(2_000)
        with pytest.raises(NotFound):
            [part async for part in hollow.read(stored.root)]


def test_a_turned_scan_has_the_same_shape_and_other_bytes(tmp_path):
    scan = record_room(tmp_path / "room.pcd", seed=7, rays=1_000).path

    copied = turned_and_mirrored(scan, tmp_path / "hers" / "room.pcd")

    ours, hers = (
        np.frombuffer(path.read_bytes().split(b"DATA binary\n")[1], dtype="<f4").reshape(-1, 3).astype(float)
        for path in (scan, copied)
    )
    assert np.allclose(
        np.linalg.norm(ours[0] - ours[1:], axis=1), np.linalg.norm(hers[0] - hers[1:], axis=1), atol=1e-5
    )
    assert abs(ours - hers).max() > 1
    assert copied.with_name("room.pcd.capture.toml").is_file()


def test_another_visit_is_the_same_room_from_elsewhere(tmp_path):
    first = record_room(tmp_path / "one.pcd", seed=7, rays=1_000)
    again = record_room(tmp_path / "again.pcd", seed=7, visit=1, rays=1_000)
    same = record_room(tmp_path / "same.pcd", seed=7, visit=1, rays=1_000)

    assert again.path.read_bytes() == same.path.read_bytes() != first.path.read_bytes()
