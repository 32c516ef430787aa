"""RevenueGraph.roll and rollDueOf: the branches of roll.tree."""

import pytest
from assets import DATASET, MODEL, mint
from reverts import reverts_with


@pytest.fixture(scope="module")
def linked(graph, model, scan, carol):
    """Alice's scan owns 40 % of Carol's model."""
    graph.link(model, [(scan, 400_000)], {"from": carol})
    return model


def test_strangers_do_not_roll(graph, linked, touch, mallory):
    with reverts_with("RevenueGraph_NotLinked", linked, touch):
        graph.roll(linked, touch, {"from": mallory})
    with reverts_with("RevenueGraph_NotLinked", linked, touch):
        graph.rollDueOf(linked, touch)


def test_rolling_twice_moves_nothing_twice(graph, pay, linked, scan, mallory):
    pay(linked, 1_000)
    graph.roll(linked, scan, {"from": mallory})

    with reverts_with("RevenueGraph_NothingDue", linked):
        graph.roll(linked, scan, {"from": mallory})


def test_anybody_moves_a_parents_share(graph, pay, linked, scan, mallory):
    pay(linked, 1_000)

    tx = graph.roll(linked, scan, {"from": mallory})

    assert tx.return_value == 400
    assert graph.ownOf(scan) == 400
    assert graph.rollDueOf(linked, scan) == 0
    assert tuple(graph.edgeOf(linked, scan)) == (400_000, 0, 400)


def test_rolling_in_steps_moves_as_much_as_at_once(graph, pay, linked, scan, mallory):
    for _ in range(5):
        pay(linked, 3)
        graph.roll(linked, scan, {"from": mallory})

    assert graph.ownOf(scan) == 15 * 4 // 10


def test_a_share_climbs_from_model_to_capture(registry, graph, pay, scan, carol, dave, mallory):
    dataset = mint(registry, dave, "dataset", DATASET)
    policy = mint(registry, carol, "policy", MODEL)
    graph.link(dataset, [(scan, 500_000)], {"from": dave})
    graph.link(policy, [(dataset, 200_000)], {"from": carol})
    pay(policy, 1_000)

    graph.roll(policy, dataset, {"from": mallory})
    graph.roll(dataset, scan, {"from": mallory})

    assert (graph.ownOf(policy), graph.ownOf(dataset), graph.ownOf(scan)) == (800, 100, 100)


def test_no_money_leaves_the_graph(graph, ledger, pay, linked, scan, mallory):
    pay(linked, 1_000)

    graph.roll(linked, scan, {"from": mallory})

    assert ledger.lockedBy(graph) == 1_000


def test_it_emits_rolled(graph, pay, linked, scan, mallory):
    pay(linked, 1_000)

    tx = graph.roll(linked, scan, {"from": mallory})

    assert dict(tx.events["Rolled"]) == {"child": "0x" + linked.hex(), "parent": "0x" + scan.hex(), "amount": 400}
