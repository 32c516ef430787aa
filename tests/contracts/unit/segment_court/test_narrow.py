"""SegmentCourt.narrow: the branches of narrow.tree."""

import pytest
from courts import CLOCK
from reverts import ANY, reverts_with
from system import next_block_at

from thenar.domain.work.disputes import Phase

KEPT = ("phase", "level", "first", "claimNode", "otherNode", "agreed", "agreedLevel", "otherMoves")


def way_down(dispute):
    """Both sides' children on every level."""
    claims, others = [], []
    pairs = zip(dispute.claim.states, dispute.other.states, strict=True)
    place = next(at for at, (one, two) in enumerate(pairs) if one != two)
    for level in range(dispute.level, 0, -1):
        claims.append(dispute.claim.tree.children(level, place >> 4 * level))
        others.append(dispute.other.tree.children(level, place >> 4 * level))
    return claims, others


def test_what_is_over_is_not_narrowed_again(court, narrowed, frank):
    with reverts_with("SegmentCourt_WrongPhase", narrowed.id, 3, 1):
        court.narrow(narrowed.id, [], [], b"", [], {"from": frank})


@pytest.mark.parametrize("level", range(3))
@pytest.mark.parametrize("side", range(2))
def test_every_level_is_checked(court, dispute, mallory, level, side):
    rows = way_down(dispute)
    rows[side][level] = [b"\x07" * 32, *rows[side][level][1:]]

    with reverts_with("SegmentCourt_WrongChildren", ANY, ANY):
        court.narrow(dispute.id, *rows, b"", [], {"from": mallory})

    assert dispute.now["level"] == 3


def test_there_is_nothing_below_the_leaves(court, dispute, mallory):
    claims, others = way_down(dispute)

    with reverts_with("SegmentCourt_WrongChildren", ANY, ANY):
        court.narrow(dispute.id, [*claims, claims[-1]], [*others, others[-1]], b"", [], {"from": mallory})


def test_a_late_way_down_is_refused(dispute, frank):
    next_block_at(dispute.now["mark"] + CLOCK)

    with reverts_with("SegmentCourt_OutOfTime", dispute.id):
        dispute.narrow_at_once(frank)


@pytest.mark.parametrize("first", [0, 1, 16, 40, 256, 299])
def test_it_ends_where_the_moves_end(ask, frank, first):
    slow, fast = ask(differs=(first,)), ask(differs=(first,))
    slow.narrow(frank)

    tx = fast.narrow_at_once(frank)

    assert [slow.now[name] for name in KEPT] == [fast.now[name] for name in KEPT]
    assert len(tx.events["CaseNarrowed"]) == 3
    assert fast.phase is Phase.DRAWING


def test_it_goes_on_from_where_the_moves_stand(dispute, frank, mallory):
    dispute.post(frank)
    dispute.answer(frank)
    dispute.post(frank)

    dispute.narrow_at_once(mallory)

    assert (dispute.now["first"], dispute.phase) == (40, Phase.DRAWING)


def test_the_state_may_come_later(court, dispute, frank):
    rows = way_down(dispute)

    court.narrow(dispute.id, *rows, b"", [], {"from": frank})

    assert dispute.phase is Phase.STATE
