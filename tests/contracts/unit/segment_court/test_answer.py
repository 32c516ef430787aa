"""SegmentCourt.answer: the branches of answer.tree."""

from courts import CLOCK, Dispute, Trace, two_traces
from reverts import reverts_with
from system import next_block_at

from thenar.domain.work.disputes import Phase
from thenar.domain.work.trace import TraceTree, node_of


def test_what_is_not_narrowed_is_not_answered(court, narrowed, frank):
    row = narrowed.claim.tree.children(1, 0)

    with reverts_with("SegmentCourt_WrongPhase", narrowed.id, 3, 1):
        court.answer(narrowed.id, row, row, {"from": frank})


def test_both_sides_children_must_be_theirs(court, dispute, frank):
    mine, theirs = dispute.children(dispute.claim), dispute.children(dispute.other)
    roots = dispute.claim.tree.root, dispute.other.tree.root
    dispute.post(frank)

    with reverts_with("SegmentCourt_WrongChildren", roots[0], roots[1]):
        court.answer(dispute.id, theirs, theirs, {"from": frank})
    with reverts_with("SegmentCourt_WrongChildren", roots[1], roots[0]):
        court.answer(dispute.id, mine, mine, {"from": frank})


def test_the_other_hides_nothing_beyond_the_end(room, bob, carol, dave, frank):
    claim, other = two_traces(300, [3])
    children = [*other.tree.children(3, 0)[:15], b"\x66" * 32]
    hiding = Trace(other.states, TraceTree(300, (*other.tree.levels[:3], node_of(children))))
    dispute = room.open(Dispute(room.court, claim, hiding, bob, carol, dave))
    dispute.post(frank)

    with reverts_with("SegmentCourt_BeyondTheEnd", dispute.id):
        room.court.answer(dispute.id, dispute.children(claim), children, {"from": frank})


def test_a_late_answer_is_refused(dispute, frank):
    dispute.post(frank)
    next_block_at(dispute.now["mark"] + CLOCK)

    with reverts_with("SegmentCourt_OutOfTime", dispute.id):
        dispute.answer(frank)


def test_it_goes_down_to_the_first_difference(dispute, frank):
    """Leaf 40 stands in the first of two branches, in the third row, in the ninth place."""
    for level, first in [(2, 0), (1, 32), (0, 40)]:
        dispute.post(frank)
        dispute.answer(frank)

        kept = dispute.now
        assert (kept["level"], kept["first"], kept["otherMoves"]) == (level, first, False)
        nodes = [trace.tree.node(level, first >> 4 * level) for trace in (dispute.claim, dispute.other)]
        assert [kept["claimNode"], kept["otherNode"]] == ["0x" + node.hex() for node in nodes]


def test_it_remembers_what_both_agree_on(ask, frank):
    """Leaf 32 is the first of its row: the last state both agree on is the last of the row before."""
    dispute = ask(differs=(32, 33))
    while dispute.level:
        dispute.answer(frank)

    kept = dispute.now
    assert (kept["first"], kept["agreedLevel"]) == (32, 1)
    assert kept["agreed"] == "0x" + dispute.claim.tree.node(1, 1).hex()


def test_who_knows_both_traces_need_not_wait(dispute, mallory):
    opened = dispute.now["mark"]
    next_block_at(opened + 100)

    dispute.answer(mallory)

    kept = dispute.now
    assert (kept["level"], kept["claimClock"], kept["otherClock"]) == (2, CLOCK - 100, CLOCK)


def test_at_the_leaves_the_state_is_asked_for(ask, frank):
    dispute = ask(count=16, differs=(9,))
    dispute.answer(frank)

    assert dispute.phase is Phase.STATE


def test_the_first_leaf_is_built_from_the_spec(ask, frank):
    dispute = ask(differs=(0, 7))
    for _ in range(3):
        dispute.answer(frank)

    assert dispute.phase is Phase.DRAWING
    assert dispute.now["agreed"] == "0x" + bytes(32).hex()


def test_it_emits_case_narrowed(dispute, frank):
    tx = dispute.answer(frank)

    assert dict(tx.events["CaseNarrowed"]) == {
        "dispute": dispute.id,
        "level": 2,
        "first": 0,
        "claimNode": "0x" + dispute.claim.tree.node(2, 0).hex(),
        "otherNode": "0x" + dispute.other.tree.node(2, 0).hex(),
        "agreed": "0x" + bytes(32).hex(),
        "agreedLevel": 0,
    }
