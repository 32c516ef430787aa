"""Random orders, deliveries, withdrawals and ends of runs, each step checked against a twin of the RunDesk."""

from dataclasses import astuple

import pytest
from assets import CAPTURE, COMPUTE_ONLY, FOREVER, mint, write_terms
from brownie import chain
from brownie.exceptions import VirtualMachineError
from brownie.test import strategy
from long_walk import CAMPAIGN, long_walk, seeds
from run_twin import RunTwin
from runs import DAY, KEY, PRICE, PROGRAM
from system import DOLLAR, Params, deploy_system, fund, next_block_at

from thenar.domain.runs.programs import RunLimits, RunStage

BUYERS, RUNS = 3, 9
WINDOW, REJECT = 400, 90
NOBODY = "0x000000000000000000000000000000000000dEaD"
LIMITS = {
    "st_person": BUYERS - 1,
    "st_run": (1, RUNS),
    "st_seconds": (1, 200),
    "st_part": 2,
    "st_how": 9,
    "st_budget": (1, 4),
}
SETTINGS = {"max_examples": 3 * CAMPAIGN, "stateful_step_count": 20}


class RunMachine:
    """Speaks to the desk and to its twin; every refusal of one must be a refusal of the other."""

    st_person = strategy("uint8", max_value=LIMITS["st_person"])
    st_run = strategy("uint8", min_value=1, max_value=RUNS)
    st_seconds = strategy("uint8", min_value=1, max_value=LIMITS["st_seconds"][1])
    st_part = strategy("uint8", max_value=LIMITS["st_part"])
    st_how = strategy("uint8", max_value=LIMITS["st_how"])
    st_budget = strategy("uint8", min_value=1, max_value=LIMITS["st_budget"][1])

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        self.owner, self.stranger = accounts[1], accounts[9]
        self.people = list(accounts[2 : 2 + BUYERS])
        self.system = deploy_system(accounts[0], params=Params(run_window=WINDOW, reject_window=REJECT))
        for person in self.people:
            fund(self.system.token, person, 1_000 * DOLLAR, self.system.ledger)
        self.terms = write_terms(self.system.terms_book, self.owner, purposes=COMPUTE_ONLY)
        self.asset = mint(self.system.asset_registry, self.owner, "kitchen", CAPTURE, self.terms)
        self.desk, self.ledger = self.system.run_desk, self.system.ledger

    def setup(self):
        self.now = chain[-1].timestamp
        self.twin = RunTwin(WINDOW, REJECT)
        for person in self.people:
            self.rule_license(self.people.index(person), 1)
        self.rule_owner(0, 1, 2)

    def teardown(self):
        """Whatever happened, everybody can leave."""
        now = self.later(WINDOW + REJECT + 1)
        for number, run in list(self.twin.runs.items()):
            if run.stage is RunStage.ORDERED:
                self.attempt(self.twin.refund(number, now, by_owner=False), self.desk.refund, number, by=self.stranger)
            else:
                self.attempt(self.twin.settle(number, self.stranger, now), self.desk.settle, number, by=self.stranger)
            now = self.later(1)
        self.invariant_money()
        assert self.twin.locked == self.ledger.lockedBy(self.desk) == 0

    def later(self, seconds):
        """Let the next transaction be mined so much after the last."""
        self.now += seconds
        next_block_at(self.now)
        return self.now

    def attempt(self, allowed, call, *arguments, by):
        """Call the desk, which must refuse when the twin did."""
        if allowed:
            call(*arguments, {"from": by})
            return
        with pytest.raises(VirtualMachineError):
            call(*arguments, {"from": by})

    def rule_order(self, st_person, st_part, st_seconds):
        who, now = self.people[st_person], self.later(st_seconds)
        if self.twin.count == RUNS:
            return
        arguments = (self.asset, PROGRAM, st_part, PRICE, *KEY)
        self.attempt(self.twin.order(who, st_part, now), self.desk.order, *arguments, by=who)

    def rule_deliver(self, st_run, st_how, st_seconds):
        now, by_owner = self.later(st_seconds), st_how != 0
        run = self.twin.runs.get(st_run)
        buyer = run.buyer if run else self.people[0]
        by = self.owner if by_owner else self.stranger
        allowed = self.twin.deliver(st_run, now, by_owner=by_owner)
        self.attempt(allowed, self.desk.deliver, st_run, buyer, bytes(32), by=by)

    def rule_settle(self, st_run, st_person, st_seconds):
        who, now = self.people[st_person], self.later(st_seconds)
        self.attempt(self.twin.settle(st_run, who, now), self.desk.settle, st_run, by=who)

    def rule_reject(self, st_run, st_person, st_seconds):
        who, now = self.people[st_person], self.later(st_seconds)
        self.attempt(self.twin.reject(st_run, who, now), self.desk.reject, st_run, by=who)

    def rule_refund(self, st_run, st_how, st_seconds):
        now, by_owner = self.later(st_seconds), st_how == 0
        by = self.owner if by_owner else self.stranger
        self.attempt(self.twin.refund(st_run, now, by_owner=by_owner), self.desk.refund, st_run, by=by)

    def rule_license(self, st_person, st_seconds):
        """A license of the consent of now, which a license of before does not hinder."""
        who = self.people[st_person]
        self.later(st_seconds)
        if self.twin.licensed.get(who) == self.twin.epoch:
            return  # what runs without end cannot be given again
        self.system.license_desk.grant(self.asset, who, self.terms, FOREVER, {"from": self.owner})
        self.twin.licensed[who] = self.twin.epoch

    def rule_owner(self, st_how, st_seconds, st_budget):
        """Seldom withdrawn or disapproved, or nothing else would ever be tried; the next day comes often."""
        now = self.later(st_seconds)
        if st_how == 7:
            self.twin.withdraw()
            self.system.asset_registry.revokeAll(self.asset, bytes(32), {"from": self.owner})
        elif st_how == 8:
            self.attempt(self.twin.disapprove(), self.desk.disapprove, self.asset, PROGRAM, by=self.owner)
        elif st_how == 9:
            self.later(DAY - now % DAY)
            chain.mine()
        else:
            limits = RunLimits(PRICE, 1_000, 64, 2, st_budget, 2 * st_budget)
            self.twin.approve(limits)
            self.desk.approve(self.asset, PROGRAM, astuple(limits), {"from": self.owner})

    def invariant_money(self):
        twin, ledger = self.twin, self.ledger
        assert ledger.lockedBy(self.desk) == twin.locked
        assert self.system.revenue_graph.nodeOf(self.asset)[0] == twin.to_asset
        assert ledger.balanceOf(NOBODY) == twin.burnt
        for person in self.people:
            assert ledger.balanceOf(person) == twin.returned.get(person, 0)

    def invariant_budget(self):
        """No day has more orders than the largest limits that were ever set allow."""
        for day in {at // DAY for _, at in self.twin.orders}:
            today = [who for who, at in self.twin.orders if at // DAY == day]
            assert len(today) <= 2 * LIMITS["st_budget"][1]
            assert all(today.count(who) <= LIMITS["st_budget"][1] for who in today)


def test_runs_add_up(state_machine, accounts):
    state_machine(RunMachine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("seed", seeds(2))
def test_runs_add_up_on_a_long_way(accounts, seed):
    long_walk(RunMachine(accounts), LIMITS, steps=80, seed=seed)
