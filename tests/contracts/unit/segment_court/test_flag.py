"""SegmentCourt.flag: the branches of flag.tree."""

from courts import CLOCK
from reverts import reverts_with
from system import next_block_at

from thenar.domain.work.disputes import Phase, Ruling


def test_without_a_clock_there_is_no_flag(court, drawn, chain, frank):
    chain.sleep(10 * CLOCK)

    with reverts_with("SegmentCourt_WrongPhase", drawn.id, 4, 1):
        court.flag(drawn.id, {"from": frank})
    with reverts_with("SegmentCourt_WrongPhase", 99, 0, 1):
        court.flag(99, {"from": frank})


def test_the_last_second_counts(court, dispute, frank):
    until = dispute.now["mark"] + CLOCK
    next_block_at(until - 1)

    with reverts_with("SegmentCourt_TimeLeft", dispute.id, until):
        court.flag(dispute.id, {"from": frank})


def test_a_silent_claim_loses(room, court, dispute, frank):
    next_block_at(dispute.now["mark"] + CLOCK)

    court.flag(dispute.id, {"from": frank})

    assert dispute.phase is Phase.CLOSED
    assert dispute.told(room.docket) == (Ruling.OTHER, False, 1)


def test_a_silent_opponent_loses(room, court, dispute, frank):
    dispute.post(frank)
    next_block_at(dispute.now["mark"] + CLOCK)

    court.flag(dispute.id, {"from": frank})

    assert dispute.told(room.docket) == (Ruling.CLAIM, False, 1)


def test_a_withheld_state_loses(room, court, dispute, frank):
    while dispute.level:
        dispute.answer(frank)
    kept = dispute.now
    next_block_at(kept["mark"] + kept["claimClock"])

    court.flag(dispute.id, {"from": frank})

    assert dispute.told(room.docket) == (Ruling.OTHER, False, 1)


def test_a_clock_earns_nobody_anything(room, court, dispute, frank):
    next_block_at(dispute.now["mark"] + CLOCK)

    tx = court.flag(dispute.id, {"from": frank})

    assert dict(tx.events["CaseClosed"]) == {"dispute": dispute.id, "ruling": 2, "judged": False, "fee": 0}
    assert room.ledger.lockedBy(court) == 0
    with reverts_with("SegmentCourt_WrongPhase", dispute.id, 6, 1):
        court.flag(dispute.id, {"from": frank})
