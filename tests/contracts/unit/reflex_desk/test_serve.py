"""ReflexDesk.serve: the branches of serve.tree."""

import pytest
from assets import MODEL, mint
from nodes import COMPUTE, KEY, node_of
from reflexes import LATENCY, PRICE, SHARE, STAKE
from reverts import ANY, reverts_with
from system import DOLLAR

FREE = 200 * DOLLAR - STAKE


@pytest.fixture
def second(made, alice, node, terms):
    """Another model the node has a license for."""
    other = mint(made.asset_registry, alice, "second policy", MODEL, terms)
    made.license_desk.grant(other, node, terms, 2**40 - 1, {"from": alice})
    return other


def test_an_unknown_model_is_not_served(desk, node):
    with reverts_with("AssetRegistry_Unknown", b"\x01" * 32):
        desk.serve(b"\x01" * 32, PRICE, SHARE, STAKE, LATENCY, {"from": node})


@pytest.mark.parametrize("kind", [0, 1, 3])
def test_only_models_are_served(desk, made, node, kind):
    thing = mint(made.asset_registry, node, f"thing {kind}", kind)

    with reverts_with("ReflexDesk_NotModel", thing):
        desk.serve(thing, PRICE, SHARE, STAKE, LATENCY, {"from": node})


def test_who_has_no_license_serves_nothing(desk, model, dave):
    with reverts_with("ReflexDesk_NotAllowed", model, dave, ANY):
        desk.serve(model, PRICE, SHARE, STAKE, LATENCY, {"from": dave})


def test_a_service_needs_stake(desk, node, second):
    with reverts_with("ReflexDesk_NoStake"):
        desk.serve(second, PRICE, SHARE, 0, LATENCY, {"from": node})


def test_a_share_is_not_below_the_terms(desk, node, second):
    with reverts_with("ReflexDesk_ShareBelow", SHARE - 1, SHARE):
        desk.serve(second, PRICE, SHARE - 1, STAKE, LATENCY, {"from": node})


def test_a_share_is_not_above_the_whole(desk, node, second):
    with reverts_with("ReflexDesk_ShareAboveWhole", 1_000_001):
        desk.serve(second, PRICE, 1_000_001, STAKE, LATENCY, {"from": node})
    desk.serve(second, PRICE, 1_000_000, STAKE, LATENCY, {"from": node})


@pytest.mark.parametrize("leaves", [False, True])
def test_a_service_runs_once(desk, node, model, leaves):
    if leaves:
        desk.retire(model, {"from": node})

    with reverts_with("ReflexDesk_Runs", node, model):
        desk.serve(model, PRICE, SHARE, STAKE, LATENCY, {"from": node})


def test_stake_must_be_free(desk, node, second):
    with reverts_with("NodeRegistry_Bound", FREE, FREE + 1):
        desk.serve(second, PRICE, SHARE, FREE + 1, LATENCY, {"from": node})


def test_stake_is_bound_to_the_service(desk, made, node, second):
    desk.serve(second, 5, SHARE, FREE, LATENCY, {"from": node})

    assert desk.serviceOf(node, second) == (FREE, 5, SHARE, 0)
    assert node_of(made.node_registry, node).bound == 200 * DOLLAR


def test_an_owner_serves_his_own_model(desk, made, model, alice):
    made.node_registry.register(KEY, COMPUTE, 200 * DOLLAR, {"from": alice})

    desk.serve(model, PRICE, SHARE, STAKE, LATENCY, {"from": alice})

    assert desk.serviceOf(alice, model) == (STAKE, PRICE, SHARE, 0)


def test_it_emits_service_started(desk, node, second):
    tx = desk.serve(second, PRICE, SHARE, STAKE, LATENCY, {"from": node})

    event = tx.events["ServiceStarted"]
    assert (event["node"], event["model"]) == (node, "0x" + second.hex())
    assert (event["service"], event["latency"]) == ((STAKE, PRICE, SHARE, 0), LATENCY)
