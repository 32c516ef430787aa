"""Copies of other people's assets: only what the chain commits to is kept, and nobody can make a node give up."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio
from chain_facts import at

from thenar.domain import facts as f
from thenar.domain.ids import PeerId
from thenar.domain.keccak import keccak256
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Unavailable
from thenar.services.keep import keep_asset
from thenar.services.listen import ANSWER_EVERY, EARLY_KEPT, MAX_ADDRESSES, MAX_SOURCES, Listener, announce_held
from thenar.services.ports import Heard, one_part
from thenar.services.records import Source, held, sources

CONTENT = b"sealed and shared " * 5_000
LIMIT = 10**9


@pytest.fixture
async def ana(town):
    return await town.person("ana")


@pytest.fixture
async def ben(town, ana):
    return await town.person("ben")


@pytest.fixture
async def made(ana):
    return await ana.publish(CONTENT)


async def keep(person, asset, limit=LIMIT):
    return await keep_asset(
        asset,
        journal=person.journal,
        store=person.store,
        peers=person.peers,
        belief=person.belief,
        limit=limit,
    )


async def listener_of(person) -> Listener:
    return Listener(person.journal, person.peers, person.belief)


async def test_what_was_announced_is_fetched_checked_pinned_and_remembered(ana, ben, made):
    await ben.hear_of(made.asset, ana)

    kept = await keep(ben, made.asset)

    assert (kept.manifest, kept.sealed) == (made.manifest, made.sealed)
    assert {made.manifest, made.sealed} <= await ben.store.pins()
    assert await held(ben.journal, made.asset) == (made.manifest, made.sealed)
    assert ben.peers.learned[ana.peers.me] == ana.peers.addresses


async def test_keeping_again_asks_nobody(ana, ben, made, town):
    await ben.hear_of(made.asset, ana)
    await keep(ben, made.asset)
    town.stores.clear()

    assert (await keep(ben, made.asset)).sealed == made.sealed


async def test_an_asset_nobody_announced_is_asked_for(ben, made):
    with pytest.raises(Unavailable, match="nobody"):
        await keep(ben, made.asset)

    assert ben.peers.announced == [("want", {"asset": made.asset})]


async def test_who_announces_what_he_does_not_have_only_delays(ana, ben, made, town):
    liar = await town.person("liar")
    await ben.hear_of(made.asset, liar)

    with pytest.raises(Unavailable):
        await keep(ben, made.asset)
    assert ben.peers.announced[-1] == ("want", {"asset": made.asset})

    await ben.hear_of(made.asset, ana)
    assert (await keep(ben, made.asset)).sealed == made.sealed


async def test_an_unknown_asset_is_not_found(ben):
    with pytest.raises(NotFound):
        await keep(ben, "0x" + "12" * 32)


async def test_an_asset_above_the_limit_is_refused_before_its_file_is_fetched(ana, ben, made):
    await ben.hear_of(made.asset, ana)

    with pytest.raises(Refused, match="at most"):
        await keep(ben, made.asset, limit=len(CONTENT) - 1)

    assert made.sealed not in await ben.store.pins()


async def mint_otherwise(town, ana, made, **changes: object) -> str:
    """Mint an asset that commits to something its description does not say; its id."""
    commitment = replace(ana.belief.catalog.assets[made.asset].commitment, **changes)
    town.tell([f.AssetMinted(at(50), commitment.asset_id, ana.me, ana.me, 9, 1, 0, commitment)], 50)
    return commitment.asset_id


@pytest.mark.parametrize("part", ["size", "cipher_root", "plain_root", "key_commit", "manifest_hash"])
async def test_a_description_that_differs_from_the_commitment_is_corrupt(town, ana, ben, made, part):
    asset = await mint_otherwise(town, ana, made, **{part: 0 if part == "size" else bytes(32)})
    await ben.hear_of(asset, ana)

    with pytest.raises(Corrupt):
        await keep(ben, asset)

    assert await held(ben.journal, asset) is None


async def test_a_manifest_that_is_no_manifest_is_refused(town, ana, ben, made):
    junk = await ana.store.add(one_part(b'{"schema":"thenar.else/1"}'))
    asset = await mint_otherwise(town, ana, made, manifest_digest=junk.root.digest)
    await ben.hear_of(asset, ana)

    with pytest.raises(BadInput):
        await keep(ben, asset)


async def test_sealed_bytes_with_another_root_are_not_kept(town, ana, ben, made):
    """The description names other bytes than the root it states: its author lies about his own asset."""
    other = await ana.store.add(one_part(b"other bytes " * 30_000))
    path = ana.folder / "lie"
    text = b"".join([part async for part in ana.store.read(made.manifest)]).decode()
    path.write_text(text.replace(str(made.sealed), str(other.root)))
    lying = await ana.store.add(one_part(path.read_bytes()))
    asset = await mint_otherwise(
        town, ana, made, manifest_digest=lying.root.digest, manifest_hash=keccak256(path.read_bytes())
    )
    await ben.hear_of(asset, ana)

    with pytest.raises(Corrupt, match="does not hash"):
        await keep(ben, asset)

    assert other.root not in await ben.store.pins()
    assert await held(ben.journal, asset) is None


async def test_listening_remembers_who_holds_what(ana, ben, made):
    listener = await listener_of(ben)

    await listener.take(Heard(ana.peers.me, "announcement", {"asset": made.asset, "addresses": ["/ip4/1.2.3.4/tcp/1"]}))

    assert await sources(ben.journal, made.asset) == (Source(ana.peers.me, ("/ip4/1.2.3.4/tcp/1",)),)
    assert ana.peers.me in ben.peers.learned


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"asset": 5},
        {"asset": "0x12"},
        {"asset": "0x" + "34" * 32, "addresses": ["/ip4/1.2.3.4/tcp/1"]},
        {"asset": None, "addresses": None},
        {"asset": "THE ONE", "addresses": ["not an address"]},
        {"asset": "THE ONE", "addresses": ["/ip4/1.1.1.1/tcp/1", "http://evil"]},
    ],
)
async def test_listening_ignores_junk(ben, made, body):
    if body.get("asset") == "THE ONE":
        body = {**body, "asset": made.asset}
    listener = await listener_of(ben)

    for kind in ("announcement", "want", "offer", "nonsense"):
        await listener.take(Heard(PeerId("mallory"), kind, body))

    assert await ben.journal.names("source/") == []
    assert ben.peers.announced == []


async def test_an_announcement_ahead_of_the_chain_counts_once_its_asset_is_confirmed(ana, ben, made):
    listener = await listener_of(ben)
    record = ben.belief.catalog.assets.pop(made.asset)
    await listener.take(Heard(ana.peers.me, "announcement", {"asset": made.asset, "addresses": ["/ip4/1.2.3.4/tcp/1"]}))
    await listener.take_early()
    too_soon = await sources(ben.journal, made.asset)

    ben.belief.catalog.assets[made.asset] = record
    await listener.take_early()

    assert too_soon == ()
    assert [source.peer for source in await sources(ben.journal, made.asset)] == [ana.peers.me]


async def test_announcements_ahead_of_the_chain_are_kept_within_bounds(ben):
    listener = await listener_of(ben)

    for number in range(EARLY_KEPT + 10):
        await listener.take(Heard(PeerId("mallory"), "announcement", {"asset": f"0x{number:064x}", "addresses": []}))

    assert len(listener._early) == EARLY_KEPT


async def test_holders_and_their_addresses_are_remembered_within_bounds(ben, made):
    listener = await listener_of(ben)
    many = [f"/ip4/10.0.0.{number}/tcp/1" for number in range(40)] + ["/ip4/" + "9" * 5_000, 7]

    for number in range(MAX_SOURCES + 5):
        await listener.take(Heard(PeerId(f"p{number}"), "announcement", {"asset": made.asset, "addresses": many}))
    await listener.take(Heard(PeerId("p0"), "announcement", {"asset": made.asset, "addresses": many[:1]}))

    known = await sources(ben.journal, made.asset)
    assert len(known) == MAX_SOURCES
    assert all(len(source.addresses) <= MAX_ADDRESSES for source in known)
    assert Source(PeerId("p0"), tuple(many[:1])) in known


async def test_what_is_announced_again_is_not_written_again(ben, made, monkeypatch):
    listener = await listener_of(ben)
    written: list[str] = []
    put = ben.journal.put

    async def count(name: str, value: bytes) -> None:
        written.append(name)
        await put(name, value)

    monkeypatch.setattr(ben.journal, "put", count)
    for address in ("/ip4/1.2.3.4/tcp/1", "/ip4/1.2.3.4/tcp/1", "/ip4/1.2.3.4/tcp/2"):
        await listener.take(Heard(PeerId("p0"), "announcement", {"asset": made.asset, "addresses": [address]}))

    assert written == [f"source/{made.asset}/p0"] * 2
    assert await sources(ben.journal, made.asset) == (Source(PeerId("p0"), ("/ip4/1.2.3.4/tcp/2",)),)


async def test_who_holds_an_asset_answers_a_want_but_not_every_second(ana, made, autojump_clock):
    listener = await listener_of(ana)
    want = Heard(PeerId("ben"), "want", {"asset": made.asset})

    for _ in range(5):
        await listener.take(want)

    assert [kind for kind, _ in ana.peers.announced] == ["announcement"]
    assert ana.peers.announced[0][1]["sealed"] == str(made.sealed)


async def test_who_does_not_hold_it_keeps_quiet(ben, made):
    await (await listener_of(ben)).take(Heard(PeerId("ana"), "want", {"asset": made.asset}))

    assert ben.peers.announced == []


async def test_everything_held_is_told_again(ana, ben, made):
    await ben.hear_of(made.asset, ana)
    await keep(ben, made.asset)

    assert await announce_held(journal=ana.journal, peers=ana.peers) == 1
    assert await announce_held(journal=ben.journal, peers=ben.peers) == 1
    assert ben.peers.announced[-1][1]["asset"] == made.asset


async def test_a_node_that_says_where_it_is_is_remembered_and_answered_once(ben, autojump_clock):
    listener = await listener_of(ben)
    ana, chidi = PeerId("ana"), PeerId("chidi")
    where = {"addresses": ["/ip4/1.2.3.4/tcp/1"]}

    await listener.take(Heard(ana, "presence", where))
    await listener.take(Heard(ana, "presence", where))
    await listener.take(Heard(chidi, "presence", where))  # too soon after the answer to ana
    assert [kind for kind, _ in ben.peers.announced] == ["presence"]
    await trio.sleep(ANSWER_EVERY)
    await listener.take(Heard(chidi, "presence", where))
    await listener.take(Heard(PeerId("mallory"), "presence", {"addresses": ["http://evil"]}))

    assert set(ben.peers.learned) == {ana, chidi}
    assert ben.peers.announced == [("presence", {"addresses": list(ben.peers.addresses)})] * 2
