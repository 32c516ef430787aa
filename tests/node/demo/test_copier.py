"""The demo's cheat runs on local chains only, gives zeros for what is gone, and turns scans without losing points."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.simulation import record_room
from thenar.demo.copier import HollowStore, copying, half_of, is_asked_for, lose, turned_and_mirrored
from thenar.domain.ids import Address
from thenar.domain.segments import CHUNK_LEAVES
from thenar.domain.storage.pledges import Held, PledgeTree, positions
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
    scan = record_room(tmp_path / "room.pcd", seed=7, rays=1_000)

    copied = turned_and_mirrored(scan.path, scan.sidecar, tmp_path / "hers" / "room.pcd")

    ours, hers = (
        np.frombuffer(path.read_bytes().split(b"DATA binary\n")[1], dtype="<f4").reshape(-1, 3).astype(float)
        for path in (scan.path, copied)
    )
    a_millimetre_each_way = 4e-3
    assert np.allclose(
        np.linalg.norm(ours[0] - ours[1:], axis=1),
        np.linalg.norm(hers[0] - hers[1:], axis=1),
        atol=a_millimetre_each_way,
    )
    assert abs(ours - hers).max() > 1
    assert copied.with_name("room.pcd.capture.toml").is_file()


async def test_half_of_what_is_kept_is_every_second_block(tmp_path):
    async with open_embedded(tmp_path / "store", quota=1 << 24) as store:
        one, other = [await store.add(one_part(bytes([n]) * 262_144 + bytes([n + 9]) * 700)) for n in (1, 2)]
        pieces = {"0x01": str(one.root), "0x02": str(other.root)}

        half = half_of(tmp_path, pieces)

        assert list(half.values()) == [("0x01", 1), ("0x02", 1)]
        assert lose(tmp_path, half) == 1_400


def test_the_cheat_is_caught_by_the_first_challenge_that_lies_in_what_she_deleted():
    held = [Held(bytes([n]) * 32, CHUNK_LEAVES) for n in (1, 2)]
    gone, node = {("0x" + "02" * 32, 0)}, Address("0x" + "aa" * 20)
    seeds = [n.to_bytes(32, "big") for n in range(2_000)]

    lucky = [seed for seed in seeds if not is_asked_for(seed, node, held, gone)]

    assert 0 < len(lucky) < 40  # one in 256, eight challenges each
    tree = PledgeTree.build(held)
    for seed in lucky:
        asked = {tree.at(position).replica.root for position in positions(seed, node, tree.leaves)}
        assert asked == {bytes([1]) * 32}


def test_another_visit_is_the_same_room_from_elsewhere(tmp_path):
    first = record_room(tmp_path / "one.pcd", seed=7, rays=1_000)
    again = record_room(tmp_path / "again.pcd", seed=7, visit=1, rays=1_000)
    same = record_room(tmp_path / "same.pcd", seed=7, visit=1, rays=1_000)

    assert again.path.read_bytes() == same.path.read_bytes() != first.path.read_bytes()
