"""Looking before paying, with the nodes' own keys, sealers and stores."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace

import pytest

from thenar.demo.mallory import LyingWrapper
from thenar.domain import actions as a
from thenar.domain.keytree import chunk_key
from thenar.domain.openings import CHUNK_BYTES
from thenar.domain.previews import Stage, drawn, number_at, wrapping_context
from thenar.errors import BadInput, NotFound, Refused, Reverted, Unavailable
from thenar.services import preview as story
from thenar.services.ports import Wrapped

PLAIN = random.Random(8).randbytes(11 * CHUNK_BYTES + 500)
FEE = 1_000_000


def viewing(person, **policy):
    return story.Viewing(person.trade, person.store, person.peers, story.Policy(**{"max_share": 0.5} | policy), 10**9)


def subject(found):
    return found.preview_id.hex()


@pytest.fixture
async def ana(town):
    return await town.person("ana")


@pytest.fixture
async def ben(town, ana):
    return await town.person("ben")


@pytest.fixture
async def asset(ana, ben):
    made = await ana.publish(PLAIN)
    await ben.hear_of(made.asset, ana)
    return made.asset


async def ask(town, ben, asset, count=3, fee=FEE):
    found = await story.challenge(viewing(ben), asset, count, fee)
    town.chain.block += 2
    return found


async def test_an_honest_preview_puts_the_drawn_chunks_into_a_folder(town, ana, ben, asset, tmp_path):
    found = await ask(town, ben, asset)
    await story.open_asked(viewing(ana), subject(found))

    await story.check_opened(viewing(ben), subject(found), tmp_path / "seen")

    record = ben.belief.catalog.previews[found.preview_id]
    chunks = drawn(record.opened.seed, record.preview)
    assert {path.name for path in (tmp_path / "seen").iterdir()} == {f"chunk-{chunk:06d}" for chunk in chunks}
    for chunk in chunks:
        part = (tmp_path / "seen" / f"chunk-{chunk:06d}").read_bytes()
        assert part == PLAIN[chunk * CHUNK_BYTES : (chunk + 1) * CHUNK_BYTES]
    assert not [action for action in ben.outbox.actions if isinstance(action, a.DisputePreview)]


async def test_a_false_key_is_shown_to_the_chain(town, ana, ben, asset, tmp_path):
    lying = replace(viewing(ana), trade=replace(ana.trade, wrapper=LyingWrapper(ana.trade.wrapper)))
    found = await ask(town, ben, asset)
    await story.open_asked(lying, subject(found))

    await story.check_opened(viewing(ben), subject(found), tmp_path / "seen")

    (shown,) = [action for action in ben.outbox.actions if isinstance(action, a.DisputePreview)]
    secret = shown.reveal.secret.to_bytes(32, "big")
    context = wrapping_context(found.preview_id, shown.reveal.position)
    wrapped = Wrapped(shown.opened.wrapped[shown.reveal.position], shown.opened.ephemeral_point)
    assert shown.leaf.chunk == number_at(shown.opened.seed, 12, shown.reveal.position)
    assert shown.commitment.asset_id == asset
    root = ana.sealer.root_key(hashlib.sha256(PLAIN).digest())
    handed = ben.trade.wrapper.unwrap(wrapped, secret, context)
    assert handed == bytes(byte ^ 0xFF for byte in chunk_key(root, shown.leaf.chunk, 12))


async def test_nothing_is_asked_without_the_list_of_leaves(ana, ben):
    made = await ana.publish(b"nobody told ben where it is")

    with pytest.raises(Unavailable):
        await story.challenge(viewing(ben), made.asset, 1, FEE)

    assert ben.outbox.actions == []


@pytest.mark.parametrize("count", [0, 13])
async def test_more_than_the_file_has_is_not_asked_for(ben, asset, count):
    with pytest.raises(BadInput, match="12 chunks"):
        await story.challenge(viewing(ben), asset, count, FEE)


async def test_a_free_preview_approves_nothing(town, ben, asset):
    await ask(town, ben, asset, fee=0)

    assert [type(action) for action in ben.outbox.actions] == [a.ChallengePreview]


async def test_every_preview_has_a_key_of_its_own(town, ben, asset):
    first, second = await ask(town, ben, asset), await ask(town, ben, asset)

    assert first.preview.key_x != second.preview.key_x


async def test_a_fee_below_the_policy_opens_nothing(town, ana, ben, asset):
    found = await ask(town, ben, asset)

    with pytest.raises(Refused, match="below"):
        await story.open_asked(viewing(ana, min_fee=FEE + 1), subject(found))


async def test_all_askers_together_see_no_more_than_the_policy_allows(town, ana, ben, asset):
    seller = viewing(ana, max_share=0.34)  # four of twelve chunks
    for _ in range(40):
        found = await ask(town, ben, asset, count=1)
        try:
            await story.open_asked(seller, subject(found))
        except Refused:
            continue

    opened = [action for action in ana.outbox.actions if isinstance(action, a.OpenPreview)]
    seen = {chunk for action in opened for chunk in drawn(action.opened.seed, action.preview)}
    assert len(seen) == 4


async def test_nobody_opens_without_the_key(town, ana, ben, asset):
    found = await ask(town, ben, asset)

    with pytest.raises(Refused, match="no key"):
        await story.open_asked(viewing(ben), subject(found))


async def test_a_seller_waits_for_the_drawing_block(town, ana, ben, asset):
    found = await story.challenge(viewing(ben), asset, 2, FEE)
    town.chain.block = found.preview.asked_in

    with pytest.raises(Unavailable):
        await story.open_asked(viewing(ana), subject(found))


async def test_chunks_drawn_anew_by_a_reorganisation_are_opened_later(town, ana, ben, asset):
    found = await ask(town, ben, asset)
    ana.outbox.refuse.append(Reverted("stale", name="PreviewDesk_WrongSeed"))

    with pytest.raises(Unavailable, match="reorganised"):
        await story.open_asked(viewing(ana), subject(found))


async def test_a_seller_tries_again_while_the_chain_does_not_look_back_to_the_drawing_block(town, ana, ben, asset):
    found = await ask(town, ben, asset)
    ana.outbox.refuse += [Reverted("no seed", name="PreviewDesk_NoSeed")] * 2

    with pytest.raises(Unavailable, match="not one the chain looks back to yet"):
        await story.open_asked(viewing(ana), subject(found))
    town.chain.block = found.preview.asked_in + 258
    with pytest.raises(Reverted):
        await story.open_asked(viewing(ana), subject(found))


async def test_a_fee_comes_back_only_when_nobody_can_open_any_more(town, ben, asset):
    found = await ask(town, ben, asset)
    town.chain.block = found.preview.asked_in + 257

    with pytest.raises(Unavailable, match="until block"):
        await story.expire_asked(viewing(ben), subject(found))
    town.chain.block += 1
    await story.expire_asked(viewing(ben), subject(found))

    assert ben.belief.catalog.previews[found.preview_id].stage is Stage.NONE


async def test_a_seller_closes_and_whatever_is_over_is_left_alone(town, ana, ben, asset, tmp_path):
    found = await ask(town, ben, asset)
    await story.open_asked(viewing(ana), subject(found))
    await story.close_opened(viewing(ana), subject(found))
    sent = len(ana.outbox.actions), len(ben.outbox.actions)

    await story.close_opened(viewing(ana), subject(found))
    await story.open_asked(viewing(ana), subject(found))
    await story.expire_asked(viewing(ben), subject(found))
    await story.check_opened(viewing(ben), subject(found), tmp_path / "seen")

    assert (len(ana.outbox.actions), len(ben.outbox.actions)) == sent


async def test_an_exit_somebody_took_first_waits_until_that_is_seen(town, ana, ben, asset):
    found = await ask(town, ben, asset)
    await story.open_asked(viewing(ana), subject(found))
    ana.outbox.refuse.append(Reverted("over", name="PreviewDesk_WrongStage"))

    with pytest.raises(Unavailable):
        await story.close_opened(viewing(ana), subject(found))


async def test_another_nodes_preview_is_not_checked_here(town, ana, ben, asset, tmp_path):
    found = await ask(town, ben, asset)
    await story.open_asked(viewing(ana), subject(found))

    with pytest.raises(Refused, match="one-time key"):
        await story.check_opened(viewing(ana), subject(found), tmp_path / "seen")


async def test_an_unknown_preview_is_told(ben):
    with pytest.raises(NotFound, match="no preview"):
        await story.open_asked(viewing(ben), "00" * 32)
