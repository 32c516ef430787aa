"""ReflexDesk.convict: what is not said of it in call_disputes/condemn.tree and resolve.tree."""

from reverts import reverts_with
from system import as_sender


def test_nobody_but_the_disputes_convicts(desk, node, model, dave):
    with reverts_with("ReflexDesk_NotDisputes", dave):
        desk.convict(node, model, {"from": dave})


def test_there_is_nothing_to_take_of_who_serves_nothing(desk, made, model, dave):
    tx = desk.convict(dave, model, as_sender(made.call_disputes))

    assert len(tx.events) == 0
    assert desk.serviceOf(dave, model) == (0, 0, 0, 0)
