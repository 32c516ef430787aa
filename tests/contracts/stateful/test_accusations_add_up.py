"""Random accusations of a node that may retire, each step checked against a twin of CallDisputes and of the stake."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from accused import OBSERVED, Trial
from brownie import chain
from brownie.exceptions import VirtualMachineError
from brownie.test import strategy
from call_twin import CallTwin
from long_walk import CAMPAIGN, long_walk, seeds
from nodes import node_of
from reflexes import NODE_KEY, PRICE, ROBOT, STAKE, open_service
from system import DOLLAR, Params, as_sender, next_block_at

from thenar.domain.work.disputes import Ruling

ACCUSERS, PLACES = 3, 4
BOND, DEFENCE, LONGEST, EVIDENCE, ACCOUNT = 7, 60, 4_000, 300, 30
LIMITS = {
    "st_person": ACCUSERS - 1,
    "st_place": PLACES - 1,
    "st_how": 7,
    "st_seconds": (1, 90),
}
SETTINGS = {"max_examples": 3 * CAMPAIGN, "stateful_step_count": 20}
SAID, RIGHT = bytes(4 * PLACES), b"\x00\x00\x80\x3f"
BURNT = "0x000000000000000000000000000000000000dEaD"


class AccusationMachine:
    """Speaks to the contracts and to their twin; every refusal of one must be a refusal of the other."""

    st_person = strategy("uint8", max_value=LIMITS["st_person"])
    st_place = strategy("uint8", max_value=LIMITS["st_place"])
    st_how = strategy("uint8", max_value=LIMITS["st_how"])
    st_seconds = strategy("uint8", min_value=1, max_value=LIMITS["st_seconds"][1])

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        self.stranger, self.people = accounts[9], list(accounts[2 : 2 + ACCUSERS])
        windows = Params(call_bond=BOND, defence_window=DEFENCE, channel_limit=LONGEST, evidence_window=EVIDENCE)
        self.system, served, _ = open_service(accounts[0], list(accounts[:9]), params=windows)
        self.trial = Trial(self.system, served, NODE_KEY, 0)
        self.node, self.ledger = served.node, self.system.ledger
        until = chain[-1].timestamp + LONGEST
        for person in self.people:
            self.ledger.deposit(person, ACCOUNT, {"from": person})
            asked = (self.node, served.model, ROBOT.address, DOLLAR, PRICE, until)
            self.system.reflex_desk.open(*asked, {"from": person})
        self.court = as_sender(self.system.segment_court)
        self.began = chain[-1].timestamp

    def setup(self):
        self.twin = CallTwin(STAKE, BOND, DEFENCE, LONGEST, EVIDENCE, accounts=dict.fromkeys(self.people, ACCOUNT))
        self.now = self.began

    def teardown(self):
        """Everybody can leave: what waits for the node is condemned, what waits for a jury is void without one."""
        for place in list(self.twin.held):
            now = self.later(DEFENCE)
            if self.twin.held[place].dispute:
                self.resolve(place, Ruling.VOID)
            else:
                self.attempt(self.twin.condemn(place, now), self.trial.disputes.condemn, *self.charge(place))
        self.invariant_money()
        assert self.ledger.lockedBy(self.trial.disputes) == 0

    def later(self, seconds: int) -> int:
        """Let the next transaction be mined so much after the last."""
        self.now += seconds
        next_block_at(self.now)
        return self.now

    def attempt(self, allowed: bool, call, *arguments, sender=None):
        """Call a contract, which must refuse when the twin did."""
        by = sender or {"from": self.stranger}
        if allowed:
            call(*arguments, by)
            return
        with pytest.raises(VirtualMachineError):
            call(*arguments, by)

    def charge(self, place: int) -> tuple[object, ...]:
        """What the node is accused of."""
        return (astuple(self.trial.charge(place, RIGHT, SAID)),)

    def resolve(self, place: int, ruling: Ruling):
        """Let the court rule without a jury."""
        found = self.twin.held.get(place)
        number = found.dispute if found and found.dispute else 99
        allowed = self.twin.resolve(place, ruling)
        self.attempt(allowed, self.trial.disputes.resolve, number, ruling, False, sender=self.court)

    def rule_accuse(self, st_person, st_place, st_seconds):
        now, who = self.later(st_seconds), self.people[st_person]
        shown = self.trial.shown(SAID, OBSERVED, channel=st_person + 1)
        arguments = (shown, OBSERVED, SAID, st_place, RIGHT)
        allowed = self.twin.accuse(who, st_place, now)
        self.attempt(allowed, self.trial.disputes.accuse, *arguments, sender={"from": who})

    def rule_defend(self, st_place, st_seconds):
        now = self.later(st_seconds)
        self.attempt(self.twin.defend(st_place, now), self.trial.disputes.defend, *self.charge(st_place))

    def rule_condemn(self, st_place, st_how, st_seconds):
        """Seldom, or nothing else would ever be tried."""
        now = self.later(st_seconds)
        if st_how == 0:
            self.attempt(self.twin.condemn(st_place, now), self.trial.disputes.condemn, *self.charge(st_place))

    def rule_resolve(self, st_place, st_how, st_seconds):
        self.later(st_seconds)
        self.resolve(st_place, Ruling.OTHER if st_how == 0 else Ruling.CLAIM if st_how < 4 else Ruling.VOID)

    def rule_leave(self, st_how, st_seconds):
        now = self.later(st_seconds)
        desk, model = self.system.reflex_desk, self.trial.served.model
        if st_how == 0:
            self.attempt(self.twin.retire(now), desk.retire, model, sender={"from": self.node})
        else:
            self.attempt(self.twin.end(now), desk.endService, self.node, model)

    def invariant_money(self):
        twin, ledger = self.twin, self.ledger
        assert ledger.lockedBy(self.trial.disputes) == twin.locked
        assert ledger.balanceOf(self.node) == twin.to_node
        assert ledger.balanceOf(BURNT) == twin.burnt
        assert node_of(self.system.node_registry, self.node).bound == twin.bound
        for person in self.people:
            assert ledger.balanceOf(person) == twin.accounts[person]


def test_accusations_add_up(state_machine, accounts):
    state_machine(AccusationMachine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("seed", seeds(2))
def test_accusations_add_up_on_a_long_way(accounts, seed):
    long_walk(AccusationMachine(accounts), LIMITS, steps=80, seed=seed)
