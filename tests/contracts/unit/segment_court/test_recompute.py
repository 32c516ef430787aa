"""SegmentCourt.recompute: the branches of recompute.tree. Updates and statistics, settled by the chain."""

import random

import pytest
from courts import CLOCK, Dispute, Trace
from reverts import reverts_with
from system import next_block_at

from thenar.domain.membertree import MemberTree
from thenar.domain.work.aggregates import CLASS, evolution, leaf, moments, packed, word
from thenar.domain.work.disputes import Phase, Ruling
from thenar.domain.work.trace import TraceTree

UNIT, SEGMENTS = 1, 40


class Sum(Dispute):
    """A dispute about a unit of an update: 40 of 100 parameters, from 12 pairs."""

    def __post_init__(self):
        dice = random.Random(7)
        self.values = [dice.randint(-(2**40), 2**40) for _ in range(12)]
        self.before = [dice.randint(-(2**20), 2**20) for _ in range(100)]
        self.sum = evolution(2**63 + 5, self.values, self.before, rate=-7_001, shift=33)
        self.right = list(self.sum.leaves(UNIT, SEGMENTS, self.values, self.before))
        self.claim, self.other = self.forged(self.claim), self.forged(self.other)
        super().__post_init__()

    def forged(self, wrong):
        """The right leaves but for these places."""
        leaves = [leaf(0, at) if at in wrong else one for at, one in enumerate(self.right)]
        return Trace(tuple(leaves), TraceTree.build(leaves))

    @property
    def opening(self):
        roots = (self.claim.tree.root, self.other.tree.root)
        people = (str(self.claimant), str(self.opponent), str(self.requester))
        return (CLASS, self.sum.digest, UNIT, SEGMENTS, *roots, *people)

    @property
    def call(self):
        """The aggregation as the contract takes it."""
        one = self.sum
        return (int(one.kind), one.seed, one.count, one.width, one.rate, one.shift, one.values, one.before, one.source)

    def numbers(self, place):
        """All that the leaf at a place is computed from."""
        at = max(0, UNIT * SEGMENTS + place - 1)
        path = MemberTree.build([word(one) for one in self.before]).prove(at)
        return self.call, packed(self.values), self.before[at], path

    def recompute(self, by):
        """Compute the disputed leaf."""
        return self.court.recompute(self.id, self.opening, *self.numbers(self.place), {"from": by})


@pytest.fixture
def about(room, bob, carol, dave, frank):
    """Open a dispute about sums that are wrong at these places of either trace, and narrow it."""

    def about_(claims=(), others=(), narrowed=True):
        dispute = room.open(Sum(room.court, set(claims), set(others), bob, carol, dave))
        while narrowed and dispute.level:
            dispute.answer(frank)
        return dispute

    return about_


def test_sums_are_computed_at_the_leaves(about, frank):
    dispute = about(others=[9], narrowed=False)

    with reverts_with("SegmentCourt_WrongPhase", dispute.id, 1, 2):
        dispute.recompute(frank)


def test_physics_is_not_computed_on_chain(court, about, dispute, frank):
    numbers = about(others=[9]).numbers(9)
    while dispute.level:
        dispute.answer(frank)

    with reverts_with("SegmentCourt_NotComputable", dispute.id):
        court.recompute(dispute.id, dispute.opening, *numbers, {"from": frank})


def test_a_sum_needs_its_opening(court, about, mallory):
    dispute = about(others=[9])
    opening = [*dispute.opening[:2], 0, *dispute.opening[3:]]

    with reverts_with("SegmentCourt_WrongOpening", dispute.id):
        court.recompute(dispute.id, opening, *dispute.numbers(9), {"from": mallory})


def test_other_numbers_are_refused(court, about, mallory):
    dispute = about(others=[9])
    call, values, before, path = dispute.numbers(9)
    _, _, beside, other_path = dispute.numbers(10)

    for numbers in [
        ([*call[:4], 7, *call[5:]], values, before, path),
        (call, values[:-8], before, path),
        (call, values[8:] + values[:8], before, path),
        (call, values, before + 1, path),
        (call, values, beside, other_path),
        (call, values, before, path[:-1]),
    ]:
        with reverts_with("SegmentCourt_WrongNumbers", dispute.id):
            court.recompute(dispute.id, dispute.opening, *numbers, {"from": mallory})


def test_a_late_sum_is_refused(about, frank):
    dispute = about(others=[9])
    kept = dispute.now
    next_block_at(kept["mark"] + kept["claimClock"])

    with reverts_with("SegmentCourt_OutOfTime", dispute.id):
        dispute.recompute(frank)


def test_a_sum_has_no_state(court, about, frank):
    dispute = about(others=[9])

    with reverts_with("SegmentCourt_Computable", dispute.id):
        court.postState(dispute.id, b"", [], {"from": frank})


@pytest.mark.parametrize("place", [0, 1, 16, 40])
def test_a_right_sum_wins(room, about, frank, place):
    dispute = about(others=[place, 40])

    tx = dispute.recompute(frank)

    assert dispute.told(room.docket) == (Ruling.CLAIM, False, 1)
    assert dict(tx.events["CaseClosed"]) == {"dispute": dispute.id, "ruling": 1, "judged": False, "fee": 0}
    assert dispute.phase is Phase.CLOSED


@pytest.mark.parametrize("place", [1, 17, 32, 40])
def test_a_wrong_sum_loses(room, about, mallory, place):
    dispute = about(claims=[place])

    dispute.recompute(mallory)

    assert dispute.told(room.docket) == (Ruling.OTHER, False, 1)


def test_two_wrong_sums_do_not_make_a_right_one(room, about, frank):
    dispute = about(claims=[5])
    dispute = room.open(_both_wrong(dispute))
    while dispute.level:
        dispute.answer(frank)

    dispute.recompute(frank)

    assert dispute.told(room.docket) == (Ruling.OTHER, False, 1)


def _both_wrong(dispute):
    """Another lie in the same place."""
    leaves = [leaf(1, 1) if at == 5 else one for at, one in enumerate(dispute.right)]
    dispute.other, dispute.level, dispute.place = Trace(tuple(leaves), TraceTree.build(leaves)), 2, 0
    return dispute


def test_a_wrong_first_leaf_loses(room, about, frank):
    dispute = about(claims=[0])

    dispute.recompute(frank)

    assert dispute.told(room.docket) == (Ruling.OTHER, False, 1)


def test_a_sum_that_is_not_shown_loses(room, court, about, frank):
    dispute = about(others=[9])
    next_block_at(dispute.now["mark"] + CLOCK)

    court.flag(dispute.id, {"from": frank})

    assert dispute.told(room.docket) == (Ruling.OTHER, False, 1)


def test_a_statistic_is_settled_like_an_update(room, court, bob, carol, dave, frank):
    """Sum, squares and cubes of scores: the second moment was claimed too high."""
    scores = [-5, 3, 2**50, -(2**63), 2**63 - 1]
    told = moments(scores)
    right = list(told.leaves(0, 3, scores))
    assert right[2] == leaf(1, sum(score**2 for score in scores))
    lied = [*right[:2], leaf(1, sum(score**2 for score in scores) + 1), right[3]]
    sides = [Trace(tuple(leaves), TraceTree.build(leaves)) for leaves in (lied, right)]
    roots = [side.tree.root for side in sides]
    opening = (CLASS, told.digest, 0, 3, *roots, str(bob), str(carol), str(dave))
    dispute = room.docket.open(opening, {"from": frank}).events["CaseOpened"]["dispute"]
    court.answer(dispute, *(side.tree.children(1, 0) for side in sides), {"from": frank})
    call = (0, 0, 5, 3, 0, 0, told.values, told.before, told.source)

    court.recompute(dispute, opening, call, packed(scores), 0, [], {"from": frank})

    assert room.docket.toldOf(dispute)[0] == Ruling.OTHER
