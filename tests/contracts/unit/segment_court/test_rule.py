"""SegmentCourt.rule: the branches of rule.tree."""

import random

import pytest
from brownie import web3
from courts import APPEAL, DELAY, Dispute, open_court, two_traces
from reverts import reverts_with
from system import next_block_at

from thenar.domain.work.disputes import Phase, Ruling, majority


def test_there_must_be_a_vote_to_count(court, narrowed, frank):
    with reverts_with("SegmentCourt_WrongPhase", narrowed.id, 3, 4):
        court.rule(narrowed.id, {"from": frank})


def test_counting_waits_for_every_vote_that_may_come(chain, court, drawn, frank):
    leaf = drawn.leaves()[0]
    panel = court.panelOf(drawn.id, 0)
    for juror in drawn.panel[:6]:
        drawn.commit(juror, leaf)
    with reverts_with("SegmentCourt_TooEarly", panel["revealUntil"]):
        court.rule(drawn.id, {"from": frank})

    next_block_at(panel["commitUntil"])
    for juror in drawn.panel[:5]:
        drawn.reveal(juror, leaf)
    next_block_at(panel["revealUntil"] - 1)

    with reverts_with("SegmentCourt_TooEarly", panel["revealUntil"]):
        court.rule(drawn.id, {"from": frank})


def test_counting_waits_for_nobody_who_has_voted(court, drawn, frank):
    last = drawn.vote([1] * 7)

    assert drawn.phase is Phase.RULED
    assert last.events["CaseRuled"]["ruling"] == Ruling.CLAIM


@pytest.mark.parametrize("seed", range(8))
def test_it_rules_as_its_twin(chain, court, drawn, frank, seed):
    dice = random.Random(seed)
    ballots = [dice.choice([0, 1, 1, 2, 2, 3][seed % 3 :]) for _ in drawn.panel]
    drawn.vote(ballots)
    chain.sleep(10_000)
    if not all(ballots):
        court.rule(drawn.id, {"from": frank})

    # a vote for neither leaf is Ruling.NONE to the twin
    expected = majority(7, [Ruling(ballot % 3) for ballot in ballots if ballot])
    kept = drawn.now
    assert (kept["phase"], kept["ruling"]) == (Phase.RULED if expected else Phase.DRAWING, expected)


def test_only_revealed_votes_count(chain, court, drawn, frank):
    """Three of seven had committed to the other leaf and never show it; the four who do decide."""
    claims, others = drawn.leaves()
    for juror in drawn.panel:
        drawn.commit(juror, others if juror in drawn.panel[:3] else claims)
    for juror in drawn.panel[3:]:
        drawn.reveal(juror, claims)
    chain.sleep(10_000)

    court.rule(drawn.id, {"from": frank})

    assert drawn.now["ruling"] == Ruling.CLAIM


def test_an_undecided_panel_is_followed_by_a_larger_one(court, narrowed, frank):
    tx = narrowed.judge(frank, [1, 1, 1, 1, 2, 2, 2])

    assert dict(tx.events["JuryArmed"]) == {
        "dispute": narrowed.id,
        "round": 1,
        "drawBlock": web3.eth.block_number + DELAY,
    }
    narrowed.draw(frank)
    assert len(narrowed.panel) == 15


def test_three_undecided_panels_void_the_case(deployer, bob, carol, dave, frank):
    room = open_court(deployer, jurors=40)
    dispute = room.open(Dispute(room.court, *two_traces(2, [0]), bob, carol, dave))
    dispute.answer(frank)
    sizes = []
    for _ in range(3):
        tx = dispute.judge(frank, [1 + place % 2 for place in range(31)])
        sizes.append(len(dispute.panel))

    assert sizes == [7, 15, 31]
    assert dict(tx.events["CaseRuled"]) == {
        "dispute": dispute.id,
        "round": 2,
        "ruling": Ruling.VOID,
        "until": tx.timestamp,
    }
    dispute.close(frank)
    assert dispute.told(room.docket) == (Ruling.VOID, False, 1)
    with reverts_with("SegmentCourt_NothingDue", dispute.panel[0]):
        room.court.collectFee(dispute.id, 2, dispute.panel[0], {"from": frank})


def test_it_emits_case_ruled(narrowed, frank):
    tx = narrowed.judge(frank, [2, 2, 2, 2, 2, 1, 3])

    assert dict(tx.events["CaseRuled"]) == {
        "dispute": narrowed.id,
        "round": 0,
        "ruling": Ruling.OTHER,
        "until": tx.timestamp + APPEAL,
    }
    assert narrowed.now["mark"] == tx.timestamp + APPEAL


def test_less_than_half_of_a_panel_decides_nothing(chain, court, drawn, frank):
    drawn.vote([1, 1, 1, 0, 0, 0, 0])
    chain.sleep(10_000)

    tx = court.rule(drawn.id, {"from": frank})

    assert majority(7, [Ruling.CLAIM] * 3) is Ruling.NONE
    assert (drawn.phase, drawn.now["ruling"]) == (Phase.DRAWING, Ruling.NONE)
    assert tx.events["JuryArmed"]["round"] == 1


def test_half_of_a_panel_decides(chain, court, drawn, frank):
    drawn.vote([2, 2, 2, 2, 0, 0, 0])
    chain.sleep(10_000)

    court.rule(drawn.id, {"from": frank})

    assert (drawn.phase, drawn.now["ruling"]) == (Phase.RULED, Ruling.OTHER)
