"""RevenueGraph.takeOwn and ownDueOf: the branches of take_own.tree."""

from payouts import publish, to_account
from reverts import reverts_with


def test_nobody_owns_an_unknown_asset(graph, mallory):
    with reverts_with("AssetRegistry_Unknown", b"\x01" * 32):
        graph.takeOwn(b"\x01" * 32, {"from": mallory})


def test_without_income_there_is_nothing_to_take(graph, scan, alice):
    with reverts_with("RevenueGraph_NothingDue", scan):
        graph.takeOwn(scan, {"from": alice})


def test_own_income_is_taken_once(graph, pay, scan, alice):
    pay(scan, 100)
    graph.takeOwn(scan, {"from": alice})

    with reverts_with("RevenueGraph_NothingDue", scan):
        graph.takeOwn(scan, {"from": alice})


def test_what_a_payout_covers_is_not_the_owners(graph, pay, model, carol, dave):
    publish(graph, model, [to_account(dave, 1)], carol)
    pay(model, 100)

    with reverts_with("RevenueGraph_NothingDue", model):
        graph.takeOwn(model, {"from": carol})


def test_anybody_sends_the_owner_its_income(graph, ledger, pay, scan, alice, mallory):
    pay(scan, 100)
    assert graph.ownDueOf(scan) == 100

    assert graph.takeOwn(scan, {"from": mallory}).return_value == 100
    assert (ledger.balanceOf(alice), ledger.lockedBy(graph), graph.ownDueOf(scan)) == (100, 0, 0)


def test_a_new_owner_takes_what_is_left(graph, ledger, registry, pay, scan, alice, frank):
    pay(scan, 100)
    graph.takeOwn(scan, {"from": alice})
    pay(scan, 7)
    registry.transferFrom(alice, frank, scan, {"from": alice})

    graph.takeOwn(scan, {"from": alice})

    assert (ledger.balanceOf(alice), ledger.balanceOf(frank)) == (100, 7)


def test_parents_shares_are_not_taken(graph, pay, model, scan, carol):
    graph.link(model, [(scan, 400_000)], {"from": carol})
    pay(model, 100)

    assert graph.takeOwn(model, {"from": carol}).return_value == 60
    assert graph.rollDueOf(model, scan) == 40


def test_what_came_before_the_first_payout_stays_the_owners(graph, pay, model, carol, dave):
    pay(model, 100)
    publish(graph, model, [to_account(dave, 1)], carol)
    pay(model, 50)
    publish(graph, model, [to_account(carol, 1)], carol, payout=2)

    assert graph.takeOwn(model, {"from": carol}).return_value == 100


def test_it_emits_own_taken(graph, pay, scan, alice, mallory):
    pay(scan, 100)

    tx = graph.takeOwn(scan, {"from": mallory})

    assert dict(tx.events["OwnTaken"]) == {"asset": "0x" + scan.hex(), "owner": alice, "amount": 100}
