"""An honest store and a forgetful one among people who demand and report, each step checked against a twin."""

from __future__ import annotations

import pytest
from brownie import chain, web3
from brownie.exceptions import VirtualMachineError
from brownie.test import strategy
from long_walk import CAMPAIGN, long_walk, seeds
from nodes import node_of
from storage_twin import StorageTwin
from storing import STAKED, Bytes, Store, as_call, storage_world
from system import DOLLAR, Params, next_block_at
from told_on_a_chain import account_for

from thenar.domain.storage.pledges import answers_tree

NOBODY = "0x000000000000000000000000000000000000dEaD"
PARAMS = Params(round_length=400, answer_time=100, show_time=150, gib_stake=20 * DOLLAR, demand_bond=DOLLAR)
LIMITS = {"st_who": 1, "st_gib": (1, 30), "st_back": 3, "st_place": 2, "st_seconds": (1, 90), "st_by": 1}
SETTINGS = {"max_examples": 2 * CAMPAIGN, "stateful_step_count": 25}
GIB = 2**20


class StorageMachine:
    """Speaks to the contract and to its twin; every refusal of one must be a refusal of the other."""

    st_who = strategy("uint8", max_value=LIMITS["st_who"])
    st_gib = strategy("uint8", min_value=1, max_value=LIMITS["st_gib"][1])
    st_back = strategy("uint8", max_value=LIMITS["st_back"])
    st_place = strategy("uint8", max_value=LIMITS["st_place"])
    st_seconds = strategy("uint8", min_value=1, max_value=LIMITS["st_seconds"][1])
    st_by = strategy("uint8", max_value=LIMITS["st_by"])

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        self.honest, self.lazy, self.asker, self.reporter = accounts[1:5]
        self.nodes, self.people = (self.honest, self.lazy), (self.asker, self.reporter)
        self.world = storage_world(accounts[0], accounts[1:5], PARAMS)
        self.proofs = self.world.storage_proofs
        self.store = Store(self.honest, [Bytes.random(7, 6), Bytes.random(8, 3, 500)])

    def setup(self):
        everybody = [*self.nodes, *self.people]
        times = (PARAMS.round_length, PARAMS.answer_time, PARAMS.show_time, PARAMS.demand_bond, PARAMS.gib_stake)
        accounts = dict.fromkeys(everybody, 100 * DOLLAR)
        self.twin = StorageTwin(
            self.proofs.terms()[0], *times, free_stake=dict.fromkeys(self.nodes, STAKED), accounts=accounts
        )
        self.now = chain[-1].timestamp
        self.seeds: dict[int, bytes] = {}

    def later(self, seconds: int) -> int:
        """Let the next transaction be mined so much after the last."""
        self.now += seconds
        next_block_at(self.now)
        return self.now

    def attempt(self, allowed: bool, call, *arguments, by):
        """Call the contract, which must refuse when the twin did."""
        if allowed:
            call(*arguments, {"from": by})
            return
        with pytest.raises(VirtualMachineError):
            call(*arguments, {"from": by})

    def rule_pledge(self, st_who, st_gib, st_seconds):
        who, now = self.nodes[st_who], self.later(st_seconds)
        if who == self.honest:
            tree = self.store.tree
            self.attempt(self.twin.pledge(who, 1, now), self.proofs.pledge, tree.root, tree.leaves, tree.depth, by=who)
        else:
            self.attempt(self.twin.pledge(who, st_gib, now), self.proofs.pledge, b"\x01" * 32, st_gib * GIB, 4, by=who)

    def rule_retire(self, st_who, st_seconds):
        who, now = self.nodes[st_who], self.later(st_seconds)
        self.attempt(self.twin.retire(who, now), self.proofs.retire, by=who)

    def rule_free(self, st_who, st_seconds):
        who, now = self.nodes[st_who], self.later(st_seconds)
        self.attempt(self.twin.free(who, now), self.proofs.free, who, by=self.reporter)

    def rule_round(self):
        """Go to the next round, open and seed it; then the honest store, if it pledged, answers."""
        beginning = self.twin.start + self.twin.length * self.twin.round_at(self.now)
        self.later(beginning - self.now)
        self.proofs.openRound({"from": self.reporter})
        web3.provider.make_request("anvil_mine", [hex(PARAMS.draw_delay), "0x1"])
        self.now += PARAMS.draw_delay
        now = self.later(5)
        self.proofs.seedRound({"from": self.reporter})
        self.twin.seed(now)
        round_ = self.twin.round_at(now)
        self.seeds[round_] = bytes(self.proofs.roundOf(round_)["seed"])
        self.rule_answer(0, 1)

    def rule_answer(self, st_who, st_seconds):
        who, now = self.nodes[st_who], self.later(st_seconds)
        seed = self.seeds.get(self.twin.round_at(now), bytes(32))
        answers = answers_tree(self.store.answers(seed)).root if who == self.honest else b"\xaa" * 32
        self.attempt(self.twin.answer(who, now), self.proofs.answer, answers, by=who)

    def rule_report(self, st_who, st_back, st_by, st_seconds):
        who, by, now = self.nodes[st_who], self.people[st_by], self.later(st_seconds)
        round_ = max(0, self.twin.round_at(now) - st_back)
        self.attempt(self.twin.report(who, round_, by, now), self.proofs.reportMiss, who, round_, by=by)

    def rule_demand(self, st_who, st_place, st_by, st_seconds):
        who, by, now = self.nodes[st_who], self.people[st_by], self.later(st_seconds)
        round_ = self.twin.round_at(now)
        done = self.twin.demand(who, st_place, by, now)
        self.attempt(done, self.proofs.demand, who, st_place, by=by)
        if done and who == self.honest:
            now = self.later(2)
            assert self.twin.show(who, round_, st_place, now)
            shown = as_call(self.store.shown(self.seeds[round_], st_place))
            self.proofs.show(who, round_, st_place, shown, {"from": by})

    def rule_convict(self, st_who, st_place, st_seconds):
        who = self.nodes[st_who]
        rounds = [key[1] for key, asked in self.twin.demands.items() if asked and key[0] == who and key[2] == st_place]
        now = self.later(st_seconds)
        round_ = min(rounds, default=self.twin.round_at(now))
        done = self.twin.convict(who, round_, st_place, now)
        self.attempt(done, self.proofs.convict, who, round_, st_place, by=self.reporter)

    def teardown(self):
        """Everybody can leave: demands lapse, stays end, bonds come free, by a stranger's hand."""
        self.later(PARAMS.show_time)
        for (who, round_, place), asked in list(self.twin.demands.items()):
            if asked is not None:
                assert self.twin.convict(who, round_, place, self.later(1))
                self.proofs.convict(who, round_, place, {"from": self.reporter})
        for who in list(self.twin.stays):
            if self.twin.retire(who, self.later(1)):
                self.proofs.retire({"from": who})
        self.later(3 * PARAMS.round_length)
        for who in list(self.twin.stays):
            assert self.twin.free(who, self.later(1))
            self.proofs.free(who, {"from": self.reporter})
        self.invariant_money()
        assert [node_of(self.world.node_registry, who).bound for who in self.nodes] == [0, 0]
        account_for(self.world)  # and everybody can be told where each unit came from

    def invariant_money(self):
        ledger = self.world.ledger
        assert ledger.lockedBy(self.proofs) == self.twin.locked
        assert ledger.balanceOf(NOBODY) == self.twin.burnt
        for person, has in self.twin.accounts.items():
            assert ledger.balanceOf(person) == has
        for who in self.nodes:
            stay = self.twin.stays.get(who)
            assert node_of(self.world.node_registry, who).bound == (stay.bond if stay else 0)

    def invariant_who_holds_and_answers_loses_nothing(self):
        """Unless he stays away: what the honest store lost, it lost for rounds it did not answer."""
        stay = self.twin.stays.get(self.honest)
        if stay is not None and not stay.missed:
            assert stay.bond == PARAMS.gib_stake


def test_storage_is_proved(state_machine, accounts):
    state_machine(StorageMachine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("seed", seeds(2))
def test_storage_is_proved_on_a_long_way(accounts, seed):
    long_walk(StorageMachine(accounts), LIMITS, steps=150, seed=seed)
