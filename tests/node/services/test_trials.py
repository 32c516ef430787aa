"""Wrong answers found by running calls again, kept as evidence, held against nodes, and judged."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from chain_facts import ANA, BEN, CHIDI
from reflex_arc import Memory

from thenar.domain.catalog import AccusationRecord, Catalog
from thenar.domain.ids import AssetId, DisputeId, PeerId
from thenar.domain.reflex.accusations import leaf_of
from thenar.domain.reflex.answers import Answered, Answers, SignedCall, Window
from thenar.domain.reflex.evidence import Evidence
from thenar.errors import BadInput, Late, NotFound
from thenar.services.ports import Shape
from thenar.services.reflex.robot import look
from thenar.services.reflex.trials import (
    Bailiff,
    Checker,
    evidence_named,
    judge_from_now_on,
    keep_evidence,
    verdict_leaf,
)
from thenar.services.work.bonds import Bonds

MODEL = AssetId("0x" + "5e" * 32)
FELT = struct.pack("<2f", 1.0, 2.0)


class Sum:
    """An engine that adds up what it is given, and says on which side of 3 that lies; it takes two rows at once."""

    shape = Shape(8, 8, 2, b"\x0a" * 32)

    async def run(self, observations: Sequence[bytes]) -> list[bytes]:
        assert len(observations) <= self.shape.batch
        sums = [sum(struct.unpack("<2f", one)) for one in observations]
        return [struct.pack("<2f", one, 1.0 if one >= 3.0 else -1.0) for one in sums]


class Silent(Sum):
    """An engine that does not answer."""

    async def run(self, observations: Sequence[bytes]) -> list[bytes]:
        raise Late("the model did not answer")


def signed(total: float, side: float = 1.0, node: Any = BEN, felt: bytes = FELT) -> SignedCall:
    """A call a node signed: the sum, and the side of 3."""
    answer = struct.pack("<2f", total, side)
    window = Window(1, [Answered.of(felt, answer)])
    said = Answers(node, MODEL, 1, 1, 1, b"\x0a" * 32, window.root)
    return SignedCall(window.shown(0, said, bytes(65)), felt, answer)


async def evidence_of(call: SignedCall) -> Evidence | None:
    return await Checker(Sum()).check(call)


async def test_a_right_answer_is_no_evidence_and_a_wrong_one_is() -> None:
    assert await evidence_of(signed(3.0)) is None
    assert await evidence_of(signed(3.001)) is None  # machines round

    found = await evidence_of(signed(3.5))

    assert found is not None
    assert (found.place, found.charged) == (0, struct.pack("<f", 3.0))


async def test_where_a_policy_jumps_an_honest_node_may_land_on_either_side() -> None:
    """The sum is 3 exactly: some of the neighbours lie below."""
    assert await evidence_of(signed(3.0, side=-1.0)) is None
    assert await evidence_of(signed(3.0, side=0.5)) is not None


async def test_what_the_model_does_not_give_is_not_checked() -> None:
    window = signed(3.0)
    short = SignedCall(window.shown, FELT, bytes(4))
    with pytest.raises(BadInput, match="8 bytes"):
        await evidence_of(short)

    bailiff = Bailiff(a_trade(), Checker(Sum()), None, Bonds())
    assert await bailiff.check(short) is None
    assert await Bailiff(a_trade(), Checker(Silent()), None, Bonds()).check(window) is None


def a_trade(account: int = 0, catalog: Catalog | None = None) -> Any:
    """Of a trade what trials need: a journal, a wallet's account, and what the chain was asked."""
    sent = []

    async def send(key: str, action: Any) -> None:
        sent.append((key, action))

    async def wallet(_: Any) -> Any:
        return SimpleNamespace(account=account)

    async def head() -> Any:
        return SimpleNamespace(timestamp=1_000)

    belief = SimpleNamespace(catalog=catalog or Catalog())
    chain = SimpleNamespace(wallet=wallet, head=head)
    return SimpleNamespace(
        me=CHIDI, journal=Memory(), chain=chain, outbox=SimpleNamespace(send=send), sent=sent, belief=belief
    )


async def test_evidence_is_on_disk_before_it_is_used_and_found_by_its_name() -> None:
    trade, found = a_trade(), await evidence_of(signed(4.0))
    assert found is not None

    name = await keep_evidence(trade, found)

    assert await evidence_named(trade, name) == found
    with pytest.raises(NotFound, match="no evidence"):
        await evidence_named(trade, "00" * 32)


async def test_a_bailiff_accuses_only_with_money_it_may_spend() -> None:
    poor, rich, idle = a_trade(0), a_trade(40), a_trade(40)
    for trade, bond in ((poor, 40), (rich, 40), (idle, None)):
        bailiff = Bailiff(trade, Checker(Sum()), bond, Bonds())
        found = await bailiff.check(signed(4.0))
        assert found is not None
        await bailiff.accuse(found)
        assert await evidence_named(trade, found.accused.id.hex()) == found

    assert (poor.sent, idle.sent) == ([], [])
    ((key, action),) = rich.sent
    assert key.startswith("accuse-call:")
    assert (action.place, action.observation) == (0, FELT)


async def test_a_robot_drops_who_lied_and_accuses_each_once() -> None:
    accused, dropped = [], []

    class Watch:
        async def check(self, call: SignedCall) -> Evidence | None:
            return await evidence_of(call)

        async def accuse(self, evidence: Evidence) -> None:
            accused.append(evidence.accused.node)

    def route(name: str, *calls: SignedCall) -> Any:
        async def drop() -> None:
            dropped.append(name)

        return SimpleNamespace(name=name, signed=deque(calls), line=SimpleNamespace(drop=drop))

    honest = route("honest", signed(3.0, node=ANA))
    liar = route("liar", signed(3.0), signed(4.0), signed(5.0))
    house: Any = SimpleNamespace(liars=set())

    found = await look(house, SimpleNamespace(routes=[honest, liar]), Watch())  # type: ignore[arg-type]

    assert [one.accused.node for one in found] == [BEN, BEN]
    assert (accused, set(dropped), house.liars) == ([BEN], {"liar"}, {PeerId("liar")})


@asynccontextmanager
async def open_sum(*_: Any) -> Any:
    yield Sum()


async def verdict(evidence: Evidence, observation: bytes = FELT, *, holds: bool = True) -> bytes:
    """What a juror votes for."""
    record = AccusationRecord(evidence.accused, CHIDI, observation, 40, 9_000)
    catalog = Catalog(accusations={evidence.accused.id: record})
    trade = a_trade(catalog=catalog)
    if holds:
        await judge_from_now_on(trade, MODEL, "somewhere")  # type: ignore[arg-type]
    case: Any = SimpleNamespace(id=DisputeId(1), accusation=evidence.accused.id)
    return await verdict_leaf(trade, open_sum, case)


async def test_a_juror_votes_for_what_the_model_gives() -> None:
    found = await evidence_of(signed(3.5))
    assert found is not None
    false = Evidence(found.shown, FELT, struct.pack("<2f", 3.0, 1.0), 0, struct.pack("<f", 9.0))
    both = Evidence(found.shown, FELT, struct.pack("<2f", 3.5, 1.0), 0, struct.pack("<f", 9.0))

    assert await verdict(found) == found.accused.other_leaf
    assert await verdict(false) == false.accused.claim_leaf
    assert await verdict(both) == leaf_of(0, struct.pack("<f", 3.0))


async def test_who_signed_an_answer_to_what_is_no_observation_is_found_against() -> None:
    found = await evidence_of(signed(3.5))
    assert found is not None
    beyond = Evidence(found.shown, FELT, bytes(16), 3, struct.pack("<f", 9.0))

    assert await verdict(found, observation=bytes(12)) == found.accused.other_leaf
    assert await verdict(beyond) == beyond.accused.other_leaf


async def test_who_does_not_hold_the_model_does_not_vote() -> None:
    found = await evidence_of(signed(3.5))
    assert found is not None

    with pytest.raises(NotFound, match="does not hold"):
        await verdict(found, holds=False)
    with pytest.raises(NotFound, match="about no call"):
        await verdict_leaf(a_trade(), open_sum, SimpleNamespace(id=1, accusation=None))  # type: ignore[arg-type]
