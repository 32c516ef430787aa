"""Random provenance graphs: what the chain pays differs from exact fractions by less than one unit per rounding.

`make campaign` tries many more of them, and bigger ones.
"""

import random
from itertools import pairwise

import pytest
from assets import CAPTURE, MODEL, mint
from graph_twin import WHOLE, exact_income
from long_walk import CAMPAIGN, seeds
from payouts import REF, claim, publish, to_account
from system import fund

SIZE = 10 if CAMPAIGN == 1 else 40


@pytest.fixture(scope="module")
def graph(system, erin):
    fund(system.token, erin, 10**15, system.ledger)
    return system.revenue_graph


def random_shape(dice, size):
    """Links and payouts of `size` assets, oldest first: captures, then models derived from anything older."""
    links, payouts = {}, {}
    captures = max(1, size // 3)
    for child in range(captures, size):
        parents = dice.sample(range(child), min(child, dice.randint(1, 4)))
        links[child] = {parent: dice.randint(1, WHOLE // len(parents)) for parent in parents}
    for asset in range(size):
        if dice.random() < 0.5:
            payouts[asset] = [(dice.randrange(6), dice.randint(1, 1_000)) for _ in range(dice.randint(1, 5))]
    return captures, links, payouts


@pytest.mark.parametrize("seed", seeds(3))
def test_a_random_graph_pays_what_fractions_say(system, graph, people, erin, seed):
    dice = random.Random(seed)
    captures, links, payouts = random_shape(dice, SIZE)
    owners = {asset: dice.randrange(6) for asset in range(SIZE)}
    account = [people[1], people[2], people[3], people[4], people[6], people[7]]
    kinds = [CAPTURE if asset < captures else MODEL for asset in range(SIZE)]
    ids = [
        mint(system.asset_registry, account[owners[asset]], f"{seed}/{asset}", kind) for asset, kind in enumerate(kinds)
    ]
    trees = {}
    for asset in range(SIZE):
        owner = account[owners[asset]]
        if asset in links:
            graph.link(ids[asset], [(ids[parent], share) for parent, share in links[asset].items()], {"from": owner})
        if asset in payouts:
            shares = [to_account(account[person], weight) for person, weight in payouts[asset]]
            trees[asset] = publish(graph, ids[asset], shares, owner)

    paid = {asset: dice.randint(1, 10**9) for asset in dice.sample(range(SIZE), max(1, SIZE // 2))}
    pieces = [(asset, part) for asset, amount in paid.items() for part in _cut(dice, amount)]
    dice.shuffle(pieces)
    for asset, amount in pieces:
        graph.pay(ids[asset], amount, REF, {"from": erin})
        _roll_somewhere(dice, graph, ids, links, erin)
    for child in reversed(range(SIZE)):
        for parent in links.get(child, {}):
            if graph.rollDueOf(ids[child], ids[parent]):
                graph.roll(ids[child], ids[parent], {"from": erin})
        _collect(graph, ids[child], trees.get(child), erin)

    exact = exact_income(range(SIZE), paid, links, payouts, owners)
    roundings = sum(map(len, links.values())) * 2 + sum(map(len, payouts.values())) + SIZE
    for person in range(6):
        got = system.ledger.balanceOf(account[person])
        assert exact[person] - roundings <= got <= exact[person]
    assert sum(exact.values()) == sum(paid.values())
    assert system.ledger.lockedBy(graph) <= roundings


def _cut(dice, amount):
    """Cut an amount into one to three parts."""
    cuts = sorted(dice.randint(1, amount) for _ in range(dice.randint(0, 2)))
    edges = [0, *cuts, amount]
    return [high - low for low, high in pairwise(edges) if high > low]


def _roll_somewhere(dice, graph, ids, links, anyone):
    """Roll one random edge in the middle of it all: the order of rolls changes nobody's total."""
    child = dice.choice(sorted(links))
    parent = dice.choice(sorted(links[child]))
    if graph.rollDueOf(ids[child], ids[parent]):
        graph.roll(ids[child], ids[parent], {"from": anyone})


def _collect(graph, asset, tree, anyone):
    """Take all that is due of one asset."""
    if graph.ownDueOf(asset):
        graph.takeOwn(asset, {"from": anyone})
    for index in range(len(tree.shares) if tree else 0):
        if graph.dueOf(asset, 1, index, tree.shares[index].weight):
            claim(graph, tree, index, anyone)
