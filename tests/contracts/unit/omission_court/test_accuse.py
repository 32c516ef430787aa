"""OmissionCourt.accuse, answer and condemn: the branches of accuse.tree."""

from dataclasses import replace

import pytest
from omissions import FROZEN, as_filing, places, state
from payouts import as_asset
from reverts import reverts_with
from sales import put_on_sale
from system import next_block_at

from thenar.domain.membertree import MemberTree
from thenar.domain.statements import LicenseSet

BOND = 1_001


@pytest.fixture
def hidden(system, model, carol):
    """A payout whose license set is no set at all: nobody can show a place of it."""
    nothing = LicenseSet((as_asset(b"\x01" * 32),) * 3, MemberTree(3, (b"\x52" * 32,)))
    return state(system, model, carol, nothing, BOND)


@pytest.fixture
def condemn(court, bought, mallory):
    """Let Mallory, who has nothing to do with it, ask for the verdict."""
    return lambda filed, omitted=bought[2]: court.condemn(as_filing(filed), omitted, {"from": mallory})


def test_only_what_was_published_can_be_accused(accuse, guilty, model):
    with reverts_with("OmissionCourt_WrongFiling", model, 1):
        accuse(replace(guilty, root=bytes(32)))


def test_an_accusation_at_the_end_of_the_window_is_too_late(court, accuse, guilty):
    end = guilty.statement.published_at + court.challengeWindow()
    next_block_at(end)

    with reverts_with("OmissionCourt_TooLate", end):
        accuse(guilty)


def test_nobody_is_accused_over_a_license_they_never_bought(system, accuse, guilty, carol, dave):
    ware = put_on_sale(system, dave, 5, "never sold")

    with reverts_with("OmissionCourt_NoLicense", ware.id, carol, guilty.statement.published_at):
        accuse(guilty, ware.id)


def test_an_asset_is_asked_about_once(accuse, answer, honest, bought):
    accuse(honest)
    with reverts_with("OmissionCourt_AlreadyAccused", bought[2]):
        accuse(honest)
    answer(honest)

    with reverts_with("OmissionCourt_AlreadyAccused", bought[2]):
        accuse(honest)
    accuse(honest, bought[1])


def test_a_convicted_payout_is_not_accused(accuse, prove, guilty, model):
    prove(guilty)

    with reverts_with("OmissionCourt_Decided", model, 1):
        accuse(guilty)


def test_an_accusation_is_kept_and_told(court, accuse, guilty, bought, model, judge):
    tx = accuse(guilty)

    answer_by = tx.timestamp + court.answerWindow()
    assert tuple(court.accusationOf(model, 1, bought[2])) == (judge, answer_by, False)
    assert dict(tx.events["OmissionAccused"]) == {
        "asset": "0x" + model.hex(),
        "payout": 1,
        "omitted": "0x" + bought[2].hex(),
        "accuser": judge,
        "answerBy": answer_by,
    }


def test_nothing_is_answered_that_nobody_asked(accuse, answer, honest, bought):
    accuse(honest, bought[1])

    with reverts_with("OmissionCourt_NotAccused", bought[2]):
        answer(honest)


def test_an_answer_must_show_the_place(court, accuse, guilty, bought, carol):
    accuse(guilty)
    (shown,) = places(LicenseSet.of(map(as_asset, bought)).prove(2))

    with reverts_with("OmissionCourt_NotListed", bought[2]):
        court.answer(as_filing(guilty), shown, {"from": carol})


def test_an_answer_at_the_deadline_is_too_late(court, accuse, answer, honest, bought, model):
    accuse(honest)
    answer_by = court.accusationOf(model, 1, bought[2])[1]
    next_block_at(answer_by)

    with reverts_with("OmissionCourt_TooLate", answer_by):
        answer(honest)


def test_an_answer_is_given_once(accuse, answer, honest, bought):
    accuse(honest)
    answer(honest)

    with reverts_with("OmissionCourt_NotAccused", bought[2]):
        answer(honest)


def test_anybody_may_answer_for_the_publisher(court, accuse, honest, bought, model, frank):
    accuse(honest)
    (shown,) = places(LicenseSet.of(map(as_asset, bought)).prove(2))

    court.answer(as_filing(honest), shown, {"from": frank})

    assert court.accusationOf(model, 1, bought[2])[2]


def test_an_answer_clears_the_payout(chain, accuse, answer, condemn, honest, bought, model):
    accuse(honest)

    tx = answer(honest)

    assert dict(tx.events["OmissionAnswered"]) == {
        "asset": "0x" + model.hex(),
        "payout": 1,
        "omitted": "0x" + bought[2].hex(),
    }


def test_nobody_is_condemned_unasked(condemn, guilty, bought):
    with reverts_with("OmissionCourt_NotAccused", bought[2]):
        condemn(guilty)


def test_a_publisher_has_the_whole_window_to_answer(court, accuse, condemn, guilty, bought, model):
    accuse(guilty)
    answer_by = court.accusationOf(model, 1, bought[2])[1]
    next_block_at(answer_by - 1)

    with reverts_with("OmissionCourt_TooEarly", answer_by):
        condemn(guilty)


def test_who_answered_is_not_condemned(chain, court, accuse, answer, condemn, honest, bought):
    accuse(honest)
    answer(honest)
    chain.sleep(court.answerWindow() + 1)

    with reverts_with("OmissionCourt_NotAccused", bought[2]):
        condemn(honest)


def test_a_case_ends_when_the_bond_may_go_back(court, accuse, condemn, guilty):
    accuse(guilty)
    end = guilty.statement.published_at + court.challengeWindow() + 2 * court.answerWindow()
    next_block_at(end)

    with reverts_with("OmissionCourt_TooLate", end):
        condemn(guilty)


def test_a_payout_is_not_condemned_twice(chain, court, accuse, condemn, prove, guilty, model):
    accuse(guilty)
    prove(guilty)
    chain.sleep(court.answerWindow() + 1)

    with reverts_with("OmissionCourt_Decided", model, 1):
        condemn(guilty)


def test_a_root_over_nothing_is_condemned(chain, court, accuse, answer, condemn, hidden, bought, model):
    accuse(hidden)
    with reverts_with("OmissionCourt_NotListed", bought[2]):
        answer(hidden)
    chain.sleep(court.answerWindow() + 1)

    condemn(hidden)

    assert court.verdictOf(model, 1)[0] == FROZEN


def test_the_accuser_is_rewarded_whoever_calls(
    chain, court, graph, ledger, accuse, condemn, hidden, bought, judge, mallory
):
    accuse(hidden)
    chain.sleep(court.answerWindow() + 1)

    condemn(hidden)

    assert (ledger.balanceOf(judge), ledger.balanceOf(mallory), ledger.lockedBy(court)) == (500, 0, 0)
    assert graph.ownDueOf(bought[2]) == 501
