"""Random answers to a capture bounty, shown, challenged, judged, settled or left, each step checked against a twin."""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest
from brownie import chain
from brownie.exceptions import VirtualMachineError
from brownie.test import strategy
from capture_town import CHILDREN, DAY, SALT, Town, ask, call, copied, spot_call
from capture_twin import CaptureTwin
from long_walk import CAMPAIGN, long_walk, seeds
from system import DOLLAR, as_sender, deploy_system, fund
from told_on_a_chain import account_for

from thenar.domain.bounty.answers import AnswerStage
from thenar.domain.work.disputes import Ruling

PEOPLE, PLACES = 3, 7
LIMITS = {
    "st_person": PEOPLE - 1,
    "st_place": PLACES,
    "st_spot": 1,
    "st_quality": (6_000, 10_000),
    "st_hours": (1, 40),
    "st_ruling": (1, 3),
}
SETTINGS = {"max_examples": 2 * CAMPAIGN, "stateful_step_count": 20}


class CaptureMachine:
    """Speaks to the contracts and to their twin; every refusal of one must be a refusal of the other."""

    st_person = strategy("uint8", max_value=PEOPLE - 1)
    st_place = strategy("uint8", max_value=PLACES)
    st_spot = strategy("uint8", max_value=1)
    st_quality = strategy("uint16", min_value=6_000, max_value=10_000)
    st_hours = strategy("uint8", min_value=1, max_value=40)
    st_ruling = strategy("uint8", min_value=1, max_value=3)

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        system = deploy_system(accounts[0], court="RulingCourt")
        self.town, self.sponsor, self.stranger = Town(system), accounts[1], accounts[9]
        self.people = list(accounts[2 : 2 + PEOPLE])
        self.town.enrich(*self.people, self.stranger)
        fund(system.token, self.sponsor, 10**6 * DOLLAR, system.ledger)
        self.prior = self.town.show(self.stranger, "the oldest of all")
        opened = self.town.later(1)
        self.ask = ask(opened + 12 * DAY, slope=4 * DAY, top_price=250 * DOLLAR, budget=700 * DOLLAR)
        system.capture_bounties.post(astuple(self.ask), {"from": self.sponsor})
        self.opened = opened
        self.held = {str(one): system.ledger.balanceOf(one) for one in (*self.people, self.sponsor, self.stranger)}

    def setup(self):
        town = self.town
        bonds = (5 * DOLLAR, 50 * DOLLAR)
        self.twin = CaptureTwin(self.ask, self.opened, *bonds)
        self.cases: dict[int, int] = {}
        self.minted = 0
        town.shown.clear()
        town.now = chain[-1].timestamp

    def attempt(self, allowed: bool, call_, *arguments, by):
        """Call the contract, which must refuse when the twin did."""
        if allowed:
            return call_(*arguments, {"from": by})
        with pytest.raises(VirtualMachineError):
            call_(*arguments, {"from": by})
        return None

    def answer(self, place: int) -> int:
        """The number of the answer at a place."""
        return 1 << 32 | place

    def held_up(self, place: int):
        """What is held up as the answer at a place; anything where there is none."""
        return self.town.shown.get(self.answer(place), (self.prior, SALT))[0]

    def rule_commit(self, st_person, st_spot, st_quality, st_hours):
        if len(self.twin.answers) > PLACES:
            return
        who = self.people[st_person]
        self.minted += 1
        shown = self.town.show(who, f"capture {self.minted}", cell=CHILDREN[st_spot], quality=st_quality)
        now = self.town.later(st_hours * 3_600)
        place = len(self.twin.answers)
        allowed = self.twin.commit(str(who), shown, now)
        self.attempt(allowed, self.town.bounties.commit, 1, self.town.commitment(1, who, shown), by=who)
        if allowed:
            self.town.shown[self.answer(place)] = (shown, SALT)

    def rule_reveal(self, st_place, st_hours):
        now = self.town.later(st_hours * 1_800)
        arguments = (self.answer(st_place), call(self.held_up(st_place)), SALT, (b"", ()))
        self.attempt(self.twin.reveal(st_place, now), self.town.bounties.reveal, *arguments, by=self.stranger)

    def rule_lapse(self, st_place, st_hours):
        now = self.town.later(st_hours * 3_600)
        allowed = self.twin.lapse(st_place, str(self.stranger), now)
        self.attempt(allowed, self.town.bounties.lapse, self.answer(st_place), by=self.stranger)

    def rule_settle(self, st_place, st_hours):
        now = self.town.later(st_hours * 7_200)
        arguments = (self.answer(st_place), call(self.held_up(st_place)))
        self.attempt(self.twin.settle(st_place, now), self.town.bounties.settle, *arguments, by=self.stranger)

    def rule_challenge(self, st_place, st_person, st_hours):
        challenger, shown = self.people[st_person], self.held_up(st_place)
        now = self.town.later(st_hours * 600)
        allowed = self.twin.challenge(st_place, str(challenger), now)
        charge = astuple(replace(copied(self.prior), quality=shown.quality))
        arguments = (self.answer(st_place), call(shown), charge)
        tx = self.attempt(allowed, self.town.disputes.challenge, *arguments, by=challenger)
        if tx is not None:
            self.cases[st_place] = int(tx.events["AnswerDisputed"]["dispute"])

    def rule_judge(self, st_place, st_ruling, st_hours):
        now = self.town.later(st_hours * 3_600)
        court = as_sender(self.town.system.segment_court)["from"]
        allowed = self.twin.judge(st_place, Ruling(st_ruling), now)
        arguments = (self.cases.get(st_place, 99), st_ruling, False)
        self.attempt(allowed, self.town.disputes.resolve, *arguments, by=court)

    def rule_close(self, st_hours):
        now = self.town.later(st_hours * 600)
        allowed = self.twin.close(str(self.sponsor), now)
        self.attempt(allowed, self.town.bounties.close, 1, by=self.stranger)

    def invariant_money(self):
        """What is locked, what everybody has, and that no more than the budget was ever paid."""
        ledger = self.town.ledger
        disputed = sum(one.stage is AnswerStage.DISPUTED for one in self.twin.answers)
        assert ledger.lockedBy(self.town.bounties) == self.twin.locked
        assert ledger.lockedBy(self.town.disputes) == disputed * 50 * DOLLAR
        assert self.twin.paid <= self.ask.budget
        for who, held in self.held.items():
            assert ledger.balanceOf(who) == held + self.twin.accounts.get(who, 0), who

    def invariant_stages(self):
        stages = [self.town.stage(self.answer(place)) for place in range(len(self.twin.answers))]
        assert stages == [one.stage for one in self.twin.answers]

    def invariant_coverage(self):
        now = chain[-1].timestamp
        for spot, twin in self.twin.covered.items():
            assert self.town.map.coverageAt(spot_call(spot), now) == twin.now(now)

    def teardown(self):
        """Every answer can be ended by anybody once its time has passed, and the rest goes back."""
        everything = range(len(self.twin.answers))
        for place in everything:
            if self.twin.answers[place].stage is AnswerStage.DISPUTED:
                self.rule_judge(place, Ruling.VOID, 1)
        for place in everything:
            if self.twin.answers[place].stage in (AnswerStage.COMMITTED, AnswerStage.REVEALED):
                self.town.now = max(self.town.now, chain[-1].timestamp) + 4 * DAY
                self.rule_lapse(place, 1)
                self.rule_settle(place, 1)
        if not self.twin.closed:
            self.town.at(max(self.ask.deadline, chain[-1].timestamp) + 1)
            self.rule_close(1)
        assert self.twin.closed
        self.invariant_money()
        assert self.town.ledger.lockedBy(self.town.bounties) == 0 == self.town.ledger.lockedBy(self.town.disputes)
        account_for(self.town.system)  # and everybody can be told where each unit came from


def test_capture_bounties_add_up(state_machine, accounts):
    state_machine(CaptureMachine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("seed", seeds(2))
def test_capture_bounties_add_up_on_a_long_way(accounts, seed):
    long_walk(CaptureMachine(accounts), LIMITS, steps=90, seed=seed)
