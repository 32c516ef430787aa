"""What others say of gaps and challenges is kept only where it fits the chain, and never more than so much."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from thenar.domain.bounty.answers import AnswerStage, answer_id
from thenar.domain.catalog import Catalog
from thenar.domain.ids import Address, AskId, PeerId
from thenar.services.bounty.hearsay import GIVES_WAY, KEPT, Hearsay, challenge_body, gap_body
from thenar.services.ports import Heard

RITA = Address("0x" + "1" * 40)
PEER, STRANGER = PeerId("12D3KooWRita"), PeerId("12D3KooWOther")


def town(bounties: int = 1, stage: AnswerStage = AnswerStage.REVEALED) -> Catalog:
    catalog = Catalog()
    catalog.operators[PEER] = [RITA]
    for number in range(1, bounties + 1):
        catalog.asks[AskId(number)] = SimpleNamespace(id=AskId(number), sponsor=RITA, closed=False)
        answer = answer_id(AskId(number), 3)
        catalog.answers[answer] = SimpleNamespace(id=answer, stage=stage)
    return catalog


async def test_a_gap_is_kept_when_its_sponsor_tells_it(autojump_clock):
    hearsay = Hearsay()

    assert hearsay.take(Heard(PEER, "coverage", gap_body(AskId(1), 9_000)), town())
    await trio.sleep(7)

    assert hearsay.seconds_since(AskId(1)) == 7
    assert hearsay.seconds_since(AskId(2)) is None


async def test_a_gap_that_somebody_else_tells_or_that_is_closed_or_unknown_is_passed_over():
    hearsay, closed = Hearsay(), town()
    closed.asks[AskId(1)].closed = True

    assert not hearsay.take(Heard(STRANGER, "coverage", gap_body(AskId(1), 9_000)), town())
    assert not hearsay.take(Heard(PEER, "coverage", gap_body(AskId(1), 9_000)), closed)
    assert not hearsay.take(Heard(PEER, "coverage", gap_body(AskId(9), 9_000)), town())
    assert not hearsay.gaps


async def test_a_challenge_counts_for_a_minute_while_the_answer_stands(autojump_clock):
    hearsay, answer = Hearsay(), answer_id(AskId(1), 3)

    assert hearsay.take(Heard(STRANGER, "challenge", challenge_body(answer)), town())
    assert hearsay.is_challenged(answer)
    await trio.sleep(GIVES_WAY)

    assert not hearsay.is_challenged(answer)
    assert hearsay.take(Heard(STRANGER, "challenge", challenge_body(answer)), town())
    assert not hearsay.is_challenged(answer)  # a copier who says it again and again keeps nobody waiting
    assert not Hearsay().take(Heard(STRANGER, "challenge", challenge_body(answer)), town(stage=AnswerStage.SETTLED))


async def test_what_is_remembered_is_bounded():
    hearsay, catalog = Hearsay(), town(KEPT + 5)

    for number in range(1, KEPT + 6):
        hearsay.take(Heard(PEER, "coverage", gap_body(AskId(number), 1)), catalog)
        hearsay.take(Heard(PEER, "challenge", challenge_body(answer_id(AskId(number), 3))), catalog)

    assert len(hearsay.gaps) == len(hearsay.challenged) == KEPT
    assert AskId(5) not in hearsay.gaps


VALUES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=5) | st.lists(st.integers())


@settings(max_examples=40)
@given(
    st.sampled_from(["coverage", "challenge"]),
    st.dictionaries(st.sampled_from(["bounty", "place", "missing_bp", "x"]), VALUES),
)
def test_whatever_is_said_is_understood_or_passed_over(kind, body):
    hearsay = Hearsay()
    names = {"coverage": {"bounty", "missing_bp"}, "challenge": {"bounty", "place"}}[kind]

    async def told() -> bool:
        return hearsay.take(Heard(PEER, kind, body), town())

    if trio.run(told):
        assert set(body) == names
        assert body["bounty"] == 1


@pytest.mark.parametrize("kind", ["announcement", "want"])
async def test_other_kinds_are_not_taken(kind):
    assert not Hearsay().take(Heard(PEER, kind, {"bounty": 1, "place": 3}), town())
