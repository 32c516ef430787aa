"""SegmentCourt's constructor and open: the branches of open.tree."""

import pytest
from courts import APPEAL, BOND, CLOCK, COMMIT, DELAY, REVEAL, SMALLEST, open_court
from reverts import reverts_with

from thenar.domain.work.disputes import Phase


@pytest.mark.parametrize("nothing", ["clock", "commit", "reveal", "delay", "smallest", "bond"])
def test_a_court_of_nothing_is_refused(deployer, nothing):
    with reverts_with("SegmentCourt_BadParameters"):
        open_court(deployer, jurors=0, **{nothing: 0})


def test_bonds_leave_room_to_double(deployer):
    with reverts_with("SegmentCourt_BadParameters"):
        open_court(deployer, jurors=0, bond=2**86)


def test_only_the_client_opens(court, dispute, mallory):
    with reverts_with("SegmentCourt_NotClient", mallory):
        court.open(dispute.opening, {"from": mallory})


def test_equal_traces_are_no_dispute(room, dispute, mallory):
    opening = list(dispute.opening)
    opening[5] = opening[4]

    with reverts_with("SegmentCourt_BadOpening"):
        room.docket.open(opening, {"from": mallory})


@pytest.mark.parametrize("segments", [0, 4_096, 65_535])
def test_traces_have_two_to_4096_leaves(room, dispute, mallory, segments):
    opening = list(dispute.opening)
    opening[3] = segments

    with reverts_with("SegmentCourt_BadOpening"):
        room.docket.open(opening, {"from": mallory})


def test_the_claims_clock_runs_from_the_opening(court, ask):
    first, second = ask(), ask(count=4_096)

    assert (first.id, second.id) == (1, 2)
    kept = second.now
    assert (kept["phase"], kept["level"], kept["leaves"], kept["first"]) == (Phase.NARROWING, 3, 4_096, 0)
    assert not kept["otherMoves"]
    assert (kept["claimClock"], kept["otherClock"]) == (CLOCK, CLOCK)
    assert kept["mark"] == kept["openedAt"]
    assert tuple(court.parameters()) == (CLOCK, COMMIT, REVEAL, APPEAL, DELAY, SMALLEST, BOND)


def test_it_emits_case_opened(room, dispute, frank):
    tx = room.docket.open(dispute.opening, {"from": frank})

    event = tx.events["CaseOpened"]
    assert (event["dispute"], event["openedAt"]) == (2, tx.timestamp)
    assert tuple(event["opening"])[2:4] == (5, 299)
