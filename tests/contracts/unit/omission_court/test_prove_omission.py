"""OmissionCourt.proveOmission: the branches of prove_omission.tree."""

from dataclasses import replace

import pytest
from assets import EVAL, write_terms
from brownie import chain
from omissions import FROZEN, as_filing, buy_key, evidence, license_set, state
from payouts import REF, claim, publish, scope, to_account
from reverts import reverts_with
from sales import ANY_SHARE, ENOUGH, deliver, open_sale, put_on_sale, seeded, settle
from system import fund, next_block_at

from thenar.domain.sumtree import SumTree

BOND = 1_001
DAY = 86_400


def test_a_filing_that_was_not_published_is_refused(prove, guilty, model):
    stated = guilty.statement
    others = [
        replace(guilty, root=b"\x01" * 32),
        replace(guilty, statement=replace(stated, bond=10**9)),
        replace(guilty, statement=replace(stated, license_set_root=bytes(32), license_count=0)),
        replace(guilty, statement=replace(stated, published_at=stated.published_at + 1)),
    ]
    for other in others:
        with reverts_with("OmissionCourt_WrongFiling", model, 1):
            prove(other)


def test_a_payout_that_does_not_exist_is_refused(prove, guilty, model):
    with reverts_with("OmissionCourt_WrongFiling", model, 2):
        prove(replace(guilty, payout=2))


def test_at_the_end_of_the_window_it_is_too_late(court, prove, guilty):
    end = guilty.statement.published_at + court.challengeWindow()
    next_block_at(end)

    with reverts_with("OmissionCourt_TooLate", end):
        prove(guilty)


def test_a_second_before_the_end_it_is_in_time(court, prove, guilty, model):
    next_block_at(guilty.statement.published_at + court.challengeWindow() - 1)

    prove(guilty)

    assert court.verdictOf(model, 1)[0] == FROZEN


def test_a_payout_is_convicted_once(prove, guilty, model):
    prove(guilty)

    with reverts_with("OmissionCourt_Decided", model, 1):
        prove(guilty)


def test_without_a_license_there_is_no_omission(system, prove, guilty, dave):
    ware = put_on_sale(system, dave, 5, "never sold")
    with reverts_with("OmissionCourt_NoLicense", ware.id, guilty.statement.publisher, guilty.statement.published_at):
        prove(guilty, ware.id)


def test_a_sale_that_is_not_settled_is_no_license(system, prove, model, bought, carol, dave):
    ware = put_on_sale(system, dave, 5, "on its way")
    deal = open_sale(system, ware, carol, seeded("way"))
    deliver(system, deal, ware.root_key, dave)
    filed = state(system, model, carol, license_set(bought))

    with reverts_with("OmissionCourt_NoLicense", ware.id, carol, filed.statement.published_at):
        prove(filed, ware.id)


def test_a_license_that_may_not_train_does_not_count(system, prove, model, bought, carol, dave):
    ware = put_on_sale(system, dave, 5, "to look at", purposes=EVAL)
    buy_key(system, ware, dave, carol)
    filed = state(system, model, carol, license_set(bought))

    with reverts_with("OmissionCourt_NoLicense", ware.id, carol, filed.statement.published_at):
        prove(filed, ware.id)


def test_what_was_bought_after_the_payout_does_not_count(system, prove, guilty, carol, dave):
    ware = put_on_sale(system, dave, 5, "later")
    buy_key(system, ware, dave, carol)

    with reverts_with("OmissionCourt_NoLicense", ware.id, carol, guilty.statement.published_at):
        prove(guilty, ware.id)


def test_a_gift_frames_nobody(system, prove, model, bought, carol, dave):
    ware = put_on_sale(system, dave, 5, "poisoned gift")
    system.license_desk.grant(ware.id, carol, ware.terms, 2**40 - 1, {"from": dave})
    filed = state(system, model, carol, license_set(bought))

    with reverts_with("OmissionCourt_NoLicense", ware.id, carol, filed.statement.published_at):
        prove(filed, ware.id)


def test_a_strangers_license_does_not_count(system, court, prove, guilty, beside, made, bought, dave, judge):
    buy_key(system, ware := put_on_sale(system, judge, 5, "bought by a stranger"), judge, dave)

    with reverts_with("OmissionCourt_NotInvolved", dave):
        court.proveOmission(as_filing(guilty), evidence(ware.id, dave, made), beside, {"from": judge})


def test_another_assets_author_does_not_count(court, guilty, beside, bought, made, model, dave, judge):
    other = replace(made, author=str(dave))

    with reverts_with("OmissionCourt_WrongCommitment", model, other.id):
        court.proveOmission(as_filing(guilty), evidence(bought[2], dave, other), beside, {"from": judge})


def test_what_an_author_bought_after_minting_does_not_count(system, court, model, made, carol, dave, erin, judge):
    """Who sold a model cannot buy licenses afterwards to have its new owner convicted."""
    ware = put_on_sale(system, dave, 5, "a trap")
    buy_key(system, ware, dave, carol)
    system.asset_registry.transferFrom(carol, erin, model, {"from": carol})
    filed = state(system, model, erin, license_set([]), BOND)

    with reverts_with("OmissionCourt_NoLicense", ware.id, carol, system.asset_registry.assetOf(model)["mintedAt"]):
        court.proveOmission(as_filing(filed), evidence(ware.id, carol, made), [], {"from": judge})


def test_what_is_listed_cannot_be_proved_missing(prove, honest, guilty, bought, beside):
    with reverts_with("OmissionCourt_NotOmitted", bought[2]):
        prove(honest)
    with reverts_with("OmissionCourt_NotOmitted", bought[1]):
        prove(guilty, bought[1])
    with reverts_with("OmissionCourt_NotOmitted", bought[2]):
        prove(guilty, found=[])


def test_a_license_bought_at_the_desk_counts(system, prove, model, bought, carol, dave):
    ware = put_on_sale(system, dave, 5, "without a key")
    fund(system.token, carol, 5, system.ledger)
    system.license_desk.buy(ware.id, ware.terms, 5, 10**6, 0, {"from": carol})
    filed = state(system, model, carol, license_set([]))

    prove(filed, ware.id, found=[])

    assert system.omission_court.verdictOf(model, 1)[0] == FROZEN


def test_selling_the_model_launders_no_license(system, court, bought, model, made, carol, erin, judge):
    system.asset_registry.transferFrom(carol, erin, model, {"from": carol})
    filed = state(system, model, erin, license_set([]), BOND)

    court.proveOmission(as_filing(filed), evidence(bought[0], carol, made), [], {"from": judge})

    assert court.verdictOf(model, 1)[0] == FROZEN


def test_an_empty_set_is_a_statement(system, court, prove, bought, model, carol):
    filed = state(system, model, carol, license_set([]))

    prove(filed, found=[])

    assert court.verdictOf(model, 1)[0] == FROZEN


def test_the_bond_is_split_between_challenger_and_omitted(
    system, court, graph, ledger, prove, guilty, bought, alice, judge
):
    before = ledger.balanceOf(alice)
    assert ledger.lockedBy(court) == BOND

    prove(guilty)

    assert (ledger.lockedBy(court), ledger.balanceOf(judge)) == (0, 500)
    assert graph.ownDueOf(bought[2]) == 501
    graph.takeOwn(bought[2], {"from": judge})
    assert ledger.balanceOf(alice) == before + 501


def test_a_payout_without_a_bond_is_frozen_all_the_same(system, court, ledger, prove, bought, model, carol, judge):
    filed = state(system, model, carol, license_set([bought[0], bought[1], bought[3]]))

    tx = prove(filed)

    assert court.verdictOf(model, 1)[0] == FROZEN
    assert ledger.balanceOf(judge) == 0
    assert list(tx.events.keys()) == ["OmissionProved", "FreezeChanged"]


def test_a_bond_of_one_unit_goes_to_the_omitted(system, graph, ledger, prove, bought, model, carol, judge):
    filed = state(system, model, carol, license_set([bought[0], bought[1], bought[3]]), 1)

    prove(filed)

    assert (ledger.balanceOf(judge), graph.ownDueOf(bought[2])) == (0, 1)


@pytest.mark.parametrize(("bond", "reward", "rest"), [(2, 1, 1), (3, 1, 2)])
def test_a_bond_of_a_few_units_is_split_too(
    system, graph, ledger, prove, bought, model, carol, judge, bond, reward, rest
):
    filed = state(system, model, carol, license_set([bought[0], bought[1], bought[3]]), bond)

    prove(filed)

    assert (ledger.balanceOf(judge), graph.ownDueOf(bought[2])) == (reward, rest)


def test_only_the_guilty_payout_is_frozen(system, graph, ledger, prove, guilty, model, carol, dave, erin):
    fund(system.token, erin, 10**6, system.ledger)
    graph.pay(model, 100, REF, {"from": erin})
    later = publish(graph, model, [to_account(dave, 1)], carol, payout=2)
    graph.pay(model, 40, REF, {"from": erin})
    first = SumTree.build(scope(graph, model, 1), [to_account(carol, 1)])

    prove(guilty)

    with reverts_with("RevenueGraph_Frozen", model, 1):
        claim(graph, first, 0, dave)
    assert graph.dueOf(model, 1, 0, 1) == 0
    assert claim(graph, later, 0, dave).return_value == 40
    graph.pay(model, 7, REF, {"from": erin})
    assert graph.dueOf(model, 2, 0, 1) == 7


def test_it_emits_omission_proved(court, prove, guilty, bought, model, judge):
    tx = prove(guilty)

    until = tx.timestamp + court.challengeWindow()
    assert dict(tx.events["OmissionProved"]) == {
        "asset": "0x" + model.hex(),
        "payout": 1,
        "omitted": "0x" + bought[2].hex(),
        "challenger": judge,
        "slashed": BOND,
        "frozenUntil": until,
    }
    assert dict(tx.events["FreezeChanged"]) == {"asset": "0x" + model.hex(), "payout": 1, "frozen": True}
    kept = int.from_bytes(bought[2], "big") >> 48
    assert tuple(court.verdictOf(model, 1)) == (FROZEN, until, kept)


@pytest.fixture
def timed(system, dave, carol):
    """Carol bought a license of a capture of Dave's for thirty days."""
    ware = put_on_sale(system, dave, 10, "for thirty days", duration=30 * DAY)
    fund(system.token, carol, 1_000, system.ledger)
    system.license_desk.buy(ware.id, ware.terms, ENOUGH, ANY_SHARE, 0, {"from": carol})
    return ware


@pytest.mark.parametrize("how", ["bought", "given", "bought after its end", "bought to look at after its end"])
def test_a_license_taken_again_counts_from_the_first_time(system, court, prove, model, timed, carol, dave, how):
    if how.endswith("its end"):
        chain.sleep(31 * DAY)
    filed = state(system, model, carol, license_set([]), BOND)
    chain.sleep(5)
    desk, terms = system.license_desk, timed.terms
    if how == "given":
        desk.grant(timed.id, carol, terms, 2**39, {"from": dave})
    else:
        if how.startswith("bought to look at"):
            terms = write_terms(system.terms_book, dave, purposes=EVAL)
            desk.offer(timed.id, terms, 0, (1, 0, 2**40 - 1, 0), {"from": dave})
        desk.buy(timed.id, terms, ENOUGH, ANY_SHARE, 0, {"from": carol})
    assert desk.grantOf(timed.id, carol)["since"] > filed.statement.published_at

    prove(filed, timed.id, found=[])

    assert court.verdictOf(model, 1)[0] == FROZEN


@pytest.mark.parametrize("part", [0, 2])
@pytest.mark.parametrize("ends", ["open", "refunded", "settled"])
def test_a_key_bought_again_counts_from_the_first_time(system, court, prove, model, carol, dave, part, ends):
    ware = put_on_sale(system, dave, 10, "by key", duration=DAY)
    ware = replace(ware, part=part)
    if part:
        system.license_desk.offer(ware.id, ware.terms, part, (10, DAY, 2**40 - 1, 0), {"from": dave})
    buy_key(system, ware, dave, carol)
    chain.sleep(DAY)
    filed = state(system, model, carol, license_set([]), BOND)
    chain.sleep(5)
    deal = open_sale(system, ware, carol, seeded("again"))
    if ends == "refunded":
        chain.sleep(system.key_exchange.deliveryWindow() + 10)
        system.key_exchange.timeoutRefund(deal.call, {"from": carol})
    if ends == "settled":
        settle(system, deal, deliver(system, deal, ware.root_key, dave), carol)

    prove(filed, ware.id, found=[], part=part)

    assert court.verdictOf(model, 1)[0] == FROZEN
