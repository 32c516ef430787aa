"""RevenueGraph.publishPayout and payoutOf: the branches of publish_payout.tree."""

from payouts import LICENSES, MANIFEST, claim, publish, publish_root, to_account
from reverts import reverts_with

ROOT = b"\x52" * 32


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


def test_payouts_count_from_one(graph, model, carol):
    first = publish_root(graph, model, ROOT, 1, 0, carol)
    second = publish_root(graph, model, ROOT, 2, 1, carol)

    assert (first.return_value, second.return_value) == (1, 2)
    assert graph.nodeOf(model)[4] == 2


def test_a_payout_starts_where_it_is_published(graph, pay, model, scan, carol):
    graph.link(model, [(scan, 400_000)], {"from": carol})
    pay(model, 1_000)

    publish_root(graph, model, ROOT, 5, 3, carol)

    assert tuple(graph.payoutOf(model, 1)) == ("0x" + ROOT.hex(), 600, 5, 3)


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

    tx = publish_root(graph, model, ROOT, 5, 3, carol)

    assert dict(tx.events["PayoutPublished"]) == {
        "asset": "0x" + model.hex(),
        "payout": 1,
        "root": "0x" + ROOT.hex(),
        "totalWeight": 5,
        "depth": 3,
        "start": 9,
        "licenseSetRoot": "0x" + LICENSES.hex(),
        "manifest": "0x" + MANIFEST.hex(),
    }
