"""RunDesk.order: the branches of order.tree."""

from assets import TRAIN, write_terms
from brownie import chain
from reverts import ANY, reverts_with
from runs import DAY, KEY, LIMITS, OTHER_PROGRAM, PRICE, PROGRAM
from system import next_block_at

WINDOW = 3_600


def test_a_program_nobody_approved_is_refused(home, bob):
    with reverts_with("RunDesk_NotApproved", home.asset, OTHER_PROGRAM):
        home.order(bob, program=OTHER_PROGRAM)


def test_an_approval_ends_with_the_consent_it_was_given_in(home, alice, bob):
    home.system.asset_registry.revokeAll(home.asset, b"\0" * 32, {"from": alice})
    home.license(bob)

    with reverts_with("RunDesk_NotApproved", home.asset, PROGRAM):
        home.order(bob)
    home.approve()
    home.order(bob)


def test_an_approval_ends_when_the_asset_changes_hands(home, alice, bob, dave):
    home.system.asset_registry.transferFrom(alice, dave, int.from_bytes(home.asset, "big"), {"from": alice})

    with reverts_with("RunDesk_NotApproved", home.asset, PROGRAM):
        home.order(bob)


def test_a_part_beyond_the_last_is_refused(home, bob):
    with reverts_with("RunDesk_NoPart", 4, 4):
        home.order(bob, part=4)
    home.order(bob, part=3)


def test_a_higher_price_than_accepted_is_refused(home, bob):
    with reverts_with("RunDesk_PriceAbove", PRICE, PRICE - 1):
        home.order(bob, most=PRICE - 1)


def test_without_a_license_nothing_is_ordered(home, dave):
    with reverts_with("RunDesk_NotAllowed", home.asset, dave, ANY):
        home.order(dave)


def test_a_license_to_train_is_none_to_compute(home, alice, dave):
    terms = write_terms(home.system.terms_book, alice, purposes=TRAIN)
    home.system.license_desk.grant(home.asset, dave, terms, 2**40 - 1, {"from": alice})

    with reverts_with("RunDesk_NotAllowed", home.asset, dave, ANY):
        home.order(dave)


def test_a_license_must_last_until_the_deadline(home, alice, bob):
    now = chain[-1].timestamp + 100
    home.system.license_desk.setExpiry(home.asset, bob, now + WINDOW, {"from": alice})
    next_block_at(now)

    with reverts_with("RunDesk_NotAllowed", home.asset, bob, now + WINDOW):
        home.order(bob)
    home.system.license_desk.setExpiry(home.asset, bob, now + 2 * WINDOW, {"from": alice})
    home.order(bob)


def test_a_buyer_orders_so_many_a_day(home, bob, carol):
    begin_a_day()
    for _ in range(LIMITS.per_buyer):
        home.order(bob)

    with reverts_with("RunDesk_BuyerSpent", bob, LIMITS.per_buyer):
        home.order(bob)
    home.order(carol)


def test_all_buyers_together_order_so_many_a_day(home, desk, bob, carol):
    begin_a_day()
    for who in (bob, bob, bob, carol, carol):
        home.order(who)

    assert desk.usedToday(home.asset, PROGRAM, bob) == (5, 3)
    with reverts_with("RunDesk_DaySpent", home.asset, PROGRAM, LIMITS.per_day):
        home.order(carol)


def test_the_next_day_counts_anew(home, desk, bob):
    begin_a_day()
    for _ in range(LIMITS.per_buyer):
        home.order(bob)
    begin_a_day()

    home.order(bob)

    assert desk.usedToday(home.asset, PROGRAM, bob) == (1, 1)


def test_programs_are_counted_apart(home, desk, bob):
    begin_a_day()
    home.approve(OTHER_PROGRAM)
    for _ in range(LIMITS.per_buyer):
        home.order(bob)

    home.order(bob, program=OTHER_PROGRAM)

    assert desk.usedToday(home.asset, OTHER_PROGRAM, bob) == (1, 1)


def test_the_ledger_holds_the_price(home, desk, ledger, bob):
    home.order(bob)

    assert ledger.lockedBy(desk) == PRICE


def test_a_free_run_moves_no_money(home, desk, ledger, bob):
    home.approve(price=0)
    tx = home.order(bob)

    assert "Collected" not in tx.events
    assert ledger.lockedBy(desk) == 0


def test_a_fee_on_transfer_is_short_payment(hostile, bob):
    home = hostile("FeeOnTransferToken", 100)

    with reverts_with("RunDesk_ShortPaid", PRICE * 99 // 100, PRICE):
        home.order(bob)


def test_a_surplus_is_the_payers(hostile, bob):
    home = hostile("ReentrantToken")
    system = home.system
    system.token.arm(system.token, system.token.mint.encode_input(system.ledger, 50), {"from": bob})

    home.order(bob)

    assert system.ledger.lockedBy(home.desk) == PRICE
    assert system.ledger.balanceOf(bob) == 50


def test_it_emits_run_ordered(home, desk, bob):
    tx = home.order(bob, part=2)
    event, now = tx.events["RunOrdered"], tx.timestamp

    kept = (bob, PRICE, "0x" + home.asset.hex(), "0x" + PROGRAM.hex(), 2, 64, 0, now, now + WINDOW, 1)
    assert (event["run"], event["asset"], event["buyer"]) == (1, "0x" + home.asset.hex(), bob)
    assert (event["keyX"], event["keyY"]) == KEY
    assert event["ordered"] == desk.runOf(1) == kept
    assert desk.count() == 1


def begin_a_day():
    """The next transaction is early on a new day (UTC), so that what a test does lies in one."""
    next_block_at((chain[-1].timestamp // DAY + 1) * DAY + 10)
    chain.mine()
