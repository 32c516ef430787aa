"""ReflexDesk.retire: the branches of retire.tree."""

from reflexes import PRICE, SHARE, STAKE
from reverts import reverts_with

NOTICE = 37 * 86_400  # thirty days for the longest channel, seven for evidence


def test_only_what_serves_retires(desk, model, node, dave):
    with reverts_with("ReflexDesk_NotServing", dave, model):
        desk.retire(model, {"from": dave})
    desk.retire(model, {"from": node})
    with reverts_with("ReflexDesk_NotServing", node, model):
        desk.retire(model, {"from": node})


def test_stake_stays_for_the_last_channel_and_its_evidence(desk, model, node):
    tx = desk.retire(model, {"from": node})

    assert desk.serviceOf(node, model) == (STAKE, PRICE, SHARE, tx.timestamp + NOTICE)


def test_open_channels_outlive_a_retirement(desk, made, served, opened, model, node, carol):
    desk.retire(model, {"from": node})
    desk.redeem(opened, 1_000, 7, served.voucher(opened, carol, 1_000), {"from": node})

    assert made.ledger.balanceOf(node) == 700


def test_it_emits_service_retired(desk, model, node):
    tx = desk.retire(model, {"from": node})

    said = {"node": node, "model": "0x" + model.hex(), "leavesAt": tx.timestamp + NOTICE}
    assert dict(tx.events["ServiceRetired"]) == said
