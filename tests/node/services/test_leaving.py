"""What is kept no longer: given up on chain, pledged without, deleted when no round asks for it any more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain_facts import at
from depot import open_depot

from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.duties import Duty, DutyKind, Me, react
from thenar.domain.ids import Cid
from thenar.errors import Refused, Reverted, Unavailable
from thenar.services.consent import revoke_all
from thenar.services.keep import keep_asset
from thenar.services.records import held
from thenar.services.storing import keeping, leaving, proving, taking
from thenar.services.withdrawal import drop_copy, withdraw


@pytest.fixture
async def depot(town):
    return await open_depot(town)


def sent(person, kind) -> list:
    return [one for one in person.outbox.actions if isinstance(one, kind)]


def newest(depot):
    return depot.ben.belief.catalog.stores[depot.ben.me].pledges[-1]


def cid_of(depot, root: bytes) -> Cid:
    return Cid.parse(depot.ben.belief.catalog.replicas[root].cid)


async def another_asset(depot) -> bytes:
    """A second asset of Ana's, whose sealed file Ben keeps too."""
    made = await depot.ana.publish(b"another room " * 400, "another.bin")
    await depot.ben.hear_of(made.asset, depot.ana)
    [root] = await keeping.replicate(depot.stock(depot.ana), made.asset, 1)
    await taking.take(depot.stock(depot.ben), [root])
    return root


def duty_of(depot) -> Duty:
    return Duty(DutyKind.DROP_COPY, f"{depot.asset}/1", 5)


def kept_of(depot, asset: str) -> list[bytes]:
    """What Ben took of an asset."""
    catalog = depot.ben.belief.catalog
    return [root for root in catalog.kept[depot.ben.me] if catalog.replicas[root].asset == asset]


async def withdrawn(depot) -> None:
    """Ana takes consent back and Ben's duty, its notice over, is done."""
    await revoke_all(depot.ana.trade, depot.ana.store, depot.asset)
    await drop_copy(depot.stock(depot.ben), depot.ben.folder / "opened", duty_of(depot))


async def pin_too(depot) -> None:
    """Ben keeps the asset for everybody as well: the first replica is the same file."""
    ben = depot.ben
    parts = {"journal": ben.journal, "store": ben.store, "peers": ben.peers, "belief": ben.belief}
    await keep_asset(depot.asset, **parts, limit=1 << 30)


async def test_a_keeper_answers_the_round_in_which_consent_is_taken_back_and_is_asked_no_more(depot):
    [gone] = await depot.ben_takes()
    await pin_too(depot)
    left = await another_asset(depot)
    await depot.ask_round(2)

    await withdrawn(depot)
    await proving.answer_round(depot.stock(depot.ben), 2)

    assert depot.chidi.belief.catalog.stores[depot.ben.me].proved(2) is not None
    assert [one.root for one in newest(depot).replicas] == [left]
    assert await held(depot.ben.journal, depot.asset) is None
    await depot.ask_round(3)
    await leaving.let_go(depot.stock(depot.ben), gone, "x")
    await proving.answer_round(depot.stock(depot.ben), 3)
    assert depot.chidi.belief.catalog.stores[depot.ben.me].proved(3) is not None
    assert cid_of(depot, gone) not in await depot.ben.store.pins()
    assert cid_of(depot, left) in await depot.ben.store.pins()


async def test_what_a_round_asks_for_is_not_deleted(depot):
    [gone] = await depot.ben_takes()
    await another_asset(depot)
    await depot.ask_round(2)
    await withdrawn(depot)

    with pytest.raises(Unavailable, match="asks for"):
        await leaving.let_go(depot.stock(depot.ben), gone, "x")

    assert cid_of(depot, gone) in await depot.ben.store.pins()


async def test_a_keeper_with_nothing_left_retires(depot):
    [gone] = await depot.ben_takes()
    await depot.ask_round(2)

    await withdrawn(depot)

    assert depot.ben.belief.catalog.stores[depot.ben.me].until == 3
    depot.go_to(3)
    await leaving.let_go(depot.stock(depot.ben), gone, "x")
    assert cid_of(depot, gone) not in await depot.ben.store.pins()


async def test_a_pledge_over_nothing_that_is_held_ends(depot):
    [gone] = await depot.ben_takes()
    void = f.StoragePledged(at(6), depot.ben.me, b"\x0b" * 32, 9, 1, 1, 2, 50)
    depot.town.tell([void, f.ReplicaDropped(at(7), gone, depot.asset, depot.ben.me)], depot.town.chain.block)
    depot.go_to(2)

    await leaving.let_go(depot.stock(depot.ben), gone, "x")

    assert len(sent(depot.ben, a.RetireStorage)) == 1


async def test_leaving_twice_sends_nothing_twice(depot):
    await depot.ben_takes()
    await another_asset(depot)
    await withdrawn(depot)
    before = len(depot.ben.outbox.actions)

    await leaving.leave(depot.stock(depot.ben), [depot.asset], f"{depot.asset}/1")

    assert len(depot.ben.outbox.actions) == before
    assert len(sent(depot.ben, a.DropReplicas)) == 1


async def test_a_kill_after_giving_up_pledges_what_is_left_the_next_time(depot):
    await depot.ben_takes()
    left = await another_asset(depot)
    depot.ben.outbox.crash.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        await withdrawn(depot)

    await leaving.leave(depot.stock(depot.ben), [depot.asset], f"{depot.asset}/1")

    assert [one.root for one in newest(depot).replicas] == [left]


@pytest.mark.parametrize("name", ["ReplicaBook_NotTaken", "StorageProofs_Leaving"])
async def test_who_was_second_waits_until_that_is_seen_and_forgets_the_rest(depot, name):
    await depot.ben_takes()
    await pin_too(depot)
    await another_asset(depot)
    depot.ben.outbox.refuse = [Reverted("somebody was first", name=name)]
    if name == "StorageProofs_Leaving":
        await taking.drop(depot.stock(depot.ana), kept_of(depot, depot.asset))

    with pytest.raises(Unavailable):
        await withdrawn(depot)
    assert await held(depot.ben.journal, depot.asset) is not None
    await drop_copy(depot.stock(depot.ben), depot.ben.folder / "opened", duty_of(depot))

    assert await held(depot.ben.journal, depot.asset) is None


async def test_a_dismissed_keeper_pledges_without_and_deletes(depot):
    [gone] = await depot.ben_takes()
    left = await another_asset(depot)
    await taking.drop(replace(depot.stock(depot.ana)), [gone])
    depot.go_to(2)

    with pytest.raises(Unavailable):
        await leaving.let_go(depot.stock(depot.ben), gone, "x")
    depot.go_to(3)
    await leaving.let_go(depot.stock(depot.ben), gone, "x")

    assert [one.root for one in newest(depot).replicas] == [left]
    assert cid_of(depot, gone) not in await depot.ben.store.pins()


async def test_what_was_taken_again_or_is_needed_otherwise_stays(depot):
    [root] = await depot.ben_takes()
    await another_asset(depot)
    await pin_too(depot)
    await leaving.let_go(depot.stock(depot.ben), root, "x")
    assert await depot.ben.journal.get(f"replica/{root.hex()}") is not None

    await taking.drop(depot.stock(depot.ben), [root])
    depot.go_to(3)
    await leaving.let_go(depot.stock(depot.ben), root, "x")

    assert cid_of(depot, root) in await depot.ben.store.pins(), "it is the file that is kept for everybody"


async def test_nobody_takes_what_was_withdrawn(depot):
    [root] = await keeping.replicate(depot.stock(depot.ana), depot.asset, 1)
    await revoke_all(depot.ana.trade, depot.ana.store, depot.asset)

    with pytest.raises(Refused, match="took consent back"):
        await taking.take(depot.stock(depot.ben), [root])


async def test_an_owner_who_withdraws_drops_the_copies_made_for_others(depot):
    roots = await keeping.replicate(depot.stock(depot.ana), depot.asset, 3)

    await withdraw(depot.ana.trade, depot.ana.store, depot.asset)

    assert not {cid_of(depot, root) for root in roots} & await depot.ana.store.pins()


async def test_a_dropped_replica_is_let_go_when_the_next_round_has_begun(depot):
    [root] = await depot.ben_takes()
    await depot.ask_round(2)
    fact = f.ReplicaDropped(at(9), root, depot.asset, depot.ben.me)
    catalog = depot.ben.belief.catalog

    mine = list(react(catalog, fact, Me(depot.ben.me, pins_for_others=False)))
    others = list(react(catalog, fact, Me(depot.chidi.me, pins_for_others=True)))

    began = catalog.storage_terms.began(3)
    assert mine == [Duty(DutyKind.LET_GO, f"{root.hex()}/9", 9, not_before=began)]
    assert others == []
