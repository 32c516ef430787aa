"""SegmentCourt.postState: the branches of post_state.tree."""

import pytest
from brownie import web3
from courts import DELAY, Dispute, Trace, leaf_of
from reverts import reverts_with
from system import next_block_at

from thenar.domain.keccak import keccak256
from thenar.domain.work.disputes import Phase
from thenar.domain.work.trace import TraceTree


@pytest.fixture
def at_leaves(ask, frank):
    """Play a dispute down to its leaves."""

    def at_leaves_(**asked):
        dispute = ask(**asked)
        while dispute.level:
            dispute.answer(frank)
        return dispute

    return at_leaves_


def test_the_state_comes_after_the_leaves(court, dispute, frank):
    with reverts_with("SegmentCourt_WrongPhase", dispute.id, 1, 2):
        court.postState(dispute.id, b"", [], {"from": frank})


def test_a_state_has_16_kib(room, bob, carol, dave, frank):
    biggest, bigger = b"\x07" * 16_384, b"\x07" * 16_385
    for state, fits in [(biggest, True), (bigger, False)]:
        claim, other = Trace.of([state, b"one"]), Trace.of([state, b"two"])
        dispute = room.open(Dispute(room.court, claim, other, bob, carol, dave))
        dispute.answer(frank)
        if fits:
            dispute.post_state(frank)
            assert dispute.phase is Phase.DRAWING
            continue
        with reverts_with("SegmentCourt_StateTooBig", 16_385, 16_384):
            dispute.post_state(frank)


def test_no_other_state_is_taken(court, at_leaves, frank):
    dispute = at_leaves()
    state, path = dispute.start

    with reverts_with("SegmentCourt_WrongState", leaf_of(state), leaf_of(b"\x01" + state)):
        court.postState(dispute.id, b"\x01" + state, path, {"from": frank})


def test_the_way_down_has_its_length(court, at_leaves, frank):
    """The row's own node is no leaf, though both hang from the agreed node."""
    dispute = at_leaves(differs=(256,))
    state, path = dispute.start
    short = dispute.claim.tree.node(1, 15)

    with reverts_with("SegmentCourt_WrongState", dispute.claim.tree.node(2, 0), short):
        court.postState(dispute.id, state, path[:1], {"from": frank})


def test_a_late_state_is_refused(at_leaves, frank):
    dispute = at_leaves()
    kept = dispute.now
    next_block_at(kept["mark"] + kept["claimClock"])

    with reverts_with("SegmentCourt_OutOfTime", dispute.id):
        dispute.post_state(frank)


@pytest.mark.parametrize(
    ("count", "leaf"), [(2, 1), (16, 15), (300, 1), (300, 16), (300, 256), (4_096, 4_095), (4_096, 256)]
)
def test_the_state_before_any_segment_is_taken(at_leaves, mallory, count, leaf):
    dispute = at_leaves(count=count, differs=(leaf,))

    dispute.post_state(mallory)

    assert dispute.phase is Phase.DRAWING


def test_a_jury_can_be_drawn_after_it(at_leaves, frank):
    dispute = at_leaves()

    tx = dispute.post_state(frank)

    assert dict(tx.events["JuryArmed"]) == {
        "dispute": dispute.id,
        "round": 0,
        "drawBlock": web3.eth.block_number + DELAY,
    }
    assert dispute.now["mark"] == web3.eth.block_number + DELAY


def test_it_emits_state_posted(at_leaves, frank):
    dispute = at_leaves()

    tx = dispute.post_state(frank)

    assert dict(tx.events["StatePosted"]) == {"dispute": dispute.id, "state": "0x" + dispute.claim.states[39].hex()}


def test_nothing_below_a_leaf_is_a_state(room, court, bob, carol, dave, frank):
    """Both sides made their first leaf out of sixteen others: what lies under it is no checkpoint of theirs."""
    state, beside = b"not a checkpoint", [bytes([number]) * 32 for number in range(15)]
    deep = keccak256(b"".join(beside) + leaf_of(state))
    sides = [Trace((b"", end), TraceTree.build([deep, leaf_of(end)])) for end in (b"one", b"two")]
    dispute = room.open(Dispute(room.court, *sides, bob, carol, dave))
    dispute.level, dispute.place = 1, 0
    court.answer(dispute.id, *(dispute.children(side) for side in sides), {"from": frank})

    with reverts_with("SegmentCourt_WrongState", deep, deep):
        court.postState(dispute.id, state, [beside], {"from": frank})
