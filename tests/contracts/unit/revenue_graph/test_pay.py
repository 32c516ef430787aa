"""RevenueGraph.pay: the branches of pay.tree."""

import pytest
from assets import mint
from payouts import REF
from reverts import reverts_with
from system import contract, fund

RICH = 10**15


@pytest.fixture
def over(paid_with, deployer, alice):
    """Everything over a hostile token, with an asset of Alice's: token, system and asset."""

    def over_(name, *arguments):
        token = contract(name).deploy(*arguments, {"from": deployer})
        system = paid_with(token)
        return token, system, mint(system.asset_registry, alice)

    return over_


def test_an_unknown_asset_cannot_be_paid(pay):
    with reverts_with("AssetRegistry_Unknown", b"\x01" * 32):
        pay(b"\x01" * 32, 1)


def test_paying_nothing_is_refused(pay, scan, payer):
    with reverts_with("Ledger_NothingReceived", payer, 0):
        pay(scan, 0)


def test_a_fee_is_not_counted_as_income(over, erin):
    _, system, asset = over("FeeOnTransferToken", 100)

    tx = system.revenue_graph.pay(asset, 1_000, REF, {"from": erin})

    assert tx.events["Paid"]["amount"] == 990
    assert system.revenue_graph.ownOf(asset) == 990 == system.ledger.lockedBy(system.revenue_graph)


def test_a_token_that_returns_nothing_pays(over, erin):
    _, system, asset = over("NoReturnToken")

    system.revenue_graph.pay(asset, 1_000, REF, {"from": erin})

    assert system.revenue_graph.ownOf(asset) == 1_000


def test_a_paused_token_pays_nobody(over, deployer, erin):
    token, system, asset = over("PausableToken")
    token.setPaused(True, {"from": deployer})

    with reverts_with("PausableToken_Paused"):
        system.revenue_graph.pay(asset, 1_000, REF, {"from": erin})


def test_a_blocked_payer_pays_nobody(over, deployer, erin):
    token, system, asset = over("BlocklistToken")
    token.setBlocked(erin, True, {"from": deployer})

    with reverts_with("BlocklistToken_Blocked", erin):
        system.revenue_graph.pay(asset, 1_000, REF, {"from": erin})


def test_a_payment_inside_a_payment_counts_once(over, deployer, erin):
    token, system, asset = over("ReentrantToken")
    graph = system.revenue_graph
    fund(token, token, 500, system.ledger)
    token.arm(graph, graph.pay.encode_input(asset, 500, REF), {"from": deployer})

    graph.pay(asset, 1_000, REF, {"from": erin})

    assert not token.lastWorked()
    assert graph.ownOf(asset) == 1_000 == token.balanceOf(system.ledger)


def test_income_beyond_the_bound_is_refused(system, graph, scan, erin):
    fund(system.token, erin, 2**113, system.ledger)
    graph.pay(scan, 2**112 - 1, REF, {"from": erin})

    with reverts_with("RevenueGraph_Overflow", 2**112):
        graph.pay(scan, 1, REF, {"from": erin})


def test_income_is_cumulative(graph, pay, scan):
    pay(scan, 3)
    pay(scan, 4)

    assert tuple(graph.nodeOf(scan)) == (7, 0, 0, 0, 0)
    assert graph.ownOf(scan) == 7


def test_the_money_is_held_for_the_graph(system, graph, ledger, pay, scan, payer):
    wallet = system.token.balanceOf(payer)

    pay(scan, 1_000)

    assert ledger.lockedBy(graph) == 1_000
    assert system.token.balanceOf(payer) == wallet - 1_000


def test_it_emits_paid(pay, scan, payer):
    pay(scan, 3)

    tx = pay(scan, 4)

    assert dict(tx.events["Paid"]) == {
        "asset": "0x" + scan.hex(),
        "payer": payer,
        "amount": 4,
        "ref": "0x" + REF.hex(),
    }
