"""Random words of witnesses, lodged, withdrawn and under changing stake, each step checked against a twin."""

from __future__ import annotations

from dataclasses import replace

import pytest
from brownie.exceptions import VirtualMachineError
from brownie.test import strategy
from capture_town import Town
from long_walk import CAMPAIGN, long_walk, seeds
from system import DOLLAR, deploy_system
from witnesses import lodge, paid, person, word_of

from thenar.domain.bounty.witnessing import ALONE, Trust, weight_of

PEOPLE, EACH = 3, 2
ANSWERS = PEOPLE * EACH
LIMITS = {"st_capture": ANSWERS - 1, "st_scan": ANSWERS - 1, "st_person": PEOPLE - 1, "st_old": 4, "st_stake": (0, 4)}
SETTINGS = {"max_examples": 2 * CAMPAIGN, "stateful_step_count": 20}
LEAST, ANSWERS_WITH = 100 * DOLLAR, 20 * DOLLAR


class WitnessMachine:
    """Speaks to the book and to its twin; every refusal of one must be a refusal of the other."""

    st_capture = strategy("uint8", max_value=ANSWERS - 1)
    st_scan = strategy("uint8", max_value=ANSWERS - 1)
    st_person = strategy("uint8", max_value=PEOPLE - 1)
    st_old = strategy("uint8", max_value=4)
    st_stake = strategy("uint8", max_value=4)

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        self.town = Town(deploy_system(accounts[0]))
        self.town.enrich(accounts[1])
        bounty = self.town.post(accounts[1], days=365, budget=10_000 * DOLLAR)
        self.people = [person(self.town, f"person {at}", 2 * LEAST) for at in range(PEOPLE)]
        self.answers = [
            paid(self.town, bounty, self.people[at % PEOPLE], f"answer {at}", quality=6_000) for at in range(ANSWERS)
        ]
        self.assets = [self.town.shown[one][0].asset for one in self.answers]

    def setup(self):
        self.twin = Trust()
        self.nonces = [0] * PEOPLE
        self.stakes = [2 * LEAST] * PEOPLE
        self.bound = [0] * PEOPLE
        self.town.now = 0

    def rule_lodge(self, st_capture, st_scan, st_old):
        """A word by who made the scan; one in five has an old nonce where there is one."""
        at, of = st_scan % PEOPLE, st_capture % PEOPLE
        witness, asset, nonce = self.people[at], self.assets[st_capture], self.nonces[at]
        nonce = max(0, nonce - 1) if st_old == 0 else nonce
        answers = self.answers[st_capture], self.answers[st_scan]
        word = replace(word_of(self.town, *answers, witness), nonce=nonce)
        names = str(witness), str(self.people[of])
        weight = self.twin.worth(asset, weight_of(self.stakes[at], LEAST, self.twin.between(*names)))
        said = names[0] in self.twin.weights.get(asset, {})
        answers_for_it = self.stakes[at] - self.bound[at] >= ANSWERS_WITH
        fits = nonce == self.nonces[at] and at != of and st_scan > st_capture
        if fits and not said and weight and answers_for_it:
            tx = lodge(self.town, word, f"person {at}", answers, self.people[0])
            self.twin.count(asset, *names, weight)
            self.bound[at] += ANSWERS_WITH
            assert tx.return_value == weight
            assert tx.events["Witnessed"]["trust"] == self.twin.of(asset)
            return
        with pytest.raises(VirtualMachineError):
            lodge(self.town, word, f"person {at}", answers, self.people[0])

    def rule_withdraw(self, st_person):
        self.town.system.witness_book.withdrawWords({"from": self.people[st_person]})
        self.nonces[st_person] += 1

    def rule_stake(self, st_person, st_stake):
        """Have so many halves of the least stake, none at all for one half."""
        wanted, held = (st_stake if st_stake > 1 else 0) * LEAST // 2, self.stakes[st_person]
        nodes, who = self.town.system.node_registry, {"from": self.people[st_person]}
        if wanted > held:
            nodes.addStake(wanted - held, who)
        elif wanted < self.bound[st_person]:
            with pytest.raises(VirtualMachineError):
                nodes.unbond(held - wanted, who)
            return
        elif wanted < held:
            nodes.unbond(held - wanted, who)
        self.stakes[st_person] = wanted

    def invariant_trust(self):
        book = self.town.system.witness_book
        for asset in self.assets:
            assert book.trustOf(asset) == self.twin.of(asset)
            assert ALONE <= self.twin.of(asset) <= 10_000

    def invariant_words(self):
        book, names = self.town.system.witness_book, [str(one) for one in self.people]
        for at, name in enumerate(names):
            assert book.nonceOf(name) == self.nonces[at]
            for other in names[:at]:
                assert book.wordsBetween(name, other) == self.twin.between(other, name)

    def teardown(self):
        """No word counts more than a first one does."""
        assert all(0 < weight <= 3_000 for said in self.twin.weights.values() for weight in said.values())


def test_witnesses_add_up(state_machine, accounts):
    state_machine(WitnessMachine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("seed", seeds(2))
def test_witnesses_add_up_on_a_long_way(accounts, seed):
    long_walk(WitnessMachine(accounts), LIMITS, steps=60, seed=seed)
