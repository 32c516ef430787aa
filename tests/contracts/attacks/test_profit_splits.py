"""Attacks on profit splits that worked, or were reported, elsewhere. Each test names where."""

from dataclasses import replace

import pytest
from assets import DATASET, MODEL, mint
from payouts import REF, as_call, claim, claim_leaf, filing, publish, publish_root, to_account, to_node, to_owner
from reverts import reverts_with
from system import contract, deploy_system, fund

WHOLE = 1_000_000


def test_one_share_named_twice_in_a_batch_is_not_paid_twice(graph, model, carol, dave, erin, mallory):
    """Story protocol-core-v1 #288 (High): a group claim with a duplicate id in the array paid it twice."""
    tree = publish(graph, model, [to_account(mallory, 1), to_account(dave, 1)], carol)
    graph.pay(model, 1_000, REF, {"from": erin})
    leaf = as_call(tree.prove(0))

    with reverts_with("RevenueGraph_NotIncreasing", 0, 0):
        graph.claimMany(model, 1, filing(graph, model).statement.hash, [leaf, leaf], {"from": mallory})


def test_paying_in_crumbs_starves_no_small_holder(system, graph, model, carol, dave, erin, mallory):
    """0xSplits v2 audit M-02: a 90 % holder distributed in pieces too small for the others' share to round up."""
    tree = publish(graph, model, [to_account(mallory, 9), to_account(dave, 1)], carol)

    for _ in range(20):
        graph.pay(model, 9, REF, {"from": erin})
        if graph.dueOf(model, 1, 0, 9):
            claim(graph, tree, 0, mallory)
    claim(graph, tree, 1, dave)

    assert system.ledger.balanceOf(dave) == 18
    assert system.ledger.balanceOf(mallory) == 162


def test_weights_that_overflow_lock_nothing(graph, model, carol, dave, erin):
    """0xSplits v2 audit L-01: allocations whose sum overflowed locked the funds of a split."""
    heaviest = 2**96 - 1
    tree = publish(graph, model, [to_account(dave, heaviest)], carol)
    graph.pay(model, 1_000, REF, {"from": erin})

    assert claim(graph, tree, 0, dave).return_value == 1_000


def test_a_million_recipients_cost_a_payer_what_one_costs(graph, model, carol, erin):
    """0xSplits v2 audit M-01, splits-contracts-monorepo #18: some 1,100 recipients no longer fit into a block."""
    graph.pay(model, 1_000, REF, {"from": erin})
    alone = graph.pay(model, 1_000, REF, {"from": erin}).gas_used
    publish_root(graph, model, b"\x11" * 32, 2**95, 20, carol)

    assert graph.pay(model, 1_000, REF, {"from": erin}).gas_used == alone


def test_whoever_sends_a_claim_gets_nothing_for_it(system, graph, model, carol, dave, erin, mallory):
    """0xSplits v2 audit H-01: the distributor's incentive could be taken again and again by redepositing."""
    tree = publish(graph, model, [to_account(dave, 1)], carol)
    graph.pay(model, 1_000, REF, {"from": erin})

    claim(graph, tree, 0, mallory)

    assert system.ledger.balanceOf(dave) == 1_000
    assert system.ledger.balanceOf(mallory) == 0
    with reverts_with("RevenueGraph_NothingDue", model):
        claim(graph, tree, 0, mallory)


def test_no_contract_can_be_made_to_call_another(system):
    """0xSplits v2 audit H-02: ownership was spoofed through execCalls. No door takes calls of the caller's making."""
    for one in (system.ledger, system.revenue_graph, system.license_desk, system.key_exchange, system.asset_registry):
        verbs = {entry["name"] for entry in one.abi if entry["type"] == "function"}
        assert not {verb for verb in verbs if any(part in verb.lower() for part in ("exec", "delegate", "multicall"))}


def test_a_fee_on_transfer_makes_nobody_insolvent(deployer, alice, carol, erin):
    """0xSplits v2 Warehouse: deposits were credited in name, so a token with a fee left the last one to leave short."""
    system = deploy_system(deployer, contract("FeeOnTransferToken").deploy(100, {"from": deployer}))
    fund(system.token, erin, 10**9, system.ledger)
    model = mint(system.asset_registry, carol, "model", MODEL)
    tree = publish(system.revenue_graph, model, [to_account(alice, 1), to_account(carol, 2)], carol)

    system.revenue_graph.pay(model, 1_000_000, REF, {"from": erin})
    for index, person in enumerate((alice, carol)):
        claim(system.revenue_graph, tree, index, person)
        system.ledger.withdraw(person, system.ledger.balanceOf(person), {"from": person})

    assert system.token.balanceOf(system.ledger) >= system.ledger.lockedBy(system.revenue_graph)


def test_a_new_root_reaches_no_money_of_the_past(graph, model, carol, dave, erin, mallory):
    """Morpho URD, Uniswap merkle-distributor: the owner of the root sets a new one and skims what is unclaimed."""
    old = publish(graph, model, [to_account(dave, 1)], carol)
    graph.pay(model, 1_000, REF, {"from": erin})

    new = publish(graph, model, [to_account(mallory, 1)], carol, payout=2)

    with reverts_with("RevenueGraph_NothingDue", model):
        claim(graph, new, 0, mallory)
    assert claim(graph, old, 0, dave).return_value == 1_000


def test_a_root_worth_more_than_the_money_takes_no_more(system, graph, model, carol, dave, erin, mallory):
    """Morpho URD docs: a root may promise more than there is, and the last to claim lose."""
    honest = mint(system.asset_registry, dave, "honest", MODEL)
    graph.pay(honest, 5_000, REF, {"from": erin})
    tree = publish(graph, model, [to_account(mallory, 1)], carol)
    graph.pay(model, 100, REF, {"from": erin})
    leaf = as_call(replace(tree.prove(0), weight=1_000))

    with reverts_with("RevenueGraph_BadProof", model, 1, 0):
        claim_leaf(graph, model, 1, leaf, mallory)
    assert claim(graph, tree, 0, mallory).return_value == 100
    assert system.ledger.lockedBy(graph) == 5_000


@pytest.mark.parametrize("cut", (0, 1))
def test_a_proof_of_another_length_proves_nothing(graph, model, carol, dave, erin, mallory, cut):
    """OpenZeppelin #3091, Uniswap merkle-distributor #35: an inner node passed for a leaf, the second preimage."""
    tree = publish(graph, model, [to_account(mallory, 1), to_account(dave, 1), to_account(carol, 2)], carol)
    graph.pay(model, 1_000, REF, {"from": erin})
    leaf = tree.prove(0)
    short = replace(leaf, siblings=leaf.siblings[:cut], sums=leaf.sums[:cut])

    with reverts_with("RevenueGraph_BadProof", model, 1, 0):
        claim_leaf(graph, model, 1, as_call(short), mallory)


@pytest.mark.parametrize("how", ("raised sum", "wrapping sums", "another place", "heavier leaf"))
def test_a_forged_sum_tree_proves_nothing(graph, model, carol, dave, erin, mallory, how):
    """Merkle-sum trees that hash the sum of both sides but not each let one side take the other's part; and aliases."""
    tree = publish(graph, model, [to_account(mallory, 1), to_account(dave, 1), to_account(carol, 2)], carol)
    graph.pay(model, 1_000, REF, {"from": erin})
    leaf = tree.prove(0)
    beside, above = leaf.sums
    forged = {
        "raised sum": replace(leaf, weight=leaf.weight + 1, sums=(beside, above - 1)),
        "wrapping sums": replace(leaf, sums=(beside, 2**96 - 1)),
        "another place": replace(leaf, index=4),
        "heavier leaf": replace(leaf, weight=leaf.weight + beside, sums=(0, above)),
    }[how]

    with reverts_with("RevenueGraph_BadProof", model, 1, forged.index):
        claim_leaf(graph, model, 1, as_call(forged), mallory)


def test_a_proof_of_one_pool_is_nothing_in_another(system, graph, model, carol, erin, mallory):
    """Vana #76: a genuine proof for one pool was paid by every other pool that shared its verifier."""
    other = mint(system.asset_registry, carol, "other model", MODEL)
    tree = publish(graph, model, [to_account(mallory, 1)], carol)
    publish_root(graph, other, tree.root, tree.total_weight, tree.depth, carol)
    graph.pay(other, 1_000, REF, {"from": erin})

    with reverts_with("RevenueGraph_BadProof", other, 1, 0):
        claim_leaf(graph, other, 1, as_call(tree.prove(0)), mallory)


def test_a_proof_of_one_deployment_is_nothing_in_another(system, deployer, carol, erin, mallory, graph, model):
    """Vana #76 again, across contracts: the leaf binds chain and contract."""
    twin = deploy_system(deployer)
    fund(twin.token, erin, 10**9, twin.ledger)
    there = mint(twin.asset_registry, carol, "model", MODEL)
    tree = publish(graph, model, [to_account(mallory, 1)], carol)
    publish_root(twin.revenue_graph, there, tree.root, tree.total_weight, tree.depth, carol)
    twin.revenue_graph.pay(there, 1_000, REF, {"from": erin})

    with reverts_with("RevenueGraph_BadProof", there, 1, 0):
        claim_leaf(twin.revenue_graph, there, 1, as_call(tree.prove(0)), mallory)


def test_no_circle_of_parents_can_be_built(system, graph, carol):
    """Story walks its graph of ancestors in a precompile to find cycles; here age alone forbids them."""
    older = mint(system.asset_registry, carol, "older", DATASET)
    younger = mint(system.asset_registry, carol, "younger", DATASET)
    graph.link(younger, [(older, 1)], {"from": carol})

    with reverts_with("RevenueGraph_NotOlder", older, younger):
        graph.link(older, [(younger, 1)], {"from": carol})
    with reverts_with("RevenueGraph_NotOlder", older, older):
        graph.link(older, [(older, 1)], {"from": carol})


def test_a_receiver_that_refuses_money_holds_nobody_up(system, graph, model, deployer, carol, dave, erin):
    """Push splits pay everybody in one call: one receiver that reverts stops all. Here each is credited alone."""
    stubborn = contract("Actor").deploy({"from": deployer})
    tree = publish(graph, model, [to_account(stubborn, 1), to_account(dave, 1)], carol)
    graph.pay(model, 1_000, REF, {"from": erin})

    assert claim(graph, tree, 0, dave).return_value == 500
    assert claim(graph, tree, 1, dave).return_value == 500
    assert system.ledger.balanceOf(stubborn) == 500


def test_a_sold_asset_takes_its_unclaimed_income_along_and_no_more(system, graph, carol, dave, erin, alice):
    """Who held an NFT before is not robbed of what he took, and takes nothing of what comes after."""
    scan = mint(system.asset_registry, alice, "scan")
    made = mint(system.asset_registry, carol, "later model", MODEL)
    tree = publish(graph, made, [to_owner(scan, 1)], carol)
    graph.pay(made, 700, REF, {"from": erin})
    claim(graph, tree, 0, alice)
    graph.pay(made, 300, REF, {"from": erin})

    system.asset_registry.transferFrom(alice, dave, int.from_bytes(scan, "big"), {"from": alice})
    claim(graph, tree, 0, alice)

    assert system.ledger.balanceOf(alice) == 700
    assert system.ledger.balanceOf(dave) == 300


def test_dust_payments_leave_no_storage_behind(graph, model, erin, mallory):
    """Storage spam: a payment of one unit writes the same one word as any other."""
    graph.pay(model, 1_000, REF, {"from": erin})
    usual = graph.pay(model, 1_000, REF, {"from": erin}).gas_used

    assert graph.pay(model, 1, REF, {"from": erin}).gas_used <= usual


def test_money_does_not_go_round(system, graph, carol, erin):
    """A payout may name another asset's node only if that asset is older, so no two payouts feed each other."""
    older = mint(system.asset_registry, carol, "older pool", DATASET)
    younger = mint(system.asset_registry, carol, "younger pool", DATASET)
    tree = publish(graph, older, [to_node(younger, 1)], carol)
    graph.pay(older, 1_000, REF, {"from": erin})

    with reverts_with("RevenueGraph_NotOlder", older, younger):
        claim(graph, tree, 0, carol)


def test_shares_never_add_up_to_more_than_the_whole(system, graph, carol):
    """A child that promises its parents more than it gets would pay late claimants with other people's money."""
    parents = [mint(system.asset_registry, carol, f"parent {n}", DATASET) for n in range(3)]
    child = mint(system.asset_registry, carol, "generous", MODEL)
    graph.link(child, sorted([(parents[0], 500_000), (parents[1], 500_000)]), {"from": carol})

    with reverts_with("RevenueGraph_ShareAboveWhole", WHOLE + 1):
        graph.link(child, [(parents[2], 1)], {"from": carol})
