"""Publishing: what is sealed is what is minted, again and again the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio

from thenar.domain import actions as a
from thenar.domain.assets import AssetKind
from thenar.domain.ids import TermsId
from thenar.errors import BadInput, Conflict, Late, Reverted
from thenar.services.publish import CardDraft, Publication, announcement, publish_asset
from thenar.services.records import held, held_assets, own_content

CONTENT = b"weights " * 1000


async def test_publishing_mints_what_was_stored_and_remembers_it(town):
    ana = await town.person("ana")

    made = await ana.publish(CONTENT)

    record = ana.belief.catalog.assets[made.asset]
    assert record.owner == ana.me
    assert record.commitment.manifest_cid == made.manifest
    assert {made.manifest, made.sealed} <= await ana.store.pins()
    assert await held(ana.journal, made.asset) == (made.manifest, made.sealed)
    assert await held_assets(ana.journal) == (made.asset,)
    assert await own_content(ana.journal, made.asset) is not None
    assert made.bytes == len(CONTENT)


async def test_publishing_again_is_the_same_asset_and_costs_nothing(town):
    ana = await town.person("ana")

    first, second = await ana.publish(CONTENT), await ana.publish(CONTENT)

    assert first == second
    assert [type(action) for action in ana.outbox.actions] == [a.MintAsset]


async def test_two_owners_of_one_file_have_two_assets(town):
    ana, ben = await town.person("ana"), await town.person("ben")

    assert (await ana.publish(CONTENT)).asset != (await ben.publish(CONTENT)).asset


async def test_a_crash_before_the_end_is_taken_up_by_publishing_again(town):
    ana = await town.person("ana")
    ana.outbox.crash.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        await ana.publish(CONTENT)

    made = await ana.publish(CONTENT)

    assert list(ana.outbox.receipts.values()) == [made.receipt]


async def test_publishing_again_under_other_terms_is_a_conflict_that_says_what_to_do(town):
    ana = await town.person("ana")
    made = await ana.publish(CONTENT)
    draft = CardDraft(AssetKind.MODEL, "A model", (), "LicenseRef-Thenar", "model.bin")
    other = Publication(ana.folder / "model.bin", draft, AssetKind.MODEL, TermsId(2))

    with pytest.raises(Conflict) as caught:
        await _publish(ana, other)

    assert made.asset in caught.value.message
    assert "license offer" in str(caught.value.next_step)


async def test_a_refused_minting_leaves_no_asset_and_can_be_tried_again(town):
    ana = await town.person("ana")
    ana.outbox.refuse.append(Reverted("no"))
    with pytest.raises(Reverted):
        await ana.publish(CONTENT)
    assert ana.belief.catalog.assets == {}

    made = await ana.publish(CONTENT)

    assert made.asset in ana.belief.catalog.assets


async def test_a_card_that_cannot_be_written_is_refused_before_anything_is_minted(town):
    ana = await town.person("ana")
    (ana.folder / "x").write_bytes(CONTENT)
    draft = CardDraft(AssetKind.MODEL, "\x1b[2J", (), "LicenseRef-Thenar", "x")

    with pytest.raises(BadInput, match="title"):
        await _publish(ana, Publication(ana.folder / "x", draft, AssetKind.MODEL, TermsId(1)))

    assert ana.outbox.actions == []
    assert await ana.store.pins() == frozenset()


async def test_a_chain_that_never_confirms_is_told_as_late(town, autojump_clock):
    ana = await town.person("ana")
    ana.outbox.told.clear()

    with pytest.raises(Late, match="minting"):
        await ana.publish(CONTENT)


async def test_only_what_is_held_is_announced(town):
    ana, ben = await town.person("ana"), await town.person("ben")
    made = await ana.publish(CONTENT)

    told = await announcement(ana.journal, made.asset, ana.peers.addresses)

    assert told is not None
    assert told["sealed"] == str(made.sealed)
    assert await announcement(ben.journal, made.asset, ben.peers.addresses) is None


async def _publish(person, publication: Publication):
    with trio.fail_after(30):
        return await publish_asset(
            replace(publication),
            person.me,
            sealer=person.sealer,
            store=person.store,
            journal=person.journal,
            outbox=person.outbox,
            belief=person.belief,
        )
