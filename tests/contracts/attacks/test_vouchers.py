"""A voucher pays once, one node, on one channel of one chain; and no evidence convicts who said one thing.

Precedents: payment channels whose signatures left out the chain or the contract were replayed on forks (EIP-155's
reason) and on a second deployment; uRaiden's monotone balances and ecrecover's zero address are what bound them.
"""

import pytest
from assets import COMPUTE_ONLY, FOREVER, MODEL, mint, write_terms
from brownie import ZERO_ADDRESS, accounts, chain
from eth_utils import keccak
from nodes import COMPUTE, KEY
from reflexes import DEPOSIT, LATENCY, PRICE, ROBOT, SHARE, STAKE, Served, lower
from reverts import reverts_with
from system import DOLLAR, deploy_system, fund

from thenar.domain.reflex.vouchers import Desk

NODE_KEY, RIVAL_KEY = keccak(text="a node of the attack book"), keccak(text="its rival")


def set_up(system, owner, keys):
    """Two models of one owner, each served by every node."""
    nodes = [accounts.add(key) for key in keys]
    terms = write_terms(system.terms_book, owner, purposes=COMPUTE_ONLY, derivative_share=SHARE)
    models = [mint(system.asset_registry, owner, label, MODEL, terms) for label in ("one", "two")]
    for node in nodes:
        accounts[0].transfer(node, 10**18)
        fund(system.token, node, 1_000 * DOLLAR, system.ledger)
        system.node_registry.register(KEY, COMPUTE, 100 * DOLLAR, {"from": node})
        for model in models:
            system.license_desk.grant(model, node, terms, FOREVER, {"from": owner})
            system.reflex_desk.serve(model, PRICE, SHARE, STAKE, LATENCY, {"from": node})
    return nodes, models


@pytest.fixture(scope="module")
def town(system, alice, bob, carol):
    """Channels of bob's and carol's: 1 node and model, 2 another client, 3 another node, 4 another model."""
    (node, rival), (model, other) = set_up(system, alice, (NODE_KEY, RIVAL_KEY))
    until = chain[-1].timestamp + 20_000
    for who, whom, what in ((bob, node, model), (carol, node, model), (bob, rival, model), (bob, node, other)):
        fund(system.token, who, 10 * DOLLAR, system.ledger)
        system.reflex_desk.open(whom, what, ROBOT.address, DEPOSIT, PRICE, until, {"from": who})
    return Served(system.reflex_desk, model, node), rival, other


@pytest.mark.parametrize("channel", [2, 3, 4])
def test_a_voucher_is_no_voucher_of_another_client_node_or_model(system, town, bob, mallory, channel):
    """One robot's key signs for all four channels, and its word on the first moves nothing on the others."""
    served, _, _ = town
    genuine = served.voucher(1, bob, 1_000)

    with reverts_with("ReflexDesk_BadSignature", ROBOT.address):
        system.reflex_desk.redeem(channel, 1_000, 7, genuine, {"from": mallory})
    system.reflex_desk.redeem(1, 1_000, 7, genuine, {"from": mallory})


@pytest.mark.parametrize("field", ["channel", "node", "model", "client"])
def test_every_word_of_a_voucher_is_signed(system, town, bob, carol, mallory, field):
    served, rival, other = town
    wrong = {"channel": 9, "node": lower(rival), "model": "0x" + other.hex(), "client": lower(carol)}

    with reverts_with("ReflexDesk_BadSignature", ROBOT.address):
        forged = served.voucher(1, bob, 1_000, **{field: wrong[field]})
        system.reflex_desk.redeem(1, 1_000, 7, forged, {"from": mallory})


@pytest.mark.parametrize("where", ["another chain", "another contract", "another deployment"])
def test_a_voucher_of_another_chain_or_contract_pays_nothing(system, town, deployer, bob, mallory, where):
    served, _, _ = town
    twin = deploy_system(deployer).reflex_desk if where == "another deployment" else system.ledger
    desk = Desk(chain.id + 1, lower(system.reflex_desk)) if where == "another chain" else Desk(chain.id, lower(twin))

    with reverts_with("ReflexDesk_BadSignature", ROBOT.address):
        system.reflex_desk.redeem(1, 1_000, 7, served.voucher(1, bob, 1_000, desk=desk), {"from": mallory})


def test_old_and_new_vouchers_never_pay_more_than_the_largest(system, town, bob, mallory):
    served, _, _ = town
    desk, ledger = system.reflex_desk, system.ledger
    before, graph = ledger.balanceOf(served.node), ledger.lockedBy(system.revenue_graph)
    for amount in (500, 400, 900, 500, 900):
        signature = served.voucher(1, bob, amount)
        if amount > desk.channelOf(1)[3]:
            desk.redeem(1, amount, 7, signature, {"from": mallory})
        else:
            with reverts_with("ReflexDesk_NothingDue", 1, desk.channelOf(1)[3]):
                desk.redeem(1, amount, 7, signature, {"from": mallory})

    paid = ledger.balanceOf(served.node) - before + ledger.lockedBy(system.revenue_graph) - graph
    assert paid == 900


def test_a_number_is_not_used_again(system, town, bob, mallory):
    """A settled channel's voucher is good for nothing that is opened later."""
    served, _, _ = town
    signature = served.voucher(1, bob, 1_000)
    system.reflex_desk.settle(1, {"from": served.node})
    until = chain[-1].timestamp + 2_000
    system.reflex_desk.open(served.node, served.model, ROBOT.address, DEPOSIT, PRICE, until, {"from": bob})

    with reverts_with("ReflexDesk_Unknown", 1):
        system.reflex_desk.redeem(1, 1_000, 7, signature, {"from": mallory})
    with reverts_with("ReflexDesk_BadSignature", ROBOT.address):
        system.reflex_desk.redeem(5, 1_000, 7, signature, {"from": mallory})


def test_nobody_signs_for_the_zero_address(system, town, bob, mallory):
    served, _, _ = town
    until = chain[-1].timestamp + 2_000

    with reverts_with("ReflexDesk_NoSigner"):
        system.reflex_desk.open(served.node, served.model, ZERO_ADDRESS, DEPOSIT, PRICE, until, {"from": bob})


@pytest.mark.parametrize("where", ["another chain", "another contract"])
def test_answers_signed_elsewhere_convict_nobody(system, town, mallory, where):
    served, _, _ = town
    other = Desk(chain.id + (where == "another chain"), lower(system.ledger))
    here = served.shown(NODE_KEY, [(b"felt", b"left")], 0)
    there = served.shown(NODE_KEY, [(b"felt", b"right")], 0, desk=other)

    with reverts_with("ReflexDesk_BadSignature", served.node):
        system.reflex_desk.proveContradiction(here, there, {"from": mallory})


def test_a_nodes_own_accuser_still_burns_half(system, town):
    """Whoever convicts himself first, to keep his stake from others, loses half of it."""
    served, _, _ = town
    before = system.ledger.balanceOf(served.node)
    answers = [served.shown(NODE_KEY, [(b"felt", said)], 0) for said in (b"left", b"right")]
    system.reflex_desk.proveContradiction(*answers, {"from": served.node})

    assert system.ledger.balanceOf(served.node) - before == STAKE // 2


def test_conviction_leaves_the_nodes_other_stake_alone(system, town, mallory):
    """It answers with another model as well, and for that one nothing was shown."""
    served, _, other = town
    answers = [served.shown(NODE_KEY, [(b"felt", said)], 0) for said in (b"left", b"right")]
    system.reflex_desk.proveContradiction(*answers, {"from": mallory})

    assert system.reflex_desk.serviceOf(served.node, other)[0] == STAKE
    assert system.node_registry.nodeOf(served.node)["bound"] == STAKE
