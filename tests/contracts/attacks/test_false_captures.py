"""Attacks on capture bounties: by whoever wants pay for what he did not capture, or what is nobody's business.

Each test names where the attack worked, was reported, or would.
"""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest
from brownie import chain, web3
from capture_town import (
    BURNT,
    CELL,
    CHILDREN,
    DAY,
    HOME,
    REFUTED,
    RULES,
    Town,
    ask,
    call,
    cell_at,
    copied,
    key_of,
    vouch,
)
from devices import device_domain, register
from reverts import reverts_with
from system import DOLLAR, deploy_system

from thenar.domain.bounty.asks import AskField
from thenar.domain.bounty.coverage import worth
from thenar.domain.ids import Address
from thenar.domain.place import coarser

WHOLE = worth(100 * DOLLAR, 20_000, 0, 10_000)
BOND = 5 * DOLLAR + WHOLE // 4
OTHER = 2


@pytest.fixture(scope="module")
def town(deployer, people):
    """Alice asks, Bob captures honestly, Mallory does not; sixteen jurors score."""
    made = Town(deploy_system(deployer))
    made.enrich(*people)
    made.seat(16)
    return made


@pytest.fixture(autouse=True)
def clock(town):
    """Time goes back with the chain after every test."""
    town.now = 0


@pytest.fixture
def bounty(town, alice):
    return town.post(alice)


def test_a_turned_and_mirrored_copy_costs_more_than_nothing(town, bounty, bob, carol, mallory, frank):
    """Naive novelty: a copy of a room turned by 90 degrees scores 81% new in the frame it claims.

    The challenger names the turn, the jury lays one on the other, and the copier is a bond poorer.
    """
    honest = town.answer(bounty, bob, "room")
    held = town.ledger.balanceOf(mallory)
    copy = town.answer(bounty, mallory, "room, turned and mirrored")

    case = town.challenge(copy, carol, copied(town.shown[honest][0]))
    case.judge(frank, [OTHER] * 7)
    case.close(frank)

    assert town.stage(copy) == REFUTED
    assert town.ledger.balanceOf(mallory) == held - BOND
    assert town.paid(honest, frank) == WHOLE


def test_the_same_room_in_another_cell_is_a_copy_too(town, bounty, bob, carol, mallory, frank):
    """Cell-boundary farming: the prior need not lie in the same cell or level, it need only be older."""
    honest = town.answer(bounty, bob, "room")
    elsewhere = town.answer(bounty, mallory, "room", cell=CHILDREN[0], level=3)

    case = town.challenge(elsewhere, carol, copied(town.shown[honest][0]))
    case.judge(frank, [OTHER] * 7)
    case.close(frank)

    assert town.stage(elsewhere) == REFUTED


def test_one_capture_answers_one_bounty(town, bounty, alice, bob):
    """Selling the same scan to every sponsor: the second one is told that it was answered with."""
    other, first = town.post(alice), town.answer(bounty, bob, "room")
    shown = replace(town.shown[first][0], cell=CHILDREN[2])

    with reverts_with("CaptureBounties_Answered", bytes.fromhex(shown.asset[2:]), first):
        town.reveal(town.commit(other, bob, shown), bob)


def test_who_sees_an_answer_shown_cannot_take_it(town, bounty, bob, mallory):
    """Front-running: a copied revelation is bound to the contributor, a copied commitment opens for nobody else."""
    answer = town.commit(bounty, bob, town.show(bob, "room"))
    shown, salt = town.shown[answer]
    stolen = town.bounties.commit(bounty, town.commitment(bounty, bob, shown), {"from": mallory}).return_value

    with reverts_with("CaptureBounties_WrongProof", stolen):
        town.bounties.reveal(stolen, call(shown), salt, (b"", ()), {"from": mallory})
    own = town.commit(bounty, mallory, shown)
    with reverts_with("CaptureBounties_NotOwner", bytes.fromhex(shown.asset[2:]), mallory):
        town.reveal(own, mallory)
    town.reveal(answer, mallory)  # showing it for him gives her nothing
    assert town.bounties.answerOf(answer)["contributor"] == bob


def test_a_younger_copy_cannot_accuse_what_it_copies(town, alice, bob, mallory):
    """Minting a copy of a bought scan, then challenging its author with it when he answers."""
    shown = town.show(bob, "room")
    town.later(DAY)
    bounty = town.post(alice)
    hers = town.show(mallory, "room, turned")
    town.later(1)
    answer = town.commit(bounty, bob, shown)
    town.reveal(answer, bob)

    with reverts_with("AnswerDisputes_NotOlder", bytes.fromhex(hers.asset[2:]), bytes.fromhex(shown.asset[2:])):
        town.challenge(answer, mallory, copied(hers))


@pytest.mark.parametrize("accounts_used", [1, 2, 4])
def test_many_accounts_are_paid_what_one_is(town, alice, people, accounts_used):
    """Sybils: one capture's gain cut over accounts is paid exactly the same, at the same moment."""
    bounty = town.post(alice, min_quality=1)
    parts = [10_000 // accounts_used] * accounts_used
    answers = [town.answer(bounty, people[2 + at], f"part {at}", quality=part) for at, part in enumerate(parts)]
    town.at(town.bounties.answerOf(answers[-1])["until"])

    paid = 0
    for answer in answers:
        town.later(0)
        tx = town.bounties.settle(answer, call(town.shown[answer][0]), {"from": alice})
        paid += tx.events["AnswerSettled"]["paid"]

    assert paid == WHOLE


def test_one_device_fills_a_spot_once_whoever_owns_it(town, alice, bob, carol):
    """Sybils with one scanner, handed round: the device is full, whichever account holds the capture."""
    bounty, device = town.post(alice, needs_device=True), key_of("the only scanner")
    registry = town.system.device_registry
    register(registry, bob, device, device_domain(chain.id, registry))
    answers = []
    for who in (bob, carol):
        shown = town.show(who, f"room of {who}", device=Address(device.address))
        answers.append(town.commit(bounty, who, shown))
        town.reveal(answers[-1], who, vouch(town.bounties, device, bounty, shown.asset, who))

    assert town.paid(answers[0], alice) == WHOLE
    tx = town.settle(answers[1], alice)
    said = tx.events["AnswerSettled"]
    assert (said["paid"], said["before"]) == (0, said["covered"])


def test_a_sponsor_who_answers_himself_moves_his_own_money(town, alice, bob, mallory):
    """Self-fill: under her own account it is refused; under another one she pays herself, less nothing, for nothing."""
    bounty = town.post(mallory)
    with reverts_with("CaptureBounties_OwnAsk", bounty):
        town.commit(bounty, mallory, town.show(mallory, "nothing"))
    before = sum(town.ledger.balanceOf(one) for one in (mallory, bob))

    town.settle(town.answer(bounty, bob, "nothing at all"), alice)
    town.at(town.bounties.bountyOf(bounty)["deadline"])
    town.bounties.close(bounty, {"from": alice})

    assert sum(town.ledger.balanceOf(one) for one in (mallory, bob)) == before + 1_000 * DOLLAR


def test_dust_bounties_are_refused(town, mallory):
    """Griefing by regions full of worthless bounties: each has a smallest budget, locked until its deadline."""
    opened = town.later(1)
    given = astuple(ask(opened + DAY, budget=100 * DOLLAR - 1))

    with reverts_with("CaptureBounties_BadAsk", AskField.BUDGET):
        town.bounties.post(given, {"from": mallory})


def test_commitments_that_are_never_shown_pay_whoever_clears_them(town, bounty, bob, mallory, frank):
    """Commit spam, to stand before everybody: each one is over after a day, by anybody, for half its bond."""
    spam = [town.bounties.commit(bounty, bytes(31) + b"\x02", {"from": mallory}).return_value for _ in range(5)]
    answer = town.answer(bounty, bob, "room")
    held, lost = town.ledger.balanceOf(frank), town.ledger.balanceOf(mallory)
    town.at(town.bounties.answerOf(answer)["until"])

    for each in spam:
        town.bounties.lapse(each, {"from": frank})

    assert town.paid(answer, frank) == WHOLE
    assert town.ledger.balanceOf(frank) == held + 5 * (BOND // 2)
    assert town.ledger.balanceOf(BURNT) >= 5 * (BOND - BOND // 2)
    assert town.ledger.balanceOf(mallory) == lost


def test_rules_do_not_change_under_an_answer(town, alice, bob, carol, mallory, frank):
    """Downgrading the scoring: the bounty names its rules' hash, and only those who enlisted for them judge."""
    bounty = town.post(alice, rules=b"\x0d" * 32)
    honest, copy = town.answer(bounty, bob, "room"), town.answer(bounty, mallory, "room, turned")

    case = town.challenge(copy, carol, copied(town.shown[honest][0]))
    case.draw(frank)  # nobody is enlisted for those rules

    assert bytes(case.opening[0]) == b"\x0d" * 32 != RULES
    assert case.panel == []
    case.close(frank)
    assert town.ledger.lockedBy(town.disputes) == 0


def test_a_device_vouches_on_one_chain_and_one_contract(town, bounty, bob):
    """Replay across chains and deployments: the word is bound to both by its EIP-712 domain."""
    device, registry = key_of("scanner"), town.system.device_registry
    register(registry, bob, device, device_domain(chain.id, registry))
    shown = town.show(bob, "room", device=Address(device.address))
    answer = town.commit(bounty, bob, shown)

    with reverts_with("CaptureBounties_BadDevice", device.address):
        town.reveal(answer, bob, vouch(town.disputes, device, bounty, shown.asset, bob))
    domain = town.bounties.eip712Domain()
    assert (domain[1], domain[3], domain[4]) == ("Thenar CaptureBounties", chain.id, str(town.bounties))


def test_no_event_tells_where_a_home_is(town, alice, bob, frank):
    """Stalking by coverage maps: whatever is sent about a home, no log carries more than its cell of resolution 7.

    Every word of every log is looked at: none is a cell finer than 7, and answers with finer cells are refused.
    """
    home = {"place_class": HOME, "grain": 7, "lowest": 0, "highest": 0, "area": coarser(cell_at(7), 5)}
    bounty, start = town.post(alice, **home), chain.height
    for resolution in (8, 9, 12, 15):
        with reverts_with("CaptureBounties_Elsewhere", cell_at(resolution), 0):
            town.reveal(town.commit(bounty, bob, town.show(bob, f"home {resolution}", cell=cell_at(resolution))), bob)
    with reverts_with("CaptureBounties_Elsewhere", cell_at(7), 2):
        town.reveal(town.commit(bounty, bob, town.show(bob, "upstairs", cell=cell_at(7), level=2)), bob)
    answer = town.answer(bounty, bob, "home", cell=cell_at(7))
    town.at(town.bounties.answerOf(answer)["until"])
    for place in range(5):
        town.bounties.lapse(bounty << 32 | place, {"from": frank})
    town.settle(answer, frank)

    seen = set()
    for number in range(start, chain.height + 1):
        for log in chain_logs(number):
            data = bytes(log["data"])
            seen |= {int.from_bytes(data[at : at + 32], "big") for at in range(0, len(data), 32)}
            seen |= {int.from_bytes(topic, "big") for topic in log["topics"]}
    cells = {word for word in seen if word < 2**64 and word >> 56 == 8}
    assert cells == {cell_at(7), coarser(cell_at(7), 5)} and CELL not in cells


def chain_logs(number: int):
    """The logs of a block."""

    return web3.eth.get_logs({"fromBlock": number, "toBlock": number})
