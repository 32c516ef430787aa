"""Attacks on disputes about work. Each test names where they worked, were reported, or would."""

import pytest
from brownie.exceptions import VirtualMachineError
from courts import BOND, CLASS, CLOCK, Dispute, open_court, seat, two_traces
from reverts import ANY, reverts_with
from system import fund, next_block_at

from thenar.domain.work.disputes import Phase, Ruling

FEES = 7_000


@pytest.fixture(scope="module")
def room(deployer, alice, mallory):
    """A court with sixteen jurors whose client pays seven thousand a case; Mallory has money for appeals."""
    room = open_court(deployer, jurors=16)
    for person in (alice, mallory):
        fund(room.token, person, 10**9, room.ledger)
    room.docket.pay(10**6, FEES, {"from": alice})
    room.ledger.deposit(mallory, 10_000, {"from": mallory})
    return room


@pytest.fixture
def against(room, bob, mallory, dave):
    """Bob did the work, and Mallory says otherwise."""

    def against_(count=4_096, differs=(2_000,)):
        return room.open(Dispute(room.court, *two_traces(count, differs), bob, mallory, dave))

    return against_


@pytest.fixture
def forged(room, bob, mallory, dave):
    """Mallory claims a forged trace, and Bob shows the right one."""

    def forged_(count=4_096, differs=(2_000,)):
        return room.open(Dispute(room.court, *two_traces(count, differs), mallory, bob, dave))

    return forged_


def test_silence_stalls_a_case_for_two_clocks_at_most(room, against, frank, mallory):
    """Arbitrum's first protocol and Cartesi's first release: an attacker who moves at the last moment, every time.

    Mallory uses up his clock over three moves instead of one; he has no more of it for that.
    """
    dispute = against()
    opened = dispute.now["openedAt"]
    for wait in (CLOCK // 2, CLOCK // 4, CLOCK // 4):
        dispute.post(frank)
        moved = dispute.now["mark"]
        next_block_at(moved + wait)
        try:
            dispute.answer(mallory)
        except VirtualMachineError:
            break

    room.court.flag(dispute.id, {"from": frank})

    assert dispute.told(room.docket) == (Ruling.CLAIM, False, 1)
    assert dispute.now["mark"] <= opened + 2 * CLOCK


def test_strangers_cannot_move_against_a_root(room, against, mallory):
    """Cartesi's first tournaments tied moves to an address: here a move is a preimage, whoever sends it."""
    dispute = against()
    junk = [bytes([place]) * 32 for place in range(16)]
    claims, others = dispute.children(dispute.claim), dispute.children(dispute.other)

    for attempt in [
        lambda: room.court.post(dispute.id, junk, {"from": mallory}),
        lambda: room.court.post(dispute.id, others, {"from": mallory}),
        lambda: room.court.answer(dispute.id, junk, others, {"from": mallory}),
        lambda: room.court.answer(dispute.id, claims, junk, {"from": mallory}),
        lambda: room.court.answer(dispute.id, claims, claims, {"from": mallory}),
    ]:
        with reverts_with("SegmentCourt_WrongChildren", ANY, ANY):
            attempt()

    assert dispute.now["claimClock"] == CLOCK


def test_a_party_that_is_offline_is_moved_for(room, against, frank, mallory):
    """Whoever holds the trace wins for the worker: his own node sends nothing."""
    dispute = against()
    dispute.narrow(frank)
    dispute.judge(frank, [1] * 7)

    dispute.close(frank)

    assert dispute.told(room.docket) == (Ruling.CLAIM, True, 1)


def test_a_claim_that_withholds_its_trace_loses(room, forged, frank):
    """A root over nothing: there are no children to show."""
    dispute = forged()
    next_block_at(dispute.now["mark"] + CLOCK)

    room.court.flag(dispute.id, {"from": frank})

    assert dispute.told(room.docket) == (Ruling.OTHER, False, 1)


def test_a_claim_that_withholds_the_state_loses(room, forged, frank, mallory):
    """Hashes can be made up all the way down; the state below the last agreed one cannot."""
    dispute = forged()
    while dispute.level:
        dispute.post(mallory)
        dispute.answer(frank)
    kept = dispute.now
    for state in (b"", b"\x00" * 40):
        with reverts_with("SegmentCourt_WrongState", ANY, ANY):
            room.court.postState(dispute.id, state, dispute.start[1], {"from": mallory})
    next_block_at(kept["mark"] + kept["claimClock"])

    room.court.flag(dispute.id, {"from": frank})

    assert dispute.told(room.docket) == (Ruling.OTHER, False, 1)


def test_lazy_jurors_cannot_copy_votes(chain, room, forged, frank):
    """Bittensor's weight copying: a commitment is good for its juror alone, and no vote is shown before all are in."""
    dispute = forged()
    dispute.narrow(frank)
    dispute.draw(frank)
    diligent, lazy = dispute.panel[:6], dispute.panel[6]
    right = dispute.leaves()[1]
    committed = [dispute.commit(juror, right).events["VoteCommitted"] for juror in diligent]
    copied = committed[0]["commitment"]
    with reverts_with("SegmentCourt_TooEarly", ANY):
        dispute.reveal(diligent[0], right)

    room.court.commitVote(dispute.id, dispute.panel, 6, copied, {"from": lazy})
    for juror in diligent:
        dispute.reveal(juror, right)
    with reverts_with("SegmentCourt_WrongVote", bytes(copied), ANY):
        dispute.reveal(lazy, right)
    chain.sleep(10_000)
    room.court.rule(dispute.id, {"from": frank})
    dispute.close(frank)

    assert room.court.feeOf(dispute.id) == FEES // 6
    with reverts_with("SegmentCourt_NothingDue", lazy):
        room.court.collectFee(dispute.id, 0, lazy, {"from": lazy})


def test_fewer_than_a_third_of_the_jurors_change_nothing(room, forged, frank, mallory):
    """Two of seven, and after an appeal four of fifteen, vote for the forgery: it is convicted all the same."""
    dispute = forged()
    dispute.narrow(frank)
    dispute.judge(frank, [1, 1, 2, 2, 2, 2, 2])
    room.court.appeal(dispute.id, {"from": mallory})
    dispute.judge(frank, [1] * 4 + [2] * 11)

    dispute.close(frank)

    assert dispute.told(room.docket) == (Ruling.OTHER, True, 1)


def test_fewer_than_two_thirds_of_the_jurors_convict_nobody(room, against, frank):
    """Four of seven vote against honest work: the next panel decides, and the four are not paid."""
    dispute = against()
    dispute.narrow(frank)
    dispute.judge(frank, [2, 2, 2, 2, 1, 1, 1])
    assert dispute.phase is Phase.DRAWING
    bought = dispute.panel[:4]
    dispute.judge(frank, [1] * 10 + [2] * 5)

    dispute.close(frank)

    assert dispute.told(room.docket) == (Ruling.CLAIM, True, 1)
    for juror in bought:
        with reverts_with("SegmentCourt_NothingDue", juror):
            room.court.collectFee(dispute.id, 0, juror, {"from": juror})


def test_appeals_end_and_pay_the_jurors(room, forged, frank, mallory):
    """Two appeals at most, each twice as dear as the one before; what they cost Mallory is the jurors'."""
    dispute = forged()
    dispute.narrow(frank)
    held = room.ledger.balanceOf(mallory)
    dispute.judge(frank, [2] * 7)
    for _ in range(2):
        room.court.appeal(dispute.id, {"from": mallory})
        dispute.judge(frank, [2] * 31)

    with reverts_with("SegmentCourt_TooLate", ANY):
        room.court.appeal(dispute.id, {"from": mallory})
    dispute.close(frank)

    assert held - room.ledger.balanceOf(mallory) == 3 * BOND
    assert room.court.feeOf(dispute.id) == (FEES + 3 * BOND) // (7 + 15 + 16)


def test_an_absent_panel_decides_nothing(chain, room, forged, frank):
    """Three of seven show up, fewer than half: they do not rule, and whoever stayed away pays for it."""
    dispute = forged()
    dispute.narrow(frank)
    dispute.draw(frank)
    dispute.vote([1, 1, 1, 0, 0, 0, 0])
    chain.sleep(10_000)

    room.court.rule(dispute.id, {"from": frank})

    assert (dispute.phase, dispute.now["ruling"]) == (Phase.DRAWING, Ruling.NONE)
    for place in range(3, 7):
        room.court.fineAbsent(dispute.id, dispute.opening, 0, dispute.panel, place, {"from": frank})
        assert room.pool.memberOf(dispute.panel[place], CLASS)["seats"] == 0


def test_seats_taken_after_the_opening_crowd_out_nobody(room, forged, frank):
    """Whoever fears a conviction could flood the class with seats, so that no panel is found and the case is void."""
    dispute = forged()
    for number in range(101, 105):
        seat(room, number, seats=64)
    dispute.narrow(frank)

    dispute.draw(frank)

    assert len(dispute.panel) == 7
    assert set(dispute.panel) <= {str(juror) for juror in room.jurors}


def test_a_case_nobody_judges_ends_for_nothing(chain, room, forged, frank):
    """Three panels that stay away: void, nobody is told to be wrong, no juror is paid."""
    dispute = forged()
    dispute.narrow(frank)
    for _ in range(3):
        dispute.draw(frank)
        chain.sleep(10_000)
        room.court.rule(dispute.id, {"from": frank})

    dispute.close(frank)

    assert dispute.told(room.docket) == (Ruling.VOID, False, 1)
    assert room.ledger.lockedBy(room.court) == 0
