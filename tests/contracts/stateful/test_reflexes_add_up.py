"""Random channels to a node that may retire or be convicted, each step checked against a twin of the ReflexDesk."""

import pytest
from assets import COMPUTE_ONLY, FOREVER, MODEL, mint, write_terms
from brownie import accounts as all_accounts
from brownie.exceptions import VirtualMachineError
from brownie.test import strategy
from eth_utils import keccak
from long_walk import CAMPAIGN, long_walk, seeds
from nodes import COMPUTE, KEY, node_of
from reflex_twin import ReflexTwin
from reflexes import LATENCY, PRICE, ROBOT, SHARE, STAKE, Served
from system import DOLLAR, Params, deploy_system, fund, next_block_at

CLIENTS, CHANNELS = 3, 4
EXIT, LONGEST, EVIDENCE = 50, 400, 60
LIMITS = {
    "st_person": CLIENTS - 1,
    "st_channel": (1, CHANNELS),
    "st_amount": 2_000,
    "st_seconds": (1, 90),
    "st_lasts": LONGEST + 20,
    "st_how": 5,
}
SETTINGS = {"max_examples": 3 * CAMPAIGN, "stateful_step_count": 20}
NODE_KEY = keccak(text="a node in a walk")


class ReflexMachine:
    """Speaks to the desk and to its twin; every refusal of one must be a refusal of the other."""

    st_person = strategy("uint8", max_value=LIMITS["st_person"])
    st_channel = strategy("uint8", min_value=1, max_value=CHANNELS)
    st_amount = strategy("uint32", max_value=LIMITS["st_amount"])
    st_seconds = strategy("uint8", min_value=1, max_value=LIMITS["st_seconds"][1])
    st_lasts = strategy("uint16", max_value=LIMITS["st_lasts"])
    st_how = strategy("uint8", max_value=LIMITS["st_how"])

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        self.stranger = accounts[9]
        self.people = list(accounts[2 : 2 + CLIENTS])
        windows = Params(channel_exit=EXIT, channel_limit=LONGEST, evidence_window=EVIDENCE)
        self.system = deploy_system(accounts[0], params=windows)
        self.node = all_accounts.add(NODE_KEY)
        accounts[0].transfer(self.node, 10**18)
        for person in [*self.people, self.node]:
            fund(self.system.token, person, 1_000 * DOLLAR, self.system.ledger)
        terms = write_terms(self.system.terms_book, accounts[1], purposes=COMPUTE_ONLY, derivative_share=SHARE)
        self.model = mint(self.system.asset_registry, accounts[1], "policy", MODEL, terms)
        self.system.license_desk.grant(self.model, self.node, terms, FOREVER, {"from": accounts[1]})
        self.system.node_registry.register(KEY, COMPUTE, 100 * DOLLAR, {"from": self.node})
        self.desk, self.ledger = self.system.reflex_desk, self.system.ledger
        tx = self.desk.serve(self.model, PRICE, SHARE, STAKE, LATENCY, {"from": self.node})
        self.served, self.began = Served(self.desk, self.model, self.node), tx.timestamp

    def setup(self):
        self.twin = ReflexTwin(SHARE, STAKE, LONGEST, EXIT, EVIDENCE)
        self.now = self.began

    def teardown(self):
        """Everybody can leave: after the last end anybody settles every channel, and the desk holds nothing."""
        for number in list(self.twin.lines):
            now = self.later(LONGEST + 20)
            self.attempt(self.twin.settle(number, now, by_node=False), self.desk.settle, number, by=self.stranger)
        self.invariant_money()
        assert self.ledger.lockedBy(self.desk) == 0

    def later(self, seconds: int) -> int:
        """Let the next transaction be mined so much after the last."""
        self.now += seconds
        next_block_at(self.now)
        return self.now

    def attempt(self, allowed: bool, call, *arguments, by):
        """Call the desk, which must refuse when the twin did."""
        if allowed:
            call(*arguments, {"from": by})
            return
        with pytest.raises(VirtualMachineError):
            call(*arguments, {"from": by})

    def rule_open(self, st_person, st_amount, st_lasts, st_seconds):
        who, now = self.people[st_person], self.later(st_seconds)
        if self.twin.opened == CHANNELS:
            return
        arguments = (self.node, self.model, ROBOT.address, st_amount, PRICE, now + st_lasts)
        self.attempt(self.twin.open(who, st_amount, now + st_lasts, now), self.desk.open, *arguments, by=who)

    def rule_top_up(self, st_channel, st_person, st_amount, st_seconds):
        now = self.later(st_seconds)
        allowed = self.twin.top_up(st_channel, st_amount, now)
        self.attempt(allowed, self.desk.topUp, st_channel, st_amount, by=self.people[st_person])

    def rule_redeem(self, st_channel, st_amount, st_how, st_seconds):
        self.later(st_seconds)
        line = self.twin.lines.get(st_channel)
        client = line.client if line else self.people[0]
        said = st_amount if st_how else st_amount + 1  # seldom a voucher of another amount
        signature = self.served.voucher(st_channel, client, said)
        allowed = self.twin.redeem(st_channel, st_amount, genuine=st_how != 0)
        self.attempt(allowed, self.desk.redeem, st_channel, st_amount, 7, signature, by=self.stranger)

    def rule_close(self, st_channel, st_person, st_seconds):
        who, now = self.people[st_person], self.later(st_seconds)
        self.attempt(self.twin.close(st_channel, who, now), self.desk.close, st_channel, by=who)

    def rule_settle(self, st_channel, st_how, st_seconds):
        now, by_node = self.later(st_seconds), st_how == 0
        by = self.node if by_node else self.stranger
        self.attempt(self.twin.settle(st_channel, now, by_node=by_node), self.desk.settle, st_channel, by=by)

    def rule_leave(self, st_how, st_seconds):
        """Seldom retired or convicted, or nothing else would ever be tried; the end is tried often."""
        now = self.later(st_seconds)
        if st_how == 0:
            self.attempt(self.twin.retire(now), self.desk.retire, self.model, by=self.node)
        elif st_how == 1 and self.twin.opened == CHANNELS:
            answers = [self.served.shown(NODE_KEY, [(b"same", said)], 0) for said in (b"left", b"right")]
            self.attempt(self.twin.convict(), self.desk.proveContradiction, *answers, by=self.stranger)
        else:
            self.attempt(self.twin.end(now), self.desk.endService, self.node, self.model, by=self.stranger)

    def invariant_money(self):
        twin, ledger = self.twin, self.ledger
        assert ledger.lockedBy(self.desk) == twin.locked
        assert ledger.balanceOf(self.node) == twin.earned
        assert self.system.revenue_graph.nodeOf(self.model)[0] == twin.to_model
        assert ledger.balanceOf(self.stranger) == twin.rewards
        assert node_of(self.system.node_registry, self.node).bound == twin.bound
        for person in self.people:
            assert ledger.balanceOf(person) == twin.returned.get(person, 0)


def test_reflexes_add_up(state_machine, accounts):
    state_machine(ReflexMachine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("seed", seeds(2))
def test_reflexes_add_up_on_a_long_way(accounts, seed):
    long_walk(ReflexMachine(accounts), LIMITS, steps=80, seed=seed)
