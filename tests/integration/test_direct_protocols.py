"""Manifests, segments, sketches and keys between real peers, and what liars among them achieve."""

from __future__ import annotations

import hashlib
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from chain_facts import at
from p2p_peers import MemoryBlocks, peer, seed
from town import Person, open_town

from thenar.adapters.vault.keyring import signer_of
from thenar.domain import facts as f
from thenar.domain import protocols
from thenar.domain.assets import Purpose, Terms
from thenar.domain.ids import Cid, TermsId
from thenar.domain.keytree import key_commit
from thenar.domain.leaves import LEAF_BYTES
from thenar.domain.licenses import FOREVER, Grant
from thenar.domain.sketch import sketch_of
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Unavailable
from thenar.services import answer as answering
from thenar.services.answer import Answers
from thenar.services.ask import ask_key, ask_manifest, ask_segment, ask_sketch
from thenar.services.keep import fetch_description, keep_asset
from thenar.services.records import bought_key, held, outline_of

CONTENT = hashlib.shake_256(b"a grasp").digest(700_000)
LIMIT = 10**9


class Meeting:
    """People of a town with real peers that know each other."""

    def __init__(self, town, stack: AsyncExitStack) -> None:
        self.town, self.stack = town, stack
        self.registered = True

    async def person(self, name: str) -> Person:
        made = await self.town.person(name)
        made.peers = await self.stack.enter_async_context(peer(name, store=made.store))
        self.town.stores[made.peers.me] = made.store
        self.serve(made)
        for other in self.town.people[:-1]:
            await made.peers.dial(other.peers.addresses[0])
        return made

    def serve(self, made: Person, *, deep: int = 0) -> None:
        answers = Answers(made.trade, made.store, made.peers.me, lambda _: self.registered, signer_of, deep)
        for protocol, answer in answers.by_protocol.items():
            made.peers.serve(protocol, answer)


@pytest.fixture
async def meeting(tmp_path):
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(open_town(tmp_path))
        opened = Meeting(town, stack)
        for name in ("ana", "ben", "eve"):
            await opened.person(name)
        yield opened


@pytest.fixture
def ana(meeting):
    return meeting.town.people[0]


@pytest.fixture
def ben(meeting):
    return meeting.town.people[1]


@pytest.fixture
def eve(meeting):
    return meeting.town.people[2]


@pytest.fixture
async def made(ana, ben):
    published = await ana.publish(CONTENT)
    await ben.hear_of(published.asset, ana)
    return published


def commitment_of(person, asset):
    return person.belief.catalog.assets[asset].commitment


async def keep(person, asset):
    return await keep_asset(
        asset, journal=person.journal, store=person.store, peers=person.peers, belief=person.belief, limit=LIMIT
    )


async def license_to(meeting, who, asset, *, terms: Terms | None = None, block: int = 50):
    number = TermsId(1)
    facts: list[f.Fact] = []
    if terms is not None:
        number = TermsId(77)
        facts.append(f.TermsWritten(at(block), number, bytes(32), terms))
    given = Grant(FOREVER, 0, number, 1)
    meeting.town.chain.block = max(block, meeting.town.chain.block)
    meeting.town.tell([*facts, f.LicenseGranted(at(block, 1), asset, who.me, given)], block)


async def test_a_manifest_comes_in_one_answer_and_is_the_one_minted(ana, ben, made):
    data = await ask_manifest(ben.peers, ana.peers.me, commitment_of(ben, made.asset))

    assert data == b"".join([part async for part in ana.store.read(made.manifest)])


async def test_what_is_not_held_is_not_answered(ana, ben, made):
    commitment = commitment_of(ben, made.asset)

    with pytest.raises(NotFound, match="not held"):
        await ask_manifest(ana.peers, ben.peers.me, commitment)
    with pytest.raises(NotFound, match="not held"):
        await ask_segment(ana.peers, ben.peers.me, commitment, 0, 1)
    with pytest.raises(NotFound, match="no asset"):
        await ask_sketch(ben.peers, ana.peers.me, "0x" + "12" * 32)


@pytest.mark.parametrize(("first", "count"), [(0, 1), (3, 300), (255, 2), (500, 184), (0, 684)])
async def test_any_run_of_sealed_leaves_is_proved(ana, ben, made, first, count):
    sealed = b"".join([part async for part in ana.store.read(made.sealed)])

    segment = await ask_segment(ben.peers, ana.peers.me, commitment_of(ben, made.asset), first, count)

    assert segment.data == sealed[first * LEAF_BYTES : (first + count) * LEAF_BYTES]
    assert segment.size == -(-len(sealed) // LEAF_BYTES) == 684
    assert await outline_of(ana.journal, made.asset) is not None


async def test_a_run_outside_the_file_is_refused(ana, ben, made):
    with pytest.raises(BadInput, match="684 leaves"):
        await ask_segment(ben.peers, ana.peers.me, commitment_of(ben, made.asset), 684, 1)


async def test_strangers_get_manifests_but_no_segments(meeting, ana, ben, made):
    meeting.registered = False

    with pytest.raises(Refused, match="registered"):
        await ask_segment(ben.peers, ana.peers.me, commitment_of(ben, made.asset), 0, 1)
    assert await ask_manifest(ben.peers, ana.peers.me, commitment_of(ben, made.asset))
    assert (await keep(ben, made.asset)).sealed == made.sealed


async def test_a_file_too_large_to_read_through_is_fetched_as_blocks(ana, ben, made, monkeypatch):
    monkeypatch.setattr(answering, "OUTLINED", 100_000)

    with pytest.raises(Refused, match="too large"):
        await ask_segment(ben.peers, ana.peers.me, commitment_of(ben, made.asset), 0, 1)
    assert (await keep(ben, made.asset)).sealed == made.sealed


async def test_a_sketch_is_what_the_description_says(ana, ben, made):
    told = await ask_sketch(ben.peers, ana.peers.me, made.asset)
    description = await fetch_description(commitment_of(ana, made.asset), store=ana.store)

    assert told == sketch_of(made.asset, description)
    assert (told.kind, told.what, told.bytes) == ("model", "A model", len(CONTENT))


async def test_a_small_asset_is_kept_without_a_block_of_it_but_the_list_of_its_leaves(meeting, ana, ben, made):
    description = await fetch_description(commitment_of(ana, made.asset), store=ana.store)
    listed = b"".join([part async for part in ana.store.read(Cid.parse(description.enc.leaves))])
    meeting.town.stores.clear()
    meeting.town.stores[ana.peers.me] = MemoryBlocks(listed)

    kept = await keep(ben, made.asset)

    assert (kept.manifest, kept.sealed) == (made.manifest, made.sealed)
    assert {made.manifest, made.sealed} <= await ben.store.pins()
    assert await held(ben.journal, made.asset) == (made.manifest, made.sealed)


async def test_a_liars_answers_are_passed_over_and_blocks_fetched(ana, ben, made):
    async def lie(_, request):
        if "count" in request:
            return protocols.spell(protocols.SegmentAnswer(protocols.to_text(bytes(LEAF_BYTES)), 684, ""))
        return protocols.spell(protocols.ManifestAnswer(protocols.to_text(b"{}")))

    for protocol in (protocols.MANIFEST, protocols.SEGMENTS):
        ana.peers.serve(protocol, lie)

    with pytest.raises(Corrupt, match="another description"):
        await ask_manifest(ben.peers, ana.peers.me, commitment_of(ben, made.asset))
    with pytest.raises(Corrupt, match="cipher root"):
        await ask_segment(ben.peers, ana.peers.me, commitment_of(ben, made.asset), 0, 1)
    assert (await keep(ben, made.asset)).sealed == made.sealed


async def test_a_licensee_is_given_the_key_and_keeps_it(meeting, ana, ben, made):
    await license_to(meeting, ben, made.asset)

    key = await ask_key(ben.trade, ben.peers, ben.keyring, made.asset, [ana.peers.me])

    assert key_commit(key) == commitment_of(ben, made.asset).key_commit
    assert await bought_key(ben.journal, made.asset) == key


async def test_a_new_owner_is_given_the_key_by_the_author(meeting, ana, ben, made):
    meeting.town.tell([f.Transfer(at(5), ana.me, ben.me, made.asset)], 60)

    assert await ask_key(ben.trade, ben.peers, ben.keyring, made.asset, [ana.peers.me])


async def asked(asker, answerer, asset, **changes):
    """A key request made by hand, fields replaced after signing."""
    point = bytes.fromhex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798") + bytes.fromhex(
        "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
    )
    now = (await asker.trade.chain.head()).timestamp + changes.pop("late", 0)
    chain = asker.trade.chain.chain_id
    digest = protocols.key_digest(
        asset, asker.me, point, now, chain=chain, asker=asker.peers.me, answerer=answerer.peers.me
    )
    request = protocols.KeyRequest(asset, asker.me, point.hex(), now, asker.keyring.sign_digest(digest).hex())
    return await asker.peers.ask(answerer.peers.me, protocols.KEY, protocols.spell(replace(request, **changes)))


async def test_nobody_gets_a_key_without_a_license_or_in_anothers_name(meeting, ana, ben, eve, made):
    with pytest.raises(Refused, match="no license"):
        await asked(ben, ana, made.asset)
    await license_to(meeting, ben, made.asset)

    assert await asked(ben, ana, made.asset)
    with pytest.raises(Refused, match="not signed by"):
        await asked(eve, ana, made.asset, account=ben.me)
    with pytest.raises(Refused, match="not signed by"):
        await asked(ben, ana, made.asset, key=seed("other").hex() * 2)
    with pytest.raises(Refused, match="not of now"):
        await asked(ben, ana, made.asset, late=301)
    with pytest.raises(BadInput):
        await asked(ben, ana, made.asset, signature="ff" * 65)


async def test_a_license_only_to_compute_opens_nothing(meeting, ana, ben, made):
    await license_to(meeting, ben, made.asset, terms=Terms(Purpose.COMPUTE_ONLY, 0, 0, 0, 0))

    with pytest.raises(Refused, match="no license"):
        await asked(ben, ana, made.asset)


async def test_an_ended_license_opens_nothing(meeting, ana, ben, made):
    await license_to(meeting, ben, made.asset)
    meeting.town.tell([f.ConsentChanged(at(70), made.asset, 1, 1_000, bytes(32))], 70)

    with pytest.raises(Unavailable, match="nobody who knows the key"):
        await ask_key(ben.trade, ben.peers, ben.keyring, made.asset, [ana.peers.me])


async def test_a_key_waits_until_its_license_stands_deep_enough(meeting, ana, ben, made):
    meeting.serve(ana, deep=3)
    await license_to(meeting, ben, made.asset, block=meeting.town.chain.block)

    with pytest.raises(Unavailable, match="3 blocks later"):
        await asked(ben, ana, made.asset)
    meeting.town.chain.block += 3

    assert await asked(ben, ana, made.asset)


async def test_who_only_bought_a_key_does_not_hand_it_on(meeting, ana, ben, eve, made):
    for who in (ben, eve):
        await license_to(meeting, who, made.asset)
    await ask_key(ben.trade, ben.peers, ben.keyring, made.asset, [ana.peers.me])

    with pytest.raises(NotFound, match="no key"):
        await asked(eve, ben, made.asset)


async def test_a_wrong_key_is_not_kept(meeting, ana, ben, made):
    await license_to(meeting, ben, made.asset)

    async def lie(_, request):
        wrapped = ana.trade.wrapper.wrap(bytes(32), bytes.fromhex(request["key"]), bytes(32))
        return protocols.spell(protocols.KeyAnswer(wrapped.blob.hex(), wrapped.ephemeral.hex()))

    ana.peers.serve(protocols.KEY, lie)

    with pytest.raises(Unavailable):
        await ask_key(ben.trade, ben.peers, ben.keyring, made.asset, [ana.peers.me])
    assert await bought_key(ben.journal, made.asset) is None
