"""Random closings, roots right and wrong, challenges, rulings, claims and fees, each step checked against a twin."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from assets import CAPTURE, mint
from brownie import chain
from brownie.exceptions import VirtualMachineError
from brownie.test import strategy
from epoch_town import BASE, BURNT, WINDOW, EpochTown
from epoch_twin import EpochTwin
from long_walk import CAMPAIGN, long_walk, seeds
from system import deploy_system

from thenar.domain.epochs.pools import EpochParams, RootProposal
from thenar.domain.work.disputes import Ruling
from thenar.errors import NotFound

PEOPLE = 3
LIMITS = {
    "st_person": PEOPLE - 1,
    "st_share": (1, 4),
    "st_hours": (1, 60),
    "st_ruling": (1, 3),
    "st_back": 1,
}
SETTINGS = {"max_examples": 2 * CAMPAIGN, "stateful_step_count": 20}


class EpochMachine:
    """Speaks to the contracts and to their twin; every refusal of one must be a refusal of the other."""

    st_person = strategy("uint8", max_value=PEOPLE - 1)
    st_share = strategy("uint8", min_value=1, max_value=4)
    st_hours = strategy("uint8", min_value=1, max_value=60)
    st_ruling = strategy("uint8", min_value=1, max_value=3)
    st_back = strategy("uint8", max_value=1)

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        self.town = EpochTown(deploy_system(accounts[0], court="RulingCourt"))
        self.people = list(accounts[2 : 2 + PEOPLE])
        self.owner = accounts[1]
        self.asset = mint(self.town.system.asset_registry, self.owner, "hall", CAPTURE, 0)
        self.town.enrich(*self.people)
        for person in self.people:
            self.town.token.approve(self.town.epochs, 2**255, {"from": person})
        self.held = {str(one): self.town.ledger.balanceOf(one) for one in self.people}
        self.opened_at = self.town.epochs.running()["openedAt"]

    def setup(self):
        self.twin = EpochTwin(EpochParams(*self.town.epochs.parameters()), self.opened_at)
        self.twin.give("jurors", 0)
        self.roots, self.disputes, self.most = [], 0, {str(one): 0 for one in self.people}
        self.town.now = chain[-1].timestamp

    def attempt(self, allowed, call, *arguments, by):
        """Call the contract, which must refuse when the twin did."""
        if allowed:
            return call(*arguments, {"from": by})
        with pytest.raises(VirtualMachineError):
            call(*arguments, {"from": by})
        return None

    def a_root(self, share: int, back: int):
        """A root that is fair to nobody in particular: amounts never fall, and the pools bound them."""
        epoch = max(1, self.twin.number - 1 - back)
        part = self.twin.granted * share // 5 // PEOPLE
        amounts = {str(who): max(self.most[str(who)], part + place) for place, who in enumerate(self.people)}
        root = self.town.root(amounts, epoch=epoch)
        self.roots.append(root)
        return root

    def rule_close(self, st_hours):
        now = self.town.later(st_hours * 7_200)
        self.attempt(self.twin.close(now), self.town.epochs.close, by=self.owner)

    def rule_propose(self, st_person, st_share, st_hours, st_back):
        who, root = self.people[st_person], self.a_root(st_share, st_back)
        now = self.town.later(st_hours * 600)
        allowed = self.twin.propose(str(who), root, now)
        self.attempt(allowed, self.town.epochs.propose, astuple(root), by=who)

    def proposal(self):
        """What is proposed, or something that is not."""
        return self.twin.proposal or RootProposal(self.a_root(1, 0), str(self.owner), 1)

    def rule_challenge(self, st_person, st_share, st_hours):
        who, held, proposal = self.people[st_person], self.a_root(st_share, 0), self.proposal()
        now = self.town.later(st_hours * 600)
        allowed = self.twin.challenge(str(who), held, now)
        tx = self.attempt(allowed, self.town.epochs.challenge, astuple(proposal), astuple(held), by=who)
        if tx is not None:
            self.disputes = tx.return_value

    def rule_judge(self, st_ruling):
        self.town.later(1)
        court, ruling = self.town.system.segment_court, Ruling(st_ruling)
        arguments = (self.town.epochs, self.disputes, st_ruling, True)
        self.attempt(self.twin.judge(ruling), court.rule, *arguments, by=self.owner)
        self.note()

    def rule_settle(self, st_hours):
        proposal = self.proposal()
        now = self.town.later(st_hours * 7_200)
        self.attempt(self.twin.settle(now), self.town.epochs.settle, astuple(proposal), by=self.owner)
        self.note()

    def note(self):
        """Remember the most anybody was ever due, below which no later root goes."""
        if self.twin.settled is not None:
            for who in self.people:
                amount = self.town.leaf(self.twin.settled, who).amount
                self.most[str(who)] = max(self.most[str(who)], amount)

    def rule_claim(self, st_person, st_back):
        who = self.people[st_person]
        if not self.roots:
            return
        root = self.roots[-1] if st_back or self.twin.settled is None else self.twin.settled
        try:
            leaf = self.town.leaf(root, who)
        except NotFound:  # a root that was proposed and not settled may leave somebody out
            assert root is not self.twin.settled
            return
        self.town.later(1)
        allowed = self.twin.claim(str(who), root, leaf.amount)
        arguments = (leaf.account, leaf.index, leaf.amount, list(leaf.siblings), list(leaf.sums))
        self.attempt(allowed, self.town.epochs.claim, *arguments, by=self.owner)

    def rule_pay(self, st_person, st_share):
        who = self.people[st_person]
        amount = self.twin.tokens.get(str(who), 0) * st_share // 4
        self.town.later(1)
        allowed = self.twin.pay(str(who), str(self.owner), amount)
        self.attempt(allowed, self.town.epochs.pay, self.asset, amount, by=who)

    def invariant_pools(self):
        sums, running = self.town.epochs.sums(), self.town.epochs.running()
        assert (sums["granted"], sums["paid"]) == (self.twin.granted, self.twin.paid)
        assert sums["paid"] <= sums["granted"]
        assert (running["number"], running["pool"], running["burnt"]) == (
            self.twin.number,
            self.twin.pool,
            self.twin.burnt,
        )

    def invariant_tokens(self):
        token = self.town.token
        assert token.totalSupply() == self.twin.supply
        assert token.minted() == self.twin.paid <= token.cap()
        for who in (*self.people, self.owner):
            assert token.balanceOf(who) == self.twin.tokens.get(str(who), 0)

    def invariant_bonds(self):
        ledger = self.town.ledger
        for who in self.people:
            assert ledger.balanceOf(who) == self.held[str(who)] + self.twin.bonds.get(str(who), 0)
        assert ledger.balanceOf(BURNT) == self.twin.bonds.get(BURNT, 0)
        assert ledger.lockedBy(self.town.epochs) == -sum(self.twin.bonds.values())

    def invariant_nobodys_claim_takes_anothers(self):
        """Whatever was claimed before, everybody's leaf under the settled root is still paid in full."""
        if self.twin.settled is None:
            return
        left = {who: self.town.leaf(self.twin.settled, who).amount for who in self.people}
        open_ = sum(max(0, amount - self.twin.claimed.get(str(who), 0)) for who, amount in left.items())
        assert open_ <= self.twin.granted - self.twin.paid

    def teardown(self):
        """Every proposal has an end, and everybody has what he is due."""
        if self.twin.held is not None:
            self.rule_judge(3)
        if self.twin.proposal is not None:
            self.town.now = max(self.town.now, chain[-1].timestamp) + WINDOW
            self.rule_settle(1)
        for person in range(PEOPLE):
            self.rule_claim(person, 0)
        self.invariant_pools()
        self.invariant_tokens()
        assert self.town.ledger.lockedBy(self.town.epochs) == 0
        assert self.twin.paid <= BASE * self.twin.number * 10


def test_epochs_add_up(state_machine, accounts):
    state_machine(EpochMachine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("seed", seeds(2))
def test_epochs_add_up_on_a_long_way(accounts, seed):
    long_walk(EpochMachine(accounts), LIMITS, steps=90, seed=seed)
