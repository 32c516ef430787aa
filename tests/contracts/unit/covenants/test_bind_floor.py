"""Covenants.bindFloor: the branches of bind_floor.tree."""

from assets import MODEL, commitment, mint, write_terms
from brownie import chain
from reverts import reverts_with
from sales import deliver, open_sale, put_on_sale, seeded, settle

FAR = 2**39
NOBODY = "0x" + "00" * 20


def test_an_unknown_child_is_not_bound(covenants, capture, carol):
    unknown = commitment(carol, "never minted", MODEL)

    with reverts_with("AssetRegistry_Unknown", unknown.id):
        covenants.bindFloor(unknown.call, capture, carol, {"from": carol})


def test_what_names_no_parent_is_not_bound(system, covenants, capture, alice, carol):
    other = commitment(carol, "other", MODEL)
    mint(system.asset_registry, carol, "other", MODEL)

    with reverts_with("Covenants_NotLinked", other.id, capture):
        covenants.bindFloor(other.call, capture, carol, {"from": alice})


def test_a_strangers_license_binds_nobody(covenants, capture, child, buys, alice, bob):
    buys(bob, 100)

    with reverts_with("Covenants_NotMaker", child.id, bob):
        covenants.bindFloor(child.call, capture, bob, {"from": alice})


def test_a_gift_binds_nothing(system, covenants, capture, child, alice, carol):
    dear = write_terms(system.terms_book, alice, price_floor=100)
    system.license_desk.grant(capture, carol, dear, FAR, {"from": alice})

    with reverts_with("Covenants_NothingToBind", child.id, 0):
        covenants.bindFloor(child.call, capture, carol, {"from": alice})


def test_an_unsettled_sale_binds_nothing(system, covenants, alice, carol):
    ware = put_on_sale(system, alice, 100, "ware")
    made = commitment(carol, "made", MODEL)
    mint(system.asset_registry, carol, "made", MODEL)
    system.revenue_graph.link(made.id, [(ware.id, 1)], {"from": carol})
    open_sale(system, ware, carol, seeded("carol"))

    with reverts_with("Covenants_NothingToBind", made.id, 0):
        covenants.bindFloor(made.call, ware.id, carol, {"from": alice})


def test_a_floor_never_falls(covenants, capture, child, buys, alice, carol):
    buys(carol, 100)
    covenants.bindFloor(child.call, capture, carol, {"from": alice})

    with reverts_with("Covenants_NothingToBind", child.id, 100):
        covenants.bindFloor(child.call, capture, carol, {"from": alice})


def test_anybody_binds_a_bought_floor(covenants, capture, child, buys, carol, mallory):
    buys(carol, 100)

    covenants.bindFloor(child.call, capture, carol, {"from": mallory})

    assert covenants.floorOf(child.id) == 100


def test_an_ended_license_still_binds(covenants, capture, child, buys, alice, carol):
    buys(carol, 100, duration=10)
    chain.sleep(20)

    covenants.bindFloor(child.call, capture, carol, {"from": alice})

    assert covenants.floorOf(child.id) == 100


def test_buying_again_loses_no_floor(covenants, capture, child, buys, alice, carol):
    buys(carol, 100, duration=10)
    chain.sleep(20)
    buys(carol, 1)

    covenants.bindFloor(child.call, capture, carol, {"from": alice})

    assert covenants.floorOf(child.id) == 100


def test_an_author_stays_bound_after_selling(system, covenants, capture, child, buys, alice, bob, carol):
    buys(carol, 100)
    system.asset_registry.transferFrom(carol, bob, int.from_bytes(child.id, "big"), {"from": carol})

    covenants.bindFloor(child.call, capture, carol, {"from": alice})

    assert covenants.floorOf(child.id) == 100


def test_a_settled_sale_binds(system, covenants, alice, carol):
    ware = put_on_sale(system, alice, 100, "ware")
    dear = write_terms(system.terms_book, alice, price_floor=90)
    system.license_desk.offer(ware.id, dear, 0, (100, 0, FAR, 0), {"from": alice})
    made = commitment(carol, "made", MODEL)
    mint(system.asset_registry, carol, "made", MODEL)
    system.revenue_graph.link(made.id, [(ware.id, 1)], {"from": carol})
    deal = open_sale(system, type(ware)(ware.made, ware.root_key, dear, 100), carol, seeded("carol"))
    settle(system, deal, deliver(system, deal, ware.root_key, alice), alice)

    covenants.bindFloor(made.call, ware.id, carol, {"from": alice})

    assert covenants.floorOf(made.id) == 90


def test_a_parents_floor_is_passed_on(system, covenants, capture, child, buys, alice, bob, carol):
    buys(carol, 100)
    covenants.bindFloor(child.call, capture, carol, {"from": alice})
    grandchild = commitment(bob, "grandchild", MODEL)
    mint(system.asset_registry, bob, "grandchild", MODEL)
    system.revenue_graph.link(grandchild.id, [(child.id, 1)], {"from": bob})

    covenants.bindFloor(grandchild.call, child.id, NOBODY, {"from": alice})

    assert covenants.floorOf(grandchild.id) == 100


def test_it_emits_floor_bound(covenants, capture, child, buys, alice, carol):
    buys(carol, 100)

    event = covenants.bindFloor(child.call, capture, carol, {"from": alice}).events["FloorBound"]

    ids = {"child": "0x" + child.id.hex(), "parent": "0x" + capture.hex()}
    assert dict(event) == ids | {"licensee": carol, "floor": 100}


def test_an_owner_who_did_not_make_it_is_bound_as_well(system, covenants, capture, child, buys, alice, bob, carol):
    system.asset_registry.transferFrom(carol, bob, int.from_bytes(child.id, "big"), {"from": carol})
    buys(bob, 100)

    covenants.bindFloor(child.call, capture, bob, {"from": alice})

    assert covenants.floorOf(child.id) == 100


def test_the_larger_of_the_parents_and_the_licenses_floor_binds(
    system, covenants, capture, child, buys, alice, bob, carol
):
    buys(bob, 40, asset=child.id, seller=carol)  # while the child has no floor of its own
    buys(carol, 100)
    covenants.bindFloor(child.call, capture, carol, {"from": alice})
    grandchild = commitment(bob, "grandchild", MODEL)
    mint(system.asset_registry, bob, "grandchild", MODEL)
    system.revenue_graph.link(grandchild.id, [(child.id, 1)], {"from": bob})

    covenants.bindFloor(grandchild.call, child.id, bob, {"from": alice})

    assert covenants.floorOf(grandchild.id) == 100
