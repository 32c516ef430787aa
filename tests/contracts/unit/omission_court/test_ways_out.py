"""OmissionCourt.take, thaw, lapse and returnBond: the branches of ways_out.tree."""

from dataclasses import replace

import pytest
from omissions import RETURNED, THAWED, as_filing, license_set, places, state
from payouts import REF, as_call, scope, to_account
from reverts import reverts_with
from system import fund, next_block_at

from thenar.domain.sumtree import SumTree

BOND = 1_001


@pytest.fixture
def frozen(prove, guilty):
    """The guilty payout, convicted."""
    prove(guilty)
    return guilty


@pytest.fixture
def corrected(system, frozen, bought, model, carol):
    """A second payout that names every license."""
    return state(system, model, carol, license_set(bought))


@pytest.fixture
def thaw(court, bought, frank):
    """Let Frank show the place of the omitted license in a correction."""

    def thaw_(correction, index=2, licenses=bought, payout=1):
        (place,) = places(license_set(licenses).prove(index))
        return court.thaw(payout, as_filing(correction), place, {"from": frank})

    return thaw_


def test_only_the_graph_hands_over_bonds(court, carol, mallory):
    with reverts_with("OmissionCourt_NotGraph", mallory):
        court.take(carol, 1, {"from": mallory})


def test_what_is_not_frozen_is_not_thawed(thaw, corrected, model):
    thaw(corrected)

    with reverts_with("OmissionCourt_NotFrozen", model, 1):
        thaw(corrected)
    with reverts_with("OmissionCourt_NotFrozen", model, 2):
        thaw(corrected, payout=2)


def test_a_correction_must_be_published(thaw, corrected, model):
    with reverts_with("OmissionCourt_WrongFiling", model, 2):
        thaw(replace(corrected, root=b"\x01" * 32))


def test_a_correction_comes_later(system, thaw, prove, model, bought, carol):
    """What was named before does not excuse what is omitted now."""
    first = state(system, model, carol, license_set(bought))
    second = state(system, model, carol, license_set([bought[0], bought[1], bought[3]]))
    prove(second)

    with reverts_with("OmissionCourt_NotLater", 2, 1):
        thaw(first, payout=2)
    with reverts_with("OmissionCourt_NotLater", 2, 2):
        thaw(second, payout=2)


def test_a_correction_names_what_was_omitted(thaw, corrected, bought):
    with reverts_with("OmissionCourt_NotListed", bought[1]):
        thaw(corrected, index=1)


def test_a_correction_that_omits_it_again_thaws_nothing(system, thaw, frozen, bought, model, carol):
    again = state(system, model, carol, license_set(bought[:2]))

    with reverts_with("OmissionCourt_NotListed", bought[2]):
        thaw(again)


def test_a_corrected_payout_pays_what_it_earned(
    system, court, graph, ledger, thaw, prove, guilty, bought, model, carol, erin
):
    fund(system.token, erin, 100, ledger)
    graph.pay(model, 100, REF, {"from": erin})
    prove(guilty)
    corrected = state(system, model, carol, license_set(bought))

    tx = thaw(corrected)

    assert court.verdictOf(model, 1)[0] == THAWED
    assert dict(tx.events["FreezeChanged"]) == {"asset": "0x" + model.hex(), "payout": 1, "frozen": False}
    leaf = as_call(SumTree.build(scope(graph, model), [to_account(carol, 1)]).prove(0))
    assert graph.claim(model, 1, guilty.statement.hash, leaf, {"from": carol}).return_value == 100
    assert ledger.balanceOf(carol) == 100


def test_what_is_not_frozen_does_not_lapse(court, honest, model, frank):
    with reverts_with("OmissionCourt_NotFrozen", model, 1):
        court.lapse(model, 1, {"from": frank})


def test_a_freeze_lasts_its_whole_time(court, frozen, model, frank):
    until = court.verdictOf(model, 1)[1]
    next_block_at(until - 1)

    with reverts_with("OmissionCourt_TooEarly", until):
        court.lapse(model, 1, {"from": frank})


def test_anybody_ends_a_freeze_whose_time_has_passed(court, graph, frozen, model, frank):
    next_block_at(court.verdictOf(model, 1)[1])

    court.lapse(model, 1, {"from": frank})

    assert court.verdictOf(model, 1)[0] == THAWED
    assert not graph.payoutOf(model, 1)[4]


def test_a_bond_is_returned_for_a_true_filing_only(chain, court, honest, model, frank, mallory):
    chain.sleep(court.challengeWindow() + 2 * court.answerWindow() + 1)
    stolen = replace(honest, statement=replace(honest.statement, publisher=str(mallory)))

    with reverts_with("OmissionCourt_WrongFiling", model, 1):
        court.returnBond(as_filing(stolen), {"from": mallory})


def test_without_a_bond_nothing_returns(chain, system, court, bought, model, carol):
    filed = state(system, model, carol, license_set(bought))
    chain.sleep(court.challengeWindow() + 2 * court.answerWindow() + 1)

    with reverts_with("OmissionCourt_NoBond", model, 1):
        court.returnBond(as_filing(filed), {"from": carol})


def test_a_bond_stays_until_every_window_has_passed(court, honest, carol):
    free = honest.statement.published_at + court.challengeWindow() + 2 * court.answerWindow()
    next_block_at(free - 1)

    with reverts_with("OmissionCourt_TooEarly", free):
        court.returnBond(as_filing(honest), {"from": carol})


def test_a_slashed_bond_does_not_return(chain, court, frozen, model, carol):
    chain.sleep(court.challengeWindow() + 2 * court.answerWindow() + 1)

    with reverts_with("OmissionCourt_Decided", model, 1):
        court.returnBond(as_filing(frozen), {"from": carol})


def test_a_bond_returns_once(chain, court, honest, model, carol):
    chain.sleep(court.challengeWindow() + 2 * court.answerWindow() + 1)
    court.returnBond(as_filing(honest), {"from": carol})

    with reverts_with("OmissionCourt_Decided", model, 1):
        court.returnBond(as_filing(honest), {"from": carol})


def test_anybody_returns_a_bond_to_its_publisher(court, ledger, honest, model, carol, frank):
    next_block_at(honest.statement.published_at + court.challengeWindow() + 2 * court.answerWindow())

    tx = court.returnBond(as_filing(honest), {"from": frank})

    assert (ledger.balanceOf(carol), ledger.lockedBy(court)) == (BOND, 0)
    assert court.verdictOf(model, 1)[0] == RETURNED
    assert dict(tx.events["BondReturned"]) == {
        "asset": "0x" + model.hex(),
        "payout": 1,
        "publisher": carol,
        "amount": BOND,
    }


def test_only_the_court_freezes(graph, honest, model, mallory):
    with reverts_with("RevenueGraph_NotCourt", mallory):
        graph.setFrozen(model, 1, True, {"from": mallory})
