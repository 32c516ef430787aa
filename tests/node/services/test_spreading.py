"""A capture in eight pieces: any four bring it back, lost ones are made anew, layered replicas lose their layers."""

from __future__ import annotations

import pytest
from depot import Depot, lose_all, open_depot

from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.ids import Cid
from thenar.domain.storage.coding import PIECES
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Unavailable
from thenar.services.records import held
from thenar.services.storing import keeping, mending, spreading, taking

CASES = [(1, (4, 5, 6, 7)), (4_096, (0, 1, 2, 3)), (262_128, (1, 3, 4, 6)), (1_100_000, (0, 5, 6, 7))]


@pytest.fixture
async def depot(town):
    return await open_depot(town)


async def content_of(person, cid: Cid | str) -> bytes:
    return b"".join([part async for part in person.store.read(Cid.parse(str(cid)))])


def pieces_of(depot: Depot) -> list:
    return [one for one in depot.ana.belief.catalog.replicas.values() if one.asset == depot.asset]


class Silent:
    """A peer that is off."""

    async def has(self, _: Cid) -> bool:
        return False


def switch_off(depot: Depot, *names: str) -> None:
    """Nobody gets anything from these people's peers any more."""
    gone = {getattr(depot, name).store for name in names}
    for peer, store in depot.town.stores.items():
        if store in gone:
            depot.town.stores[peer] = Silent()


async def test_eight_pieces_are_listed_and_take_twice_the_room(depot):
    roots = await spreading.spread(depot.stock(depot.ana), depot.asset)

    sealed = await content_of(depot.ana, (await held(depot.ana.journal, depot.asset))[1])
    sizes = {len(await content_of(depot.ana, one.cid)) for one in pieces_of(depot)}
    assert len(set(roots)) == PIECES and len(sizes) == 1
    assert PIECES * sizes.pop() < 2.1 * len(sealed)


async def test_cutting_again_makes_the_same_pieces(depot):
    first = await spreading.spread(depot.stock(depot.ana), depot.asset)

    assert await spreading.spread(depot.stock(depot.ana), depot.asset) == first
    assert sum(isinstance(action, a.ListReplica) for action in depot.ana.outbox.actions) == PIECES


async def test_only_an_owner_cuts(depot):
    with pytest.raises(NotFound):
        await spreading.spread(depot.stock(depot.ben), depot.asset)


@pytest.mark.parametrize(("size", "kept"), CASES)
async def test_any_four_pieces_bring_a_capture_back_to_its_owner(town, size, kept):
    depot = await open_depot(town)
    made = await depot.ana.publish(bytes(range(251)) * (size // 251) + bytes(size % 251), "other.bin")
    depot.asset = made.asset
    await depot.ben.hear_of(made.asset, depot.ana)
    roots = await spreading.spread(depot.stock(depot.ana), made.asset)
    await taking.take(depot.stock(depot.ben), [roots[place] for place in kept])
    before = await content_of(depot.ana, (await held(depot.ana.journal, made.asset))[1])
    lose_all(depot.ana)

    cid, how = await mending.restore(depot.stock(depot.ana), made.asset)

    assert how == mending.PIECES
    assert await content_of(depot.ana, cid) == before
    opened = await mending.open_restored(depot.stock(depot.ana), made.asset, cid, depot.ana.folder / "back")
    assert len(opened.read_bytes()) == size


async def test_three_pieces_are_not_enough_and_say_so(depot):
    roots = await spreading.spread(depot.stock(depot.ana), depot.asset)
    await taking.take(depot.stock(depot.ben), roots[:3])
    lose_all(depot.ana)

    with pytest.raises(Unavailable, match="does not give it back"):
        await mending.restore(depot.stock(depot.ana), depot.asset)


async def test_what_was_not_lost_is_left_alone(depot):
    places = await held(depot.ana.journal, depot.asset)

    assert await mending.restore(depot.stock(depot.ana), depot.asset) == (places[1], mending.HERE)
    with pytest.raises(NotFound):
        await mending.restore(depot.stock(depot.ana), "0x" + "00" * 32)


async def test_a_whole_replica_is_taken_before_anything_is_worked_out(depot):
    await depot.ben_takes()
    lose_all(depot.ana)

    assert (await mending.restore(depot.stock(depot.ana), depot.asset))[1] == mending.WHOLE


@pytest.mark.parametrize("copy", [1, 3])
async def test_a_layered_replica_alone_brings_a_capture_back_to_its_owner(depot, copy):
    before = await content_of(depot.ana, (await held(depot.ana.journal, depot.asset))[1])
    roots = await keeping.replicate(depot.stock(depot.ana), depot.asset, 4)
    await taking.take(depot.stock(depot.ben), [roots[copy]])
    lose_all(depot.ana)

    cid, how = await mending.restore(depot.stock(depot.ana), depot.asset)

    assert how == mending.LAYERED
    assert await content_of(depot.ana, cid) == before


async def test_nobody_else_takes_a_layer_off(depot):
    roots = await keeping.replicate(depot.stock(depot.ana), depot.asset, 2)
    await taking.take(depot.stock(depot.ben), [roots[1]])
    switch_off(depot, "ana")

    with pytest.raises(Unavailable):
        await mending.restore(depot.stock(depot.ben), depot.asset)


async def test_a_stranger_joins_four_pieces_but_has_no_key(depot):
    roots = await spreading.spread(depot.stock(depot.ana), depot.asset)
    await taking.take(depot.stock(depot.ben), roots[2:6])
    switch_off(depot, "ana")

    cid, how = await mending.restore(depot.stock(depot.chidi), depot.asset)

    assert how == mending.PIECES and await content_of(depot.chidi, cid)


@pytest.mark.parametrize("lost", [0, 3, 7])
async def test_a_piece_nobody_gives_any_more_is_made_anew_and_kept(depot, lost):
    roots = await spreading.spread(depot.stock(depot.ana), depot.asset)
    others = [root for root in roots if root != roots[lost]]
    await taking.take(depot.stock(depot.ben), others[2:6])
    switch_off(depot, "ana")

    await taking.take(depot.stock(depot.chidi), [roots[lost]])

    record = depot.chidi.belief.catalog.replicas[roots[lost]]
    assert record.holder == depot.chidi.me
    leaf, path = await keeping.leaf_of(depot.stock(depot.chidi), roots[lost], record.held.leaves - 1)
    assert leaf and path
    assert await depot.chidi.store.pins() == {Cid.parse(record.cid)}


async def test_a_keeper_whose_disk_lost_a_piece_makes_it_anew_without_its_owner(depot):
    roots = await spreading.spread(depot.stock(depot.ana), depot.asset)
    await taking.take(depot.stock(depot.ben), roots[:5])
    switch_off(depot, "ana")
    record = depot.ben.belief.catalog.replicas[roots[2]]
    before = await content_of(depot.ben, record.cid)
    for path in (depot.ben.folder / "store" / "blocks").glob(f"*/{record.cid}"):
        path.unlink()

    await mending.mend(depot.stock(depot.ben), [roots[2]])

    assert await content_of(depot.ben, record.cid) == before


async def test_pieces_that_do_not_belong_together_are_not_joined(depot):
    roots = await spreading.spread(depot.stock(depot.ana), depot.asset)
    await taking.take(depot.stock(depot.ben), roots[:4])
    record = depot.ana.belief.catalog.replicas[roots[0]]
    where, named = depot.town.history[-1].at, (depot.asset, depot.ana.me, record.held.leaves, record.cid)
    wrong = f.ReplicaListed(where, b"\x07" * 32, *named)
    depot.town.tell([wrong], depot.town.chain.block)
    switch_off(depot, "ana")

    with pytest.raises((Corrupt, Unavailable)):
        await taking.take(depot.stock(depot.chidi), [b"\x07" * 32])
    assert not any(isinstance(action, a.TakeReplicas) for action in depot.chidi.outbox.actions)


async def test_a_piece_is_refused_by_who_has_no_room_and_copies_are_counted(depot):
    roots = await spreading.spread(depot.stock(depot.ana), depot.asset)
    tight = depot.stock(depot.ben)
    tight = type(tight)(tight.trade, tight.store, tight.peers, 1_000)

    with pytest.raises(Refused):
        await taking.take(tight, roots[:1])
    with pytest.raises(BadInput):
        await keeping.replicate(depot.stock(depot.ana), depot.asset, 17)
