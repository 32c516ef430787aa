"""SegmentCourt.commitVote and revealVote: the branches of vote.tree."""

import pytest
from reverts import ANY, reverts_with
from system import next_block_at

SALT = b"\x51" * 32


def test_there_is_a_time_to_vote(court, narrowed, room):
    narrowed.panel = [str(room.jurors[0])]

    with reverts_with("SegmentCourt_WrongPhase", narrowed.id, 3, 4):
        narrowed.commit(narrowed.panel[0], b"\x01" * 32)


def test_the_panel_must_be_handed_back(court, drawn, mallory):
    with reverts_with("SegmentCourt_WrongPanel", drawn.id, 0):
        court.commitVote(drawn.id, [*drawn.panel[1:], str(mallory)], 6, b"\x07" * 32, {"from": mallory})


def test_only_the_juror_at_his_place_commits(court, drawn, mallory):
    for who, place in [(mallory, 0), (drawn.panel[1], 0)]:
        with reverts_with("SegmentCourt_NotJuror", who):
            court.commitVote(drawn.id, drawn.panel, place, b"\x07" * 32, {"from": who})
    with reverts_with("Index out of range"):
        court.commitVote(drawn.id, drawn.panel, 7, b"\x07" * 32, {"from": mallory})


def test_a_late_commitment_is_refused(court, drawn):
    until = court.panelOf(drawn.id, 0)["commitUntil"]
    next_block_at(until)

    with reverts_with("SegmentCourt_TooLate", until):
        drawn.commit(drawn.panel[0], b"\x01" * 32)


@pytest.mark.parametrize("kept", range(6))
def test_a_commitment_is_no_vote(court, drawn, kept):
    with reverts_with("SegmentCourt_BadCommitment", kept.to_bytes(32, "big")):
        court.commitVote(drawn.id, drawn.panel, 0, kept.to_bytes(32, "big"), {"from": drawn.panel[0]})


def test_nobody_changes_his_mind(drawn):
    juror = drawn.panel[3]
    drawn.commit(juror, b"\x01" * 32)

    with reverts_with("SegmentCourt_AlreadyVoted", juror):
        drawn.commit(juror, b"\x02" * 32)


def test_it_emits_vote_committed(court, drawn):
    juror = drawn.panel[2]

    tx = drawn.commit(juror, b"\x01" * 32)

    commitment = "0x" + drawn.ballot(juror).commitment(b"\x01" * 32, SALT).hex()
    assert dict(tx.events["VoteCommitted"]) == {
        "dispute": drawn.id,
        "round": 0,
        "juror": juror,
        "commitment": commitment,
    }
    assert court.voteOf(drawn.id, 0, juror) == commitment
    assert court.panelOf(drawn.id, 0)["commits"] == 1


def test_there_is_a_time_to_reveal(narrowed, room):
    with reverts_with("SegmentCourt_WrongPhase", narrowed.id, 3, 4):
        narrowed.reveal(room.jurors[0], b"\x01" * 32)


def test_nobody_shows_his_vote_before_all_have_committed(court, drawn):
    leaf = drawn.leaves()[0]
    for juror in drawn.panel[:6]:
        drawn.commit(juror, leaf)
    until = court.panelOf(drawn.id, 0)["commitUntil"]
    with reverts_with("SegmentCourt_TooEarly", until):
        drawn.reveal(drawn.panel[0], leaf)

    drawn.commit(drawn.panel[6], leaf)

    drawn.reveal(drawn.panel[0], leaf)


def test_a_late_vote_is_refused(court, drawn):
    drawn.commit(drawn.panel[0], b"\x01" * 32)
    until = court.panelOf(drawn.id, 0)["revealUntil"]
    next_block_at(until)

    with reverts_with("SegmentCourt_TooLate", until):
        drawn.reveal(drawn.panel[0], b"\x01" * 32)


@pytest.mark.parametrize(("leaf", "salt"), [(b"\x02" * 32, SALT), (b"\x01" * 32, bytes(32))])
def test_only_what_was_committed_is_revealed(chain, court, drawn, leaf, salt):
    juror = drawn.panel[0]
    drawn.commit(juror, b"\x01" * 32)
    chain.sleep(court.parameters()["commitWindow"])
    ballot = drawn.ballot(juror)

    with reverts_with("SegmentCourt_WrongVote", ballot.commitment(b"\x01" * 32, SALT), ballot.commitment(leaf, salt)):
        drawn.reveal(juror, leaf, salt)


def test_a_copied_commitment_opens_nothing(chain, court, drawn):
    """The commitment binds its juror: whoever copies it cannot show what it is for, not even once the vote is known."""
    honest, copier = drawn.panel[:2]
    copied = drawn.commit(honest, drawn.leaves()[0]).events["VoteCommitted"]["commitment"]
    court.commitVote(drawn.id, drawn.panel, 1, copied, {"from": copier})
    chain.sleep(court.parameters()["commitWindow"])
    drawn.reveal(honest, drawn.leaves()[0])

    with reverts_with("SegmentCourt_WrongVote", bytes(copied), ANY):
        drawn.reveal(copier, drawn.leaves()[0])


def test_votes_are_counted_by_leaf(court, drawn):
    drawn.vote([1, 1, 2, 3, 2, 1, 3])

    panel = court.panelOf(drawn.id, 0).dict()
    assert (panel["reveals"], panel["forClaim"], panel["forOther"]) == (7, 3, 2)
    kept = [int(str(court.voteOf(drawn.id, 0, juror)), 16) for juror in drawn.panel]
    assert kept == [1, 1, 2, 3, 2, 1, 3]


def test_a_vote_counts_once(drawn):
    leaf = drawn.leaves()[0]
    drawn.vote([1] * 6 + [0])
    juror = drawn.panel[0]

    with reverts_with("SegmentCourt_WrongVote", (1).to_bytes(32, "big"), drawn.ballot(juror).commitment(leaf, SALT)):
        drawn.reveal(juror, leaf)


def test_it_emits_vote_revealed(drawn):
    for juror in drawn.panel:
        drawn.commit(juror, b"\x09" * 32)

    tx = drawn.reveal(drawn.panel[4], b"\x09" * 32)

    assert dict(tx.events["VoteRevealed"]) == {
        "dispute": drawn.id,
        "round": 0,
        "juror": drawn.panel[4],
        "leaf": "0x" + "09" * 32,
    }
