"""Batches: a folder becomes one commitment, and every member of it is found, proven, kept and materialised."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
import trio
from chain_facts import at
from folders import Folder
from town import Person

from thenar.demo.mallory import LyingWrapper
from thenar.domain import actions as a
from thenar.domain import facts as f
from thenar.domain.assets import AssetKind, Commitment
from thenar.domain.ids import TermsId
from thenar.domain.keytree import key_commit
from thenar.domain.licenses import Offer, Stage
from thenar.domain.membertree import contains
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Unavailable
from thenar.services import batching
from thenar.services import licensing as story
from thenar.services.batching import materialise
from thenar.services.complaints import check_key
from thenar.services.keep import keep_asset, keep_batch
from thenar.services.licensing import Wish
from thenar.services.members import find_member, member_at, members_of, record_of
from thenar.services.ports import one_part
from thenar.services.records import bought_key, held, held_assets, own_content
from thenar.services.retrieve import sealed_of


@pytest.fixture
async def ana(town):
    return await town.person("ana")


@pytest.fixture
async def made(ana):
    return await Folder(ana, 5).commit()


async def keep(person: Person, asset: str):
    return await keep_asset(
        asset, journal=person.journal, store=person.store, peers=person.peers, belief=person.belief, limit=10_000
    )


async def test_a_folder_is_committed_in_one_transaction(ana):
    folder = Folder(ana, 7)
    told = []

    made = await folder.commit(progress=lambda done, total: told.append((done, total)))

    (action,) = ana.outbox.actions
    assert isinstance(action, a.CommitBatch)
    assert (action.commitment.kind, action.commitment.size) == (AssetKind.BATCH, 7)
    assert (made.count, made.bytes) == (7, sum(len(folder.content(index)) for index in range(7)))
    assert told[-1] == (7, 7) and told == sorted(told)
    assert {made.manifest, made.members} <= await ana.store.pins()


async def test_every_member_is_proven_and_its_key_known(ana, made):
    record, members = await members_of(made.batch, ana.library)

    for index in range(made.count):
        leaf = members.leaf(index, record.commitment)
        bare = replace(leaf.leaf, batch=Commitment.__dataclass_fields__["batch"].default)
        assert leaf.leaf.author == ana.me
        assert contains(record.commitment.plain_root, 5, index, bytes.fromhex(bare.asset_id[2:]), leaf.siblings)
        content = await own_content(ana.journal, leaf.leaf.asset_id)
        assert content == hashlib.sha256(Folder(ana, 5).content(index)).digest()
        assert (await held(ana.journal, leaf.leaf.asset_id))[1] in await ana.store.pins()


async def test_what_was_sealed_before_a_crash_is_not_sealed_again(ana, monkeypatch):
    monkeypatch.setattr(batching, "GROUP", 4)
    folder = Folder(ana, 10)
    folder.fails[9] = KeyboardInterrupt()
    with pytest.raises((KeyboardInterrupt, BaseExceptionGroup)):
        await folder.commit()
    first = list(folder.prepared)
    folder.prepared, folder.fails = [], {}

    made = await folder.commit()

    assert sorted(first)[:8] == list(range(8))
    assert sorted(folder.prepared) == [8, 9]
    assert (made.count, len(ana.outbox.actions)) == (10, 1)


async def test_what_was_sealed_before_a_bad_file_is_not_sealed_again(ana):
    folder = Folder(ana, 6)
    folder.fails[5] = BadInput("no description")
    with pytest.raises(BadInput, match="no description"):
        await folder.commit()
    first = list(folder.prepared)
    folder.prepared, folder.fails = [], {}

    await folder.commit()

    assert len(set(first) & set(folder.prepared)) < batching.AT_ONCE  # the failure interrupted what ran beside it
    assert set(first) | set(folder.prepared) == set(range(6))


async def test_committing_again_is_the_same_batch_and_costs_nothing(ana):
    folder = Folder(ana, 3)

    first, second = await folder.commit(), await folder.commit()

    assert first == second
    assert len(ana.outbox.actions) == 1
    assert sorted(folder.prepared) == [0, 1, 2]


async def test_an_empty_folder_is_no_batch(ana):
    with pytest.raises(BadInput, match="nothing to commit"):
        await Folder(ana, 0).commit()


async def test_anybody_finds_a_member_by_its_place_or_its_id(town, ana, made):
    ben = await town.person("ben")
    await ben.hear_of(made.batch, ana)

    by_place = await member_at(made.batch, 3, ben.library)
    carl = await town.person("carl")
    await carl.hear_of(made.batch, ana)
    by_id = await find_member(by_place.asset, carl.library)

    assert by_place == by_id
    assert by_place.asset == by_place.leaf.leaf.asset_id
    assert (by_place.record.owner, by_place.is_materialised) == (ana.me, False)
    record = await record_of(by_place.asset, ben.journal, ben.belief)
    assert (record.id, record.commitment, record.owner) == (by_place.asset, by_place.leaf.leaf, ana.me)


async def test_a_member_is_kept_like_any_asset(town, ana, made):
    ben = await town.person("ben")
    await ben.hear_of(made.batch, ana)
    member = await member_at(made.batch, 2, ben.library)

    kept = await keep(ben, member.asset)

    assert kept.sealed in await ben.store.pins()
    assert kept.description.title == "Touch 2"


async def test_a_keeper_keeps_a_batch_with_all_its_members_and_announces_the_batch(town, ana, made):
    ben = await town.person("ben")
    await ben.hear_of(made.batch, ana)

    await keep_batch(made.batch, ben.library, limit=10_000)
    await keep_batch(made.batch, ben.library, limit=10_000)

    _, members = await members_of(made.batch, ben.library)
    for member in members.all(made.batch):
        assert (await held(ben.journal, member.asset_id))[1] in await ben.store.pins()
    assert await held_assets(ben.journal) == (made.batch,)


async def test_members_above_the_limit_are_left_out(town, ana, made):
    ben = await town.person("ben")
    await ben.hear_of(made.batch, ana)

    await keep_batch(made.batch, ben.library, limit=10)

    _, members = await members_of(made.batch, ben.library)
    assert [await held(ben.journal, one.asset_id) for one in members.all(made.batch)] == [None] * 5


async def test_a_batch_nobody_announced_is_asked_for(town, made, autojump_clock):
    ben = await town.person("ben")

    with pytest.raises(Unavailable):
        await member_at(made.batch, 0, ben.library)

    assert ben.peers.announced[-1] == ("want", {"asset": made.batch})


async def test_whoever_holds_a_batch_has_some_seconds_to_say_so(town, ana, made):
    ben = await town.person("ben")

    async def answer():
        await trio.sleep(0.4)
        await ben.hear_of(made.batch, ana)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer)
        member = await member_at(made.batch, 3, ben.library)

    assert member.record.owner == ana.me
    assert ben.peers.announced[-1] == ("want", {"asset": made.batch})


async def test_a_single_asset_has_no_members(ana):
    single = await ana.publish(b"weights")

    with pytest.raises(NotFound, match="is no batch"):
        await members_of(single.asset, ana.library)
    with pytest.raises(NotFound):
        await find_member("0x" + "12" * 32, ana.library)
    assert await record_of("0x" + "12" * 32, ana.journal, ana.belief) is None


async def test_a_place_beyond_the_batch_is_not_found(ana, made):
    with pytest.raises(NotFound, match="no member 5"):
        await member_at(made.batch, 5, ana.library)


@pytest.mark.parametrize("part", ["plain_root", "size", "manifest_hash"])
async def test_a_list_the_batch_did_not_commit_to_is_corrupt(town, ana, made, part):
    changes = {part: 6 if part == "size" else b"\x01" * 32}
    lie = replace(ana.belief.catalog.assets[made.batch].commitment, **changes)
    town.tell([f.AssetMinted(at(60), lie.asset_id, ana.me, ana.me, 9, 0, 0, lie)], 60)
    ben = await town.person("ben")
    await ben.hear_of(lie.asset_id, ana)

    with pytest.raises(Corrupt):
        await members_of(lie.asset_id, ben.library)

    assert await held(ben.journal, lie.asset_id) is None


async def test_a_list_of_broken_length_is_corrupt(town, ana, made):
    ragged = await ana.store.add(one_part(b"x" * 169))
    record = ana.belief.catalog.assets[made.batch]
    card = batching.BatchCard(ana.me, "Ragged", 1, str(ragged.root), "LicenseRef-Thenar")
    stored = await ana.store.add(one_part(card.encode()))
    lie = card.commit(ana.me, record.commitment.plain_root)
    assert stored.root == lie.manifest_cid
    town.tell([f.AssetMinted(at(60), lie.asset_id, ana.me, ana.me, 9, 0, 0, lie)], 60)
    ben = await town.person("ben")
    await ben.hear_of(lie.asset_id, ana)

    with pytest.raises(Corrupt, match="169 bytes"):
        await members_of(lie.asset_id, ben.library)


async def test_an_owner_materialises_a_member_once(ana, made):
    asset, receipt = await materialise(made.batch, 4, ana.library, ana.outbox, ana.me)

    assert ana.belief.catalog.assets[asset].commitment.batch == made.batch
    assert receipt.gas_used >= 0
    assert (await member_at(made.batch, 4, ana.library)).is_materialised
    with pytest.raises(Refused, match="already"):
        await materialise(made.batch, 4, ana.library, ana.outbox, ana.me)


async def test_only_the_owner_materialises(town, ana, made):
    ben = await town.person("ben")
    await ben.hear_of(made.batch, ana)

    with pytest.raises(Refused, match="belongs to"):
        await materialise(made.batch, 0, ben.library, ben.outbox, ben.me)


async def test_a_member_is_bought_and_opened_before_it_has_a_record(town, ana, made):
    await story.offer(ana.trade, made.batch, TermsId(1), Offer(50, 0, 10**9))
    ben = await town.person("ben")
    await ben.hear_of(made.batch, ana)
    member = await member_at(made.batch, 3, ben.library)
    kept = await keep(ben, member.asset)

    sale = await story.buy(ben.trade, Wish(member.asset, leaf=member.leaf))
    await story.deliver_key(ana.trade, sale.deal_id.hex())
    await check_key(ben.trade, sale.deal_id.hex())

    (bought,) = [action for action in ben.outbox.actions if isinstance(action, a.OpenLeaf)]
    assert (bought.order.asset, bought.leaf.index, bought.order.max_price) == (made.batch, 3, 50)
    assert (sale.deal.asset, sale.deal.batch, sale.deal.seller) == (member.asset, made.batch, ana.me)
    key = await bought_key(ben.journal, member.asset)
    assert key_commit(key) == member.leaf.leaf.key_commit
    into = ben.folder / "opened"
    await ben.sealer.open(key, ben.store.read(kept.sealed), expected=sealed_of(kept.description), into=into)
    assert into.read_bytes() == Folder(ana, 5).content(3)


async def test_a_wrong_key_of_a_member_is_disputed_with_its_own_commitment(town, ana, made):
    await story.offer(ana.trade, made.batch, TermsId(1), Offer(50, 0, 10**9))
    ben = await town.person("ben")
    await ben.hear_of(made.batch, ana)
    member = await member_at(made.batch, 1, ben.library)
    sale = await story.buy(ben.trade, Wish(member.asset, leaf=member.leaf))

    await story.deliver_key(replace(ana.trade, wrapper=LyingWrapper(ana.keyring.wrapper())), sale.deal_id.hex())
    await check_key(ben.trade, sale.deal_id.hex())

    (dispute,) = [action for action in ben.outbox.actions if isinstance(action, a.DisputeKey)]
    assert dispute.commitment == member.leaf.leaf
    assert ben.belief.catalog.sales[sale.deal_id].stage is Stage.REFUNDED
