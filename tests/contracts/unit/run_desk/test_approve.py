"""RunDesk.approve: the branches of approve.tree."""

import pytest
from assets import Commitment, digest
from brownie import ZERO_ADDRESS
from reverts import reverts_with
from runs import LIMITS, OTHER_PROGRAM, PROGRAM, Limits


def test_a_stranger_approves_nothing(home, desk, bob):
    with reverts_with("RunDesk_NotOwner", home.asset, bob):
        desk.approve(home.asset, OTHER_PROGRAM, LIMITS.call, {"from": bob})


def test_a_batch_has_no_bytes_to_read(home, desk, alice):
    batch = Commitment(str(alice), 4, 3, b"\0" * 32, digest("members"), b"\0" * 32)
    home.system.asset_registry.commitBatch(batch.call, {"from": alice})

    with reverts_with("RunDesk_Batch", batch.id):
        desk.approve(batch.id, PROGRAM, LIMITS.call, {"from": alice})


@pytest.mark.parametrize("field", ["fuel", "output_bytes", "parts", "per_buyer", "per_day"])
def test_limits_that_allow_nothing_are_refused(home, field):
    with reverts_with("RunDesk_EmptyLimits"):
        home.approve(**{field: 0})


def test_a_run_may_cost_nothing(home, desk):
    home.approve(OTHER_PROGRAM, price=0)

    assert desk.programOf(home.asset, OTHER_PROGRAM)[0][4][0] == 0


def test_it_is_kept_with_its_owner_and_epoch(home, desk, alice):
    program, stands = desk.programOf(home.asset, PROGRAM)

    assert stands
    assert program == (alice, 0, 0, 0, LIMITS.call)
    assert desk.programOf(home.asset, OTHER_PROGRAM)[0][0] == ZERO_ADDRESS


def test_other_limits_leave_todays_count(home, desk, bob):
    home.order(bob)
    home.approve(per_buyer=1)

    assert desk.usedToday(home.asset, PROGRAM, bob) == (1, 1)
    with reverts_with("RunDesk_BuyerSpent", bob, 1):
        home.order(bob)


def test_it_emits_program_approved(home, alice):
    event = home.approve(OTHER_PROGRAM, parts=9).events["ProgramApproved"]

    assert (event["asset"], event["program"]) == ("0x" + home.asset.hex(), "0x" + OTHER_PROGRAM.hex())
    assert (event["owner"], event["consentEpoch"]) == (alice, 0)
    assert event["limits"] == Limits(parts=9).call
