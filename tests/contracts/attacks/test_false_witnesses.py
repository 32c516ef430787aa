"""Attacks on witnesses' words: by whoever wants trust nobody independent gives.

Each test names where the attack worked, was reported, or would.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from brownie import chain
from capture_town import Town
from reverts import reverts_with
from system import DOLLAR, deploy_system
from witnesses import lodge, paid, person, word_of

from thenar.domain.ids import Address


@pytest.fixture(scope="module")
def town(deployer, people):
    """Alice asks; everybody has money."""
    made = Town(deploy_system(deployer))
    made.enrich(*people)
    return made


@pytest.fixture(autouse=True)
def clock(town):
    """Time goes back with the chain after every test."""
    town.now = 0


@pytest.fixture
def bounty(town, alice):
    return town.post(alice, days=200, budget=20_000 * DOLLAR)


def asset_of(town, answer) -> bytes:
    return bytes.fromhex(town.shown[answer][0].asset[2:])


def test_a_ring_that_praises_itself_is_worth_less_with_every_word(town, bounty):
    """Clusters that only witness each other, 208 of them in one report: two accounts' words decay as 1/(1+n).

    Two accounts that take turns for six floors gain no more than 2.45 words' weight of the six they said.
    """
    ring, counted = [person(town, "one"), person(town, "two")], []
    for level in range(-2, 4):
        first, second = (ring, ring[::-1])[level % 2]
        answers = paid(town, bounty, first, f"{level}, first", level=level), 0
        answers = answers[0], paid(town, bounty, second, f"{level}, again", level=level)
        label = "two" if second is ring[1] else "one"
        tx = lodge(town, word_of(town, *answers, second), label, answers, second)
        counted.append(tx.return_value)

    assert counted == [3_000, 1_500, 1_000, 750, 600, 500]
    assert sum(counted) < 2.46 * 3_000


def test_nobody_is_his_own_witness(town, bounty):
    """A second scan of one's own, under the same account."""
    me = person(town, "me")
    answers = paid(town, bounty, me, "mine"), paid(town, bounty, me, "mine again")

    with reverts_with("WitnessBook_Involved", me, asset_of(town, answers[0])):
        lodge(town, word_of(town, *answers, me), "me", answers, me)


def test_one_witness_alone_never_makes_full_trust(town, bounty, bob):
    """Retro-witness farming: however many scans one account has, it speaks once, and once is 7,000 of 10,000."""
    busy, capture = person(town, "busy"), paid(town, bounty, bob, "hall")
    scans = [paid(town, bounty, busy, f"hall, scan {number}") for number in range(2)]
    lodge(town, word_of(town, capture, scans[0], busy), "busy", (capture, scans[0]), busy)

    with reverts_with("WitnessBook_Witnessed", asset_of(town, capture), busy):
        lodge(town, word_of(town, capture, scans[1], busy), "busy", (capture, scans[1]), busy)
    assert town.system.witness_book.trustOf(asset_of(town, capture)) == 7_000


@pytest.mark.parametrize("elsewhere", ["chain", "contract", "name"])
def test_a_word_is_good_on_one_chain_and_one_contract(town, bounty, bob, elsewhere):
    """Replay across chains and deployments: the word is bound to both by its EIP-712 domain."""
    wanda, capture = person(town, "wanda"), paid(town, bounty, bob, "hall")
    scan = paid(town, bounty, wanda, "hall again")
    others = {"chain": {"chainId": chain.id + 1}, "contract": {"verifyingContract": str(town.bounties)}}
    where = {**others, "name": {"name": "Thenar CaptureBounties"}}[elsewhere]

    with reverts_with("WitnessBook_BadSignature", wanda):
        lodge(town, word_of(town, capture, scan, wanda), "wanda", (capture, scan), wanda, **where)


def test_nobody_puts_words_in_anothers_mouth(town, bounty, bob, mallory):
    """A word without the witness's key: whoever profits writes it himself."""
    wanda, capture = person(town, "wanda"), paid(town, bounty, bob, "hall")
    scan = paid(town, bounty, wanda, "hall again")
    forged = replace(word_of(town, capture, scan, wanda), witness=Address(str(wanda).lower()))

    with reverts_with("WitnessBook_BadSignature", wanda):
        lodge(town, forged, "mallory", (capture, scan), mallory)


def test_a_copy_that_was_refuted_is_no_witness(town, bounty, bob):
    """The scan must have stood through its own window: while it can be challenged, it says nothing for anybody."""
    wanda, capture = person(town, "wanda"), paid(town, bounty, bob, "hall")
    copy = town.answer(bounty, wanda, "hall, turned")

    with reverts_with("WitnessBook_NotPaid", asset_of(town, copy)):
        lodge(town, word_of(town, capture, copy, wanda), "wanda", (capture, copy), wanda)
