"""ReflexDesk.endService: the branches of end_service.tree."""

import pytest
from nodes import node_of
from reflexes import LATENCY, PRICE, SHARE, STAKE
from reverts import reverts_with
from system import next_block_at


@pytest.fixture
def leaves_at(desk, model, node):
    """When the retired service's stake is free."""
    desk.retire(model, {"from": node})
    return desk.serviceOf(node, model)[3]


def test_only_what_retired_ends(desk, served, model, node, node_key, dave):
    for who in (dave, node):
        with reverts_with("ReflexDesk_NotRetired", who, model):
            desk.endService(who, model, {"from": dave})
    answers = [served.shown(node_key, [(b"same", said)], 0) for said in (b"left", b"right")]
    desk.proveContradiction(*answers, {"from": dave})
    with reverts_with("ReflexDesk_NotRetired", node, model):
        desk.endService(node, model, {"from": dave})


def test_stake_is_not_free_before_its_time(desk, model, node, leaves_at):
    next_block_at(leaves_at - 1)
    with reverts_with("ReflexDesk_StillBound", leaves_at):
        desk.endService(node, model, {"from": node})


def test_anybody_frees_stake_in_the_end(desk, made, model, node, dave, leaves_at):
    next_block_at(leaves_at)
    tx = desk.endService(node, model, {"from": dave})

    assert desk.serviceOf(node, model) == (0, 0, 0, 0)
    assert node_of(made.node_registry, node).bound == 0
    assert dict(tx.events["ServiceEnded"]) == {"node": node, "model": "0x" + model.hex(), "stake": STAKE}


def test_who_ended_may_serve_anew(desk, model, node, leaves_at):
    next_block_at(leaves_at)
    desk.endService(node, model, {"from": node})
    desk.serve(model, PRICE, SHARE, STAKE, LATENCY, {"from": node})

    assert desk.serviceOf(node, model) == (STAKE, PRICE, SHARE, 0)
