"""ReflexDesk.proveContradiction: the branches of prove_contradiction.tree."""

import pytest
from nodes import node_of
from reflexes import DEPOSIT, LATENCY, PRICE, SHARE, STAKE, lower, many_calls
from reverts import reverts_with

NOBODY = "0x000000000000000000000000000000000000dEaD"
SAME = b"what the robot felt"


@pytest.fixture(scope="module")
def left(served, node_key):
    """Call 3 of a window of 11: the node said left."""
    return served.shown(node_key, [*many_calls(3), (SAME, b"left"), *many_calls(7, "later")], 3)


@pytest.fixture(scope="module")
def right(served, node_key):
    """Call 0 of a window of 2, on another channel: it said right."""
    return served.shown(node_key, [(SAME, b"right"), *many_calls(1)], 0, window=9, channel=4)


@pytest.mark.parametrize("field", ["node", "model", "runtime"])
def test_two_services_do_not_contradict_each_other(desk, served, node_key, left, dave, field):
    other = {"node": lower(dave), "model": "0x" + "07" * 32, "runtime": b"\x0b" * 32}
    shown = served.shown(node_key, [(SAME, b"right")], 0, **{field: other[field]})

    with reverts_with("ReflexDesk_NotOneService"):
        desk.proveContradiction(left, shown, {"from": dave})


def test_different_questions_have_different_answers(desk, served, node_key, left, dave):
    shown = served.shown(node_key, [(b"something else", b"right")], 0)

    with reverts_with("ReflexDesk_NotOneObservation", left[3], shown[3]):
        desk.proveContradiction(left, shown, {"from": dave})


def test_who_repeats_himself_does_not_contradict_himself(desk, served, node_key, left, dave):
    shown = served.shown(node_key, [(SAME, b"left")], 0, window=2)

    with reverts_with("ReflexDesk_NoContradiction", left[4]):
        desk.proveContradiction(left, shown, {"from": dave})


def test_a_node_is_convicted_once(desk, left, right, node, model, dave):
    desk.proveContradiction(left, right, {"from": dave})

    with reverts_with("ReflexDesk_NotServing", node, model):
        desk.proveContradiction(left, right, {"from": dave})


@pytest.mark.parametrize("second", [False, True])
def test_only_what_the_node_signed_counts(desk, served, other_key, left, right, node, dave, second):
    forged = served.shown(other_key, [(SAME, b"backwards")], 0)
    pair = (left, forged) if second else (forged, right)

    with reverts_with("ReflexDesk_BadSignature", node):
        desk.proveContradiction(*pair, {"from": dave})


@pytest.mark.parametrize("spoilt", ["index", "answer", "path", "beyond"])
def test_an_answer_must_stand_under_its_root(desk, left, right, dave, spoilt):
    fields, signature, index, observation, answer, path = left
    bad = {
        "index": (fields, signature, 4, observation, answer, path),
        "answer": (fields, signature, index, observation, b"\x01" * 32, path),
        "path": (fields, signature, index, observation, answer, path[:-1]),
        "beyond": (fields, signature, 11, observation, answer, path),
    }[spoilt]

    with reverts_with("ReflexDesk_NotUnderRoot", fields[6], bad[2]):
        desk.proveContradiction(bad, right, {"from": dave})
    with reverts_with("ReflexDesk_NotUnderRoot", fields[6], bad[2]):
        desk.proveContradiction(right, bad, {"from": dave})


def test_half_the_stake_is_the_provers_the_rest_is_burnt(desk, made, served, left, right, node, model, dave):
    before = node_of(made.node_registry, node)
    desk.proveContradiction(left, right, {"from": dave})
    after = node_of(made.node_registry, node)

    assert (before.stake - after.stake, before.bound - after.bound) == (STAKE, STAKE)
    assert (made.ledger.balanceOf(dave), made.ledger.balanceOf(NOBODY)) == (STAKE // 2, STAKE - STAKE // 2)
    assert made.ledger.lockedBy(desk) == 0


def test_one_window_can_contradict_itself(desk, made, served, node_key, dave):
    calls = [(SAME, b"left"), (SAME, b"right")]
    desk.proveContradiction(*(served.shown(node_key, calls, index) for index in (0, 1)), {"from": dave})

    assert made.ledger.balanceOf(dave) == STAKE // 2


def test_a_retired_node_answers_for_what_it_said(desk, made, left, right, node, model, dave):
    desk.retire(model, {"from": node})
    desk.proveContradiction(left, right, {"from": dave})

    assert made.ledger.balanceOf(dave) == STAKE // 2


def test_a_convicted_node_never_serves_the_model_again(desk, left, right, node, model, dave):
    desk.proveContradiction(left, right, {"from": dave})

    with reverts_with("ReflexDesk_Runs", node, model):
        desk.serve(model, PRICE, SHARE, STAKE, LATENCY, {"from": node})
    assert desk.serviceOf(node, model) == (0, PRICE, SHARE, 2**40 - 1)


def test_channels_of_a_convicted_node_pay_and_end(desk, made, served, opened, left, right, node, carol, dave):
    desk.proveContradiction(left, right, {"from": dave})
    desk.redeem(opened, 1_000, 7, served.voucher(opened, carol, 1_000), {"from": node})
    desk.settle(opened, {"from": node})

    assert (made.ledger.balanceOf(node), made.ledger.balanceOf(carol)) == (700, DEPOSIT - 1_000)


def test_it_emits_contradiction_proven(desk, left, right, node, model, dave):
    tx = desk.proveContradiction(left, right, {"from": dave})

    event = tx.events["ContradictionProven"]
    assert (event["node"], event["model"], event["prover"]) == (node, "0x" + model.hex(), dave)
    assert (event["observation"], event["reward"], event["burnt"]) == ("0x" + left[3].hex(), 500, 500)
