"""Random subscriptions to a stream that may end at any time, each step checked against a twin of the LiveDesk."""

import pytest
from assets import CAPTURE, mint, write_terms
from brownie.exceptions import VirtualMachineError
from brownie.test import strategy
from live_twin import LiveTwin
from long_walk import CAMPAIGN, long_walk, seeds
from system import contract, next_block_at

PEOPLE = 3
RATE, EPOCH = 7, 60
LIMITS = {"st_person": PEOPLE - 1, "st_amount": (1, 2_000), "st_seconds": (1, 90), "st_stranger": 1, "st_how": 40}
SETTINGS = {"max_examples": 3 * CAMPAIGN, "stateful_step_count": 20}


class LiveMachine:
    """Speaks to the desk and to its twin; every refusal of one must be a refusal of the other."""

    st_person = strategy("uint8", max_value=LIMITS["st_person"])
    st_amount = strategy("uint32", min_value=1, max_value=LIMITS["st_amount"][1])
    st_seconds = strategy("uint8", min_value=1, max_value=LIMITS["st_seconds"][1])
    st_stranger = strategy("uint8", max_value=LIMITS["st_stranger"])
    st_how = strategy("uint8", max_value=LIMITS["st_how"])

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        self.seller, self.stranger = accounts[1], accounts[9]
        self.people = list(accounts[2 : 2 + PEOPLE])
        sender = {"from": accounts[0]}
        self.token, book = contract("MockUSD").deploy(sender), contract("TermsBook").deploy(sender)
        self.registry = contract("AssetRegistry").deploy(book, accounts[0], sender)
        nonce_of_desk = accounts[0].get_deployment_address(accounts[0].nonce + 1)
        self.ledger = contract("Ledger").deploy(self.token, [nonce_of_desk], sender)
        self.desk = contract("LiveDesk").deploy(self.ledger, self.registry, book, sender)
        for person in self.people:
            self.token.mint(person, 10**9, {"from": person})
            self.token.approve(self.ledger, 10**9, {"from": person})
        self.hand = mint(self.registry, self.seller, "hand", CAPTURE)
        tx = self.desk.openStream(self.hand, write_terms(book, self.seller), RATE, EPOCH, {"from": self.seller})
        self.opened = tx.timestamp

    def setup(self):
        self.twin = LiveTwin(RATE, EPOCH, self.opened)
        self.now = self.opened

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

    def rule_subscribe(self, st_person, st_amount, st_seconds):
        who, now = self.people[st_person], self.later(st_seconds)
        self.attempt(self.twin.subscribe(who, st_amount, now), self.desk.subscribe, 1, st_amount, RATE, 5, 6, by=who)

    def rule_top_up(self, st_person, st_amount, st_seconds):
        who, now = self.people[st_person], self.later(st_seconds)
        self.attempt(self.twin.top_up(who, st_amount, now), self.desk.topUp, 1, st_amount, by=who)

    def rule_collect(self, st_person, st_seconds):
        who, now = self.people[st_person], self.later(st_seconds)
        self.attempt(self.twin.collect(who, now), self.desk.collect, 1, who, by=self.stranger)

    def rule_stop(self, st_person, st_seconds, st_stranger):
        who, now = self.people[st_person], self.later(st_seconds)
        by = self.stranger if st_stranger else who
        self.attempt(self.twin.stop(who, now, is_party=not st_stranger), self.desk.stop, 1, who, by=by)

    def teardown(self):
        """Nothing is left behind."""

    def rule_end(self, st_how, st_seconds):
        if st_how > 2:
            return  # seldom, or nothing else would ever be tried
        now = self.later(st_seconds)
        if st_how == 0:
            self.twin.end(now)
            self.registry.revokeAll(self.hand, bytes(32), {"from": self.seller})
            if not self.desk.streamOf(1)[7]:
                self.now += 1
                next_block_at(self.now)
                self.desk.close(1, {"from": self.stranger})
        else:
            self.attempt(self.twin.end(now), self.desk.close, 1, by=self.seller)

    def invariant_money(self):
        assert self.ledger.lockedBy(self.desk) == self.twin.locked
        assert self.ledger.balanceOf(self.seller) == self.twin.earned
        for person in self.people:
            assert self.ledger.balanceOf(person) == self.twin.returned.get(person, 0)


def test_live_streams_add_up(state_machine, accounts):
    state_machine(LiveMachine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("seed", seeds(2))
def test_live_streams_add_up_on_a_long_way(accounts, seed):
    long_walk(LiveMachine(accounts), LIMITS, steps=80, seed=seed)
