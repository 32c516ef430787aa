"""ReflexDesk.hold: what is not said of it in call_disputes/accuse.tree."""

from reverts import reverts_with


def test_nobody_but_the_disputes_holds_stake(desk, served, node_key, dave):
    with reverts_with("ReflexDesk_NotDisputes", dave):
        desk.hold(served.shown(node_key, [(b"felt", b"left")], 0), {"from": dave})
