"""SegmentCourt.drawJury: the branches of draw_jury.tree."""

import pytest
from brownie import web3
from courts import COMMIT, DELAY, REVEAL, Dispute, open_court, seat, two_traces
from reverts import reverts_with

from thenar.domain.work.disputes import Phase, Ruling


def test_a_jury_is_drawn_when_it_is_time(court, dispute, drawn, frank):
    with reverts_with("SegmentCourt_WrongPhase", drawn.id, 4, 3):
        court.drawJury(drawn.id, drawn.opening, {"from": frank})


def test_a_jury_is_not_drawn_for_a_case_that_is_narrowed(court, dispute, frank):
    with reverts_with("SegmentCourt_WrongPhase", dispute.id, 1, 3):
        court.drawJury(dispute.id, dispute.opening, {"from": frank})


@pytest.mark.parametrize("part", range(9))
def test_the_opening_must_be_handed_back(court, narrowed, mallory, part):
    opening = list(narrowed.opening)
    opening[part] = str(mallory) if part > 5 else 7 if part in (2, 3) else b"\x09" * 32

    with reverts_with("SegmentCourt_WrongOpening", narrowed.id):
        court.drawJury(narrowed.id, opening, {"from": mallory})


def test_nobody_knows_the_panel_beforehand(chain, court, narrowed, frank):
    decides = narrowed.now["mark"]
    chain.mine(decides - web3.eth.block_number - 1)
    assert web3.eth.block_number == decides - 1

    with reverts_with("SegmentCourt_TooEarly", decides + 1):
        court.drawJury(narrowed.id, narrowed.opening, {"from": frank})


def test_a_missed_draw_is_armed_again(chain, court, narrowed, frank):
    chain.mine(narrowed.now["mark"] + 256 - web3.eth.block_number)

    tx = court.drawJury(narrowed.id, narrowed.opening, {"from": frank})

    assert dict(tx.events["JuryArmed"]) == {
        "dispute": narrowed.id,
        "round": 0,
        "drawBlock": tx.block_number + DELAY,
    }
    narrowed.draw(frank)
    assert narrowed.phase is Phase.VOTING


def test_the_last_block_that_can_draw_draws(chain, court, narrowed, frank):
    chain.mine(narrowed.now["mark"] + 255 - web3.eth.block_number)

    court.drawJury(narrowed.id, narrowed.opening, {"from": frank})

    assert narrowed.phase is Phase.VOTING


def test_too_few_jurors_void_the_case(room, court, ask, frank):
    """Nobody is enlisted in another class."""
    dispute = ask(class_id=b"\xc2" * 32)
    dispute.narrow(frank)

    tx = dispute.draw(frank)

    assert dict(tx.events["CaseRuled"]) == {
        "dispute": dispute.id,
        "round": 0,
        "ruling": Ruling.VOID,
        "until": tx.timestamp,
    }
    court.close(dispute.id, {"from": frank})
    assert dispute.told(room.docket) == (Ruling.VOID, False, 1)


def test_an_appeal_to_nobody_changes_nothing(chain, room, court, ruled, frank):
    """All jurors have left meanwhile; whoever appealed has the bond back."""
    room.ledger.deposit(room.jurors[0], 70, {"from": room.jurors[0]})
    court.appeal(ruled.id, {"from": room.jurors[0]})
    for juror in room.jurors:
        room.pool.resign(ruled.class_id, 1, {"from": juror})

    tx = ruled.draw(frank)

    assert (tx.events["CaseRuled"]["round"], tx.events["CaseRuled"]["ruling"]) == (1, Ruling.CLAIM)
    ruled.close(frank)
    assert ruled.told(room.docket) == (Ruling.CLAIM, True, 1)
    assert room.ledger.balanceOf(room.jurors[0]) == 70


def test_no_party_and_no_group_judges_twice(deployer, frank):
    """Of sixteen jurors four belong to the parties and two belong together."""
    room = open_court(deployer, jurors=16)
    leader, member, ally, claimant, opponent, requester = room.jurors[:6]
    for one, of in [(member, leader), (ally, claimant)]:
        room.pool.joinGroup(of, {"from": one})
        room.pool.admit(one, {"from": of})
    for seed in range(4):
        claim, other = two_traces(2, [0], seed)
        dispute = room.open(Dispute(room.court, claim, other, claimant, opponent, requester))
        dispute.answer(frank)

        dispute.draw(frank)

        panel = set(dispute.panel)
        assert len(panel) == len(dispute.panel) == 7
        assert not panel & {str(one) for one in (ally, claimant, opponent, requester)}
        assert not {str(leader), str(member)} <= panel


def test_latecomers_do_not_judge(room, dispute, frank):
    latecomers = {str(seat(room, number, seats=8)) for number in (101, 102)}
    dispute.narrow(frank)

    dispute.draw(frank)

    assert not set(dispute.panel) & latecomers


def test_the_caller_does_not_choose(chain, court, narrowed, frank, mallory):
    chain.mine(DELAY)
    panels = []
    for caller, later in [(frank, 0), (mallory, 0), (mallory, 7)]:
        chain.snapshot()
        chain.mine(later) if later else None
        panels.append(tuple(narrowed.draw(caller).events["JuryDrawn"]["panel"]))
        chain.revert()

    assert len(set(panels)) == 1


def test_it_emits_jury_drawn(court, narrowed, frank):
    tx = narrowed.draw(frank)

    assert dict(tx.events["JuryDrawn"]) == {
        "dispute": narrowed.id,
        "round": 0,
        "panel": tuple(narrowed.panel),
        "commitUntil": tx.timestamp + COMMIT,
        "revealUntil": tx.timestamp + COMMIT + REVEAL,
    }
    assert len(narrowed.panel) == 7
    panel = court.panelOf(narrowed.id, 0).dict()
    assert (panel["size"], panel["commits"], panel["reveals"]) == (7, 0, 0)
