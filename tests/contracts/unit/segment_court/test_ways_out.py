"""SegmentCourt.appeal, close, collectFee and fineAbsent: the branches of ways_out.tree."""

import pytest
from brownie import web3
from courts import BOND, BURNT, CLASS, DELAY, FINE, SEAT_STAKE, Dispute, open_court, two_traces
from reverts import reverts_with
from system import fund, next_block_at

from thenar.domain.work.disputes import Phase, Ruling

FEES = 1_000


@pytest.fixture(scope="module")
def erin_has_money(room, erin):
    """Erin can lay down bonds."""
    fund(room.token, erin, 10**9, room.ledger)
    room.ledger.deposit(erin, 1_000, {"from": erin})
    return erin


def test_only_a_ruling_is_appealed(court, drawn, erin):
    with reverts_with("SegmentCourt_WrongPhase", drawn.id, 4, 5):
        court.appeal(drawn.id, {"from": erin})


def test_a_late_appeal_is_refused(court, ruled, erin_has_money):
    until = ruled.now["mark"]
    next_block_at(until)

    with reverts_with("SegmentCourt_TooLate", until):
        court.appeal(ruled.id, {"from": erin_has_money})


def test_an_appeal_takes_a_bond(court, ruled, mallory):
    with reverts_with("Ledger_NotEnough", mallory, 0, BOND):
        court.appeal(ruled.id, {"from": mallory})


def test_the_last_panels_ruling_is_final(court, ruled, erin_has_money, frank):
    """Each of three panels is asked; the third cannot be appealed, nor can a void."""
    for _ in range(2):
        court.appeal(ruled.id, {"from": erin_has_money})
        tx = ruled.judge(frank, [1] * 31)

    assert tx.events["CaseRuled"]["until"] == tx.timestamp
    with reverts_with("SegmentCourt_TooLate", tx.timestamp):
        court.appeal(ruled.id, {"from": erin_has_money})


def test_the_bond_doubles(room, court, ruled, erin_has_money, frank):
    held = room.ledger.balanceOf(erin_has_money)
    court.appeal(ruled.id, {"from": erin_has_money})
    assert room.ledger.balanceOf(erin_has_money) == held - BOND
    ruled.judge(frank, [2] * 15)

    court.appeal(ruled.id, {"from": erin_has_money})

    assert room.ledger.balanceOf(erin_has_money) == held - 3 * BOND
    assert room.ledger.lockedBy(court) == 3 * BOND


def test_it_emits_case_appealed(court, ruled, erin_has_money):
    tx = court.appeal(ruled.id, {"from": erin_has_money})

    assert dict(tx.events["CaseAppealed"]) == {
        "dispute": ruled.id,
        "round": 0,
        "appellant": erin_has_money,
        "bond": BOND,
    }
    assert dict(tx.events["JuryArmed"]) == {
        "dispute": ruled.id,
        "round": 1,
        "drawBlock": web3.eth.block_number + DELAY,
    }
    assert (ruled.phase, ruled.now["round"]) == (Phase.DRAWING, 1)


def test_only_a_ruled_case_is_closed(court, drawn, frank):
    with reverts_with("SegmentCourt_WrongPhase", drawn.id, 4, 5):
        court.close(drawn.id, {"from": frank})


def test_a_case_stays_open_for_appeals(court, ruled, frank):
    until = ruled.now["mark"]
    next_block_at(until - 1)

    with reverts_with("SegmentCourt_TooEarly", until):
        court.close(ruled.id, {"from": frank})


def test_the_client_is_told_and_pays(room, court, ruled, frank):
    ruled.close(frank)

    assert ruled.told(room.docket) == (Ruling.CLAIM, True, 1)
    assert court.feeOf(ruled.id) == FEES // 7
    assert room.ledger.lockedBy(court) == FEES // 7 * 7
    with reverts_with("SegmentCourt_WrongPhase", ruled.id, 6, 5):
        court.close(ruled.id, {"from": frank})


def test_who_was_right_to_appeal_has_the_bond_back(room, court, ruled, erin_has_money, frank):
    held = room.ledger.balanceOf(erin_has_money)
    court.appeal(ruled.id, {"from": erin_has_money})
    ruled.judge(frank, [2] * 15)

    ruled.close(frank)

    assert ruled.told(room.docket) == (Ruling.OTHER, True, 1)
    assert room.ledger.balanceOf(erin_has_money) == held
    assert court.feeOf(ruled.id) == FEES // 15


def test_who_appealed_in_vain_pays_the_jurors(room, court, ruled, erin_has_money, frank):
    """Those who voted with the ruling in either round share the fees and the bond."""
    held = room.ledger.balanceOf(erin_has_money)
    court.appeal(ruled.id, {"from": erin_has_money})
    ruled.judge(frank, [1] * 10 + [2] * 5)

    ruled.close(frank)

    assert room.ledger.balanceOf(erin_has_money) == held - BOND
    assert court.feeOf(ruled.id) == (FEES + BOND) // 17


def test_a_void_gives_every_bond_back(room, court, ruled, erin_has_money, frank):
    held = room.ledger.balanceOf(erin_has_money)
    court.appeal(ruled.id, {"from": erin_has_money})
    for _ in range(2):
        ruled.judge(frank, [1, 2] * 16)
    assert ruled.now["ruling"] == Ruling.VOID

    ruled.close(frank)

    assert ruled.told(room.docket) == (Ruling.VOID, False, 1)
    assert room.ledger.balanceOf(erin_has_money) == held
    assert room.ledger.lockedBy(court) == 0


def test_what_does_not_divide_is_burnt(room, ruled, frank):
    burnt = room.ledger.balanceOf(BURNT)

    ruled.close(frank)

    assert room.ledger.balanceOf(BURNT) == burnt + FEES % 7


def test_it_emits_case_closed(ruled, frank):
    tx = ruled.close(frank)

    assert dict(tx.events["CaseClosed"]) == {"dispute": ruled.id, "ruling": 1, "judged": True, "fee": FEES // 7}


def test_fees_come_at_the_end(court, ruled, frank):
    with reverts_with("SegmentCourt_WrongPhase", ruled.id, 5, 6):
        court.collectFee(ruled.id, 0, ruled.panel[0], {"from": frank})


def test_only_votes_with_the_ruling_are_paid(chain, room, court, narrowed, frank, mallory):
    narrowed.draw(frank)
    narrowed.vote([1, 1, 1, 1, 2, 3, 0])
    chain.sleep(10_000)
    court.rule(narrowed.id, {"from": frank})
    narrowed.close(frank)

    for juror in [*narrowed.panel[4:], str(mallory)]:
        with reverts_with("SegmentCourt_NothingDue", juror):
            court.collectFee(narrowed.id, 0, juror, {"from": frank})
    for juror in narrowed.panel[:4]:
        court.collectFee(narrowed.id, 0, juror, {"from": frank})
    assert room.ledger.lockedBy(court) == 0


def test_a_vote_is_paid_once(court, ruled, frank):
    ruled.close(frank)
    court.collectFee(ruled.id, 0, ruled.panel[0], {"from": frank})

    with reverts_with("SegmentCourt_NothingDue", ruled.panel[0]):
        court.collectFee(ruled.id, 0, ruled.panel[0], {"from": frank})


def test_anybody_pays_a_juror(room, court, ruled, frank):
    ruled.close(frank)
    juror = ruled.panel[5]
    held = room.ledger.balanceOf(juror)

    tx = court.collectFee(ruled.id, 0, juror, {"from": frank})

    assert room.ledger.balanceOf(juror) == held + FEES // 7
    assert dict(tx.events["JurorPaid"]) == {"dispute": ruled.id, "round": 0, "juror": juror, "fee": FEES // 7}


@pytest.fixture
def patchy(chain, court, drawn, frank):
    """A vote without the last juror, and in which the one before never revealed."""
    leaf = drawn.leaves()[0]
    for juror in drawn.panel[:6]:
        drawn.commit(juror, leaf)
    chain.sleep(court.parameters()["commitWindow"] + 1)
    for juror in drawn.panel[:5]:
        drawn.reveal(juror, leaf)
    chain.sleep(court.parameters()["revealWindow"] + 1)
    court.rule(drawn.id, {"from": frank})
    return drawn


def test_a_fine_needs_the_opening_and_the_panel(court, patchy, mallory):
    stolen = [b"\xc2" * 32, *patchy.opening[1:]]

    with reverts_with("SegmentCourt_WrongOpening", patchy.id):
        court.fineAbsent(patchy.id, stolen, 0, patchy.panel, 6, {"from": mallory})
    with reverts_with("SegmentCourt_WrongPanel", patchy.id, 0):
        court.fineAbsent(patchy.id, patchy.opening, 0, patchy.panel[1:], 5, {"from": mallory})
    with reverts_with("SegmentCourt_WrongPanel", patchy.id, 1):
        court.fineAbsent(patchy.id, patchy.opening, 1, patchy.panel, 6, {"from": mallory})


def test_nobody_is_late_before_the_end(court, drawn, mallory):
    until = court.panelOf(drawn.id, 0)["revealUntil"]

    with reverts_with("SegmentCourt_TooEarly", until):
        court.fineAbsent(drawn.id, drawn.opening, 0, drawn.panel, 0, {"from": mallory})


def test_who_voted_is_not_fined(court, patchy, mallory):
    with reverts_with("SegmentCourt_NotAbsent", patchy.panel[0]):
        court.fineAbsent(patchy.id, patchy.opening, 0, patchy.panel, 0, {"from": mallory})


def test_who_stayed_away_is_fined(room, court, patchy, frank):
    for place in (5, 6):
        staked = room.nodes.nodeOf(patchy.panel[place])["stake"]

        court.fineAbsent(patchy.id, patchy.opening, 0, patchy.panel, place, {"from": frank})

        assert room.nodes.nodeOf(patchy.panel[place])["stake"] == staked - FINE
        assert room.pool.memberOf(patchy.panel[place], CLASS)["seats"] == 0


def test_nobody_is_fined_twice(court, patchy, frank):
    court.fineAbsent(patchy.id, patchy.opening, 0, patchy.panel, 6, {"from": frank})

    with reverts_with("SegmentCourt_NotAbsent", patchy.panel[6]):
        court.fineAbsent(patchy.id, patchy.opening, 0, patchy.panel, 6, {"from": frank})


def test_it_emits_juror_fined(room, court, patchy, frank):
    assert SEAT_STAKE // 20 == FINE
    held, burnt, locked = room.ledger.balanceOf(frank), room.ledger.balanceOf(BURNT), room.ledger.lockedBy(court)

    tx = court.fineAbsent(patchy.id, patchy.opening, 0, patchy.panel, 6, {"from": frank})

    assert dict(tx.events["JurorFined"]) == {
        "dispute": patchy.id,
        "round": 0,
        "juror": patchy.panel[6],
        "by": frank,
        "fine": FINE,
    }
    assert room.ledger.balanceOf(frank) == held + FINE // 2
    assert room.ledger.balanceOf(BURNT) == burnt + FINE - FINE // 2
    assert room.ledger.lockedBy(court) == locked


def test_earlier_rounds_can_be_fined(court, patchy, erin_has_money, frank):
    absent = list(patchy.panel)
    court.appeal(patchy.id, {"from": erin_has_money})
    patchy.draw(frank)

    court.fineAbsent(patchy.id, patchy.opening, 0, absent, 6, {"from": frank})

    assert int(str(court.voteOf(patchy.id, 0, absent[6])), 16) == 4


def test_a_juror_without_seats_loses_nothing_more(deployer, chain, bob, carol, dave, frank):
    """Who left the pool meanwhile and waited out the notice has nothing bound; the fine is what can be had."""
    room = open_court(deployer, jurors=4)
    dispute = room.open(Dispute(room.court, *two_traces(2, [0]), bob, carol, dave))
    dispute.answer(frank)
    dispute.draw(frank)
    gone = dispute.panel[0]
    room.pool.resign(CLASS, 1, {"from": gone})
    chain.sleep(600_000)
    room.pool.freeSeats(gone, CLASS, {"from": gone})
    room.court.rule(dispute.id, {"from": frank})

    tx = room.court.fineAbsent(dispute.id, dispute.opening, 0, dispute.panel, 0, {"from": frank})

    assert tx.events["JurorFined"]["fine"] == 0


def test_no_juror_has_a_fee_before_the_end(court, ruled, frank):
    assert court.feeOf(ruled.id) == 0

    ruled.close(frank)

    assert court.feeOf(ruled.id) == FEES // 7
