"""Narrowing as a whole, against the Python twin: whatever the traces, however the moves are made."""

import random

from brownie.test import given, strategy
from courts import Dispute, two_traces

from thenar.domain.work.disputes import Phase
from thenar.domain.work.trace import MAX_LEAVES, depth_of


def some_traces(dice):
    count = dice.choice([dice.randint(2, 17), dice.randint(18, 300), dice.randint(257, MAX_LEAVES), MAX_LEAVES])
    spread = dice.choice([1, 16, count])
    first = dice.randrange(count)
    differs = {first} | {min(count - 1, first + dice.randrange(spread)) for _ in range(dice.randrange(6))}
    return count, min(differs), two_traces(count, sorted(differs), dice.random())


@given(seed=strategy("uint256"))
def test_it_ends_at_the_first_difference(room, bob, carol, dave, frank, seed):
    dice = random.Random(seed)
    count, first, (claim, other) = some_traces(dice)
    dispute = room.open(Dispute(room.court, claim, other, bob, carol, dave))
    rounds = 0

    while dispute.phase is Phase.NARROWING:
        if dice.random() < 0.5:
            dispute.post(frank)
        dispute.answer(frank)
        rounds += 1

    assert rounds == depth_of(count)
    kept = dispute.now
    assert (kept["level"], kept["first"], dispute.place) == (0, first, first)
    assert (kept["claimNode"], kept["otherNode"]) == tuple("0x" + leaf.hex() for leaf in dispute.leaves())
    assert kept["claimNode"] != kept["otherNode"]
    if first:
        assert claim.states[first - 1] == other.states[first - 1] == dispute.start[0]
        dispute.post_state(frank)
    assert dispute.phase is Phase.DRAWING
