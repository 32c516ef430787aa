"""RevenueGraph.link: the branches of link.tree."""

import pytest
from assets import CAPTURE, MODEL, mint
from batches import commit
from payouts import WHOLE
from reverts import reverts_with


@pytest.fixture(scope="module")
def crowd(registry, alice):
    """Seventeen captures."""
    return [mint(registry, alice, f"crowd {number}", CAPTURE) for number in range(17)]


@pytest.fixture(scope="module")
def child(registry, carol, crowd, late):
    """Carol's model, younger than everything else."""
    return mint(registry, carol, "child", MODEL)


def test_a_link_to_nobody_is_refused(graph, model, carol):
    with reverts_with("RevenueGraph_NoParents", model):
        graph.link(model, [], {"from": carol})


def test_seventeen_parents_are_refused(graph, child, crowd, carol):
    with reverts_with("RevenueGraph_TooManyParents", 17):
        graph.link(child, [(parent, 1) for parent in crowd], {"from": carol})


def test_an_unknown_parent_is_refused(graph, model, carol):
    with reverts_with("AssetRegistry_Unknown", b"\x01" * 32):
        graph.link(model, [(b"\x01" * 32, 1)], {"from": carol})


def test_only_the_childs_owner_links(graph, model, scan, mallory):
    with reverts_with("RevenueGraph_NotOwner", model, mallory):
        graph.link(model, [(scan, 1)], {"from": mallory})


def test_a_capture_has_no_parents(graph, touch, scan, bob):
    with reverts_with("RevenueGraph_CaptureHasNoParents", touch):
        graph.link(touch, [(scan, 1)], {"from": bob})


def test_a_younger_parent_is_refused(graph, model, late, carol):
    with reverts_with("RevenueGraph_NotOlder", model, late):
        graph.link(model, [(late, 1)], {"from": carol})


def test_nobody_is_its_own_parent(graph, model, carol):
    with reverts_with("RevenueGraph_NotOlder", model, model):
        graph.link(model, [(model, 1)], {"from": carol})


def test_a_share_of_nothing_is_refused(graph, model, scan, carol):
    with reverts_with("RevenueGraph_BadShare", scan, 0):
        graph.link(model, [(scan, 0)], {"from": carol})


def test_a_share_above_the_whole_is_refused(graph, model, scan, carol):
    with reverts_with("RevenueGraph_BadShare", scan, WHOLE + 1):
        graph.link(model, [(scan, WHOLE + 1)], {"from": carol})


def test_shares_above_the_whole_together_are_refused(graph, model, scan, touch, carol):
    graph.link(model, [(scan, WHOLE)], {"from": carol})

    with reverts_with("RevenueGraph_ShareAboveWhole", WHOLE + 1):
        graph.link(model, [(touch, 1)], {"from": carol})


def test_a_parent_is_linked_once(graph, model, scan, carol):
    graph.link(model, [(scan, 1)], {"from": carol})

    with reverts_with("RevenueGraph_AlreadyLinked", model, scan):
        graph.link(model, [(scan, 1)], {"from": carol})


def test_a_parent_named_twice_is_refused(graph, model, scan, carol):
    with reverts_with("RevenueGraph_AlreadyLinked", model, scan):
        graph.link(model, [(scan, 1), (scan, 1)], {"from": carol})


def test_the_past_is_the_childs_own(graph, pay, model, scan, carol):
    pay(model, 1_000)

    graph.link(model, [(scan, 400_000)], {"from": carol})

    assert graph.ownOf(model) == 1_000
    assert graph.rollDueOf(model, scan) == 0
    assert tuple(graph.edgeOf(model, scan)) == (400_000, 1_000, 0)


def test_the_future_is_shared(graph, pay, model, scan, touch, carol):
    graph.link(model, [(scan, 400_000), (touch, 100_000)], {"from": carol})

    pay(model, 1_000)

    assert graph.ownOf(model) == 500
    assert graph.rollDueOf(model, scan) == 400
    assert graph.rollDueOf(model, touch) == 100


def test_shares_add_up_piece_by_piece(graph, pay, model, scan, touch, carol):
    pay(model, 1_000)
    graph.link(model, [(scan, 400_000)], {"from": carol})
    pay(model, 1_000)
    graph.link(model, [(touch, 100_000)], {"from": carol})
    pay(model, 1_000)

    assert tuple(graph.nodeOf(model)) == (3_000, 1_600, 2_000, 500_000, 0)
    assert graph.ownOf(model) == 1_000 + 600 + 500
    assert graph.rollDueOf(model, scan) == 800
    assert graph.rollDueOf(model, touch) == 100


def test_everything_can_be_given_away(graph, pay, model, scan, carol):
    graph.link(model, [(scan, WHOLE)], {"from": carol})

    pay(model, 1_000)

    assert graph.ownOf(model) == 0
    assert graph.rollDueOf(model, scan) == 1_000


def test_sixteen_parents_fit(graph, pay, child, crowd, carol):
    graph.link(child, [(parent, WHOLE // 16) for parent in crowd[:16]], {"from": carol})

    pay(child, 1_600)

    assert {int(graph.rollDueOf(child, parent)) for parent in crowd[:16]} == {100}


def test_it_emits_linked(graph, pay, model, scan, touch, carol):
    pay(model, 7)

    tx = graph.link(model, [(touch, 2), (scan, 1)], {"from": carol})

    event = tx.events["Linked"]
    assert event["child"] == "0x" + model.hex()
    assert [(bytes(parent), share) for parent, share in event["parents"]] == [(touch, 2), (scan, 1)]
    assert event["atIncome"] == 7


def test_a_batch_has_no_parents(graph, registry, scan, bob):
    batch = commit(registry, bob)

    with reverts_with("RevenueGraph_CaptureHasNoParents", batch.id):
        graph.link(batch.id, [(scan, 1)], {"from": bob})
