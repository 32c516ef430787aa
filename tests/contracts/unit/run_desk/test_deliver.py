"""RunDesk.deliver: the branches of deliver.tree."""

from reverts import reverts_with
from runs import PRICE, PROGRAM
from system import next_block_at

SEALED = b"\x55" * 32
REJECT = 1_800


def test_what_was_never_ordered_is_not_delivered(home, bob):
    with reverts_with("RunDesk_Ended", 1):
        home.deliver(1, bob)


def test_a_run_is_delivered_once(home, delivered, bob):
    with reverts_with("RunDesk_WrongStage", delivered):
        home.deliver(delivered, bob)


def test_another_buyers_output_is_not_delivered(home, ordered, carol):
    with reverts_with("RunDesk_NotBuyer", ordered, carol):
        home.deliver(ordered, carol)


def test_nothing_is_delivered_late(home, desk, ordered, bob):
    deadline = desk.runOf(ordered)[8]
    next_block_at(deadline + 1)

    with reverts_with("RunDesk_TooLate", ordered, deadline):
        home.deliver(ordered, bob)


def test_the_last_second_is_in_time(home, desk, ordered, bob):
    next_block_at(desk.runOf(ordered)[8])
    home.deliver(ordered, bob)


def test_nothing_is_delivered_without_consent(home, ordered, alice, bob):
    home.system.asset_registry.revokeAll(home.asset, b"\0" * 32, {"from": alice})

    with reverts_with("RunDesk_Withdrawn", ordered):
        home.deliver(ordered, bob)


def test_approving_anew_revives_no_order_of_an_earlier_consent(home, ordered, alice, bob):
    home.system.asset_registry.revokeAll(home.asset, b"\0" * 32, {"from": alice})
    home.approve()
    home.license(bob)

    with reverts_with("RunDesk_Withdrawn", ordered):
        home.deliver(ordered, bob)


def test_nothing_is_delivered_without_a_license(home, ordered, alice, bob):
    home.system.license_desk.revokeOne(home.asset, 0, bob, {"from": alice})

    with reverts_with("RunDesk_Withdrawn", ordered):
        home.deliver(ordered, bob)


def test_nothing_is_delivered_for_a_former_owner(home, ordered, alice, bob, dave):
    home.system.asset_registry.transferFrom(alice, dave, int.from_bytes(home.asset, "big"), {"from": alice})

    with reverts_with("RunDesk_Withdrawn", ordered):
        home.deliver(ordered, bob)


def test_only_the_owner_delivers(home, desk, ordered, bob):
    with reverts_with("RunDesk_NotOwner", home.asset, bob):
        desk.deliver(ordered, bob, SEALED, {"from": bob})


def test_the_money_waits(home, desk, ledger, delivered):
    assert ledger.lockedBy(desk) == PRICE
    assert desk.runOf(delivered)[3] == "0x" + PROGRAM.hex()


def test_it_emits_run_delivered(home, desk, ordered, bob):
    tx = home.deliver(ordered, bob)

    said = {"run": ordered, "sealedDigest": "0x" + SEALED.hex(), "rejectBy": tx.timestamp + REJECT}
    assert dict(tx.events["RunDelivered"]) == said
    assert desk.runOf(ordered)[8:] == (tx.timestamp + REJECT, 2)
