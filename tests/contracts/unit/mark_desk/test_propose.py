"""An owner commits to the secrets of a copy."""

from __future__ import annotations

from dataclasses import replace

from brownie import chain
from marks import NONE, PROPOSED, STAKE, Marked
from reverts import reverts_with


def with_mark(marked: Marked, **changes) -> Marked:
    return replace(marked, mark=replace(marked.mark, **changes))


def test_the_stake_is_locked_and_everything_announced(marked, bob):
    before = marked.balances()

    sent = marked.desk.propose(marked.call, {"from": marked.owner})

    assert marked.gained(before) == (-STAKE, 0, 0, 0)
    assert bytes(sent.return_value) == marked.id
    told = sent.events["MarkProposed"]
    assert (told["markId"], told["copy"], told["buyer"]) == ("0x" + marked.id.hex(), marked.mark.copy, bob)
    assert told["mark"][4:] == marked.call[4:]
    assert marked.desk.stateOf(marked.id)[0] == PROPOSED


def test_a_stranger_proposes_nothing(marked, alice, carol):
    with reverts_with("MarkDesk_NotOwner", marked.mark.copy, alice, carol):
        marked.desk.propose(marked.call, {"from": carol})


def test_nobody_is_named_as_owner_who_is_not(marked, alice, carol):
    forged = with_mark(marked, owner=str(carol))

    with reverts_with("MarkDesk_NotOwner", marked.mark.copy, alice, carol):
        marked.desk.propose(forged.call, {"from": carol})
    with reverts_with("MarkDesk_NotOwner", marked.mark.copy, alice, alice):
        marked.desk.propose(forged.call, {"from": alice})


def test_there_is_a_buyer_and_it_is_somebody_else(marked, alice):
    for nobody in ("0x" + "00" * 20, str(alice)):
        with reverts_with("MarkDesk_BadBuyer", nobody):
            marked.desk.propose(with_mark(marked, buyer=nobody).call, {"from": alice})


def test_a_bond_that_has_no_eighth_is_refused(marked, alice):
    with reverts_with("MarkDesk_SmallBond", 7):
        marked.desk.propose(with_mark(marked, bond=7).call, {"from": alice})


def test_a_mark_that_is_over_when_it_begins_is_refused(marked, alice):
    until = chain[-1].timestamp

    with reverts_with("MarkDesk_TooLate", until):
        marked.desk.propose(with_mark(marked, until=until).call, {"from": alice})


def test_the_same_words_are_agreed_once(marked, alice):
    marked.proposed()

    with reverts_with("MarkDesk_WrongStage", marked.id, PROPOSED):
        marked.desk.propose(marked.call, {"from": alice})


def test_an_owner_without_the_stake_cannot_propose(marked, system, alice):
    held = system.ledger.balanceOf(alice)
    system.ledger.withdraw(alice, held - STAKE + 1, {"from": alice})

    with reverts_with("Ledger_NotEnough", alice, STAKE - 1, STAKE):
        marked.desk.propose(marked.call, {"from": alice})
    assert marked.desk.stateOf(marked.id)[0] == NONE
