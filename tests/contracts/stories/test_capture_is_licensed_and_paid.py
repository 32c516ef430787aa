"""The story on chain: two captures, two sales, one cheat, a model made from them, and everybody paid to the unit."""

from assets import MODEL, TRAIN, mint
from brownie import chain
from payouts import REF, claim, publish, to_node, to_owner
from sales import deliver, dispute, open_sale, put_on_sale, seeded, settle, unwrap
from system import DOLLAR, fund

PRICE = 25 * DOLLAR
INCOME = 1_000 * DOLLAR + 7


def test_a_capture_is_licensed_and_paid(system, alice, bob, carol, dave, erin):
    ana, ben, chidi, cheat, client = alice, bob, carol, dave, erin
    ledger, graph, desk = system.ledger, system.revenue_graph, system.license_desk

    # Ana publishes a touch and a scan, Ben a scan of his own; the cheat sells what he will not deliver.
    touch = put_on_sale(system, ana, PRICE, "touch")
    scan = put_on_sale(system, ana, PRICE, "scan")
    corridor = put_on_sale(system, ben, PRICE, "corridor")
    lure = put_on_sale(system, cheat, PRICE, "lure")

    # Chidi buys both of Ana's captures, unwraps the keys, and the sales settle.
    for number, ware in enumerate((touch, scan)):
        secret = seeded(f"Chidi's secret {number}")
        deal = open_sale(system, ware, chidi, secret)
        delivery = deliver(system, deal, ware.root_key, ana, ephemeral=seeded(f"Ana's secret {number}"))
        assert unwrap(delivery, deal.id(system.key_exchange), secret) == ware.root_key
        settle(system, deal, delivery, client)
        assert desk.isAllowed(ware.id, chidi, TRAIN, chain.time())
    assert ledger.balanceOf(ana) == 2 * PRICE

    # The cheat delivers a wrong key; Chidi proves it and has the money back.
    secret = seeded("Chidi's secret for the cheat")
    deal = open_sale(system, lure, chidi, secret)
    wrong = deliver(system, deal, bytes(32), cheat)
    dispute(system, lure, deal, wrong, secret, chidi)
    assert (ledger.balanceOf(chidi), ledger.balanceOf(cheat)) == (PRICE, 0)

    # Chidi's model gives Ben's linked corridor a tenth, and shares the rest between Ana's captures and itself.
    model = mint(system.asset_registry, chidi, "model", MODEL)
    graph.link(model, [(corridor.id, 100_000)], {"from": chidi})
    shares = [to_owner(touch.id, 3), to_node(scan.id, 2), to_owner(model, 5)]
    tree = publish(graph, model, shares, chidi)

    # A client pays the model; everybody collects, whoever sends the transaction.
    fund(system.token, client, INCOME, ledger)
    graph.pay(model, INCOME, REF, {"from": client})
    graph.roll(model, corridor.id, {"from": client})
    for index in range(3):
        claim(graph, tree, index, client)
    for asset in (corridor.id, scan.id):
        graph.takeOwn(asset, {"from": client})

    # Sums agree to the last unit: what rounding left is in the graph, less than one unit for each of five roundings.
    linked, own = INCOME // 10, INCOME * 9 // 10
    assert ledger.balanceOf(ben) == linked
    assert ledger.balanceOf(ana) == 2 * PRICE + own * 3 // 10 + own * 2 // 10
    assert ledger.balanceOf(chidi) == PRICE + own * 5 // 10
    paid_out = linked + own * 3 // 10 + own * 2 // 10 + own * 5 // 10
    assert ledger.lockedBy(graph) == INCOME - paid_out < 5
    assert ledger.lockedBy(system.key_exchange) == 0

    # Everybody leaves with their money.
    for person in (ana, ben, chidi):
        before, balance = system.token.balanceOf(person), ledger.balanceOf(person)
        ledger.withdraw(person, balance, {"from": person})
        assert system.token.balanceOf(person) == before + balance
    assert system.token.balanceOf(ledger) == INCOME - paid_out
