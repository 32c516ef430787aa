"""Random joining, staking and leaving, each step checked against a twin of the node registry in Python."""

import pytest
from brownie import chain
from brownie.test import strategy
from long_walk import CAMPAIGN, long_walk, seeds
from node_twin import NodeTwin
from nodes import KEY, STORE, NodeRecord, node_of
from reverts import reverts_with
from system import Params, deploy_system, fund

PEOPLE = 3
PURSE = 10**9
PERIOD = 100_000
LIMITS = {"st_person": PEOPLE - 1, "st_stake": 400, "st_minimum": 200, "st_waits": 2}
SETTINGS = {"max_examples": 4 * CAMPAIGN, "stateful_step_count": 20}


class NodeMachine:
    """Speaks to the registry and to its twin; what the twin refuses, the registry refuses with the same error."""

    st_person = strategy("uint8", max_value=LIMITS["st_person"])
    st_stake = strategy("uint16", max_value=LIMITS["st_stake"])
    st_minimum = strategy("uint16", max_value=LIMITS["st_minimum"])
    st_waits = strategy("uint8", max_value=LIMITS["st_waits"])

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        self.governor = accounts[0]
        self.people = list(accounts[1 : 1 + PEOPLE])
        self.system = deploy_system(accounts[0], params=Params(minimum_stake=100, unbonding_period=PERIOD))
        self.registry, self.ledger = self.system.node_registry, self.system.ledger
        for person in self.people:
            fund(self.system.token, person, PURSE, self.ledger)

    def setup(self):
        self.twin = NodeTwin(minimum=100)

    def rule_register(self, st_person, st_stake):
        operator = self.people[st_person]
        refusal = self.twin.join(operator, st_stake)
        self._expect(refusal, lambda: self.registry.register(KEY, STORE, st_stake, {"from": operator}))

    def rule_add_stake(self, st_person, st_stake):
        operator = self.people[st_person]
        refusal = self.twin.add(operator, st_stake)
        self._expect(refusal, lambda: self.registry.addStake(st_stake, {"from": operator}))

    def rule_unbond(self, st_person, st_stake):
        operator = self.people[st_person]
        refusal = self.twin.unbond(operator, st_stake)
        tx = self._expect(refusal, lambda: self.registry.unbond(st_stake, {"from": operator}))
        if tx is not None:
            self.twin.nodes[operator].unbonded_at = tx.timestamp + PERIOD

    def rule_withdraw_stake(self, st_person):
        operator = self.people[st_person]
        chain.mine()
        refusal = self.twin.withdraw(operator, chain.time())
        self._expect(refusal, lambda: self.registry.withdrawStake({"from": operator}))

    def rule_wait(self, st_waits):
        """Steps of 0.4 periods never end near the moment stake becomes free, so a slow machine changes nothing."""
        chain.sleep(st_waits * PERIOD * 2 // 5)

    def rule_change_the_minimum(self, st_minimum):
        self.twin.minimum = st_minimum
        self.registry.setMinimumStake(st_minimum, {"from": self.governor})

    def _expect(self, refusal, call):
        if refusal is None:
            return call()
        name, *values = refusal
        with reverts_with(name, *values):
            call()
        return None

    def invariant_records_equal_the_twin(self):
        for person in self.people:
            assert node_of(self.registry, person) == self.twin.record(person)

    def invariant_the_lock_is_all_stake(self):
        records = [node_of(self.registry, person) for person in self.people]
        assert self.ledger.lockedBy(self.registry) == sum(one.stake + one.unbonding for one in records)

    def invariant_nobody_gains_or_loses(self):
        for person in self.people:
            record = node_of(self.registry, person)
            staked = record.stake + record.unbonding
            assert self.system.token.balanceOf(person) + self.ledger.balanceOf(person) + staked == PURSE

    def teardown(self):
        """Everybody can leave for good, whatever the minimum is now."""
        for person in self.people:
            record = node_of(self.registry, person)
            if record.stake or record.peer_key != bytes(32):
                self.registry.unbond(record.stake, {"from": person})
        chain.sleep(PERIOD + 1)
        for person in self.people:
            if node_of(self.registry, person) != NodeRecord():
                self.registry.withdrawStake({"from": person})
            assert node_of(self.registry, person) == NodeRecord()
        assert self.ledger.lockedBy(self.registry) == 0


def test_stake_is_never_lost(state_machine, accounts):
    state_machine(NodeMachine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("seed", seeds(2))
def test_stake_is_never_lost_on_a_long_way(accounts, seed):
    long_walk(NodeMachine(accounts), LIMITS, steps=60, seed=seed)
