"""Escrow.collect: the branches of collect.tree."""

from brownie.test import given
from hypothesis import strategies as st
from reverts import reverts_with
from system import DOLLAR

PRICE, SPAN = 100 * DOLLAR, 1_000
NOTHING = bytes(32)


def test_what_was_never_started_pays_nothing(till, escrow, capture, alice, bob):
    made = till.stream(capture, alice, bob)

    with reverts_with("Escrow_NotRunning", made.id(escrow)):
        escrow.collect(made.call, {"from": alice})


def test_what_was_refunded_pays_nothing(till, escrow, running, capture, alice):
    till.registry.revokeAll(capture, NOTHING, {"from": alice})
    escrow.refund(running.call, {"from": alice})

    with reverts_with("Escrow_NotRunning", running.id(escrow)):
        escrow.collect(running.call, {"from": alice})


def test_after_an_early_end_there_is_only_the_refund(till, escrow, running, capture, alice):
    revoked = till.registry.revokeAll(capture, NOTHING, {"from": alice})

    with reverts_with("Escrow_EndedEarly", running.id(escrow), revoked.timestamp):
        escrow.collect(running.call, {"from": alice})


def test_nothing_is_earned_before_the_time_begins(till, escrow, capture, alice, bob):
    now = till.stream(capture, alice, bob)
    later = till.stream(capture, alice, bob, since=now.since + 500, until=now.until + 500)
    till.start(later)

    with reverts_with("Escrow_NothingDue", later.id(escrow)):
        escrow.collect(later.call, {"from": alice})


def test_nothing_is_due_twice(escrow, running, mined_at, alice):
    mined_at(running.until)
    escrow.collect(running.call, {"from": alice})

    with reverts_with("Escrow_NothingDue", running.id(escrow)):
        escrow.collect(running.call, {"from": alice})


def test_the_seller_is_paid_by_the_second(escrow, ledger, running, mined_at, alice, mallory):
    mined_at(running.since + SPAN // 4)

    escrow.collect(running.call, {"from": mallory})

    assert ledger.balanceOf(alice) == PRICE // 4
    assert ledger.lockedBy(escrow) == PRICE - PRICE // 4
    assert escrow.flowOf(running.id(escrow))["taken"] == PRICE // 4


def test_at_the_end_the_whole_price_is_paid(till, escrow, ledger, capture, mined_at, alice, bob):
    odd = till.stream(capture, alice, bob, price=PRICE + 1)
    till.start(odd)
    mined_at(odd.until)

    escrow.collect(odd.call, {"from": bob})

    assert (ledger.balanceOf(alice), ledger.lockedBy(escrow)) == (PRICE + 1, 0)


@given(cuts=st.lists(st.integers(1, SPAN - 1), min_size=1, max_size=4, unique=True), price=st.integers(1, 10**9))
def test_pieces_pay_what_the_whole_pays(till, escrow, ledger, capture, web3, alice, bob, cuts, price):
    made = till.stream(capture, alice, bob, price=price)
    till.start(made)
    before = ledger.balanceOf(alice)
    for cut in sorted(cuts):
        web3.provider.make_request("evm_setNextBlockTimestamp", [made.since + 60 + cut * (SPAN - 60) // SPAN])
        if escrow.dueOf.call(made.call, block_identifier="pending"):
            escrow.collect(made.call, {"from": bob})
    web3.provider.make_request("evm_setNextBlockTimestamp", [made.until + 5])

    escrow.collect(made.call, {"from": bob})

    assert ledger.balanceOf(alice) - before == price


def test_it_emits_stream_collected(escrow, running, mined_at, alice):
    mined_at(running.since + SPAN // 2)

    event = escrow.collect(running.call, {"from": alice}).events["StreamCollected"]

    assert dict(event) == {"id": "0x" + running.id(escrow).hex(), "amount": PRICE // 2}


def test_a_derived_assets_node_is_paid(till, escrow, model, mined_at, alice, bob):
    made = till.stream(model, alice, bob)
    till.start(made)
    mined_at(made.since + SPAN // 2)

    escrow.collect(made.call, {"from": bob})

    assert made.derived
    assert till.graph.nodeOf(model)["received"] == PRICE // 2
    assert till.ledger.lockedBy(till.graph) == PRICE // 2


def test_a_withdrawal_after_its_time_changes_nothing(till, escrow, ledger, running, capture, mined_at, alice):
    mined_at(running.until)
    till.registry.revokeAll(capture, NOTHING, {"from": alice})

    escrow.collect(running.call, {"from": alice})

    assert ledger.balanceOf(alice) == PRICE


def test_due_of_grows_by_the_second_while_it_runs(escrow, running, mined_at, alice, bob):
    owed = []
    for second in (0, 1, SPAN // 4, SPAN, 2 * SPAN):
        if second:
            mined_at(running.since + second)
            alice.transfer(bob, 1)
        owed.append(escrow.dueOf(running.call))

    assert owed == [0, PRICE // SPAN, PRICE // 4, PRICE, PRICE]


def test_due_of_is_what_was_not_collected_yet(escrow, running, mined_at, alice, bob):
    mined_at(running.since + SPAN // 4)
    escrow.collect(running.call, {"from": alice})
    mined_at(running.since + SPAN // 2)
    alice.transfer(bob, 1)

    assert escrow.dueOf(running.call) == PRICE // 4
