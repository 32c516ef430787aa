"""SegmentCourt.post: the branches of post.tree."""

from courts import CLOCK, Dispute, Trace, two_traces
from reverts import reverts_with
from system import next_block_at

from thenar.domain.work.trace import TraceTree, node_of


def test_what_is_not_narrowed_takes_no_children(court, narrowed, frank):
    children = narrowed.claim.tree.children(1, 0)

    with reverts_with("SegmentCourt_WrongPhase", narrowed.id, 3, 1):
        court.post(narrowed.id, children, {"from": frank})
    with reverts_with("SegmentCourt_WrongPhase", 99, 0, 1):
        court.post(99, children, {"from": frank})


def test_the_claim_does_not_move_twice(dispute, frank):
    dispute.post(frank)

    with reverts_with("SegmentCourt_NotClaimsTurn", dispute.id):
        dispute.post(frank)


def test_children_must_be_the_nodes(court, dispute, frank):
    children = list(dispute.children(dispute.other))

    with reverts_with("SegmentCourt_WrongChildren", dispute.claim.tree.root, dispute.other.tree.root):
        court.post(dispute.id, children, {"from": frank})


def test_nothing_hides_beyond_the_end(room, bob, carol, dave, frank):
    """A root over a child that must not be there is a root without a move."""
    claim, other = two_traces(300, [3])
    children = [*claim.tree.children(3, 0)[:2], b"\x66" * 32, *[bytes(32)] * 13]
    hiding = Trace(claim.states, TraceTree(300, (*claim.tree.levels[:3], node_of(children))))
    dispute = room.open(Dispute(room.court, hiding, other, bob, carol, dave))

    with reverts_with("SegmentCourt_BeyondTheEnd", dispute.id):
        room.court.post(dispute.id, children, {"from": frank})


def test_a_late_move_is_refused(dispute, frank):
    next_block_at(dispute.now["mark"] + CLOCK)

    with reverts_with("SegmentCourt_OutOfTime", dispute.id):
        dispute.post(frank)


def test_anybody_moves_for_the_claim(dispute, mallory):
    dispute.post(mallory)

    assert dispute.now["otherMoves"]


def test_a_move_costs_the_time_it_took(dispute, frank):
    opened = dispute.now["mark"]
    next_block_at(opened + CLOCK - 1)

    dispute.post(frank)

    kept = dispute.now
    assert (kept["claimClock"], kept["otherClock"], kept["mark"]) == (1, CLOCK, opened + CLOCK - 1)


def test_it_emits_children_posted(dispute, frank):
    tx = dispute.post(frank)

    event = tx.events["ChildrenPosted"]
    assert event["dispute"] == dispute.id
    assert [bytes.fromhex(str(one)[2:]) for one in event["children"]] == list(dispute.claim.tree.children(3, 0))
