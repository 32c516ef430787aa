"""What a node believes of offers, and whom it lets in."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import trio
from chain_facts import ANA, BEN, at

from thenar.domain import facts as f
from thenar.domain.catalog import apply
from thenar.domain.ids import AssetId, PeerId
from thenar.domain.reflex.attestations import LASTS as ATTESTATION_LASTS
from thenar.domain.reflex.attestations import Attestation
from thenar.domain.reflex.channels import Service
from thenar.domain.reflex.frames import Frame, Hello, Kind
from thenar.domain.reflex.offers import LASTS, InferOffer
from thenar.errors import BadInput, Corrupt, Late, Refused
from thenar.services.belief import Belief
from thenar.services.ports import Heard
from thenar.services.reflex.house import ATTEST_EVERY, MOST_OFFERS, House, Serving

MODEL = AssetId("0x" + "5e" * 32)
PEER, OTHER = PeerId("ana's peer"), PeerId("somebody's peer")
OFFER = InferOffer(ANA, MODEL, 5, 16, 4, 1, 90, ("/ip4/127.0.0.1/tcp/1",))


class PaperLine:
    """A robot that says what it is told to, or nothing."""

    peer = PEER

    def __init__(self, *frames: Frame) -> None:
        self.frames = list(frames)

    async def receive(self) -> Frame | None:
        if not self.frames:
            await trio.sleep_forever()
        return self.frames.pop(0)


@pytest.fixture
def house() -> House:
    belief, learned = Belief(), []
    belief.catalog.operators[PEER] = {ANA}
    apply(belief.catalog, f.ServiceStarted(at(1), ANA, MODEL, Service(9, 5, 0, 0)))
    trade: Any = SimpleNamespace(belief=belief, me=BEN)
    peers: Any = SimpleNamespace(learn=lambda *told: learned.append(told), learned=learned, me=OTHER)
    rest: list[Any] = [None] * 5
    return House(trade, peers, *rest)


async def test_an_offer_of_a_node_that_serves_is_kept_and_its_address_learned(house, autojump_clock) -> None:
    await house.hear(Heard(PEER, "offer", OFFER.body()))

    assert [one.offer for one in house.offers_of(MODEL)] == [OFFER]
    assert house.peers.learned == [(PEER, OFFER.addresses)]
    await trio.sleep(LASTS + 1)
    assert house.offers_of(MODEL) == []


async def test_nobody_offers_in_another_nodes_name(house) -> None:
    await house.hear(Heard(OTHER, "offer", OFFER.body()))

    assert house.offers == {}


async def test_an_offer_of_somebody_who_retired_does_not_count(house) -> None:
    await house.hear(Heard(PEER, "offer", OFFER.body()))
    apply(house.trade.belief.catalog, f.ServiceRetired(at(2), ANA, MODEL, 9_000))

    assert house.offers_of(MODEL) == []


async def test_something_else_is_no_offer_and_nonsense_is_refused(house) -> None:
    await house.hear(Heard(PEER, "offer", {"what": "bread"}))
    with pytest.raises(BadInput):
        await house.hear(Heard(PEER, "offer", OFFER.body() | {"price": -5}))

    assert house.offers == {}


async def test_offers_are_bounded_and_the_oldest_goes(house, autojump_clock) -> None:
    models = [AssetId(f"0x{number:064x}") for number in range(MOST_OFFERS + 1)]
    for model in models:
        await house.hear(Heard(PEER, "offer", InferOffer(ANA, model, 5, 16, 4, 1, 90, ()).body()))
        await trio.sleep(0.001)

    assert len(house.offers) == MOST_OFFERS
    assert (PEER, models[0]) not in house.offers


@pytest.mark.parametrize(
    ("frames", "error"),
    [
        ((Frame(Kind.CALL),), BadInput),
        ((Frame(Kind.HELLO, Hello(1, MODEL, bytes(65)).encode()),), Refused),
        ((), Late),
    ],
)
async def test_who_does_not_begin_well_is_not_let_in(house, autojump_clock, frames, error) -> None:
    with pytest.raises(error):
        await house.take(PaperLine(*frames))


def test_what_is_served_is_read_back_from_the_journal(tmp_path) -> None:
    serving = Serving(MODEL, tmp_path / "policy.onnx", 5, 8)

    assert Serving.decode(MODEL, serving.encode()) == serving
    with pytest.raises(Corrupt):
        Serving.decode(MODEL, b'{"path":"x"}')


THIRD, LIAR = PeerId("a witness"), PeerId("a liar")


def said_of(peer: PeerId, median_us: int) -> dict[str, object]:
    return Attestation(peer, MODEL, median_us, 60, 0).body()


async def test_only_a_trusted_witness_is_heard_and_only_for_a_while(house, autojump_clock) -> None:
    house.trusted = frozenset({THIRD})

    await house.hear_witness(Heard(LIAR, "attestation", said_of(PEER, 9)))
    await house.hear_witness(Heard(THIRD, "attestation", said_of(THIRD, 9)))
    await house.hear_witness(Heard(THIRD, "attestation", {"what": "bread"}))
    assert house.heard == {}

    await house.hear_witness(Heard(THIRD, "attestation", said_of(PEER, 4_000)))
    assert [one.median_us for one in house.attested(PEER, MODEL)] == [4_000]
    await trio.sleep(ATTESTATION_LASTS + 1)
    assert house.attested(PEER, MODEL) == []


async def test_who_is_attested_slow_comes_after_who_is_attested_fast_whatever_they_claim(house, autojump_clock) -> None:
    second = PeerId("ben's peer")
    house.trade.belief.catalog.operators[second] = {BEN}
    apply(house.trade.belief.catalog, f.ServiceStarted(at(2), BEN, MODEL, Service(9, 5, 0, 0), latency=10))
    house.trusted = frozenset({THIRD})
    await house.hear(Heard(PEER, "offer", OFFER.body()))
    await house.hear(Heard(second, "offer", replace(OFFER, node=BEN).body()))

    assert [one.peer for one in house.offers_of(MODEL)] == [second, PEER]  # by what they say on chain
    await house.hear_witness(Heard(THIRD, "attestation", said_of(PEER, 4_000)))
    assert [one.peer for one in house.offers_of(MODEL)] == [PEER, second]  # whose word is all there is comes last
    await house.hear_witness(Heard(THIRD, "attestation", said_of(second, 2_000)))
    assert [one.peer for one in house.offers_of(MODEL)] == [second, PEER]
    house.record_of(second).took(0.02)
    assert [one.peer for one in house.offers_of(MODEL)] == [PEER, second]  # one's own measurement outweighs them


async def test_a_house_attests_what_it_measured_once(house, autojump_clock, nursery) -> None:
    told = []

    async def announce(kind: str, body: dict[str, object]) -> None:
        told.append((kind, body))

    house.peers.announce = announce
    house.asked.add((PEER, MODEL))
    for _ in range(20):
        house.record_of(PEER).took(0.004)
    nursery.start_soon(house._attest_again)
    await trio.sleep(4 * ATTEST_EVERY)

    ((kind, body),) = told
    assert (kind, body["peer"], body["median_us"]) == ("attestation", PEER, 4_000)
