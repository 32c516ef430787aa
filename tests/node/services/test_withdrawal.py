"""Consent taken back: keys go with the last asset that needs them, copies with the last that names them."""

from __future__ import annotations

import pytest
from folders import Folder

from thenar.domain.actions import RevokeAll
from thenar.domain.duties import Duty, DutyKind
from thenar.domain.exclusion import Chunks, Exclusion
from thenar.domain.ids import AssetId, TermsId
from thenar.domain.licenses import Offer
from thenar.errors import NotFound, Refused
from thenar.services.batching import materialise
from thenar.services.consent import exclusion_of, revoke_all
from thenar.services.keep import keep_asset
from thenar.services.licensing import offer
from thenar.services.records import held, key_held, own_content
from thenar.services.storing.keeping import Stock
from thenar.services.withdrawal import drop_copy, is_withdrawn, withdraw


@pytest.fixture
async def ana(town):
    return await town.person("ana")


@pytest.fixture
async def ben(town, ana):
    return await town.person("ben")


def revocations(person) -> int:
    return sum(isinstance(action, RevokeAll) for action in person.outbox.actions)


async def key_of(person, asset: AssetId) -> bytes | None:
    return await key_held(person.journal, person.sealer, asset)


async def keep(person, asset: AssetId) -> None:
    parts = {"journal": person.journal, "store": person.store, "peers": person.peers, "belief": person.belief}
    await keep_asset(asset, **parts, limit=1 << 30)


def stock_of(person) -> Stock:
    return Stock(person.trade, person.store, person.peers, 1 << 24)


async def test_a_withdrawn_file_can_be_published_again_as_another_asset(ana):
    first = await ana.publish(b"what was felt " * 100)

    done = await withdraw(ana.trade, ana.store, first.asset)
    again = await ana.publish(b"what was felt " * 100)

    assert (done.keys, done.files, done.shared) == (1, 3, ())
    assert done.freed > 1_400
    assert again.asset != first.asset
    assert await held(ana.journal, first.asset) is None
    assert await key_of(ana, again.asset) is not None


async def test_withdrawing_again_sends_and_destroys_nothing(ana):
    made = await ana.publish(b"what was felt")
    await withdraw(ana.trade, ana.store, made.asset)

    again = await withdraw(ana.trade, ana.store, made.asset)

    assert (again.keys, again.files, again.receipt, revocations(ana)) == (0, 0, None, 1)


async def test_what_a_crash_left_undone_is_done_the_next_time(ana):
    made = await ana.publish(b"what was felt")
    ana.outbox.crash.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        await withdraw(ana.trade, ana.store, made.asset)
    assert await key_of(ana, made.asset) is not None

    done = await withdraw(ana.trade, ana.store, made.asset)

    assert (done.keys, revocations(ana)) == (1, 1)
    with pytest.raises(Refused):
        ana.sealer.root_key(bytes.fromhex(made.sha256))


async def test_assets_of_the_same_bytes_lose_their_key_with_the_last_of_them(ana):
    one = await ana.publish(b"the same bytes", "one.bin")
    two = await ana.publish(b"the same bytes", "two.bin")

    first = await withdraw(ana.trade, ana.store, one.asset)
    kept = await key_of(ana, two.asset)
    last = await withdraw(ana.trade, ana.store, two.asset)

    assert (first.keys, first.shared, kept is not None) == (0, (two.asset,), True)
    assert first.files == 1  # the description alone: the sealed file and its leaves are the other's too
    assert (last.keys, last.files) == (1, 2 + 1)


async def test_a_batch_is_withdrawn_with_every_member_that_has_no_record_of_its_own(ana):
    folder = Folder(ana, 4)
    batch = (await folder.commit()).batch
    free, _ = await materialise(batch, 2, ana.library, ana.outbox, ana.me)

    done = await withdraw(ana.trade, ana.store, batch)

    assert done.keys == 3
    assert await key_of(ana, free) is not None
    assert await held(ana.journal, free) is not None
    again = await Folder(ana, 4).commit()
    assert again.batch != batch  # sealed anew, but for the one that was not withdrawn


async def test_only_the_owner_withdraws(ana, ben):
    made = await ana.publish(b"what was felt")

    with pytest.raises(Refused, match="belongs to"):
        await withdraw(ben.trade, ben.store, made.asset)
    with pytest.raises(NotFound):
        await withdraw(ben.trade, ben.store, AssetId("0x" + "12" * 32))


async def test_a_keeper_drops_its_copy_unless_consent_came_back(town, ana, ben):
    made = await ana.publish(b"what was felt " * 100)
    await ben.hear_of(made.asset, ana)
    await keep(ben, made.asset)
    duty = Duty(DutyKind.DROP_COPY, f"{made.asset}/1", 5)
    await revoke_all(ana.trade, ana.store, made.asset)
    await offer(ana.trade, made.asset, TermsId(1), Offer(1, 0, 10**9))

    await drop_copy(stock_of(ben), ben.folder / "opened", duty)
    assert await held(ben.journal, made.asset) is not None

    await revoke_all(ana.trade, ana.store, made.asset)
    await drop_copy(stock_of(ben), ben.folder / "opened", duty)
    assert await held(ben.journal, made.asset) is None
    assert made.manifest not in await ben.store.pins()
    assert is_withdrawn(ben.belief.catalog, made.asset)


async def test_an_author_who_handed_an_asset_on_loses_its_key_when_the_new_owner_withdraws(ana, ben):
    made = await ana.publish(b"what was felt")
    for person in (ana, ben):
        person.belief.catalog.assets[made.asset].owner = ben.me
    await withdraw(ben.trade, ben.store, made.asset)

    await drop_copy(stock_of(ana), ana.folder / "opened", Duty(DutyKind.DROP_COPY, f"{made.asset}/1", 5))

    assert await own_content(ana.journal, made.asset) is None
    with pytest.raises(Refused):
        ana.sealer.root_key(bytes.fromhex(made.sha256))


async def test_what_is_left_out_in_part_is_published_under_its_root(ana, ben):
    made = await ana.publish(b"what was felt " * 100)
    listed = Exclusion(made.asset, (Chunks(0, 0),))

    await revoke_all(ana.trade, ana.store, made.asset, listed)

    record = ana.belief.catalog.assets[made.asset]
    assert record.exclusion_root == listed.root
    assert await exclusion_of(ben.store, record.exclusion_root, [ana.peers.me]) == listed
    assert await exclusion_of(ben.store, b"\x07" * 32, [ana.peers.me]) is None
    assert not is_withdrawn(ana.belief.catalog, made.asset)
