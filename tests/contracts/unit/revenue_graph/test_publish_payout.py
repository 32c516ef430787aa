"""RevenueGraph.publishPayout and payoutOf: the branches of publish_payout.tree."""

from payouts import MANIFEST, as_asset, claim, filing, publish, publish_root, to_account
from reverts import reverts_with
from system import fund

from thenar.domain.statements import LicenseSet, commitment

ROOT = b"\x52" * 32
LICENSES = LicenseSet.of([as_asset(bytes([1]) * 32), as_asset(bytes([2]) * 32)])


def test_only_the_owner_publishes(graph, model, mallory):
    with reverts_with("RevenueGraph_NotOwner", model, mallory):
        publish_root(graph, model, ROOT, 1, 0, mallory)


def test_a_payout_without_a_root_is_refused(graph, model, carol):
    with reverts_with("RevenueGraph_EmptyPayout"):
        publish_root(graph, model, bytes(32), 1, 0, carol)


def test_a_payout_without_weight_is_refused(graph, model, carol):
    with reverts_with("RevenueGraph_EmptyPayout"):
        publish_root(graph, model, ROOT, 0, 0, carol)


def test_a_payout_too_deep_is_refused(graph, model, carol):
    publish_root(graph, model, ROOT, 1, 20, carol)

    with reverts_with("RevenueGraph_TooDeep", 21):
        publish_root(graph, model, ROOT, 1, 21, carol)


def test_a_license_set_is_whole_or_empty(graph, model, carol):
    for root, count in ((ROOT, 0), (bytes(32), 1)):
        with reverts_with("RevenueGraph_BadLicenseSet", count):
            graph.publishPayout(model, (ROOT, 1, 0, MANIFEST, root, count, 0), {"from": carol})


def test_the_bond_comes_from_the_publishers_account(graph, court, ledger, token, model, carol):
    with reverts_with("Ledger_NotEnough", carol, 0, 100):
        publish_root(graph, model, ROOT, 1, 0, carol, LICENSES, bond=100)
    fund(token, carol, 150, ledger)
    ledger.deposit(carol, 150, {"from": carol})

    publish_root(graph, model, ROOT, 1, 0, carol, LICENSES, bond=100)

    assert (ledger.balanceOf(carol), ledger.lockedBy(court)) == (50, 100)
    assert filing(graph, model).statement.bond == 100


def test_payouts_count_from_one(graph, model, carol):
    first = publish_root(graph, model, ROOT, 1, 0, carol)
    second = publish_root(graph, model, ROOT, 2, 1, carol)

    assert (first.return_value, second.return_value) == (1, 2)
    assert graph.nodeOf(model)[4] == 2


def test_a_payout_starts_where_it_is_published(graph, pay, model, scan, carol):
    graph.link(model, [(scan, 400_000)], {"from": carol})
    pay(model, 1_000)

    publish_root(graph, model, ROOT, 5, 3, carol)

    stated = filing(graph, model)
    assert tuple(graph.payoutOf(model, 1)) == ("0x" + commitment(ROOT, stated.statement).hex(), 600, 5, 3, False)


def test_a_new_payout_ends_the_one_before(graph, pay, model, carol, dave, frank):
    old = publish(graph, model, [to_account(dave, 1)], carol)
    pay(model, 100)
    new = publish(graph, model, [to_account(frank, 1)], carol, payout=2)
    pay(model, 10)

    assert claim(graph, old, 0, dave).return_value == 100
    assert claim(graph, new, 0, dave).return_value == 10
    with reverts_with("RevenueGraph_NothingDue", model):
        claim(graph, old, 0, dave)


def test_it_emits_payout_published(graph, pay, model, carol):
    pay(model, 9)

    tx = publish_root(graph, model, ROOT, 5, 3, carol, LICENSES)

    assert dict(tx.events["PayoutPublished"]) == {
        "asset": "0x" + model.hex(),
        "payout": 1,
        "root": "0x" + ROOT.hex(),
        "totalWeight": 5,
        "depth": 3,
        "start": 9,
        "statement": (carol, tx.timestamp, 0, "0x" + LICENSES.root.hex(), 2),
        "manifest": "0x" + MANIFEST.hex(),
    }
