"""Sealed sketches: opened by the jury that votes and nobody else, the same for all of it, and a copy is found out."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from coincurve import PrivateKey
from fakes import FakeChain
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_rooms import room, scan
from labelled_scans import SPATIAL_COPIES
from skin import palm

from thenar.adapters.vault.keyring import signer_of
from thenar.adapters.vault.parcels import Parcels
from thenar.adapters.vault.wrap import EcdhWrapper
from thenar.domain.bounty.answers import NOBODY, AnswerStage, Charge, Shown, answer_id
from thenar.domain.bounty.sealed import JURY_KEY, PADDING, SealedNote, compared, forms_of, pack, unpack
from thenar.domain.catalog import AnswerRecord, Catalog
from thenar.domain.ids import RAW, Address, AskId, AssetId, Cid, DisputeId, PeerId
from thenar.domain.keccak import keccak256
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.report import Verdict
from thenar.domain.scoring.signals import Recorded, Signal
from thenar.domain.work.disputes import Phase
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Unavailable
from thenar.services.bounty import checking, sealing
from thenar.services.bounty.desk import BountyDesk

NOW, VOTE_BY = 5_000, 6_200
OLD, NEW = answer_id(AskId(1), 0), answer_id(AskId(1), 1)
ASSETS = {OLD: AssetId("0x" + "01" * 32), NEW: AssetId("0x" + "02" * 32)}
CASE = DisputeId(7)


def touch(seed: int, change=lambda rows: rows) -> Recorded:
    rows = change(palm(seed).readings[:3_000])
    signal = Signal(
        name="palm", kind="force", units="N", scale=Fraction(1, 1_000), values=rows, times=None,
        count=rows.shape[1], axes=1, zero_offset=0, rate_mhz=100_000,
    )  # fmt: skip
    return Recorded("tactile", (signal,))


@pytest.fixture(scope="module")
def ana():
    return forms_of(touch(1))


@pytest.fixture(scope="module")
def stolen():
    """Ana's touch, cut and played backwards."""
    return forms_of(touch(1, lambda rows: np.ascontiguousarray(rows[400:2_600][::-1])))


@pytest.fixture(scope="module")
def ben():
    return forms_of(touch(2))


class Shelf:
    """Every node's files; ``bring`` gives whatever anybody stored."""

    def __init__(self, kept: dict, peers) -> None:
        self.kept, self.peers, self.store = kept, peers, self

    async def add(self, parts):
        data = b"".join([part async for part in parts])
        root = Cid.of(RAW, hashlib.sha256(data).digest())
        self.kept[root] = data
        return SimpleNamespace(root=root)

    async def bring(self, cid, holders, limit):
        if cid not in self.kept:
            raise Unavailable(f"nobody gives {cid}")
        return self.kept[cid]


class Line:
    """Peers that ask each other directly; who is away does not answer."""

    def __init__(self, me: str, desks: dict) -> None:
        self.me, self.desks = PeerId(me), desks

    async def ask(self, peer, protocol, request):
        assert protocol == JURY_KEY
        desk = self.desks.get(peer)
        if desk is None:
            raise Unavailable("away")
        return await sealing.tell_key(desk, self.me, request)


class Town:
    """Ana and Mallory answered, Jon and Joy sit on the jury, and Eve would like to know."""

    def __init__(self) -> None:
        self.catalog, self.kept, self.online = Catalog(), {}, {}
        ask = SimpleNamespace(modality=2, modality_name="tactile", place_class=0, place_name="", area=0)
        self.catalog.asks[AskId(1)] = SimpleNamespace(ask=ask)
        self.chain = FakeChain(timestamp=NOW)
        self.desks = {name: self.desk(name) for name in ("ana", "mallory", "jon", "joy", "eve")}
        for number, who in ((OLD, "ana"), (NEW, "mallory")):
            record = AnswerRecord(number, self.desks[who].trade.me, bytes(32), 1, 100, 9_000, None)
            record.stage = AnswerStage.REVEALED
            self.catalog.answers[number] = record
        panel = SimpleNamespace(members=(self.me("jon"), self.me("joy")), commit_until=VOTE_BY)
        case = SimpleNamespace(id=CASE, answer=NEW, phase=Phase.VOTING, round=0, panels={0: panel})
        self.catalog.cases[CASE] = self.case = case

    def me(self, name):
        return self.desks[name].trade.me

    def desk(self, name) -> BountyDesk:
        key = PrivateKey(keccak256(name.encode()))
        account = Address("0x" + keccak256(key.public_key.format(compressed=False)[1:])[12:].hex())
        wrapper = EcdhWrapper(keccak256(b"wrap" + name.encode()))
        belief = SimpleNamespace(catalog=self.catalog)
        trade = SimpleNamespace(me=account, chain=self.chain, wrapper=wrapper, belief=belief)

        def sign(digest):
            made = key.sign_recoverable(digest, hasher=None)
            return made[:64] + bytes([made[64] + 27])

        peer = PeerId(f"peer of {name}")
        files = Shelf(self.kept, Line(peer, self.online))
        made = BountyDesk(
            trade=trade,
            files=files,
            answer_bond=1,
            challenge_bond=1,
            accusation_bond=1,
            beacon_every=16,
            keyring=SimpleNamespace(sign_digest=sign),
            parcels=Parcels(wrapper),
            signer_of=signer_of,
        )
        self.online[peer] = made
        return made

    async def answers(self, number, who, sketches) -> SealedNote:
        note = await sealing.seal(self.desks[who], ASSETS[number], "tactile", sketches)
        shown = Shown(ASSETS[number], 0, 0, 8_000, 10_000, NOBODY, note.cid.digest)
        self.catalog.answers[number].shown = shown
        self.catalog.answered[ASSETS[number]] = number
        self.catalog.answers[NEW].charge = Charge(ASSETS[OLD], 8_000, 0, b"")
        return note

    async def votes(self, who):
        return await checking.verdict_leaf(self.desks[who], self.case)


@pytest.fixture
def town(monkeypatch):
    made = Town()
    peers = {desk.trade.me: PeerId(f"peer of {name}") for name, desk in made.desks.items()}
    monkeypatch.setattr(sealing, "holders_of", lambda _, *accounts: [peers[one] for one in accounts if one])
    return made


async def test_a_jury_that_was_given_both_sketches_finds_against_a_copy(town, ana, stolen):
    await town.answers(OLD, "ana", ana)
    await town.answers(NEW, "mallory", stolen)

    found = [await town.votes(who) for who in ("jon", "joy")]

    assert found == [town.catalog.answers[NEW].charge.leaf] * 2


async def test_a_jury_finds_for_another_touch(town, ana, ben):
    await town.answers(OLD, "ana", ana)
    await town.answers(NEW, "mallory", ben)

    assert await town.votes("jon") == town.catalog.answers[NEW].shown.leaf


async def test_nothing_that_is_stored_holds_a_sketch(town, ana):
    await town.answers(OLD, "ana", ana)

    plain = ana[0].codes[:4].tobytes()
    assert plain in pack(ana)
    assert all(plain not in data for data in town.kept.values())


async def test_nobody_but_a_voting_juror_is_given_a_key(town, ana, stolen):
    await town.answers(OLD, "ana", ana)
    await town.answers(NEW, "mallory", stolen)
    record, note = town.catalog.answers[OLD], await sealing.note_of(town.desks["eve"], town.catalog.answers[OLD])

    async def asks(who):
        return await sealing.ask_secret(town.desks[who], PeerId("peer of ana"), town.case, record.id, note)

    with pytest.raises(Refused, match="not on its jury"):
        await asks("eve")
    with pytest.raises(Refused, match="not on its jury"):
        await asks("mallory")
    assert len(await asks("jon")) == 32
    town.case.phase = Phase.RULED
    with pytest.raises(Refused, match="nobody votes"):
        await asks("jon")


async def test_a_request_that_was_signed_by_somebody_else_or_long_ago_is_refused(town, ana, stolen):
    await town.answers(OLD, "ana", ana)
    await town.answers(NEW, "mallory", stolen)
    heard = {}

    async def overheard(peer, protocol, request):
        heard.update(request)
        raise Unavailable("cut")

    jon, line = town.desks["jon"], town.desks["jon"].files.peers
    note = await sealing.note_of(jon, town.catalog.answers[OLD])
    line.ask, honest = overheard, line.ask
    with pytest.raises(Unavailable):
        await sealing.ask_secret(jon, PeerId("peer of ana"), town.case, OLD, note)
    line.ask = honest

    with pytest.raises((Refused, BadInput)):  # Eve's peer sends what Jon signed for his own
        await sealing.tell_key(town.desks["ana"], PeerId("peer of eve"), heard)
    town.chain.timestamp += 1_000
    with pytest.raises(Refused, match="not of now"):
        await sealing.tell_key(town.desks["ana"], PeerId("peer of jon"), heard)


async def test_an_answer_the_dispute_is_not_about_stays_sealed(town, ana, stolen, ben):
    await town.answers(OLD, "ana", ana)
    note = await town.answers(NEW, "mallory", stolen)
    third = answer_id(AskId(1), 2)
    town.catalog.answers[third] = town.catalog.answers[OLD]

    with pytest.raises(Refused, match="not about that sketch"):
        await sealing.ask_secret(town.desks["jon"], PeerId("peer of ana"), town.case, third, note)


async def test_who_withholds_a_newer_sketch_loses_once_time_is_up_and_not_before(town, ana, stolen):
    await town.answers(OLD, "ana", ana)
    await town.answers(NEW, "mallory", stolen)
    town.online.pop(PeerId("peer of mallory"))

    with pytest.raises(Unavailable, match="not to be had"):
        await town.votes("jon")
    town.chain.timestamp = VOTE_BY - sealing.LAST_MOMENT

    assert await town.votes("jon") == town.catalog.answers[NEW].charge.leaf


async def test_an_older_sketch_that_is_withheld_convicts_nobody(town, ana, stolen):
    await town.answers(OLD, "ana", ana)
    await town.answers(NEW, "mallory", stolen)
    town.online.pop(PeerId("peer of ana"))
    town.chain.timestamp = VOTE_BY - sealing.LAST_MOMENT

    assert await town.votes("jon") == town.catalog.answers[NEW].shown.leaf


async def test_a_juror_who_was_given_a_key_gives_it_to_the_others(town, ana, ben):
    """Who is there for one juror and away for the next does not split the jury."""
    await town.answers(OLD, "ana", ana)
    await town.answers(NEW, "mallory", ben)
    assert await town.votes("jon") == town.catalog.answers[NEW].shown.leaf
    town.online.pop(PeerId("peer of mallory"))
    town.online.pop(PeerId("peer of ana"))
    town.chain.timestamp = VOTE_BY - sealing.LAST_MOMENT

    assert await town.votes("joy") == town.catalog.answers[NEW].shown.leaf


async def test_another_key_than_the_one_committed_to_counts_as_none(town, ana, ben, monkeypatch):
    await town.answers(OLD, "ana", ana)
    note = await town.answers(NEW, "mallory", ben)
    monkeypatch.setattr(sealing, "_own_secret", lambda *_: b"\x01" * 32)

    with pytest.raises(Corrupt, match="another key"):
        await sealing.ask_secret(town.desks["jon"], PeerId("peer of mallory"), town.case, NEW, note)
    assert not town.desks["jon"].secrets


async def test_a_side_says_what_it_said_and_asks_nobody(town, ana, stolen):
    await town.answers(OLD, "ana", ana)
    await town.answers(NEW, "mallory", stolen)

    assert await town.votes("mallory") == town.catalog.answers[NEW].shown.leaf
    assert not town.desks["mallory"].secrets


async def test_a_blind_charge_is_about_two_sealed_answers_of_one_modality(town, ana, stolen):
    await town.answers(OLD, "ana", ana)
    await town.answers(NEW, "mallory", stolen)

    charge = checking.blind_charge(town.desks["ana"], NEW, ASSETS[OLD])

    assert charge == Charge(ASSETS[OLD], 8_000, 0, b"") and charge.weighs(town.catalog.answers[NEW].shown)
    with pytest.raises(NotFound):
        checking.blind_charge(town.desks["ana"], NEW, AssetId("0x" + "09" * 32))


async def test_the_published_sketch_of_a_sealed_answer_is_not_to_be_had(town, ana):
    await town.answers(OLD, "ana", ana)

    with pytest.raises(NotFound, match="jury alone"):
        await town.desks["eve"].sketch(town.catalog.answers[OLD])


def test_sealed_sketches_come_back_and_are_as_long_as_whole_blocks(ana):
    data = pack(ana)

    assert len(data) % PADDING == 0
    assert [one.encode() for one in unpack("tactile", data)] == [one.encode() for one in ana]


LITTLE = pack(forms_of(touch(3, lambda rows: rows[:300])))


@settings(max_examples=60)
@given(st.binary(max_size=200), st.integers(0, 5_000), st.booleans())
def test_whatever_is_sealed_is_a_sketch_or_refused(junk, at, cut):
    data = bytearray(LITTLE)
    if cut:
        del data[at % len(data) :]
    data[at % max(1, len(data)) : at % max(1, len(data)) + len(junk)] = junk
    try:
        found = unpack("tactile", bytes(data))
    except BadInput:
        return
    assert pack(found) == bytes(data)


def test_touch_played_backwards_is_found_in_what_was_sealed(ana, stolen, ben):
    assert compared("tactile", stolen, ana) is Verdict.COPY
    assert compared("tactile", ben, ana) is Verdict.OTHER


def test_a_home_turned_and_mirrored_is_found_in_what_was_sealed():
    home = scan(room(np.random.default_rng(5)), np.random.default_rng(6), rays=15_000, style="tripod").points
    copy = SPATIAL_COPIES["mirrored and turned"](home, np.random.default_rng(11)).points
    old, new = (pack([PlaceSketch.of(points, RULES.spatial)]) for points in (home, copy))

    assert compared("spatial", unpack("spatial", new), unpack("spatial", old)) is Verdict.COPY
